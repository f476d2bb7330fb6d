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

const (
	shipOne = "00000000-0000-4000-8000-000000000001"
	shipTwo = "00000000-0000-4000-8000-000000000002"
	sailor  = "00000000-0000-4000-8000-00000000000a"
)

// An id that its author chooses is a unique key, in upserts and references.
func TestAChosenIDIsAKey(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, c := range []struct{ query, gives, code, field string }{
		{query: `upsertPort(by: ID, input: {id: "a", name: "first"}) { id name }`, gives: `{"id":"Port:a","name":"first"}`},
		{query: `upsertPort(by: ID, input: {id: "a", name: "second"}) { id name }`, gives: `{"id":"Port:a","name":"second"}`},
		{query: `createPort(input: {id: "a"}) { id }`, code: "CONFLICT", field: "input.id"},
		{query: `createPorts(inputs: [{id: "b"}, {id: "b"}]) { id }`, code: "CONFLICT", field: "inputs.1.id"},
		{query: `upsertShip(by: ID, input: {home: {id: "Port:a"}}) { id }`, code: "BAD_USER_INPUT", field: "input"},
		{query: `createShip(input: {id: "` + shipOne + `", home: {connectOrCreate: {id: "a", name: "third"}}}) { home { name } }`, gives: `{"home":{"name":"second"}}`},
		{query: `createShip(input: {id: "` + shipTwo + `", home: {connectOrCreate: {id: "b", name: "new"}}, sister: {id: "Ship:` + shipOne + `"}}) { home { name } }`, gives: `{"home":{"name":"new"}}`},
		{query: `upsertShip(by: SISTER, input: {id: "` + sailor + `", home: {id: "Port:a"}, sister: {id: "Ship:` + shipOne + `"}}) { id }`, code: "BAD_USER_INPUT", field: "input.id"},
		{query: `createSailors(inputs: [{id: "` + sailor + `"}, {mates: [{id: "Sailor:` + sailor + `"}]}]) { mates { totalCount } }`, gives: `[{"mates":{"totalCount":1}},{"mates":{"totalCount":1}}]`},
		{query: `createSailor(input: {leads: {id: "Ship:` + sailor + `"}}) { id }`, code: "NOT_FOUND", field: "input.leads"},
	} {
		data, errs := a.send(`mutation { r: `+c.query+` }`, nil)
		switch {
		case c.code != "" && (len(errs) != 1 || errs[0].Extensions.Code != c.code || errs[0].Extensions.Field != c.field):
			t.Errorf("%s: %+v %s", c.query, errs, data)
		case c.code == "" && (len(errs) > 0 || string(data) != `{"r":`+c.gives+`}`):
			t.Errorf("%s: %+v %s", c.query, errs, data)
		}
	}
}

// Files that give ids refer by them, back and forth and in circles, and load
// twice, in one transaction or in parts.
func TestFilesThatGiveIDsLoadTwice(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]int{"at once": 0, "in parts": 11_000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "ports.yaml", `
- {id: a, name: A, flagship: {id: "Ship:`+shipOne+`"}}
- {id: b, flagship: {id: "Ship:`+shipTwo+`"}, ships: [{create: {decks: 3}}]}
`)
			write(t, dir, "ships.yaml", `
- {id: `+shipOne+`, decks: 2, home: {id: "Port:a"}, sister: {id: "Ship:`+shipTwo+`"}}
- {id: `+shipTwo+`, home: {id: "Port:b"}, sister: {id: "Ship:`+shipOne+`"}}
`)
			write(t, dir, "sailors.yaml", `
- {id: `+sailor+`, at: 2026-01-01T00:00:00Z, ship: {id: "Ship:`+shipOne+`"}, leads: {id: "Ship:`+shipTwo+`"}}
`)
			var words strings.Builder
			for i := range more {
				fmt.Fprintf(&words, "{\"id\": \"w%d\", \"name\": \"x\"}\n", i)
			}
			if more > 0 {
				write(t, dir, "words.jsonl", words.String())
			}
			client := fresh(t)
			for _, round := range []string{"new", "again"} {
				set, err := seed.Read(t.Context(), ent.Coppice(), nil, dir)
				if err != nil {
					t.Fatal(err)
				}
				done := load(t, client, set)
				for table, c := range done.Entities {
					if round == "again" && c.Created+c.Updated > 0 {
						t.Errorf("%s: %d are created and %d updated by loading once more", table, c.Created, c.Updated)
					}
				}
			}
			if n, err := client.Ship.Query().Count(t.Context()); err != nil || n != 3 {
				t.Errorf("%d ships, %v", n, err)
			}
		})
	}
}

// A record whose author has to choose its id is told to lack it.
func TestAMissingIDIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "ports.yaml", "- {name: A}\n")
	_, err := seed.Read(t.Context(), ent.Coppice(), nil, dir)
	if err == nil || !strings.Contains(err.Error(), "id is required") || !strings.Contains(err.Error(), "ports.yaml:1") {
		t.Error(err)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
