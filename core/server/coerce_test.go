package server

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestVariablesAreCoerced(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		query, variables string
		want             map[string]any
	}{
		"left out":             {`query($n: Int) { posts(first: $n) { totalCount } }`, ``, map[string]any{}},
		"null":                 {`query($n: Int) { posts(first: $n) { totalCount } }`, `{"n":null}`, map[string]any{"n": nil}},
		"default":              {`query($n: Int = 3) { posts(first: $n) { totalCount } }`, `{}`, map[string]any{"n": int64(3)}},
		"null over default":    {`query($n: Int = 3) { posts(first: $n) { totalCount } }`, `{"n":null}`, map[string]any{"n": nil}},
		"unknown one":          {`query($n: Int) { posts(first: $n) { totalCount } }`, `{"m":1}`, map[string]any{}},
		"whole float as Int":   {`query($n: Int) { posts(first: $n) { totalCount } }`, `{"n":2.0}`, map[string]any{"n": int64(2)}},
		"Int as Float":         {`query($r: Float) { posts(where: {rating: $r}) { totalCount } }`, `{"r":4}`, map[string]any{"r": 4.0}},
		"default Int as Float": {`query($r: Float = 4) { posts(where: {rating: $r}) { totalCount } }`, ``, map[string]any{"r": 4.0}},
		"number as ID":         {`query($i: ID!) { post(id: $i) { id } }`, `{"i":7}`, map[string]any{"i": "7"}},
		"default number as ID": {`query($i: ID! = 7) { post(id: $i) { id } }`, ``, map[string]any{"i": "7"}},
		"enum":                 {`query($s: PostStatus) { posts(where: {status: $s}) { totalCount } }`, `{"s":"DRAFT"}`, map[string]any{"s": "DRAFT"}},
		"one for a list":       {`query($i: [ID!]!) { nodes(ids: $i) { id } }`, `{"i":"a"}`, map[string]any{"i": []any{"a"}}},
		"own scalar":           {`query($t: Time) { posts(where: {createdAt: $t}) { totalCount } }`, `{"t":{"any":[1]}}`, map[string]any{"t": map[string]any{"any": []any{json.Number("1")}}}},
		"input object": {`query($w: PostWhereInput) { posts(where: $w) { totalCount } }`,
			`{"w":{"title":"x","ratingGT":1,"and":{"idIn":[1,"b"]},"not":null}}`,
			map[string]any{"w": map[string]any{"title": "x", "ratingGT": 1.0, "and": []any{map[string]any{"idIn": []any{"1", "b"}}}, "not": nil}}},
		"default object": {`query($w: PostWhereInput = {titleIn: ["x"], status: DRAFT}) { posts(where: $w) { totalCount } }`, ``,
			map[string]any{"w": map[string]any{"titleIn": []any{"x"}, "status": "DRAFT"}}},
		"default of a field left out": {`query($o: [PostOrder!]) { posts(orderBy: $o) { totalCount } }`, `{"o":[{"field":"ID"}]}`,
			map[string]any{"o": []any{map[string]any{"field": "ID"}}}},
		"one of": {`mutation($a: UserRef!) { createPost(input: {slug: "a", title: "a", body: "", author: $a}) { id } }`, `{"a":{"username":"ada"}}`,
			map[string]any{"a": map[string]any{"username": "ada"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &testExecution{}
			h, _ := newTestHandler(t, Defaults(), e)
			r := readReply(t, postQuery(t, h, tc.query, tc.variables).Body)
			if len(r.Errors) > 0 {
				t.Fatal(r.Errors)
			}
			if got := e.ran.Load().Variables; !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %#v, want %#v", got, tc.want)
			}
		})
	}
}

// An error in a variable names the argument that the variable stands in.
func TestVariablesThatDoNotFit(t *testing.T) {
	t.Parallel()
	const create = `mutation($in: CreatePostInput!) { createPost(input: $in) { id } }`
	for name, tc := range map[string]struct {
		query, variables, field, message string
	}{
		"missing":           {create, `{}`, "input", "input is required."},
		"null":              {create, `{"in":null}`, "input", "input must not be null."},
		"no object":         {create, `{"in":[7]}`, "input", "must be an object"},
		"field missing":     {create, `{"in":{"slug":"a","body":""}}`, "input.title", "input.title is required."},
		"field null":        {create, `{"in":{"slug":"a","body":"","title":null}}`, "input.title", "must not be null"},
		"field unknown":     {create, `{"in":{"slug":"a","body":"","title":"","zz":1,"titel":""}}`, "input.titel", "is not a field of CreatePostInput"},
		"typename":          {create, `{"in":{"slug":"a","body":"","title":"","__typename":"x"}}`, "input.__typename", "is not a field"},
		"number for string": {create, `{"in":{"slug":"a","body":"","title":7}}`, "input.title", "must be a string"},
		"string for number": {create, `{"in":{"slug":"a","body":"","title":"","viewCount":"7"}}`, "input.viewCount", "must be a whole number"},
		"float for Int":     {create, `{"in":{"slug":"a","body":"","title":"","viewCount":7.5}}`, "input.viewCount", "must be a whole number"},
		"Int too large":     {create, `{"in":{"slug":"a","body":"","title":"","viewCount":2147483648}}`, "input.viewCount", "2147483647"},
		"string for Float":  {create, `{"in":{"slug":"a","body":"","title":"","rating":"4"}}`, "input.rating", "must be a number"},
		"Float too large":   {create, `{"in":{"slug":"a","body":"","title":"","rating":1e999}}`, "input.rating", "must be a number"},
		"wrong enum":        {create, `{"in":{"slug":"a","body":"","title":"","status":"draft"}}`, "input.status", "must be one of DRAFT, PUBLISHED, ARCHIVED."},
		"enum as number":    {create, `{"in":{"slug":"a","body":"","title":"","status":1}}`, "input.status", "must be one of"},
		"deep in a list": {create, `{"in":{"slug":"a","body":"","title":"","comments":[{"id":"1"},{"create":{"body":7}}]}}`,
			"input.comments.1.create.body", "must be a string"},
		"null in a list":         {create, `{"in":{"slug":"a","body":"","title":"","tags":[null]}}`, "input.tags.0", "must not be null"},
		"two of oneOf":           {create, `{"in":{"slug":"a","body":"","title":"","author":{"id":"1","username":"ada"}}}`, "input.author", "exactly one of id, username"},
		"none of oneOf":          {create, `{"in":{"slug":"a","body":"","title":"","author":{}}}`, "input.author", "exactly one of"},
		"null of oneOf":          {create, `{"in":{"slug":"a","body":"","title":"","author":{"id":null}}}`, "input.author", "exactly one of"},
		"boolean for ID":         {`query($i: ID!) { post(id: $i) { id } }`, `{"i":true}`, "id", "must be a string or a whole number"},
		"fraction for ID":        {`query($i: ID!) { post(id: $i) { id } }`, `{"i":1.5}`, "id", "must be a string or a whole number"},
		"string for Boolean":     {`query($b: Boolean!) { posts { totalCount @include(if: $b) } }`, `{"b":"true"}`, "if", "must be true or false"},
		"in a literal":           {`query($t: String) { posts(where: {and: [{title: "a"}, {title: $t}]}) { totalCount } }`, `{"t":1}`, "where.and.1.title", "must be a string"},
		"a list in a literal":    {`query($t: [String!]) { posts(where: {titleIn: $t}) { totalCount } }`, `{"t":["a",1]}`, "where.titleIn.1", "must be a string"},
		"in a fragment":          {`query($n: Int) { users { edges { node { ...U } } } } fragment U on User { posts(last: $n) { totalCount } }`, `{"n":"1"}`, "last", "must be a whole number"},
		"null where none may be": {`query($i: ID = "a") { posts(where: {id: $i}) { totalCount } post(id: $i) { id } }`, `{"i":null}`, "id", "must not be null"},
		"null for a default of the schema": {`query($d: OrderDirection) { posts(orderBy: {field: ID, direction: $d}) { totalCount } }`, `{"d":null}`,
			"orderBy.direction", "must not be null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &testExecution{}
			h, _ := newTestHandler(t, Defaults(), e)
			r := readReply(t, postQuery(t, h, tc.query, tc.variables).Body)
			if r.code() != "BAD_USER_INPUT" || r.field() != tc.field {
				t.Fatalf("got %+v, want BAD_USER_INPUT at %s", r.Errors, tc.field)
			}
			if !strings.Contains(r.Errors[0].Message, tc.message) {
				t.Errorf("message %q lacks %q", r.Errors[0].Message, tc.message)
			}
			if e.ran.Load() != nil {
				t.Error("it was executed")
			}
		})
	}
}

func TestLiteralsThatDoNotFit(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{
		"number for string":        `{ posts(where: {title: 7}) { totalCount } }`,
		"object for string":        `{ posts(where: {title: {}}) { totalCount } }`,
		"object for enum":          `{ posts(where: {status: {}}) { totalCount } }`,
		"list for string":          `{ posts(where: {title: []}) { totalCount } }`,
		"Int too large":            `{ posts(first: 2147483648) { totalCount } }`,
		"Int far too large":        `{ posts(first: 99999999999999999999) { totalCount } }`,
		"default too large":        `query($n: Int = 2147483648) { posts(first: $n) { totalCount } }`,
		"wrong enum":               `{ posts(where: {status: draft}) { totalCount } }`,
		"string for enum":          `{ posts(where: {status: "DRAFT"}) { totalCount } }`,
		"unknown field":            `{ posts(where: {titel: "x"}) { totalCount } }`,
		"null for required":        `{ post(id: null) { id } }`,
		"missing field":            `mutation { createTag(input: {}) { id } }`,
		"missing argument":         `{ post { id } }`,
		"two of oneOf":             `mutation { createPost(input: {slug: "a", title: "a", body: "", author: {id: "1", username: "ada"}}) { id } }`,
		"none of oneOf":            `mutation { createPost(input: {slug: "a", title: "a", body: "", author: {}}) { id } }`,
		"null of oneOf":            `mutation { createPost(input: {slug: "a", title: "a", body: "", author: {id: null}}) { id } }`,
		"nullable in oneOf":        `mutation($u: String) { createPost(input: {slug: "a", title: "a", body: "", author: {username: $u}}) { id } }`,
		"variable of another type": `query($n: String) { posts(first: $n) { totalCount } }`,
		"variable undefined":       `{ posts(first: $n) { totalCount } }`,
		"variable unused":          `query($n: Int) { posts { totalCount } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &testExecution{}
			h, _ := newTestHandler(t, Defaults(), e)
			r := readReply(t, postQuery(t, h, query, "").Body)
			if r.code() != "GRAPHQL_VALIDATION_FAILED" || len(r.Errors[0].Locations) == 0 || e.ran.Load() != nil {
				t.Errorf("got %+v", r.Errors)
			}
		})
	}
}

// What a variable in a fragment defaults to depends on the operation.
func TestFragmentsSharedByOperationsKeepTheirVariablesApart(t *testing.T) {
	t.Parallel()
	const document = `
		query A($n: Int) { ...F }
		query B($n: Int = 7) { ...F }
		fragment F on Query { posts(first: $n) { totalCount } }`
	h, _ := newTestHandler(t, Defaults(), &testExecution{})
	for name, want := range map[string]any{"A": nil, "B": int64(7)} {
		op, errs := h.prepare(document, name)
		if errs != nil {
			t.Fatal(errs)
		}
		if got, _ := op.survey.pages[0].Value.Value(map[string]any{}); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
