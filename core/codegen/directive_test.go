package codegen_test

import (
	"strings"
	"testing"
)

const directed = `package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
)

var (
	nothing = entgql.OrderField("")
	cached  = entgql.NewDirective("cached")
	old     = entgql.Deprecated("ask for pages")
)

type cachedField struct{ mixin.Schema }

func (cachedField) Fields() []ent.Field {
	return []ent.Field{field.Int("hits").Optional().Annotations(entgql.Directives(cached))}
}

type unmixed struct{ mixin.Schema }

// Gadget is an entity.
type Gadget struct{ ent.Schema }

// Annotations of Gadget.
func (Gadget) Annotations() []schema.Annotation { return []schema.Annotation{ENTITY} }

// Mixin of Gadget.
func (Gadget) Mixin() []ent.Mixin { return []ent.Mixin{MIXIN{}} }

// Fields of Gadget.
func (Gadget) Fields() []ent.Field {
	return []ent.Field{field.Int("id").Annotations(ID), field.Int("size").Annotations(FIELD), field.Int("maker_id").Annotations(FOREIGN)}
}

// Edges of Gadget.
func (Gadget) Edges() []ent.Edge {
	return []ent.Edge{edge.To("maker", User.Type).Field("maker_id").Unique().Required().Annotations(EDGE)}
}

// Tally is a view.
type Tally struct{ ent.View }

// Annotations of Tally.
func (Tally) Annotations() []schema.Annotation { return []schema.Annotation{VIEW} }

// Fields of Tally.
func (Tally) Fields() []ent.Field { return []ent.Field{field.Int("id"), field.Int("n").Annotations(COLUMN)} }

var _, _, _ = cached, old, nothing
`

// A directive of a schema is executed, or stops the generator, which says where
// it stands and what to do.
func TestDirectivesOfSchemasAreExecutedOrRefused(t *testing.T) {
	t.Parallel()
	m := newBlog(t)
	want := tree(t, m.dir)
	const unexecuted = ": nothing executes the directive @cached: take it out of the entgql annotation"
	with := func(values map[string]string) string {
		text := directed
		for place, value := range map[string]string{
			"ENTITY": "nothing", "ID": "nothing", "FIELD": "nothing", "FOREIGN": "nothing", "EDGE": "nothing", "VIEW": "nothing", "COLUMN": "nothing", "MIXIN": "unmixed",
		} {
			if given := values[place]; given != "" {
				value = given
			}
			text = strings.NewReplacer("("+place+")", "("+value+")", "{"+place+"}", "{"+value+"}", place+"{}", value+"{}").Replace(text)
		}
		return text
	}
	for name, c := range map[string]struct{ place, value, says string }{
		"on an entity":              {"ENTITY", "entgql.Directives(cached)", "ent/schema/gadget.go:27: Gadget" + unexecuted},
		"on a query field":          {"ENTITY", "entgql.QueryField().Directives(cached)", "Gadget's query field" + unexecuted},
		"on a field":                {"FIELD", "entgql.Directives(old, cached)", "ent/schema/gadget.go:27: Gadget.size" + unexecuted},
		"on a field that is hidden": {"FIELD", "entgql.Annotation{Skip: entgql.SkipType, Directives: []entgql.Directive{cached}}", "Gadget.size" + unexecuted},
		"on an id":                  {"ID", "entgql.Directives(cached)", "Gadget.id" + unexecuted},
		"on an edge":                {"EDGE", "entgql.Directives(cached)", "Gadget.maker" + unexecuted},
		"on a foreign key":          {"FOREIGN", "entgql.Directives(cached)", "Gadget.maker_id" + unexecuted},
		"of a mixin":                {"MIXIN", "cachedField", "Gadget.hits" + unexecuted},
		"on a view":                 {"VIEW", "entgql.Directives(cached)", "ent/schema/gadget.go:46: Tally" + unexecuted},
		"on a field of a view":      {"COLUMN", "entgql.Directives(cached)", "Tally.n" + unexecuted},
		"a deprecated entity":       {"ENTITY", "entgql.Directives(old)", "Gadget: a type cannot be deprecated: deprecate its fields"},
		"a deprecated id":           {"ID", "entgql.Directives(old)", "Gadget.id: the id cannot be deprecated"},
		"a deprecated foreign key":  {"FOREIGN", "entgql.Directives(old)", "Gadget.maker_id: the API has this foreign key as its edge: deprecate that"},
	} {
		if !sampled(name) {
			continue
		}
		m.write("ent/schema/gadget.go", with(map[string]string{c.place: c.value}))
		out, err := m.tryGenerate()
		if err == nil || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		m.remove("ent/schema/gadget.go")
		m.same(want, name)
	}
	const old = "entgql.Directives(old)"
	m.write("ent/schema/gadget.go", with(map[string]string{"FIELD": old, "EDGE": old, "COLUMN": old}))
	m.generate()
	for _, line := range []string{" size: Int! @deprecated(reason: \"ask for pages\")", " maker: User! @deprecated(", " n: Int! @deprecated("} {
		if !strings.Contains(m.read("graph/ent.graphql"), line) {
			t.Errorf("%s is lost", line)
		}
	}
}
