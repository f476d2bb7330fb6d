package codegen_test

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// adopt takes the schemas of a folder, and what is written by hand for them, in
// its folder graph, and tests, in its folder test.
func (m *module) adopt(from string) {
	m.Helper()
	m.copy(from, "ent/schema")
	m.remove("ent/schema/graph", "ent/schema/test")
	if _, err := os.Stat(filepath.Join(from, "graph")); err == nil {
		m.copy(filepath.Join(from, "graph"), "graph")
	}
	if _, err := os.Stat(filepath.Join(from, "test")); err == nil {
		m.copy(filepath.Join(from, "test"), "graph")
		m.copy("testdata/helper", "graph")
	}
}

func (m *module) remove(names ...string) {
	m.Helper()
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(m.dir, name)); err != nil {
			m.Fatal(err)
		}
	}
}

// shown are parts of the API of a group of test schemas: what is there, and,
// after a minus, what is not.
var shown = map[string][]string{
	"shape": {
		"createAlbums(", "-createRecords(", "  \"All that was pressed.\"\n  records(", "\"What a new track has.\"\ninput CreateTrackInput",
		"-Journal", "-Draft", "-draft", "-journal", "updateNote(", "-createNote", "-upsertNote", "-noteByText",
		"upsertSeal(", "-updateSeal", "-UpdateSealInput", "updateWax(", "updateWaxes(",
		"albumByTitleAndArtist(", "-albumByDiscs(",
	},
	"field": {"appendTruths: JSON", "appendTable: JSON", "-appendBlob", "-appendIP", "-appendRaw", "  \"Stored as 1080p.\" _1080P\n  \"Stored as 720p.\" _720P\n  \"Stored as true.\" TRUE\n  \"Stored as null.\" NULL\n  \"Stored as größe.\" GR__E\n  \"Stored as en-US.\" EN_US\n"},
	"edge": {
		" liked(", "): PersonLikedConnection!", "type PersonLikedEdge {", " stars: Int!", "liked: [PersonLikedRef!]", "removeLiked: [CityRef!]", "enum SeatRole {", "-type Seat ", "-secret: String!",
	},
	"clash": {
		"makerByURI(", " EVENTS_COUNT\n", " EVENTS_EDGE_COUNT\n", " HOUSE_NAME\n", " HOUSE_EDGE_NAME\n",
		" OPENED_AT_DAY\n", " OPENED_AT_CALENDAR_DAY\n", " openedAtCalendarDay: String", "makerByCodeAndRegion(", "-ByRegionAndCode",
		"  oAuth2Client(", "  oAuth2Clients(", "  createOAuth2Client(", "  createOAuth2Clients(", "  url(", "  urls(", "  createURLs(",
		"  allKeys(", "  createManyKeys(", "  seriesSlice(", "  deleteManySeries(",
	},
	"renames": {
		"  user(\"Its id.\" id: ID!): Account @deprecated(reason: \"Renamed to Account.\")", "): AccountConnection! @deprecated", "  createUser(", "  upsertUser(", "  deleteUsers(", "-Member", "-member", "-memo",
		"accountByLogin(", "userByLogin(", "userByUsername(", "articleByHeadlineAndWriter(\"Its headline.\" headline: String!, \"Its writer.\" writer: ID!): Article @deprecated",
		"login: String! @deprecated(reason: \"Renamed to username.\")", "username: String\n", "login: String @deprecated", "input ArticleHeadlineAndWriter {", "HEADLINE_AND_AUTHOR @deprecated",
		"new @deprecated(reason: \"Renamed to active.\")", "appendTags: [String!] @deprecated", "addLikes: [ArticleRef!] @deprecated", "hasWriterWith: [AccountWhereInput!] @deprecated", "POSTS_COUNT @deprecated",
		"WRITER_LOGIN @deprecated", "POSTED_AT_DAY @deprecated", "-PASSWORD", "password: String @deprecated", "-thought",
	},
	"id": {"input CreateChosenInput {\n  \"Its id as it is stored, without the name of its type.\" id: Int\n", "input CreateSmallInput {\n  \"Its id as it is stored, without the name of its type.\" id: BigInt\n", "input CreateWordInput {\n  \"Its id as it is stored, without the name of its type.\" id: String!\n",
		"enum WordKey {\n  \"By id.\" ID\n}", "  upsertToken(", "-ByID(", "-PlainKey"},
}

// Any schemas drop in: those of each group of testdata are generated from,
// built, and driven over HTTP by the conformance tests. With -short it is one group, and
// fewer requests.
func TestAnySchemaDropsIn(t *testing.T) {
	t.Parallel()
	groups, err := filepath.Glob("testdata/schemas/*")
	if err != nil || len(groups) == 0 {
		t.Fatal(groups, err)
	}
	for _, group := range groups {
		if testing.Short() && filepath.Base(group) != "guard" {
			continue
		}
		t.Run(filepath.Base(group), func(t *testing.T) {
			t.Parallel()
			m := newModule(t)
			m.adopt(group)
			m.generate()
			first := tree(t, m.dir)
			wholeImports(t, first)
			for _, part := range shown[filepath.Base(group)] {
				part, absent := strings.CutPrefix(part, "-")
				if strings.Contains(first["graph/ent.graphql"], part) == absent {
					t.Errorf("the API and %q", part)
				}
			}
			if out, err := m.run("test", "-count=1", inShort(), "./graph"); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			m.generate()
			m.same(first, "generating once more")
		})
	}
}

// wholeImports holds that each file of the typed client came with its imports. What
// the formatter takes from another file it gives the name that it has anyway, and
// whether it finds it depends on which files are being written at that time.
func wholeImports(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if !strings.HasPrefix(name, "ent/") || strings.HasPrefix(name, "ent/schema/") || !strings.HasSuffix(name, ".go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, spec := range f.Imports {
			if from, _ := strconv.Unquote(spec.Path.Value); spec.Name != nil && spec.Name.Name == path.Base(from) {
				t.Errorf("%s: the import of %s was found elsewhere", name, from)
			}
		}
	}
}

// What no Go or GraphQL can be generated for is refused before anything is
// written, with what to rename.
func TestNamesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	m := newBlog(t)
	want := tree(t, m.dir)
	for name, c := range map[string]struct{ schema, says string }{
		"a field that is a method":         {entity("Gadget", `field.String("string")`), `Gadget.string: the generated Go has a String of its own: rename the field`},
		"a field that is a predicate":      {entity("Gadget", `field.String("and")`), `Gadget.and`},
		"two fields of one name in Go":     {entity("Gadget", `field.String("url"), field.String("URL")`), `Gadget.URL: url has the same name in Go`},
		"an entity that the API has":       {entity("Node", `field.String("x")`), "the query field node is wanted by the API itself and by the entity Node: give the schema in ent/schema/gadget.go:9 another name in the API, as with entgql.Type(\"NodeRecord\") among its annotations"},
		"a scalar that the API has":        {entity("Cursor", `field.String("x")`), "the type Cursor is wanted by the API itself and by the entity Cursor"},
		"an entity that GraphQL has":       {entity("Subscription", `field.String("x")`), "wanted by GraphQL itself and by the entity Subscription"},
		"an entity of the generated Go":    {entity("Coppice", `field.String("x")`), "ent/schema/gadget.go:9: the generated Go has a Coppice of its own: rename the type Coppice in ent/schema/gadget.go:9, as to CoppiceRecord, and keep its other names with entsql.Annotation{Table: \"coppices\"} and entgql.Type(\"Coppice\")"},
		"an entity of ent's client":        {entity("Tx", `field.String("x")`), "has a Tx of its own: rename the type Tx"},
		"an entity of ent's for another":   {entity("UserClient", `field.String("x")`), "hold UserClient twice, for User and for UserClient: rename the type UserClient in ent/schema/gadget.go:9"},
		"a file of ours":                   {entity("Descriptor", `field.String("x")`), "has a file descriptor.go of its own: rename the type Descriptor"},
		"a folder of ent's":                {entity("Internal", `field.String("x")`), "has a package internal of its own: rename the type Internal"},
		"a variable of ent's":              {entity("Values", `field.String("x")`), "has variables called values, where it would refer to the package of Values: rename the type Values"},
		"a letter":                         {entity("X", `field.String("x")`), "has variables called x"},
		"a method of the client":           {entity("Commit", `field.String("x")`), "has a method Commit of its own: rename the type Commit"},
		"a list of ent's name":             {entity("Max", `field.String("x")`), "rename the type Max"},
		"an entity of other letters":       {entity("Größe", `field.String("x")`), "Größe: this is no name in GraphQL"},
		"a package of ent's":               {entity("Migrate", `field.String("x")`), "has a package migrate of its own: rename the type Migrate"},
		"a package that ent imports":       {entity("Sqljson", `field.String("x")`), "has a package sqljson of its own"},
		"an entity of Go's":                {entity("Copy", `field.String("x")`), `ent/schema/gadget.go:9: Go or ent has the name Copy, or its package's, copy, for itself: rename the type Copy in ent/schema/gadget.go:9, as to CopyRecord, and keep its other names with entsql.Annotation{Table: "copies"} and entgql.Type("Copy")`},
		"a keyword of Go's":                {entity("Range", `field.String("x")`), "or its package's, range, for itself: rename the type Range"},
		"an entity of GraphQL's and ent's": {entity("Query", `field.String("x")`), `as to QueryRecord, and keep its other names with entsql.Annotation{Table: "queries"} among its annotations`},
		"an entity that another implies":   {entity("PostConnection", `field.String("x")`), "wanted by the page of Post and by the entity PostConnection: give the schema in ent/schema/gadget.go:9 another name in the API, as with entgql.Type(\"PostConnectionRecord\")"},
		"two derived types of one name":    {entity("UserGroup", `field.String("x").Unique()`), "the type UserGroupKey is wanted by the group key of User and by the upsert key of UserGroup: give the schema in ent/schema/gadget.go:9 another name in the API"},
		"a field that another implies":     {entity("Gadget", `field.Int("size"), field.Int("sizeIn")`), "sizeIn"},
		"a default of that name":           {entity("Gadget", `field.String("name").Default("x"), field.String("default_name")`), "Gadget.default_name: the generated Go would hold DefaultName twice, for it and for name"},
		"a default of that name, before":   {entity("Gadget", `field.String("default_name"), field.String("name").Default("x")`), "DefaultName twice"},
		"a validator of that name":         {entity("Gadget", `field.String("name").NotEmpty(), field.String("name_validator")`), "NameValidator twice"},
		"an update default of that name":   {entity("Gadget", `field.Int("n").Default(1).UpdateDefault(func() int { return 1 }), field.Int("update_default_n")`), "UpdateDefaultN twice"},
		"an old value of that name":        {entity("Gadget", `field.Int("n"), field.Int("old_n")`), "OldN twice"},
		"an id that is a time":             {entity("Gadget", `field.Time("id")`), "Gadget.id: an id is a whole number, a text or a UUID"},
		"a field that GraphQL keeps":       {entity("Gadget", `field.String("__x")`), "__x"},
		"a field with a digit first":       {entity("Gadget", `field.String("2fa")`), "Gadget.2fa: this is no name in GraphQL"},
		"a field of other letters":         {entity("Gadget", `field.String("größe")`), "Gadget.größe: this is no name in GraphQL"},
		"a field with a hyphen":            {entity("Gadget", `field.String("zip-code")`), `rename the field in ent/schema, and keep its column with StorageKey("zip-code")`},
		"a field with a space":             {entity("Gadget", `field.String("zip code")`), "Gadget.zip code: this is no name in GraphQL"},
		"two values of one name":           {entity("Gadget", `field.Enum("x").Values("aé", "aè")`), `Gadget.x: the values "aé" and "aè" would both be A_ in the API: give each a name of its own with NamedValues`},
		"two values of one name in Go":     {entity("Gadget", `field.Enum("x").Values("en-US", "en_US")`), `Gadget.x: the values "en-US" and "en_US" would both be XEnUS in Go`},
		"two values apart by case":         {entity("Gadget", `field.Enum("x").Values("a", "A")`), `Gadget.x: the values "a" and "A" would both be XA in Go`},
		"a value of a predicate's name":    {entity("Gadget", `field.Enum("x").Values("in", "out")`), `Gadget.x: the generated Go would hold XIn twice, for it and for one of its values`},
		"a relation's field that is a key": {strings.Replace(strings.Replace(entity("Gadget", `field.String("name").Unique()`), "// Fields of", `// Edges of Gadget.
func (Gadget) Edges() []ent.Edge { return []ent.Edge{edge.To("peers", Gadget.Type).Through("pairs", Pair.Type)} }

// Pair is between two of them.
type Pair struct{ ent.Schema }

// Annotations of Pair.
func (Pair) Annotations() []schema.Annotation { return []schema.Annotation{field.ID("gadget_id", "peer_id")} }

// Fields of Pair.
func (Pair) Fields() []ent.Field { return []ent.Field{field.Int("gadget_id"), field.Int("peer_id"), field.String("name")} }

// Edges of Pair.
func (Pair) Edges() []ent.Edge {
	return []ent.Edge{edge.To("gadget", Gadget.Type).Unique().Required().Field("gadget_id"), edge.To("peer", Gadget.Type).Unique().Required().Field("peer_id")}
}

// Fields of`, 1), "import (", "import (\n\t\"entgo.io/ent/schema\"\n\t\"entgo.io/ent/schema/edge\"", 1), `Pair.name is written beside the reference to a Gadget, which has a name of its own: give the field another name in the API, as with entgql.MapsTo("pairName")`},
		"a view without an id":        {"package schema\n\nimport \"entgo.io/ent\"\n\n// Gadget is a view.\ntype Gadget struct{ ent.View }\n", "Gadget: the API tells records apart"},
		"a name that the example has": {entity("Users", `field.String("x")`), "Users"},
		"two schemas that are no Go":  {"package schema\n\ntype Gadget struct{ ent.Schema \n", "gadget.go"},
	} {
		if !sampled(name) {
			continue
		}
		m.write("ent/schema/gadget.go", c.schema)
		out, err := m.tryGenerate()
		if err == nil || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		m.remove("ent/schema/gadget.go")
		delete(want, "ent/schema/gadget.go")
		m.same(want, name)
	}
	m.generate()
	m.same(want, "after all that was refused")
	// What it says to write works.
	for file, c := range map[string]struct{ entity, annotations string }{
		"copy": {"CopyRecord", `entsql.Annotation{Table: "copies"}, entgql.Type("Copy")`}, "range": {"RangeRecord", `entsql.Annotation{Table: "ranges"}, entgql.Type("Range")`},
		"node": {"Node", `entsql.Annotation{}, entgql.Type("NodeRecord")`}, "page": {"PostConnection", `entsql.Annotation{}, entgql.Type("PostConnectionRecord")`},
		"subscription": {"Subscription", `entsql.Annotation{}, entgql.Type("SubscriptionRecord")`}, "cursor": {"Cursor", `entsql.Annotation{}, entgql.Type("CursorRecord")`},
	} {
		m.write("ent/schema/"+file+".go", annotated(c.entity, `field.String("x").Unique()`, c.annotations))
	}
	m.generate()
	m.build()
}

func annotated(name, fields, annotations string) string {
	imports := strings.Replace(entity(name, fields), "import (", "import (\n\t\"entgo.io/contrib/entgql\"\n\t\"entgo.io/ent/dialect/entsql\"\n\t\"entgo.io/ent/schema\"", 1)
	return imports + "\n// Annotations of " + name + ".\nfunc (" + name + ") Annotations() []schema.Annotation {\n\treturn []schema.Annotation{" + annotations + "}\n}\n"
}

func entity(name, fields string) string {
	return strings.NewReplacer("NAME", name, "FIELDS", fields).Replace(`package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// NAME is an entity.
type NAME struct{ ent.Schema }

// Fields of NAME.
func (NAME) Fields() []ent.Field { return []ent.Field{FIELDS} }
`)
}
