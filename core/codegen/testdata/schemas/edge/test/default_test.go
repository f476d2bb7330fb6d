package graph_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/seed"
	"coppice/ent"
)

// Null is null, whatever default there is; a default that names nothing is told
// where it is at fault.
func TestNullIsNullWhateverTheDefault(t *testing.T) {
	t.Parallel()
	a := open(t)
	const none = `parent: null, look: null, next: null`
	for _, c := range []struct{ query, gives, code, field, says string }{
		{query: `createMenu(input: {title: "a", ` + none + `}) { parent { id } look { id } rank }`, gives: `{"parent":null,"look":null,"rank":7}`},
		{query: `createMenu(input: {title: "b", ` + none + `, rank: null}) { rank }`, gives: `{"rank":null}`},
		{query: `createMenus(inputs: [{title: "c", ` + none + `}, {title: "d", look: null, next: null, parent: {id: "Menu:1"}, rank: null}]) { parent { id } rank }`, gives: `[{"parent":null,"rank":7},{"parent":{"id":"Menu:1"},"rank":null}]`},
		{query: `createMenu(input: {title: "e", ` + none + `, children: [{create: {title: "f", look: null, next: null}}]}) { children { edges { node { title } } } }`, gives: `{"children":{"edges":[{"node":{"title":"f"}}]}}`},
		{query: `createMenu(input: {title: "g", parent: null, next: null, look: {create: {name: "l", best: {create: {title: "h", parent: null, next: null, look: {name: "l"}}}}}}) { look { name best { look { name } } } }`,
			gives: `{"look":{"name":"l","best":{"look":{"name":"l"}}}}`},
		{query: `updateMenu(id: "Menu:2", input: {parent: {id: "Menu:1"}}) { parent { id } }`, gives: `{"parent":{"id":"Menu:1"}}`},
		{query: `updateMenu(id: "Menu:2", input: {parent: null}) { parent { id } }`, gives: `{"parent":null}`},
		{query: `createMenu(input: {title: "i", look: null, next: null}) { id }`, code: "BAD_USER_INPUT", field: "input.parent",
			says: `parent is not given, and the default that the schema has for it, "Menu:0", names no Menu: give one, or null for none.`},
		{query: `createMenus(inputs: [{title: "i", ` + none + `}, {title: "j", parent: null, next: null}]) { id }`, code: "BAD_USER_INPUT", field: "inputs.1.look", says: "look is not given"},
		{query: `createMenu(input: {title: "i", look: null, parent: null}) { id }`, code: "BAD_USER_INPUT", field: "input.next",
			says: "next is not given, and the default that the database has for it names no Menu: give one, or null for none."},
	} {
		data, errs := a.send(`mutation { r: `+c.query+` }`, nil)
		switch {
		case c.code != "" && (len(errs) != 1 || errs[0].Extensions.Code != c.code || errs[0].Extensions.Field != c.field || !strings.Contains(errs[0].Message, c.says)):
			t.Errorf("%s: %+v %s", c.query, errs, data)
		case c.code == "" && (len(errs) > 0 || string(data) != `{"r":`+c.gives+`}`):
			t.Errorf("%s: %+v %s", c.query, errs, data)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "menus.yaml"), []byte("- {title: a, look: null, next: null, parent: null}\n- {title: b, next: null, look: null}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := seed.Read(t.Context(), ent.Coppice(), nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = set.Load(t.Context(), ent.Coppice().Of(a.client), seed.Options{Name: "test"})
	if err == nil || !strings.Contains(err.Error(), "menus.yaml:2: Menu.parent: parent is not given") {
		t.Error(err)
	}
}
