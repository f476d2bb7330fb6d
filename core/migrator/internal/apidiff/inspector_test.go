//go:build clients

package apidiff

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

const (
	fixtureSchema = "../../../internal/fixture/blog/graph"
	inspector     = "../../../server/clients/inspector/diff.mjs"
	pairs         = 120
)

// inspected is what graphql-inspector says of pairs of schemas.
func inspected(t *testing.T, list [][2]string) [][]string {
	t.Helper()
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pairs.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", inspector, file)
	var stderr strings.Builder
	cmd.Stderr, cmd.WaitDelay = &stderr, time.Second
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("Run npm ci in core/server/clients, if that was not done. (%v)\n%s", err, stderr.String())
	}
	var said [][]string
	for lines := bufio.NewReader(bytes.NewReader(out)); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		changes := []string{}
		if err := json.Unmarshal(line, &changes); err != nil {
			t.Fatal(err)
		}
		said = append(said, changes)
	}
	if len(said) != len(list) {
		t.Fatalf("node told of %d pairs of %d", len(said), len(list))
	}
	return said
}

// compare holds Diff against graphql-inspector, both ways.
func compare(t *testing.T, list [][2]string) {
	t.Helper()
	var both [][2]string
	for _, p := range list {
		both = append(both, p, [2]string{p[1], p[0]})
	}
	changed, differ := 0, 0
	for i, want := range inspected(t, both) {
		got := lines(Diff(load(t, both[i][0]), load(t, both[i][1])))
		slices.Sort(got)
		slices.Sort(want)
		if len(want) > 0 {
			changed++
		}
		if !slices.Equal(got, want) && differ < 5 {
			differ++
			t.Errorf("pair %d: only here %q, only graphql-inspector %q\n%s", i, without(got, want), without(want, got), unequal(both[i][0], both[i][1]))
		}
	}
	if changed < len(both)/2 {
		t.Errorf("%d pairs of %d differ: the edits do too little", changed, len(both))
	}
}

// without is what a list has more than another, however often.
func without(list, other []string) (more []string) {
	other = slices.Clone(other)
	for _, x := range list {
		if i := slices.Index(other, x); i >= 0 {
			other = slices.Delete(other, i, i+1)
		} else {
			more = append(more, x)
		}
	}
	return more
}

// unequal are the lines that one text has and another has not.
func unequal(a, b string) string {
	from, to := strings.Split(a, "\n"), strings.Split(b, "\n")
	return "- " + strings.Join(without(from, to), "\n- ") + "\n+ " + strings.Join(without(to, from), "\n+ ")
}

func TestClientsInspectorSortsTheEditsOfTheTableAlike(t *testing.T) {
	t.Parallel()
	var list [][2]string
	for _, e := range edits {
		list = append(list, [2]string{example, edited(t, e.from, e.to)})
	}
	compare(t, list)
}

func TestClientsInspectorSortsRandomEditsOfARealSchemaAlike(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	files, err := filepath.Glob(filepath.Join(fixtureSchema, "*.graphql"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	// Beside it there is what the generator never prints.
	real := printed(load(t, text.String()+`
directive @label(name: String! = "x", list: [Int!], of: Place) repeatable on OBJECT | FIELD_DEFINITION | ENUM_VALUE | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM | UNION | INTERFACE | SCALAR | INPUT_OBJECT
union Anything = Post | User
interface Named implements Node { id: ID! }
input Place { x: Int! = 1 y: Float = 1.5 list: [String!] = ["a"] near: Place on: Boolean! = true id: ID = 7 big: BigInt = 12 }
extend type Query { at(place: Place = { x: 2, near: { y: 1 } }, of: [PostStatus!] = DRAFT): [Anything!] }
`))
	e := &editor{Rand: rand.New(rand.NewPCG(1795939306300001011, 1)), t: t}
	var list [][2]string
	want := pairs
	if testing.Short() {
		want = pairs / 4
	}
	for len(list) < want {
		s := load(t, real)
		e.schema = s
		for range 1 + e.IntN(6) {
			e.edit()
		}
		after := printed(s)
		if _, err := gqlparser.LoadSchema(&ast.Source{Input: after}); err == nil { // an edit may break the rules of schemas
			list = append(list, [2]string{real, after})
		}
	}
	compare(t, list)
}
