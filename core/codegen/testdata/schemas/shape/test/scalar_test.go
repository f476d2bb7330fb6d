package graph_test

import (
	"fmt"
	"testing"
)

// What a scalar of one's own refuses is bad input, in the scalar's words, at the
// argument where it stood, whether literal or variable.
func TestOwnScalarsRefuseInTheirWords(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.into(&object{}, `mutation { createWaxes(inputs: [{color: "red"}, {color: "blue"}]) { id } }`, nil)
	const few = "isbn is not valid: an ISBN has 4 digits here."
	for _, c := range []struct {
		query              string
		vars               object
		field, says, paths string
	}{
		{`{ book(isbn: "12") }`, nil, "isbn", few, "[[book]]"},
		{`{ b: book(isbn: "12") }`, nil, "isbn", few, "[[b]]"},
		{`query($i: ISBN!) { book(isbn: $i) }`, object{"i": "12"}, "isbn", few, "[[book]]"},
		{`{ book(isbn: "word") }`, nil, "isbn", "isbn is not valid.", "[[book]]"},
		{`{ book(isbn: true) }`, nil, "isbn", "An ISBN is a text.", "[[book]]"},
		{`query($f: BookFilter!) { books(filter: $f) }`, object{"f": object{"all": []any{"1234", "12"}}}, "filter.all.1", "filter.all.1 is not valid: an ISBN has 4 digits here.", "[[books]]"},
		{`mutation { addBook(isbn: "12") }`, nil, "isbn", few, "[[addBook]]"},
		{`{ wax(id: "Wax:1") { within(isbn: "12") } }`, nil, "isbn", few, "[[wax within]]"},
	} {
		data, errs := a.send(c.query, c.vars)
		var paths [][]any
		for _, err := range errs {
			if err.Extensions.Code != "BAD_USER_INPUT" || err.Extensions.Field != c.field || err.Message != c.says {
				t.Errorf("%s: %+v", c.query, err)
			}
			paths = append(paths, err.Path)
		}
		if fmt.Sprint(paths) != c.paths {
			t.Errorf("%s: errors at %v, with %s", c.query, paths, data)
		}
	}
	if data, errs := a.send(`{ book(isbn: "1234") books(filter: {all: ["1234"]}) wax(id: "Wax:1") { within(isbn: "1234") } }`, nil); len(errs) > 0 ||
		string(data) != `{"book":"1234","books":1,"wax":{"within":false}}` {
		t.Errorf("%s %+v", data, errs)
	}
}
