package graph_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/seed"
	"coppice/ent"
)

// What an edge's own schema holds is read on the edges of its pages, and written
// beside the references.
func TestRelationsHoldWhatTheirSchemaSays(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.into(&object{}, `mutation { createCity(input: {name: "c"}) { id } createTeams(inputs: [{name: "a"}, {name: "b"}]) { id } }`, nil)
	const born = `birthplace: {id: "City:1"}`
	const teams = `teams { totalCount edges { role rank level paid box node { name } } }`
	for _, c := range []struct{ query, gives, field, says string }{
		{query: `createPerson(input: {name: "p", ` + born + `, teams: [{name: "a", role: LEAD, rank: 2}, {create: {name: "c"}, role: MEMBER, paid: null, box: {x: 2}}]}) { ` + teams + ` }`,
			gives: `{"teams":{"totalCount":2,"edges":[{"role":"LEAD","rank":2,"level":1,"paid":true,"box":{"w":1},"node":{"name":"a"}},{"role":"MEMBER","rank":null,"level":1,"paid":null,"box":{"x":2},"node":{"name":"c"}}]}}`},
		{query: `updatePerson(id: "Person:1", input: {addTeams: [{name: "b", role: MEMBER}, {name: "a", rank: 3}], removeTeams: [{name: "c"}]}) { teams { edges { role rank node { name } } } }`,
			gives: `{"teams":{"edges":[{"role":"LEAD","rank":3,"node":{"name":"a"}},{"role":"MEMBER","rank":null,"node":{"name":"b"}}]}}`},
		{query: `updatePerson(id: "Person:1", input: {teams: [{name: "a", rank: null}]}) { teams(first: 1) { edges { r: role rank } pageInfo { hasNextPage } } }`,
			gives: `{"teams":{"edges":[{"r":"LEAD","rank":null}],"pageInfo":{"hasNextPage":false}}}`},
		{query: `updateTeam(id: "Team:2", input: {people: [{name: "p", role: LEAD}]}) { people(where: {name: "p"}) { __typename edges { __typename role node { name } } } }`,
			gives: `{"people":{"__typename":"TeamPeopleConnection","edges":[{"__typename":"TeamPeopleEdge","role":"LEAD","node":{"name":"p"}}]}}`},
		{query: `updateTeam(id: "Team:1", input: {people: []}) { people { totalCount edges { role } } }`, gives: `{"people":{"totalCount":0,"edges":[]}}`},
		{query: `upsertPerson(by: NAME, input: {name: "p", ` + born + `, teams: [{name: "b", role: MEMBER}]}) { teams { edges { role } } }`, gives: `{"teams":{"edges":[{"role":"MEMBER"}]}}`},
		{query: `createPersons(inputs: [{name: "q", ` + born + `, rivals: [{name: "p", heat: 9}], liked: [{id: "City:1", stars: 1}]}, {name: "r", ` + born + `, rivals: [{name: "q"}]}]) { rivals { edges { heat node { name } } } liked { edges { stars } } }`,
			gives: `[{"rivals":{"edges":[{"heat":9,"node":{"name":"p"}},{"heat":5,"node":{"name":"r"}}]},"liked":{"edges":[{"stars":1}]}},{"rivals":{"edges":[{"heat":5,"node":{"name":"q"}}]},"liked":{"edges":[]}}]`},
		{query: `createPerson(input: {name: "x", ` + born + `, teams: [{name: "a"}]}) { id }`, field: "input.teams.0.role", says: "role is required."},
		{query: `updatePerson(id: "Person:1", input: {addTeams: [{name: "a"}]}) { id }`, field: "input.addTeams.0.role", says: "role is required."},
		{query: `createPerson(input: {name: "x", ` + born + `, teams: [{name: "a", role: LEAD, rank: 0}]}) { id }`, field: "input.teams.0.rank", says: "rank is out of its range."},
		{query: `createPerson(input: {name: "x", ` + born + `, teams: [{name: "a", role: null}]}) { id }`, field: "input.teams.0.role", says: "role cannot be null."},
		{query: `createPerson(input: {name: "x", ` + born + `, teams: [{role: LEAD}]}) { id }`, field: "input.teams.0", says: "A reference must give exactly one of id, name, create, connectOrCreate."},
		{query: `createPerson(input: {name: "x", ` + born + `, teams: [{role: LEAD, name: "a", id: "Team:1"}]}) { id }`, field: "input.teams.0", says: "exactly one of"},
		{query: `updatePerson(id: "Person:1", input: {addTeams: [{name: "b", since: "2020-01-01T00:00:00Z"}]}) { id }`, field: "input.addTeams.0.since", says: "since cannot be changed once it is set."},
	} {
		data, errs := a.send(`mutation { r: `+c.query+` }`, nil)
		switch {
		case c.gives != "" && (len(errs) > 0 || string(data) != `{"r":`+c.gives+`}`):
			t.Errorf("%s: %+v %s", c.query, errs, data)
		case c.says != "" && (len(errs) != 1 || errs[0].Extensions.Code != "BAD_USER_INPUT" || errs[0].Extensions.Field != c.field || !strings.Contains(errs[0].Message, c.says)):
			t.Errorf("%s: %+v %s", c.query, errs, data)
		}
	}
	// A variable, and a fragment.
	data, errs := a.send(`query { persons(where: {name: "q"}) { edges { node { liked { ...l } } } } } fragment l on PersonLikedConnection { edges { ...e } } fragment e on PersonLikedEdge { stars }`, nil)
	if len(errs) > 0 || string(data) != `{"persons":{"edges":[{"node":{"liked":{"edges":[{"stars":1}]}}}]}}` {
		t.Errorf("%+v %s", errs, data)
	}
	data, errs = a.send(`mutation($t: [PersonTeamsRef!]) { r: updatePerson(id: "Person:1", input: {teams: $t}) { teams { edges { role tags } } } }`,
		object{"t": []any{object{"id": "Team:1", "role": "LEAD", "tags": []any{"a", "b"}}}})
	if len(errs) > 0 || string(data) != `{"r":{"teams":{"edges":[{"role":"LEAD","tags":["a","b"]}]}}}` {
		t.Errorf("%+v %s", errs, data)
	}
}

// Seed files say what relations hold, a second run leaves them alone, a changed
// one changes them, and a dump goes round.
func TestRelationsSeed(t *testing.T) {
	t.Parallel()
	client := fresh(t)
	for _, round := range []struct {
		role             string
		created, updated int
	}{{"LEAD", 5, 0}, {"LEAD", 0, 0}, {"MEMBER", 0, 1}, {"MEMBER", 0, 0}} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"persons.yaml": "- {name: p, birthplace: {$key: c}, teams: [{name: a, role: " + round.role + ", rank: 4}, {name: b, role: LEAD}]}\n- {name: q, birthplace: {$key: c}, rivals: [{name: p, heat: 7}]}\n",
			"teams.yaml":   "- {name: a}\n- {name: b}\n",
			"cities.yaml":  "- {$key: c, name: c}\n",
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		set, err := seed.Read(t.Context(), ent.Coppice(), nil, dir)
		if err != nil {
			t.Fatal(err)
		}
		created, updated := 0, 0
		for _, c := range load(t, client, set).Entities {
			created, updated = created+c.Created, updated+c.Updated
		}
		if created != round.created || updated != round.updated {
			t.Errorf("%+v: %d are created, %d updated", round, created, updated)
		}
	}
	dumped := files(t, dump(t, client))
	if all := fmt.Sprint(dumped); !strings.Contains(all, `{"name":"a","role":"MEMBER","rank":4,`) || !strings.Contains(all, `"heat":7`) {
		t.Error(all)
	}
}
