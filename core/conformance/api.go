package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"coppice/core/internal/scope"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/server"
)

type object = map[string]any

// api is a server over a database of its own.
type api struct {
	*testing.T
	home    string // of the pages
	url     string // of the API
	client  *record.Client
	schema  *model.Schema
	types   map[string]shape
	driven  map[string]bool        // root fields that were used
	refused map[string]bool        // those of which a rule of the project refused something
	unmade  map[*model.Entity]bool // what nothing can be made up for
}

// shape is a type as introspection shows it.
type shape struct {
	Name   string
	Kind   string
	Fields []struct {
		Name string
		Args []struct {
			Name string
			Type typeRef
		}
		Type typeRef
	}
	InputFields []struct {
		Name         string
		Type         typeRef
		DefaultValue *string
	}
	EnumValues []struct{ Name string }
}

type typeRef struct {
	Kind, Name string
	OfType     *typeRef
}

// String is the type as GraphQL writes it.
func (r typeRef) String() string {
	switch r.Kind {
	case "NON_NULL":
		return r.OfType.String() + "!"
	case "LIST":
		return "[" + r.OfType.String() + "]"
	default:
		return r.Name
	}
}

func (s shape) input(name string) bool {
	for _, f := range s.InputFields {
		if f.Name == name {
			return true
		}
	}
	return false
}

func (s shape) field(name string) bool {
	for _, f := range s.Fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

const introspection = `{ __schema { types { name kind
	fields(includeDeprecated: true) { name args { name type { ...t } } type { ...t } }
	inputFields(includeDeprecated: true) { name defaultValue type { ...t } }
	enumValues(includeDeprecated: true) { name } } } }
	fragment t on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`

func (open Opener) serve(t *testing.T) *api {
	t.Helper()
	p := open.fresh(t)
	opts := server.Defaults()
	opts.Introspection, opts.Dev = true, true
	opts.MaxComplexity, opts.MaxAliases = 1<<40, 1000
	h, err := server.New(p, opts)
	if err != nil {
		t.Fatal(err)
	}
	// What the project's rules hide or refuse is its authors' to test.
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(scope.Unbound(r.Context())))
	}))
	t.Cleanup(s.Close)
	a := &api{T: t, home: s.URL, url: s.URL + "/graphql", client: p.Client, schema: p.Client.Model, types: map[string]shape{}, driven: map[string]bool{}, refused: map[string]bool{}}
	var seen struct {
		Schema struct{ Types []shape } `json:"__schema"`
	}
	a.into(&seen, introspection, nil)
	for _, s := range seen.Schema.Types {
		a.types[s.Name] = s
	}
	return a
}

// failure is an error of the API.
type failure struct {
	Message    string
	Path       []any
	Extensions struct{ Code, Field string }
}

// send posts a request and returns the answer's data and errors.
func (a *api) send(query string, vars object) (json.RawMessage, []failure) {
	a.Helper()
	body, err := json.Marshal(object{"query": query, "variables": vars})
	if err != nil {
		a.Fatal(err)
	}
	res, err := http.Post(a.url, "application/json", bytes.NewReader(body))
	if err != nil {
		a.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var out struct {
		Data   json.RawMessage
		Errors []failure
	}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		a.Fatalf("%s: %v", query, err)
	}
	return out.Data, out.Errors
}

// into runs a request that must not fail.
func (a *api) into(v any, query string, vars object) {
	a.Helper()
	data, errs := a.send(query, vars)
	a.take(v, query, vars, data, errs)
}

// exactly reads JSON, with its numbers as they are written.
func exactly(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}

// first runs what the playground opens with.
func (a *api) first() {
	a.Helper()
	res, err := http.Get(a.home + "/assets/first.graphql")
	if err != nil {
		a.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	query, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		a.Fatalf("status %d, %v", res.StatusCode, err)
	}
	var data object
	a.into(&data, string(query), nil)
}

// query runs one root field of queries that must not fail and returns its value. The
// arguments' types are what introspection says.
func (a *api) query(field string, args object, selection string) any {
	a.Helper()
	var data object
	query, vars := a.rootQuery("query", field, args, selection)
	a.into(&data, query, vars)
	return data["r"]
}

// refuse runs one mutation field of an entity's that must fail for what its input says.
func (a *api) refuse(e *model.Entity, field string, args object) {
	a.Helper()
	const code = "BAD_USER_INPUT"
	query, vars := a.rootQuery("mutation", field, args, "{ id }")
	_, errs := a.send(query, vars)
	if known := len(errs) == 1 && errs[0].Extensions.Code == code; !known && (len(errs) == 0 || !a.ruled(e, errs)) {
		a.Errorf("%s(%v) gives %+v, not %s", field, args, errs, code)
	}
}

func (a *api) rootQuery(operation, field string, args object, selection string) (string, object) {
	a.Helper()
	a.driven[field] = true
	var declared, passed []string
	for _, f := range a.types[map[string]string{"query": "Query", "mutation": "Mutation"}[operation]].Fields {
		if f.Name == field {
			for _, arg := range f.Args {
				if _, given := args[arg.Name]; given {
					declared = append(declared, "$"+arg.Name+": "+arg.Type.String())
					passed = append(passed, arg.Name+": $"+arg.Name)
				}
			}
		}
	}
	if len(declared) != len(args) {
		a.Fatalf("the API has no %s", field)
	}
	if len(args) == 0 {
		return operation + " { r: " + field + selection + " }", nil
	}
	return operation + "(" + strings.Join(declared, ", ") + ") { r: " + field + "(" + strings.Join(passed, ", ") + ")" + selection + " }", args
}
