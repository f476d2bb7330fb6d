package graph_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/seed"
	"coppice/ent"
)

// A Go type that reads what clients write is asked, in writes, filters, keys and
// files; what it refuses is bad input, in its words.
func TestGoTypesReadWhatClientsWrite(t *testing.T) {
	t.Parallel()
	a := open(t)
	const few = "isbn is not valid: an ISBN has 13 digits, not 2."
	for _, c := range []struct {
		query             string
		vars              object
		gives, field, say string
	}{
		{query: `mutation { r: createText(input: {made: "2026-01-01T00:00:00Z", name: "a", isbn: "978-3-16-148410-0", share: 7}) { isbn share } }`, gives: `{"isbn":"9783161484100","share":7}`},
		{query: `mutation { r: upsertText(by: ISBN, input: {made: "2026-01-01T00:00:00Z", name: "b", isbn: "97-83161484100"}) { name } }`, gives: `{"name":"b"}`},
		{query: `{ r: textByIsbn(isbn: "9-783161484100") { name } }`, gives: `{"name":"b"}`},
		{query: `{ r: texts(where: {isbnIn: ["978-3161484100"], isbnHasPrefix: "978316"}, orderBy: [{field: ISBN}], first: 1) { totalCount } }`, gives: `{"totalCount":1}`},
		{query: `mutation { r: updateText(id: "Text:1", input: {isbn: "97-83161484117", share: 100}) { isbn } }`, gives: `{"isbn":"9783161484117"}`},
		{query: `mutation { r: createText(input: {made: "2026-01-01T00:00:00Z", name: "c", isbn: "12"}) { id } }`, field: "input.isbn", say: few},
		{query: `mutation($s: String) { r: createText(input: {made: "2026-01-01T00:00:00Z", name: "c", isbn: $s}) { id } }`, vars: object{"s": "1-2"}, field: "input.isbn", say: few},
		{query: `mutation { r: updateText(id: "Text:1", input: {share: 101}) { id } }`, field: "input.share", say: "share is not valid: a percentage is from 0 to 100."},
		{query: `{ r: texts(where: {isbn: "12"}) { totalCount } }`, field: "where.isbn", say: "where.isbn is not valid: an ISBN has 13 digits, not 2."},
		{query: `mutation { r: createText(input: {made: "2026-01-01T00:00:00Z", name: "c", pair: "x"}) { id } }`, field: "input.pair", say: "pair is not valid: a pair is two numbers with a / between."},
		{query: `mutation { r: createText(input: {made: "2026-01-01T00:00:00Z", name: "c", link: "http://%zz"}) { id } }`, field: "input.link", say: "link does not have the form that this field takes."},
		{query: `mutation { r: createStrict(input: {even: {N: 4}}) { id } }`, field: "input.even", say: "even is not valid: N must be 3 more than a multiple of 14."},
	} {
		data, errs := a.send(c.query, c.vars)
		switch {
		case c.gives != "" && (len(errs) > 0 || string(data) != `{"r":`+c.gives+`}`):
			t.Errorf("%s: %+v %s", c.query, errs, data)
		case c.say != "" && (len(errs) != 1 || errs[0].Extensions.Code != "BAD_USER_INPUT" || errs[0].Extensions.Field != c.field || errs[0].Message != c.say):
			t.Errorf("%s: %+v %s", c.query, errs, data)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "texts_of_all_kinds.yaml"), []byte("- {made: 2026-01-01T00:00:00Z, name: a, isbn: 978-3-16-148410-0}\n- {made: 2026-01-01T00:00:00Z, name: b, isbn: 1-2}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seed.Read(t.Context(), ent.Coppice(), nil, dir); err == nil || !strings.Contains(err.Error(), "texts_of_all_kinds.yaml:2: Text.isbn: "+few) {
		t.Error(err)
	}
}
