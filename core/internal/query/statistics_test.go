package query_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/index/indextest"
	"coppice/core/internal/statement"
)

// TestStatisticsChangeNoPlan holds that each statement of random operations has
// one plan, whatever the file says of its tables.
func TestStatisticsChangeNoPlan(t *testing.T) {
	t.Parallel()
	n := 150
	if testing.Short() {
		n = 30
	}
	if os.Getenv("COPPICE_SCALE") != "" {
		n = 2_000
	}
	path := filepath.Join(t.TempDir(), "test.db")
	client, err := blog.Open(t.Context(), engine.Config{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	populate(t.Context(), t, client, rand.New(rand.NewPCG(differentialSeed, 0)))
	d := &difference{world: loadWorld(t.Context(), t, client), schema: schemaOf(t)}
	r := &statement.Recorder{Plans: true}
	ctx := statement.NewContext(t.Context(), r)
	d.serve(t, client)
	for i := range n {
		doc, vars := operation(rand.New(rand.NewPCG(differentialSeed, uint64(i+1))), d.world, d.schema)
		d.compare(ctx, doc, vars)
	}
	client.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier { return next }))
	d.serve(t, client)
	for i := range n / 5 {
		doc, vars := operation(rand.New(rand.NewPCG(differentialSeed, uint64(i+1))), d.world, d.schema)
		d.compare(ctx, doc, vars)
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	list := indextest.Queries(r.Statements())
	if len(list) < n/2 {
		t.Fatalf("only %d statements", len(list))
	}
	// What a hand-written field returns is loaded by ent, whose statements cannot
	// say how they are run.
	var ours, ents []indextest.Query
	for _, q := range list {
		if regexp.MustCompile("^SELECT .* FROM `(\\w+)` WHERE `(\\w+)`\\.`id` IN \\(\\?").MatchString(q.SQL) {
			ents = append(ents, q)
		} else {
			ours = append(ours, q)
		}
	}
	indextest.Hold(t, path, ours)
	indextest.HoldWrites(t, path, ents)
}
