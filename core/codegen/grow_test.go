package codegen_test

import (
	"strings"
	"testing"
)

const crate = `package schema

import (
	"net/url"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
	"github.com/google/uuid"

	"coppice/ent/hook"
)

// Crate holds things.
type Crate struct{ ent.Schema }

// Mixin of Crate.
func (Crate) Mixin() []ent.Mixin { return []ent.Mixin{mixin.Time{}} }

// Fields of Crate.
func (Crate) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique(),
		field.Time("made_at").Default(time.Now),
		field.Strings("tags").Default([]string{"q"}),
		field.JSON("box", map[string]int{}).Default(map[string]int{"w": 1}),
		field.UUID("token", uuid.UUID{}).Default(uuid.New).Unique(),
		field.String("code").DefaultFunc(func() string { return "made" }),
		field.String("link").GoType(&url.URL{}).ValueScanner(field.BinaryValueScanner[*url.URL]{}).
			DefaultFunc(func() *url.URL { return &url.URL{Scheme: "https", Host: "example.org"} }),
	}
}

// Edges of Crate.
func (Crate) Edges() []ent.Edge { return []ent.Edge{edge.To("within", Crate.Type).From("holds")} }

// Hooks of Crate: with one, ent sets the defaults in ent/runtime.
func (Crate) Hooks() []ent.Hook {
	return []ent.Hook{hook.On(func(next ent.Mutator) ent.Mutator { return next }, ent.OpDelete)}
}
`

const opened = `package database

import (
	"testing"

	"coppice/core/engine"
)

func TestCrates(t *testing.T) {
	client, err := Open(t.Context(), engine.Config{URL: "sqlite:../../crates.db"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	one := func(query string) (v string) {
		rows, err := client.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(&v); err != nil {
				t.Fatal(err)
			}
		}
		return v
	}
	t.Log(one("SELECT group_concat(name || ' ' || CAST(tags AS TEXT) || CAST(box AS TEXT) || ' ' || code || ' ' || link) FROM crates ORDER BY id"))
	if n := one("SELECT COUNT(DISTINCT token) FROM crates WHERE made_at > '2020' AND create_time > '2020' AND update_time > '2020'"); n != "2" {
		t.Errorf("%s crates are filled", n)
	}
	if n := one("SELECT COUNT(*) FROM crate_within"); n != "1" {
		t.Errorf("%s crates are within another", n)
	}
	if crates := client.Crate.Query().AllX(t.Context()); crates[1].Link.String() != "https://example.org" || crates[1].Tags[0] != "q" {
		t.Errorf("ent reads %v", crates[1])
	}
}
`

// Required fields with defaults of every kind come to a file that has rows.
func TestFieldsWithDefaultsComeToAFileThatHasRows(t *testing.T) {
	t.Parallel()
	m := newBlog(t)
	small := entity("Crate", `field.String("name").Unique()`) + `
// Edges of Crate.
func (Crate) Edges() []ent.Edge { return []ent.Edge{edge.To("within", Crate.Type).From("holds")} }
`
	m.write("ent/schema/crate.go", strings.Replace(small, `"entgo.io/ent/schema/field"`, "\"entgo.io/ent/schema/edge\"\n\t\"entgo.io/ent/schema/field\"", 1))
	m.write("crates.jsonl", `{"name": "a"}`+"\n"+`{"name": "b", "within": [{"name": "a"}]}`+"\n")
	m.generate()
	if out, err := m.run("run", "./cmd/seed", "--db", "sqlite:crates.db", "crates.jsonl"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m.write("ent/schema/crate.go", crate)
	m.generate()
	m.write("internal/database/crate_test.go", opened)
	out, err := m.run("test", "-count=1", "-v", "-run", "TestCrates", "./internal/database")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"a", "b"} {
		if want := name + ` ["q"]{"w":1} made https://example.org`; !strings.Contains(out, want) {
			t.Errorf("there is no %s\n%s", want, out)
		}
	}
}
