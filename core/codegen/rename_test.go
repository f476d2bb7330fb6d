package codegen_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
)

// before is the schemas of the group renames as they were two versions earlier.
const before = `package schema

import (
	"context"
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Member is a person.
type Member struct{ ent.Schema }

// Fields of Member.
func (Member) Fields() []ent.Field {
	return []ent.Field{
		field.String("login").Unique(),
		field.Enum("status").Values("new", "closed").Default("new"),
		field.String("password").Sensitive().Optional(),
	}
}

// Edges of Member.
func (Member) Edges() []ent.Edge {
	return []ent.Edge{edge.To("posts", Post.Type), edge.To("likes", Post.Type), edge.To("contacts", Member.Type)}
}

// Post is a text.
type Post struct{ ent.Schema }

// Fields of Post.
func (Post) Fields() []ent.Field {
	return []ent.Field{
		field.String("headline").NotEmpty(),
		field.String("text").Optional(),
		field.String("lead").Optional(),
		field.Strings("tags").Optional(),
		field.Time("posted_at").Optional().Nillable(),
		field.Int("length").Default(0),
	}
}

// Edges of Post.
func (Post) Edges() []ent.Edge {
	return []ent.Edge{edge.From("writer", Member.Type).Ref("posts").Unique().Required(), edge.From("fans", Member.Type).Ref("likes")}
}

// Indexes of Post.
func (Post) Indexes() []ent.Index {
	return []ent.Index{index.Fields("headline").Edges("writer").Unique(), index.Fields("posted_at")}
}

// Memo is known by its content.
type Memo struct{ ent.Schema }

// Fields of Memo.
func (Memo) Fields() []ent.Field {
	return []ent.Field{field.Text("content"), field.Enum("kind").Values("thought", "task")}
}

// Edges of Memo.
func (Memo) Edges() []ent.Edge { return []ent.Edge{edge.To("about", Member.Type).Unique()} }
` + hooks

// hooks change what seed records say, which the ledger remembers.
const hooks = `
// Hooks of Member.
func (Member) Hooks() []ent.Hook {
	return []ent.Hook{func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if v, ok := m.Field("login"); ok {
				if err := m.SetField("login", strings.ToLower(v.(string))); err != nil {
					return nil, err
				}
			}
			if v, ok := m.Field("password"); ok && !strings.HasPrefix(v.(string), "hidden ") {
				if err := m.SetField("password", "hidden " + v.(string)); err != nil {
					return nil, err
				}
			}
			return next.Mutate(ctx, m)
		})
	}}
}
`

// olderSeeds are records in the names of then.
var olderSeeds = map[string]string{
	"members": `{"login": "Ada", "status": "new", "password": "sesame"}` + "\n" +
		`{"login": "grace", "status": "closed", "contacts": [{"login": "Ada"}], "likes": [{"headlineAndWriter": {"headline": "One", "writer": {"login": "Ada"}}}]}` + "\n",
	"posts": `{"headline": "One", "text": "t", "lead": "l", "tags": ["a"], "postedAt": "2026-01-02T03:04:05Z", "length": 3, "writer": {"login": "Ada"}}` + "\n" +
		`{"$key": "second", "headline": "Two", "writer": {"login": "grace"}}` + "\n",
	"memos": `{"content": "x", "kind": "thought", "about": {"login": "Ada"}}` + "\n" + `{"content": "x", "kind": "thought", "about": {"login": "Ada"}}` + "\n" +
		`{"content": "y", "kind": "task"}` + "\n",
}

// A database that was left two versions ago comes up under the names of today, and
// seeding the same records, under these, finds all of them as they were.
func TestSeedingAfterARenameFindsEverythingUnchanged(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	m.copy("testdata/schemas/renames", "ent/schema")
	m.remove("ent/schema/account.go")
	m.write("ent/schema/member.go", before)
	m.generate()
	url := enginetest.URL(t)
	write := func(table, lines string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(m.dir, "data"), 0o755); err != nil {
			t.Fatal(err)
		}
		m.write("data/"+table+".jsonl", lines)
	}
	for table, lines := range olderSeeds {
		write(table, lines)
	}
	type counts struct{ Created, Updated, Unchanged int }
	seed := func() map[string]counts {
		t.Helper()
		out, err := m.run("run", "./cmd/seed", "--db", url, "--json", "data")
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var summary struct{ Entities map[string]counts }
		_, printed, _ := strings.Cut(out, "{") // behind what the log says
		if err := json.Unmarshal([]byte("{"+printed), &summary); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return summary.Entities
	}
	if got := seed(); got["members"].Created != 2 || got["posts"].Created != 2 || got["memos"].Created != 3 {
		t.Fatalf("seeded %v", got)
	}
	if got := seed(); got["members"].Unchanged != 2 || got["posts"].Unchanged != 2 || got["memos"].Unchanged != 3 {
		t.Fatalf("seeded again %v", got)
	}
	dump := func(to string) {
		t.Helper()
		if out, err := m.run("run", "./cmd/seed", "--db", url, "--dump", to); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	dump("dumped")
	labelled := m.read("dumped/memos.jsonl")
	m.remove("ent/schema/member.go", "data")
	m.adopt("testdata/schemas/renames")
	now := m.read("ent/schema/account.go")
	now = strings.Replace(now, "import (\n", "import (\n\t\"context\"\n\t\"strings\"\n\n", 1) +
		strings.NewReplacer("Member", "Account", "login", "username", `"password"`, `"secret"`).Replace(hooks)
	m.write("ent/schema/account.go", now)
	m.generate()
	renamed := strings.NewReplacer(`"login"`, `"username"`, `"status"`, `"state"`, `"new"`, `"active"`, `"password"`, `"secret"`, `"contacts"`, `"friends"`, `"likes"`, `"favourites"`,
		`"headlineAndWriter"`, `"titleAndAuthor"`, `"headline"`, `"title"`, `"writer"`, `"author"`, `"text"`, `"lead"`, `"lead"`, `"text"`, `"tags"`, `"labels"`, `"postedAt"`, `"publishedAt"`,
		`"length"`, `"words"`, `"content"`, `"body"`, `"thought"`, `"idea"`, `"about"`, `"of"`)
	for table, lines := range olderSeeds {
		write(map[string]string{"members": "accounts", "posts": "articles", "memos": "notes"}[table], renamed.Replace(lines))
	}
	for range 2 {
		if got := seed(); got["accounts"] != (counts{Unchanged: 2}) || got["articles"] != (counts{Unchanged: 2}) || got["notes"] != (counts{Unchanged: 3}) {
			t.Errorf("after the rename %v", got)
		}
	}
	// What the API keeps a file may say, too; and what was dumped before is known.
	m.remove("data")
	write("articles", strings.NewReplacer(`"text"`, `"lead"`, `"lead"`, `"text"`).Replace(olderSeeds["posts"]))
	write("notes", renamed.Replace(labelled))
	if got := seed(); got["articles"] != (counts{Unchanged: 2}) || got["notes"] != (counts{Unchanged: 3}) {
		t.Errorf("by older names %v", got)
	}
}

// What cannot be a rename is refused by the schema's place, with what to write.
func TestRenamesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	m := newBlog(t)
	want := tree(t, m.dir)
	gadget := func(fields, annotations string) string {
		return strings.Replace(annotated("Gadget", fields, annotations), "import (", "import (\n\t\"coppice/core/evolve\"", 1)
	}
	const plain = `entsql.Annotation{}, entgql.Type("Gadget")`
	for name, c := range map[string]struct{ schema, says string }{
		"a name that another field has": {gadget(`field.String("a").Annotations(evolve.RenamedFrom("b")), field.String("b")`, plain),
			`Gadget.a: it is renamed from b, and there is another field or edge of that name today, Gadget.b: write evolve.RenamedFrom(…) on that, too`},
		"its own name":                   {gadget(`field.String("a").Annotations(evolve.RenamedFrom("a"))`, plain), "Gadget.a: it is renamed from a, which is its name today"},
		"a name that two have had":       {gadget(`field.String("a").Annotations(evolve.RenamedFrom("c")), field.String("b").Annotations(evolve.RenamedFrom("c"))`, plain), "Gadget.b: it is renamed from c, and so is Gadget.a"},
		"a name that another entity has": {gadget(`field.String("a")`, plain+`, evolve.RenamedFrom("User")`), "Gadget: it is renamed from User, and there is another entity of that name today, User"},
		"an entity kept as another":      {gadget(`field.String("a")`, plain+`, evolve.KeepAs("User")`), `Gadget: it is kept as User, and another entity has that name today, User: take evolve.KeepAs("User") out`},
		"a field kept as another":        {gadget(`field.String("a").Annotations(evolve.KeepAs("b")), field.String("b")`, plain), "Gadget.a: it is kept as b"},
		"kept as what the API derives":   {gadget(`field.String("a").Annotations(evolve.KeepAs("b_in")), field.String("b")`, plain), "would hold bIn twice"},
		"kept as no name":                {gadget(`field.String("a").Annotations(evolve.KeepAs("2b"))`, plain), `Gadget.a: it is kept as "2b", which is no name in GraphQL`},
		"a value of what has none":       {gadget(`field.String("a").Annotations(evolve.RenamedValue("x", "y"))`, plain), "Gadget.a: evolve.RenamedValue and evolve.KeepValue are for enum fields, and this is none"},
		"a value that is none":           {gadget(`field.Enum("a").Values("x").Annotations(evolve.RenamedValue("z", "y"))`, plain), "Gadget.a: its value z is said to be y today, which is none of its values"},
		"a value that is there":          {gadget(`field.Enum("a").Values("x", "y").Annotations(evolve.RenamedValue("x", "y"))`, plain), "Gadget.a: its value y is renamed from x, which is a value today"},
		"a value kept that is there":     {gadget(`field.Enum("a").Values("x", "y").Annotations(evolve.KeepValue("x", "y"))`, plain), "Gadget.a: its value y is kept as x, which is a value today"},
	} {
		if !sampled(name) {
			continue
		}
		m.write("ent/schema/gadget.go", c.schema)
		out, err := m.tryGenerate()
		if err == nil || !strings.Contains(out, c.says) || !strings.Contains(out, "ent/schema/gadget.go") && !strings.Contains(out, "graph") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		m.remove("ent/schema/gadget.go")
		delete(want, "ent/schema/gadget.go")
		m.same(want, name)
	}
}
