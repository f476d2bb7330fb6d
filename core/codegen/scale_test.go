package codegen_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// Many entities of twelve fields and four edges generate. With COPPICE_SCALE
// they are as many as ARCHITECTURE.md has figures for, or with the value most
// only the largest number of those, and are built as well.
func TestManyEntities(t *testing.T) {
	sizes := []int{3}
	scale := os.Getenv("COPPICE_SCALE")
	switch scale {
	case "":
		t.Parallel()
	case "most":
		sizes = []int{100}
	default:
		sizes = []int{5, 25, 100}
	}
	m := newModule(t)
	m.adopt("testdata/schemas/id")
	if scale != "" { // with a warm build cache
		m.generate()
		m.build()
	}
	for _, n := range sizes {
		m.remove("ent/schema")
		if err := os.Mkdir(m.dir+"/ent/schema", 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			m.write(fmt.Sprintf("ent/schema/entity%d.go", i), many(i, n))
		}
		start := time.Now()
		m.generate()
		generated := time.Since(start)
		start = time.Now()
		if scale != "" {
			if out, err := m.run("build", "./cmd/..."); err != nil {
				t.Fatalf("build: %v\n%s", err, out)
			}
		}
		built := time.Since(start)
		lines := 0
		for name, text := range tree(t, m.dir) {
			if strings.HasSuffix(name, ".go") && !strings.HasPrefix(name, "ent/schema/") || name == "graph/ent.graphql" {
				lines += strings.Count(text, "\n")
			}
		}
		t.Logf("%d entities: generated in %.1f s, built in %.1f s, %d lines an entity",
			n, generated.Seconds(), built.Seconds(), lines/n)
	}
}

// many is the schema of one of n entities that are joined to each other.
func many(i, n int) string {
	name := func(i int) string { return fmt.Sprintf("Entity%d", i%n) }
	return strings.NewReplacer("NAME", name(i), "UP", name(i/2), "NEXT", name(i+1), "FAR", name(i*7+3)).Replace(`package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
)

// NAME is one of many.
type NAME struct{ ent.Schema }

// Fields of NAME.
func (NAME) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Unique(), field.String("title").MaxLen(200), field.Text("body").Optional(), field.Int("size").Default(0),
		field.Int64("total").Optional(), field.Float("ratio").Optional().Nillable(), field.Bool("done").Default(false),
		field.Enum("state").Values("NEW", "OPEN", "SHUT").Default("NEW"), field.Time("created_at").Default(time.Now).Immutable(),
		field.Time("due").Optional(), field.UUID("token", uuid.UUID{}).Default(uuid.New), field.Strings("labels").Optional(),
	}
}

// Edges of NAME.
func (NAME) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("parts", NAME.Type).From("whole").Unique(), edge.To("up", UP.Type).Unique(), edge.To("peers", NEXT.Type), edge.To("owned", FAR.Type),
	}
}
`)
}
