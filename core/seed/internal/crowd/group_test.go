package crowd

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"coppice/core/model"
	"coppice/core/seed/internal/seedtest"
)

func within(name string, low, high int) *model.Field {
	f := seedtest.Whole(name)
	f.Comment = fmt.Sprintf("from %d to %d", low, high)
	return f
}

func optional(f *model.Field) *model.Field {
	f.Nullable = true
	return f
}

func chosen(name string, values ...string) *model.Field {
	f := &model.Field{Name: name, GraphQL: name, Kind: model.Enum, Go: model.Text[string]}
	for _, v := range values {
		f.Enums = append(f.Enums, model.EnumValue{Name: v, Value: v})
	}
	return f
}

func truth(name string) *model.Field {
	return &model.Field{Name: name, GraphQL: name, Kind: model.Bool, Go: model.Boolean[bool]}
}

func moment(name string) *model.Field {
	return &model.Field{Name: name, GraphQL: name, Kind: model.Time, Go: func(v any) (any, error) { return v, nil }}
}

func toOne(name, to, back string) *model.Edge {
	return &model.Edge{Name: name, GraphQL: name, To: to, Back: back, Unique: true, Required: true}
}

func keyOf(names ...string) *model.Key {
	return &model.Key{Name: strings.Join(names, "And"), Of: names}
}

// boxed is a schema of boxes with some fields, edges and keys, and of what they
// lead to.
func boxed(fields []*model.Field, edges []*model.Edge, keys ...*model.Key) *model.Schema {
	return model.New(
		&model.Entity{Name: "User", Table: "users", ID: seedtest.ID(), Fields: []*model.Field{seedtest.Name(true)}, Keys: []*model.Key{keyOf("name")},
			Edges: []*model.Edge{{Name: "boxes", GraphQL: "boxes", To: "Box", Back: "owner", Storage: model.Other}}},
		&model.Entity{Name: "Post", Table: "posts", ID: seedtest.ID(), Fields: []*model.Field{seedtest.Name(false)}},
		&model.Entity{Name: "Box", Table: "boxes", ID: seedtest.ID(), Fields: fields, Edges: edges, Keys: keys},
	)
}

// What is unique only together is, up to the last combination; and more than
// there are is refused with a number that works.
func TestTogether(t *testing.T) {
	t.Parallel()
	user := func() *model.Edge { return toOne("user", "User", "") }
	post := func() *model.Edge { return toOne("post", "Post", "") }
	owner := func() *model.Edge { return toOne("owner", "User", "boxes") }
	above := func() *model.Edge { return &model.Edge{Name: "above", GraphQL: "above", To: "Box", Unique: true} }
	type fields = []*model.Field
	type edges = []*model.Edge
	for name, c := range map[string]struct {
		schema *model.Schema
		most   int
		empty  string // what is left out by those above most, which are not refused then
	}{
		"two edges":                 {boxed(nil, edges{user(), post()}, keyOf("user", "post")), 10 * 20, ""},
		"two edges, one told back":  {boxed(nil, edges{owner(), post()}, keyOf("owner", "post")), 10 * 20, ""},
		"two edges to one entity":   {boxed(nil, edges{user(), owner()}, keyOf("user", "owner")), 10 * 10, ""},
		"two numbers":               {boxed(fields{within("row", 0, 9), within("col", 0, 9)}, nil, keyOf("row", "col")), 100, ""},
		"three numbers":             {boxed(fields{within("x", 0, 9), within("y", 5, 9), within("z", -3, 3)}, nil, keyOf("x", "y", "z")), 350, ""},
		"a number and an edge":      {boxed(fields{within("row", 200, 204)}, edges{user()}, keyOf("row", "user")), 50, ""},
		"an enum and an edge":       {boxed(fields{chosen("kind", "A", "B", "C")}, edges{post()}, keyOf("kind", "post")), 60, ""},
		"a bool, an enum, an edge":  {boxed(fields{truth("on"), chosen("kind", "A", "B", "C")}, edges{post()}, keyOf("on", "kind", "post")), 120, ""},
		"an optional number":        {boxed(fields{optional(within("row", 0, 4))}, edges{user()}, keyOf("row", "user")), 50, "row"},
		"two keys that share":       {boxed(nil, edges{owner(), user(), post()}, keyOf("user", "post"), keyOf("post", "owner")), 10 * 20, ""},
		"a key within another":      {boxed(fields{chosen("kind", "A", "B", "C")}, edges{user(), post()}, keyOf("kind", "user", "post"), keyOf("user", "post")), 200, ""},
		"an optional edge":          {boxed(fields{within("row", 0, 4)}, edges{{Name: "it", GraphQL: "it", To: "User", Unique: true}}, keyOf("row", "it")), 50, "it"},
		"an optional number, alone": {boxed(fields{optional(within("row", 0, 4)), chosen("kind", "A")}, nil, keyOf("row", "kind")), 5, "row"},
		"two keys, one optional":    {boxed(fields{optional(within("row", 0, 1)), chosen("kind", "A", "B", "C")}, edges{user(), post()}, keyOf("row", "kind"), keyOf("kind", "user")), 30, ""},
		"two keys, one of few":      {boxed(fields{chosen("kind", "A", "B", "C")}, edges{user(), post()}, keyOf("user", "post"), keyOf("kind", "post")), 60, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int{1, 3, c.most / 2, c.most} {
				f, err := orderedOf(t, c.schema, fmt.Sprintf("boxes=%d,users=10,posts=20", max(n, 1)))
				if err != nil {
					t.Fatal(err)
				}
				differ(t, c.schema.Table("boxes"), inputsOf(t, f, "boxes"))
			}
			f, err := orderedOf(t, c.schema, fmt.Sprintf("boxes=%d,users=10,posts=20", c.most+1))
			if c.empty == "" {
				if want := fmt.Sprintf("there are %d combinations; order at most so many, not %d", c.most, c.most+1); err == nil || !errors.Is(err, Err) || !strings.Contains(err.Error(), want) {
					t.Errorf("one more: got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			list := inputsOf(t, f, "boxes")
			differ(t, c.schema.Table("boxes"), list)
			if v, ok := list[c.most][c.empty]; ok || list[c.most-1][c.empty] == nil {
				t.Errorf("the last one has %s %v", c.empty, v)
			}
		})
	}
	for name, s := range map[string]*model.Schema{
		"a time and an edge":           boxed(fields{moment("at")}, edges{user()}, keyOf("at", "user")),
		"a text and an edge":           boxed(fields{{Name: "title", GraphQL: "title", Go: model.Text[string]}}, edges{user()}, keyOf("title", "user")),
		"a number and an edge":         boxed(fields{seedtest.Whole("position")}, edges{user()}, keyOf("position", "user")),
		"a place below another":        boxed(fields{seedtest.Whole("position")}, edges{above()}, keyOf("position", "above")),
		"one of few places below":      boxed(fields{within("position", 0, 3)}, edges{above()}, keyOf("position", "above")),
		"two keys that share a number": boxed(fields{seedtest.Whole("position")}, edges{user(), post()}, keyOf("position", "user"), keyOf("position", "post")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := orderedOf(t, s, "boxes=5000,users=10,posts=20")
			if err != nil {
				t.Fatal(err)
			}
			differ(t, s.Table("boxes"), inputsOf(t, f, "boxes"))
		})
	}
}

// Of an association that has a table of its own a few have most, too.
func TestTogetherSkewed(t *testing.T) {
	t.Parallel()
	s := boxed(nil, []*model.Edge{toOne("user", "User", ""), toOne("post", "Post", "")}, keyOf("user", "post"))
	f, err := orderedOf(t, s, "boxes=1000,users=300,posts=500")
	if err != nil {
		t.Fatal(err)
	}
	for _, edge := range []string{"user", "post"} {
		counts := spread(t, f, "boxes", edge)
		most := 0
		for _, n := range counts {
			most = max(most, n)
		}
		if len(counts) < 150 || most < 25 {
			t.Errorf("%d records are a box's %s, one of %d boxes", len(counts), edge, most)
		}
	}
}

// What is unique and optional is empty where there are not enough values.
func TestUniqueAndOptional(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		field *model.Field
		most  int
	}{
		"an enum":  {chosen("it", "S", "M", "L"), 3},
		"a bool":   {truth("it"), 2},
		"a number": {within("it", 3, 9), 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := boxed([]*model.Field{optional(c.field)}, nil, keyOf("it"))
			f, err := orderedOf(t, s, "boxes=50")
			if err != nil {
				t.Fatal(err)
			}
			list, has := inputsOf(t, f, "boxes"), 0
			differ(t, s.Table("boxes"), list)
			for _, input := range list {
				if input["it"] != nil {
					has++
				}
			}
			if has != c.most {
				t.Errorf("%d of 50 have one, not %d", has, c.most)
			}
		})
	}
}

// A relation whose rows are records of their own is told by those, also where it
// leads from an entity to itself, both ways.
func TestBothWaysThroughRecords(t *testing.T) {
	t.Parallel()
	s := model.New(
		&model.Entity{Name: "Member", Table: "members", ID: seedtest.ID(), Fields: []*model.Field{seedtest.Name(true)}, Keys: []*model.Key{keyOf("name")},
			Edges: []*model.Edge{{Name: "friends", GraphQL: "friends", To: "Member", Back: "friends", Storage: model.Join, Table: "friendships"}}},
		&model.Entity{Name: "Friendship", Table: "friendships", ID: seedtest.ID(), Keys: []*model.Key{keyOf("member", "friend")},
			Edges: []*model.Edge{toOne("member", "Member", ""), toOne("friend", "Member", "")}},
	)
	f, err := orderedOf(t, s, "members=10,friendships=90")
	if err != nil {
		t.Fatal(err)
	}
	for _, input := range inputsOf(t, f, "members") {
		if input["friends"] != nil {
			t.Fatalf("a member tells of friends: %v", input)
		}
	}
	seen := map[string]bool{}
	for _, input := range inputsOf(t, f, "friendships") {
		pair := text(input["member"]) + text(input["friend"])
		if seen[pair] {
			t.Fatalf("%s is there twice", pair)
		}
		seen[pair] = true
	}
}
