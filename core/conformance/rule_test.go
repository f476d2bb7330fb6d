package conformance

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/fixture/rule"
	"coppice/core/internal/fixture/rule/ent"
	"coppice/core/record"
	"coppice/core/seed"
)

// Each request either gives what is written, and leaves what is asked for
// afterwards, or is refused at the field at fault.
func TestRules(t *testing.T) {
	for name, c := range map[string]struct{ query, gives, code, field, says, then, left string }{
		"a number beyond float32":               {query: `createAccount(input: {name: "z", weight: 1e300}) { id }`, code: "BAD_USER_INPUT", field: "input.weight"},
		"a number beyond float32 in an update":  {query: `updateAccount(id: "Account:1", input: {weight: -1e300}) { id }`, code: "BAD_USER_INPUT", field: "input.weight"},
		"a number beyond float32 in many":       {query: `updateAccounts(where: {name: "a"}, input: {weight: 1e300})`, code: "BAD_USER_INPUT", field: "input.weight"},
		"a number beyond float32 in a nested":   {query: `createAccount(input: {name: "z", plain: [{create: {name: "y", weight: 1e300}}]}) { id }`, code: "BAD_USER_INPUT", field: "input.plain.0.create.weight"},
		"the largest float32":                   {query: `createAccount(input: {name: "z", weight: 3.4028234663852886e38}) { weight }`, gives: `{"weight":3.4028235e+38}`},
		"a float32":                             {query: `createAccount(input: {name: "z", weight: 0.1}) { weight }`, gives: `{"weight":0.1}`, then: `accounts(where: {weight: 0.1}) { totalCount }`, left: `{"totalCount":1}`},
		"a float32 in a list":                   {query: `updateAccount(id: "Account:1", input: {weight: 0.7}) { weight }`, gives: `{"weight":0.7}`, then: `accounts(where: {weightIn: [0.7, 1e300], weightNEQ: 0.8}) { totalCount }`, left: `{"totalCount":1}`},
		"a float32 and a number beyond":         {query: `updateAccount(id: "Account:1", input: {weight: 0.7}) { id }`, gives: `{"id":"Account:1"}`, then: `accounts(where: {weightLT: 1e300, weightGT: -1e300}) { totalCount }`, left: `{"totalCount":1}`},
		"null where the database has a default": {query: `createAccount(input: {name: "z", nick: null}) { nick }`, gives: `{"nick":null}`},
		"nothing where the database has one":    {query: `createAccount(input: {name: "z"}) { nick }`, gives: `{"nick":"x"}`},
		"null in many":                          {query: `createAccounts(inputs: [{name: "y"}, {name: "z", nick: null}]) { nick }`, gives: `[{"nick":"x"},{"nick":null}]`},
		"null in a nested":                      {query: `createAccount(input: {name: "z", plain: [{create: {name: "y", nick: null}}]}) { id }`, gives: `{"id":"Account:4"}`, then: `accountByName(name: "y") { nick }`, left: `{"nick":null}`},
		"a check":                               {query: `createAccount(input: {name: "z", level: 13}) { id }`, code: "BAD_USER_INPUT", field: "input", says: "Account"},
		"a check in an update":                  {query: `updateAccount(id: "Account:1", input: {level: 13}) { id }`, code: "BAD_USER_INPUT", field: "input", says: "level_allowed"},
		"a check in many updates":               {query: `updateAccounts(where: {name: "a"}, input: {level: 13})`, code: "BAD_USER_INPUT", field: "input", says: "level_allowed"},
		"a check in many":                       {query: `createAccounts(inputs: [{name: "z"}, {name: "y", level: 13}]) { id }`, code: "BAD_USER_INPUT", field: "inputs.1", says: "level_allowed"},
		"a check in a nested":                   {query: `createAccount(input: {name: "z", plain: [{create: {name: "y", level: 13}}]}) { id }`, code: "BAD_USER_INPUT", field: "input.plain.0.create", says: "level_allowed"},
		"its own spouse":                        {query: `updateAccount(id: "Account:1", input: {spouse: {id: "Account:1"}}) { id }`, code: "BAD_USER_INPUT", field: "input.spouse", says: "An Account cannot be its own spouse."},
		"its own spouse by key":                 {query: `updateAccount(id: "Account:1", input: {spouse: {name: "a"}}) { id }`, code: "BAD_USER_INPUT", field: "input.spouse"},
		"its own friend":                        {query: `updateAccount(id: "Account:1", input: {addFriends: [{id: "Account:1"}]}) { friends { totalCount } }`, code: "BAD_USER_INPUT", field: "input.addFriends.0", says: "An Account cannot be among its own friends."},
		"its own peer":                          {query: `updateAccount(id: "Account:1", input: {peers: [{id: "Account:2"}, {name: "a"}]}) { id }`, code: "BAD_USER_INPUT", field: "input.peers.1"},
		"its own in a plain relation":           {query: `updateAccount(id: "Account:1", input: {addPlain: [{id: "Account:1"}]}) { plain { totalCount } }`, gives: `{"plain":{"totalCount":1}}`},
		"a second owner of what has one":        {query: `updateTweet(id: "Tweet:1", input: {addAccount: [{id: "Account:2"}]}) { id }`, code: "CONFLICT", field: "input.addAccount"},
		"a second owner from the other side":    {query: `updateAccount(id: "Account:2", input: {addTweets: [{id: "Tweet:1"}]}) { id }`, code: "CONFLICT", field: "input.addTweets"},
		"a second owner of what is made":        {query: `createAccount(input: {name: "z", tweets: [{id: "Tweet:1"}]}) { id }`, code: "CONFLICT", field: "input.tweets"},
		"what cannot be given away, to a new one": {query: `createAccount(input: {name: "z", invoices: [{id: "Invoice:1"}]}) { id }`, code: "BAD_USER_INPUT", field: "input.invoices.0",
			says: "The account of an Invoice is set when it is created"},
		"what cannot be given away":      {query: `updateAccount(id: "Account:2", input: {addInvoices: [{number: "i"}]}) { id }`, code: "BAD_USER_INPUT", field: "input.addInvoices.0"},
		"what it has already":            {query: `updateAccount(id: "Account:1", input: {addInvoices: [{number: "i"}]}) { invoices { totalCount } }`, gives: `{"invoices":{"totalCount":1}}`},
		"a set of what it has already":   {query: `updateAccount(id: "Account:1", input: {invoices: [{number: "i"}]}) { invoices { totalCount } }`, gives: `{"invoices":{"totalCount":1}}`},
		"one more that is made":          {query: `updateAccount(id: "Account:1", input: {addInvoices: [{create: {number: "j"}}]}) { invoices { totalCount } }`, gives: `{"invoices":{"totalCount":2}}`},
		"some that are made with it":     {query: `createAccount(input: {name: "z", invoices: [{create: {number: "j"}}, {connectOrCreate: {number: "k"}}]}) { invoices { totalCount } }`, gives: `{"invoices":{"totalCount":2}}`},
		"a delete that is restricted":    {query: `deleteShelf(id: "Shelf:1")`, code: "CONFLICT", field: "id"},
		"many that are restricted":       {query: `deleteShelves(where: {name: "s"})`, code: "CONFLICT", field: "where"},
		"a delete of what is restricted": {query: `deleteVolume(id: "Volume:1")`, gives: `"Volume:1"`, then: `shelf(id: "Shelf:1") { volumes { totalCount } }`, left: `{"volumes":{"totalCount":0}}`},
		"what another has, if not made":  {query: `createAccount(input: {name: "z", invoices: [{connectOrCreate: {number: "i"}}]}) { id }`, code: "BAD_USER_INPUT", field: "input.invoices.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := openRules.serve(t)
			a.into(&object{}, `mutation { createAccounts(inputs: [{name: "a", invoices: [{create: {number: "i"}}], tweets: [{create: {text: "t"}}]}, {name: "b"}, {name: "c"}]) { id }
				createShelf(input: {name: "s", volumes: [{create: {title: "v"}}]}) { id } }`, nil)
			data, errs := a.send(`mutation { r: `+c.query+` }`, nil)
			if c.code != "" {
				if len(errs) != 1 || errs[0].Extensions.Code != c.code || errs[0].Extensions.Field != c.field || !strings.Contains(errs[0].Message, c.says) {
					t.Fatalf("it gives %s %+v", data, errs)
				}
				return
			}
			if want := `{"r":` + c.gives + `}`; len(errs) > 0 || string(data) != want {
				t.Fatalf("it gives %s %+v, not %s", data, errs, want)
			}
			if c.then == "" {
				return
			}
			data, errs = a.send(`{ r: `+c.then+` }`, nil)
			if want := `{"r":` + c.left + `}`; len(errs) > 0 || string(data) != want {
				t.Fatalf("then there is %s %+v, not %s", data, errs, want)
			}
		})
	}
}

// The same rules bind a seed file, which is told by name and line.
func TestRulesOfASeed(t *testing.T) {
	for name, c := range map[string]struct{ line, says, nick string }{
		"a check":                 {line: `{"name": "z", "level": 13}`, says: "level_allowed"},
		"a number beyond float32": {line: `{"name": "z", "weight": 1e300}`, says: "weight"},
		"null":                    {line: `{"name": "z", "nick": null}`, nick: "null"},
		"nothing":                 {line: `{"name": "z"}`, nick: `"x"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := openRules.serve(t)
			file := filepath.Join(t.TempDir(), "accounts.jsonl")
			if err := os.WriteFile(file, []byte(`{"name": "a"}`+"\n"+c.line+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			set, err := seed.Read(t.Context(), ent.Coppice(), nil, file)
			if err == nil {
				_, err = set.Load(t.Context(), a.client, seed.Options{Name: "test"})
			}
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), "accounts.jsonl:2") || !strings.Contains(err.Error(), c.says) {
					t.Fatalf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var data struct {
				R struct{ Nick json.RawMessage }
			}
			a.into(&data, `{ r: accountByName(name: "z") { nick } }`, nil)
			if string(data.R.Nick) != c.nick {
				t.Errorf("nick is %s", data.R.Nick)
			}
		})
	}
}

// openRules opens the project whose schemas say what a write must not break.
var openRules Opener = func(ctx context.Context, cfg engine.Config) (record.API, error) {
	client, err := rule.Open(ctx, cfg)
	if err != nil {
		return record.API{}, err
	}
	return rule.API(client), nil
}
