package codegen_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// adopt replaces the module's schemas and what is written by hand for them by
// those of a folder.
func (m *module) adopt(from string) {
	m.Helper()
	m.remove("ent/schema", "seed/data", "graph/post.graphql", "graph/post.resolvers.go")
	if err := os.CopyFS(filepath.Join(m.dir, "ent/schema"), os.DirFS(from)); err != nil {
		m.Fatal(err)
	}
	for _, own := range []string{"graph", "internal/conformance"} {
		name := filepath.Base(own)
		if _, err := os.Stat(filepath.Join(m.dir, "ent/schema", name)); err != nil {
			continue
		}
		if err := os.CopyFS(filepath.Join(m.dir, own), os.DirFS(filepath.Join(from, name))); err != nil {
			m.Fatal(err)
		}
		m.remove("ent/schema/" + name)
	}
}

// What a write must not break is told by schemas with tests of their own.
func TestAWriteBreaksNoRule(t *testing.T) {
	t.Parallel()
	m := copyModule(t)
	m.adopt("testdata/rule")
	m.generate()
	if out, err := m.run("test", "-count=1", "-run", "TestRules", "./internal/conformance"); err != nil {
		t.Errorf("%v\n%s", err, out)
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
		"albumByTitleAndArtist(", "-albumByDiscs(",
	},
	"field": {"appendTruths: JSON", "appendTable: JSON", "-appendBlob", "-appendIP", "-appendRaw", "  _1080P\n  _720P\n  TRUE\n  NULL\n  GR__E\n  EN_US\n"},
	"clash": {
		"makerByURI(", " EVENTS_COUNT\n", " EVENTS_EDGE_COUNT\n", " HOUSE_NAME\n", " HOUSE_EDGE_NAME\n",
		" OPENED_AT_DAY\n", " OPENED_AT_CALENDAR_DAY\n", " openedAtCalendarDay: String", "makerByCodeAndRegion(", "-ByRegionAndCode",
		"  oAuth2Client(", "  oAuth2Clients(", "  createOAuth2Client(", "  createOAuth2Clients(", "  url(", "  urls(", "  createURLs(",
		"  allKeys(", "  createManyKeys(", "  seriesSlice(", "  deleteManySeries(",
	},
	"id": {"input CreateChosenInput {\n  id: Int\n", "input CreateSmallInput {\n  id: BigInt\n", "input CreateWordInput {\n  id: String!\n"},
}

// Any schemas drop in: those of each group of testdata are generated from,
// built, and driven over HTTP by the conformance tests.
func TestAnySchemaDropsIn(t *testing.T) {
	t.Parallel()
	groups, err := filepath.Glob("testdata/schemas/*")
	if err != nil || len(groups) == 0 {
		t.Fatal(groups, err)
	}
	for _, group := range groups {
		t.Run(filepath.Base(group), func(t *testing.T) {
			t.Parallel()
			m := copyModule(t)
			m.adopt(group)
			m.generate()
			first := tree(t, m.dir)
			for _, part := range shown[filepath.Base(group)] {
				part, absent := strings.CutPrefix(part, "-")
				if strings.Contains(first["graph/ent.graphql"], part) == absent {
					t.Errorf("the API and %q", part)
				}
			}
			if out, err := m.run("test", "-count=1", "./internal/conformance"); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			m.generate()
			m.same(first, "generating once more")
		})
	}
}

// What no Go or GraphQL can be generated for is refused before anything is
// written, with what to rename.
func TestNamesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	m := copyModule(t)
	want := tree(t, m.dir)
	for name, c := range map[string]struct{ schema, says string }{
		"a field that is a method":       {entity("Gadget", `field.String("string")`), `Gadget.string: the generated Go has a String of its own: rename the field`},
		"a field that is a predicate":    {entity("Gadget", `field.String("and")`), `Gadget.and`},
		"two fields of one name in Go":   {entity("Gadget", `field.String("url"), field.String("URL")`), `Gadget.URL: url has the same name in Go`},
		"an entity that the API has":     {entity("Node", `field.String("x")`), "the query field node is wanted by the API itself and by the entity Node: rename the entity in ent/schema"},
		"a scalar that the API has":      {entity("Cursor", `field.String("x")`), "the type Cursor is wanted by the API itself and by the entity Cursor"},
		"an entity that GraphQL has":     {entity("Subscription", `field.String("x")`), "wanted by GraphQL itself and by the entity Subscription"},
		"an entity of the generated Go":  {entity("Coppice", `field.String("x")`), "has a Coppice of its own: rename the entity Coppice"},
		"an entity of ent's client":      {entity("Tx", `field.String("x")`), "has a Tx of its own: rename the entity Tx"},
		"an entity of ent's for another": {entity("UserClient", `field.String("x")`), "hold UserClient twice, for User and for UserClient"},
		"a package of ent's":             {entity("Migrate", `field.String("x")`), "has a package migrate of its own: rename the entity Migrate"},
		"a file of ours":                 {entity("Descriptor", `field.String("x")`), "has a file descriptor.go of its own: rename the entity Descriptor"},
		"a folder of ent's":              {entity("Internal", `field.String("x")`), "has a package internal of its own: rename the entity Internal"},
		"a list of ent's name":           {entity("A", `field.String("x")`), "has a As of its own: rename the entity A"},
		"an entity of other letters":     {entity("Größe", `field.String("x")`), "Größe: this is no name in GraphQL"},
		"a package that ent imports":     {entity("Sqljson", `field.String("x")`), "has a package sqljson of its own"},
		"an entity that another implies": {entity("PostConnection", `field.String("x")`), "wanted by the page of Post and by the entity PostConnection: rename the entity Post or PostConnection"},
		"two derived types of one name":  {entity("UserGroup", `field.String("x").Unique()`), "the type UserGroupKey is wanted by the group key of User and by the upsert key of UserGroup"},
		"a field that another implies":   {entity("Gadget", `field.Int("size"), field.Int("sizeIn")`), "sizeIn"},
		"a default of that name":         {entity("Gadget", `field.String("name").Default("x"), field.String("default_name")`), "Gadget.default_name: the generated Go would hold DefaultName twice, for it and for name"},
		"a default of that name, before": {entity("Gadget", `field.String("default_name"), field.String("name").Default("x")`), "DefaultName twice"},
		"a validator of that name":       {entity("Gadget", `field.String("name").NotEmpty(), field.String("name_validator")`), "NameValidator twice"},
		"an update default of that name": {entity("Gadget", `field.Int("n").Default(1).UpdateDefault(func() int { return 1 }), field.Int("update_default_n")`), "UpdateDefaultN twice"},
		"an old value of that name":      {entity("Gadget", `field.Int("n"), field.Int("old_n")`), "OldN twice"},
		"an id that is a time":           {entity("Gadget", `field.Time("id")`), "Gadget.id: an id is a whole number, a text or a UUID"},
		"a field that GraphQL keeps":     {entity("Gadget", `field.String("__x")`), "__x"},
		"a field with a digit first":     {entity("Gadget", `field.String("2fa")`), "Gadget.2fa: this is no name in GraphQL"},
		"a field of other letters":       {entity("Gadget", `field.String("größe")`), "Gadget.größe: this is no name in GraphQL"},
		"a field with a hyphen":          {entity("Gadget", `field.String("zip-code")`), `rename the field in ent/schema, and keep its column with StorageKey("zip-code")`},
		"a field with a space":           {entity("Gadget", `field.String("zip code")`), "Gadget.zip code: this is no name in GraphQL"},
		"two values of one name":         {entity("Gadget", `field.Enum("x").Values("aé", "aè")`), `Gadget.x: the values "aé" and "aè" would both be A_ in the API: give each a name of its own with NamedValues`},
		"two values of one name in Go":   {entity("Gadget", `field.Enum("x").Values("en-US", "en_US")`), `Gadget.x: the values "en-US" and "en_US" would both be XEnUS in Go`},
		"two values apart by case":       {entity("Gadget", `field.Enum("x").Values("a", "A")`), `Gadget.x: the values "a" and "A" would both be XA in Go`},
		"a value of a predicate's name":  {entity("Gadget", `field.Enum("x").Values("in", "out")`), `Gadget.x: the generated Go would hold XIn twice, for it and for one of its values`},
		"a view without an id":           {"package schema\n\nimport \"entgo.io/ent\"\n\n// Gadget is a view.\ntype Gadget struct{ ent.View }\n", "Gadget: the API tells records apart"},
		"a name that the example has":    {entity("Users", `field.String("x")`), "Users"},
		"two schemas that are no Go":     {"package schema\n\ntype Gadget struct{ ent.Schema \n", "gadget.go"},
	} {
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
