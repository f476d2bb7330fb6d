package codegen_test

import "testing"

// Whoever knows ent and gqlgen is at home: directives on generated and on
// hand-written fields, a scalar that reads and prints itself, resolvers with
// something to call, hooks that speak to clients, and the mixin for soft deletes
// of ent's documentation.
func TestEntsAndGqlgensUsersAreAtHome(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	m.copy("testdata/home", ".")
	m.write("gqlgen.yml", m.read("gqlgen.yml")+"  Money:\n    model: "+home+"/graph/money.Money\n")
	// The generated code that schemas and resolvers use comes first.
	m.generate()
	if out, err := m.run("vet", "./graph"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := m.run("test", "-count=1", "-run", "Home|Directives", "./graph"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
