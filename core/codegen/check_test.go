package codegen

import (
	"database/sql/driver"
	html "html/template"
	"strings"
	"testing"
	plaintext "text/template"

	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
)

// User and Gadget are schemas; of the second the tests say what it has.
type (
	User   struct{ ent.Schema }
	Gadget struct {
		ent.Schema
		fields      []ent.Field
		edges       []ent.Edge
		annotations []schema.Annotation
	}
)

// Fields of User.
func (User) Fields() []ent.Field {
	return []ent.Field{field.String("name").Annotations(entgql.OrderField("NAME")), field.Enum("state").Values("ON", "OFF")}
}

// Edges of User.
func (User) Edges() []ent.Edge { return []ent.Edge{edge.To("friends", User.Type)} }

// Fields of Gadget.
func (g Gadget) Fields() []ent.Field { return append(g.fields, field.String("own")) }

// Edges of Gadget.
func (g Gadget) Edges() []ent.Edge { return g.edges }

// Annotations of Gadget.
func (g Gadget) Annotations() []schema.Annotation { return g.annotations }

// mode is the Go type of an enum, and no text.
type mode int

func (mode) Values() []string             { return []string{"A"} }
func (mode) String() string               { return "A" }
func (mode) Value() (driver.Value, error) { return "A", nil }
func (*mode) Scan(any) error              { return nil }

const ownTypes = `interface Named {
  id: ID!
  name: String
}

type Box {
  size: Int
}

scalar Weight
`

// checked generates from User and a Gadget, as far as the API's schema.
func checked(t *testing.T, g ent.Interface) (string, error) {
	t.Helper()
	var list []*load.Schema
	for i, s := range []ent.Interface{User{}, g} {
		b, err := load.MarshalSchema(s)
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := load.UnmarshalSchema(b)
		if err != nil {
			t.Fatal(err)
		}
		loaded.Pos = "/somewhere/ent/schema/" + []string{"user", "gadget"}[i] + ".go:3"
		list = append(list, loaded)
	}
	storage, err := gen.NewStorage("sql")
	if err != nil {
		t.Fatal(err)
	}
	graph, err := gen.NewGraph(&gen.Config{Package: "coppice/ent", Target: t.TempDir(), Storage: storage, IDType: &field.TypeInfo{Type: field.TypeInt}}, list...)
	if err != nil {
		t.Fatal(err)
	}
	x := &extension{home: "coppice"}
	err = x.check(graph, []*ast.Source{{Name: "graph/own.graphql", Input: ownTypes}}, config.DefaultConfig())
	return x.sdl, err
}

// ent's generator is not meant to run twice at a time.
func TestSchemasAsTheyAreRead(t *testing.T) {
	t.Parallel()
	t.Run("what a schema cannot have is refused", whatCannotBe)
	t.Run("annotations are honoured", annotations)
}

// What a schema asks for and nobody could serve is refused with the schema's
// file, its entity and field, and what to write instead. An annotation of entgql
// is honoured or refused, and never passed over.
func whatCannotBe(t *testing.T) {
	of := func(f ...ent.Field) Gadget { return Gadget{fields: f} }
	to := func(e ...ent.Edge) Gadget { return Gadget{edges: e} }
	with := func(a ...schema.Annotation) Gadget { return Gadget{annotations: a} }
	object := func() ent.Field { return field.JSON("x", map[string]any{}).Annotations(entgql.Type("Box")) }
	for name, c := range map[string]struct {
		schema Gadget
		says   string
	}{
		"a type there is none of":     {of(field.JSON("x", map[string]any{}).Annotations(entgql.Type("Config"))), "ent/schema/gadget.go:3: Gadget.x: there is no type Config, which entgql.Type gives it: add the line scalar Config"},
		"a type that is an object":    {of(object()), "graph/own.graphql:6: Box cannot be the type of a stored field"},
		"a type of another form":      {of(field.Int64("x").Annotations(entgql.Type("Float"))), "Gadget.x: its values have not the form of Float: take entgql.Type out, or write one of BigInt, String, ID"},
		"a type that is half a list":  {of(field.Strings("x").Annotations(entgql.Type("[String"))), `Gadget.x: entgql.Type("[String") is no type`},
		"an interface there is not":   {with(entgql.Implements("Nothing")), "ent/schema/gadget.go:3: Gadget: there is no interface Nothing"},
		"an interface that is none":   {with(entgql.Implements("Box")), "graph/own.graphql:6: Box is no interface"},
		"an interface that has more":  {with(entgql.Implements("Named")), "graph/own.graphql:3: the interface Named has the field name, and Gadget, which is to implement it, has none"},
		"a type of another entity":    {with(entgql.Type("User")), "ent/schema/gadget.go:3: the query field user is wanted by the entity User and by the entity Gadget (User in the API)"},
		"two names of a field":        {of(field.String("x").Annotations(entgql.MapsTo("x", "y"))), "Gadget.x: the API has one field for it"},
		"two names of an edge":        {to(edge.To("users", User.Type).Annotations(entgql.MapsTo("users", "people"))), "Gadget.users: the API has one field for it: leave one of the names in entgql.MapsTo"},
		"pages of one record":         {to(edge.To("user", User.Type).Unique().Annotations(entgql.RelayConnection())), "Gadget.user: an edge to one record has no pages"},
		"an order of another name":    {to(edge.To("users", User.Type).Annotations(entgql.OrderField("HOW_MANY"))), `take entgql.OrderField("HOW_MANY") out; the API has USERS_COUNT`},
		"an order by JSON":            {of(field.JSON("x", map[string]any{}).Annotations(entgql.OrderField("X"))), "Gadget.x: records have no order by a value such as this"},
		"an order that is taken out":  {to(edge.To("users", User.Type).Annotations(entgql.OrderField("USERS_COUNT"), entgql.Skip(entgql.SkipOrderField))), "Gadget.users: there is no order by what has entgql.Skip"},
		"an enum left out":            {of(field.Enum("x").Values("A").Annotations(entgql.Skip(entgql.SkipEnumField))), "Gadget.x: the API declares each enum itself"},
		"two enums of one name":       {of(field.Enum("x").Values("A").Annotations(entgql.Type("UserState"))), "the enum UserState is that of "},
		"an edge that is the id":      {to(edge.To("id_", User.Type).Unique()), "ent/schema/gadget.go:3: Gadget would hold id twice: the id and the edge id_ of Gadget are called so in the API"},
		"a value with a quote":        {of(field.Enum("x").NamedValues("Inch", `5"`)), `Gadget: a value of the enum x, "5\"", holds a quotation mark`},
		"a default that Go cannot be": {of(field.String("x").Annotations(entsql.DefaultExpr(`"a"`))), `Gadget: the default of x, "\"a\"", holds a quotation mark`},
		"a default of one engine":     {of(field.String("x").Annotations(entsql.DefaultExprs(map[string]string{"sqlite3": `"a"`}))), `Gadget: the default of x, "\"a\"", holds a quotation mark`},
		"a comment of two lines":      {of(field.String("x").Comment("a\nb").Annotations(entsql.WithComments(true))), `Gadget: the comment of x, "a\nb", holds`},
		"a comment of a table":        {with(entsql.WithComments(true), schema.Comment(`"a"`)), `Gadget: the comment of the table gadgets, "\"a\"", holds`},
		"a column with a quote":       {of(field.String("x").StorageKey(`a"b`)), `Gadget: the column, "a\"b", holds`},
		"a check with a quote":        {with(entsql.Checks(map[string]string{`a"b`: "x <> ''"})), `Gadget: the name of a check, "a\"b", holds`},
		"a table that is no name":     {with(entsql.Table("2nd")), `Gadget: the table "2nd" makes no name in Go`},
		"a table of one name in Go":   {with(entsql.Table("user_friends_")), `would both be UserFriends in Go`},
		"a column of an edge":         {to(edge.To("user", User.Type).Unique().StorageKey(edge.Column("the user"))), `Gadget: the column "the user" of the edge user makes no name in Go`},
		"two packages of one name":    {of(field.JSON("x", html.HTML("")), field.JSON("y", plaintext.FuncMap{})), "Gadget.y: its Go type is of the package text/template, and the generated code imports another by the name template, html/template"},
		"a package of the API's name": {of(field.JSON("x", &load.Schema{}), field.JSON("y", &ent.Config{})), "Gadget.y: its Go type is of the package entgo.io/ent, and the generated code imports another by the name ent"}, //nolint:staticcheck // a type of the package, no use of it
		"a default of an enum's type": {of(field.Enum("x").GoType(mode(0)).Default("A")), "Gadget.x: ent writes the default of an enum as a constant of text"},
	} {
		if _, err := checked(t, c.schema); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What annotations of entgql ask for is in the API.
func annotations(t *testing.T) {
	sdl, err := checked(t, Gadget{
		fields: []ent.Field{
			field.Enum("state").Values("ON", "OFF").Annotations(entgql.Type("UserState")),
			field.Enum("color").Values("RED").Annotations(entgql.Type("Color")), field.Enum("frame").Values("RED").Annotations(entgql.Type("Color")),
			field.Int64("small").Annotations(entgql.Type("Int")), field.Int("large").Annotations(entgql.Type("BigInt")),
			field.Int64("mass").Annotations(entgql.Type("Weight"), entgql.OrderField("MASS_ORDER")), field.String("ref").Annotations(entgql.Type("ID")),
			field.String("renamed").Annotations(entgql.MapsTo("called")), field.String("bound").Annotations(entgql.Bind()), //nolint:staticcheck // it must not be passed over
			field.String("hidden").Annotations(entgql.Skip()), field.String("shown").Annotations(entgql.Skip(^entgql.SkipType)).Optional(),
			field.String("old").Annotations(entgql.Directives(entgql.Deprecated("Use own."))),
		},
		edges: []ent.Edge{
			edge.To("users", User.Type).Annotations(entgql.RelayConnection(), entgql.Unbind(), entgql.OrderField("USERS_COUNT")),
			edge.To("owner", User.Type).Unique().Annotations(entgql.OrderField("OWNER_NAME"), entgql.MapsTo("holder")),
		},
		annotations: []schema.Annotation{
			entgql.Type("Tool"), entgql.RelayConnection(), entgql.MultiOrder(), entgql.QueryField("toolbox").Description("All tools.").Directives(entgql.Deprecated("No.")),
			entgql.Mutations(entgql.MutationCreate().Description("A new tool.")),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"type Tool implements Node", "state: UserState!", "color: Color!", "frame: Color!", "small: Int!", "large: BigInt!", "mass: Weight!", "MASS_ORDER",
		"ref: ID!", "called: String!", "bound: String!", "shown: String\n", `old: String! @deprecated(reason: "Use own.")`, "users(", "USERS_COUNT", "OWNER_NAME",
		"holder: User\n", " toolbox(", "All tools.", "A new tool.", "-updateTool", "-UpdateToolInput", "-hidden", "-shownContains", "-renamed", "-Gadget", "-tools(",
	} {
		part, absent := strings.CutPrefix(part, "-")
		if strings.Contains(sdl, part) == absent {
			t.Errorf("the API and %q", part)
		}
	}
	for _, once := range []string{"enum Color {", "enum UserState {"} {
		if strings.Count(sdl, once) != 1 {
			t.Errorf("%s is there %d times", once, strings.Count(sdl, once))
		}
	}
}
