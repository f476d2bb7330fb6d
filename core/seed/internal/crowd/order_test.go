package crowd

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/model"
	"coppice/core/seed/internal/seedtest"
)

// text is a value as a text that no other value has.
func text(v any) string { return fmt.Sprintf("%#v", v) }

func ordered(t *testing.T, order string) (*Order, error) {
	t.Helper()
	return orderedOf(t, seedtest.Schema(), order)
}

var errRange = errors.New("it is out of its range")

// orderedOf orders records of a schema whose whole numbers hold what their
// comment says: from 0 to 9.
func orderedOf(t *testing.T, s *model.Schema, order string) (*Order, error) {
	t.Helper()
	f := &Order{schema: s, random: 3, check: func(*model.Entity) func(*model.Field, any) error {
		return func(f *model.Field, v any) error {
			parsed, err := f.Parse(v)
			var low, high int64
			if n, ok := parsed.(int64); ok && f.Comment != "" {
				if _, err := fmt.Sscanf(f.Comment, "from %d to %d", &low, &high); err != nil || n < low || n > high {
					return errRange
				}
			}
			return err
		}
	}}
	if err := f.parse(order); err != nil {
		return nil, err
	}
	return f, f.lookUp(t.Context(), nil)
}

// inputsOf makes all records of a table.
func inputsOf(t *testing.T, f *Order, table string) []map[string]any {
	t.Helper()
	var list []map[string]any
	for _, file := range f.files() {
		if file.Entity.Table != table {
			continue
		}
		for r, wrong := range file.Records(nil) {
			if wrong != nil {
				t.Fatal(wrong)
			}
			list = append(list, r.Input)
		}
	}
	return list
}

// spread counts how often an edge leads where, and makes sure that it leads to
// records that there are.
func spread(t *testing.T, f *Order, table, edge string) map[string]int {
	t.Helper()
	e := f.schema.Table(table)
	var target *crowd
	for _, c := range f.crowds {
		if c.entity == e.Edge(edge).Target {
			target = c
		}
	}
	known := map[string]bool{}
	for i := range target.count {
		known[text(target.reference(newDice(), i))] = true
	}
	counts := map[string]int{}
	for _, input := range inputsOf(t, f, table) {
		list, many := input[edge].([]any)
		if !many && input[edge] != nil {
			list = []any{input[edge]}
		}
		for _, ref := range list {
			if !known[text(ref)] {
				t.Errorf("%s.%s leads to %s, which is not there", table, edge, text(ref))
			}
			counts[text(ref)]++
		}
	}
	return counts
}

func TestBonds(t *testing.T) {
	t.Parallel()
	f, err := ordered(t, "cities=10,people=100,clubs=30,memberships=2000,pets=300,albums=60,tracks=500,singles=400,toys=50")
	if err != nil {
		t.Fatal(err)
	}
	place := map[string]int{}
	for i, c := range f.crowds {
		place[c.entity.Name] = i
	}
	for _, after := range [][2]string{{"Person", "City"}, {"Person", "Pet"}, {"Membership", "Club"}, {"Album", "Person"}, {"Toy", "Single"}} {
		if place[after[0]] < place[after[1]] {
			t.Errorf("%s comes before %s", after[0], after[1])
		}
	}
	for _, c := range []struct {
		table, edge string
		least, most int // of records that are led to
		times       int // how often one may be led to at the most
	}{
		{"people", "birthplace", 10, 10, 100}, {"people", "spouse", 30, 50, 1}, {"people", "previous", 60, 99, 1}, {"people", "next", 0, 0, 0},
		{"people", "parent", 20, 90, 100}, {"people", "children", 0, 0, 0}, {"people", "friends", 20, 100, 100}, {"people", "pets", 100, 300, 1}, {"people", "lent", 100, 300, 1},
		{"people", "clubs", 0, 0, 0}, {"clubs", "members", 0, 0, 0}, {"clubs", "chair", 5, 30, 30}, {"memberships", "person", 100, 100, 30}, {"memberships", "club", 30, 30, 100},
		{"albums", "club", 30, 30, 2}, {"singles", "toys", 0, 0, 0}, {"toys", "singles", 50, 400, 50}, {"singles", "track", 100, 400, 400},
	} {
		counts := spread(t, f, c.table, c.edge)
		if len(counts) < c.least || len(counts) > c.most {
			t.Errorf("%s.%s leads to %d records", c.table, c.edge, len(counts))
		}
		for ref, n := range counts {
			if n > c.times {
				t.Errorf("%s.%s leads to %s %d times", c.table, c.edge, ref, n)
			}
		}
	}
}

// Nothing that is unique is there twice, alone or together with others.
func TestKeys(t *testing.T) {
	t.Parallel()
	f, err := ordered(t, "cities=10,people=100,clubs=30,memberships=3000,pets=300,albums=60,tracks=500,singles=400,toys=50")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.crowds {
		differ(t, c.entity, inputsOf(t, f, c.entity.Table))
	}
}

// differ makes sure that no two records have the same key.
func differ(t *testing.T, e *model.Entity, inputs []map[string]any) {
	t.Helper()
	seen := map[string]bool{}
	for _, input := range inputs {
		keys := append([]*model.Key{{Name: "$key", Of: []string{"$key"}}}, e.Keys...)
	next:
		for _, k := range keys {
			var parts []string
			for _, name := range k.Of {
				if input[name] == nil {
					continue next
				}
				parts = append(parts, text(input[name]))
			}
			all := fmt.Sprint(k.Name, parts)
			if seen[all] {
				t.Fatalf("%s has %s twice", e.Name, all)
			}
			seen[all] = true
		}
	}
}

// Made anew, records are the same; and each can be made alone.
func TestMadeTwice(t *testing.T) {
	t.Parallel()
	made := func() string {
		f, err := ordered(t, "cities=10,people=100,clubs=30,memberships=20,pets=300")
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal([]any{inputsOf(t, f, "people"), inputsOf(t, f, "memberships")})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if first, second := made(), made(); first != second {
		t.Error("the same order makes other records")
	}
}

func TestTooMany(t *testing.T) {
	t.Parallel()
	for order, want := range map[string]string{
		"cities=1,people=10,pets=9":                               "each Person needs a Pet of its own, and there are 9; order at most so many people, not 10, or more pets",
		"memberships=7,people=3,clubs=2,cities=1,pets=5":          "no two memberships may have the same person and club, and there are 6 combinations; order at most so many, not 7, or more of what they lead to",
		"albums=5,people=3,clubs=2,cities=1,pets=5,memberships=1": "no two albums may have the same size and club, and there are 4 combinations; order at most so many, not 5, or more of what they lead to",
	} {
		if _, err := ordered(t, order); err == nil || !errors.Is(err, Err) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v", order, err)
		}
	}
}

func BenchmarkRecords(b *testing.B) {
	f, err := Parse(ent.Coppice(), "users=1000,tags=200,posts=1000000", 42)
	if err != nil {
		b.Fatal(err)
	}
	if err := f.lookUp(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	posts := f.crowds[len(f.crowds)-1]
	d := newDice()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		_ = posts.input(d, i%posts.count)
	}
}
