package query_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/server"
)

// differentialSeed makes every run the same.
const differentialSeed = 20_261_123

// TestDifferentialBehindVeils does so with interceptors that hide records of
// random entities, in another way for each operation, or forbid them. It counts
// on the oracle's not knowing that there is what is hidden.
func TestDifferentialBehindVeils(t *testing.T) {
	t.Parallel()
	n := 400
	if os.Getenv("COPPICE_SCALE") != "" {
		n = 20_000
	}
	a := open(t)
	populate(t.Context(), t, a.client, rand.New(rand.NewPCG(differentialSeed, 0)))
	d := &difference{world: loadWorld(t.Context(), t, a.client), schema: schemaOf(t), veiled: true}
	listen(a.client)
	d.serve(t, a.client)
	d.run(t, 0, n)
}

// TestDifferential answers random operations in two ways, by the engine and by
// the oracle, and compares them byte for byte.
func TestDifferential(t *testing.T) {
	t.Parallel()
	n := 500
	if os.Getenv("COPPICE_SCALE") != "" {
		n = 20_000
	}
	a := open(t)
	populate(t.Context(), t, a.client, rand.New(rand.NewPCG(differentialSeed, 0)))
	d := &difference{world: loadWorld(t.Context(), t, a.client), schema: schemaOf(t)}
	d.serve(t, a.client)
	d.run(t, 0, n)
	// Where interceptors listen, other statements run, for the same answers.
	a.client.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier { return next }))
	d.serve(t, a.client)
	d.run(t, n, n+n/5)
}

func (d *difference) serve(t *testing.T, client *ent.Client) {
	t.Helper()
	opts := server.Defaults()
	opts.MaxComplexity, opts.MaxAliases, opts.MaxDepth = 1<<30, 1<<30, 1<<30
	var err error
	if d.handler, err = server.New(blog.API(client), opts); err != nil {
		t.Fatal(err)
	}
}

// run compares the operations of some numbers.
func (d *difference) run(t *testing.T, from, to int) {
	t.Helper()
	failed, answered := 0, 0
	for i := from; i < to; i++ {
		if d.veiled {
			d.veil = randomVeil(rand.New(rand.NewPCG(differentialSeed, uint64(-i-1))))
		}
		doc, vars := operation(rand.New(rand.NewPCG(differentialSeed, uint64(i+1))), d.world, d.schema)
		diff, ok := d.compare(t.Context(), doc, vars)
		if ok {
			answered++
		}
		if diff == "" {
			continue
		}
		doc, vars, diff = d.shrink(t.Context(), doc, vars, diff)
		text, _ := json.Marshal(vars)
		t.Errorf("operation %d:\n%s\nvariables %s\n%s\n%s", i+1, doc, text, d.veil, diff)
		if failed++; failed == 5 {
			t.FailNow()
		}
	}
	if answered < (to-from)*8/10 {
		t.Errorf("only %d of %d operations were answered without an error", answered, to-from)
	}
}

func schemaOf(t *testing.T) *ast.Schema {
	t.Helper()
	var files []*ast.Source
	for _, name := range []string{"ent", "post"} {
		text, err := os.ReadFile("../fixture/blog/graph/" + name + ".graphql")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, &ast.Source{Name: name, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(files...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// difference compares the two ways.
type difference struct {
	handler http.Handler
	schema  *ast.Schema
	world   world
	veiled  bool
	veil    veil // what the request that is compared may see
}

// compare tells how the answers differ, "" when they do not; ok is false for
// one with an error.
func (d *difference) compare(ctx context.Context, doc string, vars map[string]any) (diff string, ok bool) {
	parsed, errs := gqlparser.LoadQueryWithRules(d.schema, doc, nil)
	if errs != nil {
		return "not valid: " + errs.Error(), false
	}
	o := &oracle{world: d.world.behind(d.veil), veil: d.veil, doc: parsed, vars: vars}
	ctx = context.WithValue(ctx, veilKey{}, d.veil)
	data, problems := o.answer()
	body, err := json.Marshal(map[string]any{"query": doc, "variables": vars})
	if err != nil {
		return err.Error(), false
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	got := w.Body.String()
	if len(problems) == 0 {
		if want := `{"data":` + data + `}`; got != want {
			return around(got, want), true
		}
		return "", true
	}
	var a answer
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		return err.Error() + " in " + got, false
	}
	forbidden := true
	same := len(a.Errors) == len(problems) && string(a.Data) == data
	for i := range min(len(a.Errors), len(problems)) {
		e := a.Errors[i]
		secret := problems[i].code == "FORBIDDEN" // of which argument, of several, is not said
		forbidden = forbidden && secret
		same = same && e.Extensions.Code == problems[i].code && (secret || e.Extensions.Field == problems[i].field) && reflect.DeepEqual(e.Path, problems[i].path)
	}
	if !same {
		return fmt.Sprintf(" got %s\nwant %s and %d errors, %+v", got, data, len(problems), *problems[0]), false
	}
	return "", forbidden
}

// around is where two texts begin to differ.
func around(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	part := func(s string) string { return s[max(0, i-200):min(len(s), i+200)] }
	return fmt.Sprintf(" got …%s…\nwant …%s… from byte %d on", part(got), part(want), i)
}

// shrink leaves out of an operation what it differs without.
func (d *difference) shrink(ctx context.Context, doc string, vars map[string]any, diff string) (string, map[string]any, string) {
	for again := true; again; {
		again = false
		for _, cut := range cuts(doc) {
			if shorter := d.attempt(ctx, cut, vars); len(cut) < len(doc) && strings.HasPrefix(shorter, " got ") {
				doc, diff, again = cut, shorter, true
				break
			}
		}
	}
	return doc, vars, diff
}

// attempt is compare, of what may make no sense.
func (d *difference) attempt(ctx context.Context, doc string, vars map[string]any) (diff string) {
	defer func() {
		if recover() != nil {
			diff = ""
		}
	}()
	diff, _ = d.compare(ctx, doc, vars)
	return diff
}

// cuts are a document's texts without one part between matching brackets, or
// one word.
func cuts(doc string) (list []string) {
	for i := range len(doc) {
		switch doc[i] {
		case '{', '(', '[':
			if j := closing(doc, i); j > 0 {
				list = append(list, doc[:i]+doc[j+1:], doc[:i+1]+doc[j:])
				for k := i; k > 0 && doc[k-1] != '{' && doc[k-1] != ',' && doc[k-1] != '('; k-- {
					if doc[k-1] == ' ' {
						list = append(list, doc[:k]+doc[j+1:])
					}
				}
			}
		case ' ', ',':
			if j := slices.IndexFunc([]byte(doc[i+1:]), func(c byte) bool { return c == ' ' || c == ',' || c == '}' || c == ')' || c == ']' }); j >= 0 {
				list = append(list, doc[:i]+doc[i+1+j:])
			}
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return len(a) - len(b) })
	return list
}

func closing(doc string, i int) int {
	depth := 0
	for j := i; j < len(doc); j++ {
		switch doc[j] {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return -1
}
