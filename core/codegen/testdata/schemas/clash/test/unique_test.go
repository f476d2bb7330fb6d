package graph_test

import (
	"strings"
	"testing"
)

// A unique index that a write breaks is told by its members, at the record that
// broke it, whatever it is over and whichever statement it was.
func TestABrokenIndexIsToldByItsMembers(t *testing.T) {
	t.Parallel()
	const taken = "Another Slot has this "
	for name, c := range map[string]struct{ query, field, says string }{
		"an edge first":             {`createSlot(input: {house: {id: "House:1"}, number: 1}) { id }`, "input.number", taken + "number and house already."},
		"an edge first, in bulk":    {`createSlots(inputs: [{house: {id: "House:1"}, number: 5}, {house: {id: "House:1"}, number: 1}]) { id }`, "inputs.1.number", taken + "number and house already."},
		"an edge first, within":     {`createSlots(inputs: [{house: {id: "House:1"}, number: 5}, {house: {id: "House:1"}, number: 6}, {house: {id: "House:1"}, number: 5}]) { id }`, "inputs.2.number", "number and house"},
		"edges first":               {`createSlot(input: {house: {id: "House:2"}, maker: {id: "Maker:1"}, label: "l"}) { id }`, "input.label", taken + "label and maker already."},
		"edges first, in bulk":      {`createSlots(inputs: [{house: {id: "House:2"}, number: 8}, {house: {id: "House:2"}, number: 9, maker: {id: "Maker:1"}, label: "l"}]) { id }`, "inputs.1.label", taken + "label and maker already."},
		"a partial one":             {`createSlot(input: {house: {id: "House:1"}, number: 9, label: "l"}) { id }`, "input.label", taken + "label and house already."},
		"a partial one, in bulk":    {`createSlots(inputs: [{house: {id: "House:1"}, number: 8, label: "m"}, {house: {id: "House:1"}, number: 9, label: "l"}]) { id }`, "inputs.1.label", taken + "label and house already."},
		"a partial one, nested":     {`createHouse(input: {name: "x", rooms: []}) { id } n: createSlots(inputs: [{house: {id: "House:1"}, number: 9, gone: true, label: "l"}, {house: {id: "House:1"}, number: 10, label: "l"}]) { id }`, "inputs.1.label", "label and house"},
		"bytes":                     {`createSlot(input: {house: {id: "House:2"}, digest: "AQI="}) { id }`, "input.digest", taken + "digest already."},
		"bytes, in bulk":            {`createSlots(inputs: [{house: {id: "House:2"}, number: 3, digest: "AQM="}, {house: {id: "House:2"}, number: 4, digest: "AQI="}]) { id }`, "inputs.1.digest", taken + "digest already."},
		"bytes, within":             {`createSlots(inputs: [{house: {id: "House:2"}, number: 3, digest: "AQM="}, {house: {id: "House:2"}, number: 4, digest: "AQM="}]) { id }`, "inputs.1.digest", taken + "digest already."},
		"several bytes":             {`createSlots(inputs: [{house: {id: "House:2"}, number: 3}, {house: {id: "House:2"}, number: 4, left: "AQ==", right: "Ag=="}]) { id }`, "inputs.1.left", taken + "left and right already."},
		"a secret":                  {`createSlots(inputs: [{house: {id: "House:2"}, number: 3}, {house: {id: "House:2"}, number: 4, event: {name: "e"}, hush: "h"}]) { id }`, "inputs.1.hush", taken + "hush and event already."},
		"an edge first, an update":  {`updateSlot(id: "Slot:2", input: {number: 1}) { id }`, "input.number", taken + "number and house already."},
		"a partial one, an update":  {`updateSlot(id: "Slot:2", input: {label: "l"}) { id }`, "input.label", taken + "label and house already."},
		"bytes, an update":          {`updateSlot(id: "Slot:2", input: {digest: "AQI="}) { id }`, "input.digest", taken + "digest already."},
		"by what it leads to":       {`updateSlot(id: "Slot:3", input: {house: {id: "House:1"}}) { id }`, "input.house", taken + "number and house already."},
		"by what makes it count":    {`updateSlot(id: "Slot:4", input: {gone: false}) { id }`, "input.label", taken + "label and house already."},
		"many":                      {`updateSlots(where: {id: "Slot:2"}, input: {number: 1})`, "input.number", taken + "number and house already."},
		"many, a partial one":       {`updateSlots(where: {id: "Slot:2"}, input: {label: "l"})`, "input.label", taken + "label and house already."},
		"an upsert of what is made": {`upsertSlot(by: NUMBER_AND_HOUSE, input: {house: {id: "House:1"}, number: 77, digest: "AQI="}) { id }`, "input.digest", taken + "digest already."},
		"a nested one":              {`createMaker(input: {uri: "v", code: "d", region: "s", events: [{create: {name: "f"}}, {create: {name: "e"}}]}) { id }`, "input.events.1.create.name", "Another Event has this name already."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t)
			a.into(&object{}, `mutation { createHouses(inputs: [{name: "a"}, {name: "b"}]) { id } createMaker(input: {uri: "u", code: "c", region: "r"}) { id }
				createEvent(input: {name: "e"}) { id }
				createSlots(inputs: [{house: {id: "House:1"}, number: 1, maker: {id: "Maker:1"}, label: "l", digest: "AQI=", left: "AQ==", right: "Ag==", event: {name: "e"}, hush: "h"},
					{house: {id: "House:1"}, number: 2}, {house: {id: "House:2"}, number: 1}, {house: {id: "House:1"}, number: 4, gone: true, label: "l"}]) { id } }`, nil)
			data, errs := a.send(`mutation { r: `+c.query+` }`, nil)
			if len(errs) != 1 || errs[0].Extensions.Code != "CONFLICT" || errs[0].Extensions.Field != c.field || !strings.Contains(errs[0].Message, c.says) {
				t.Errorf("%s: %+v %s", c.query, errs, data)
			}
		})
	}
}
