package mutation_test

import (
	"context"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/mutation"
)

// A seed record costs a bounded number of allocations beyond those that ent
// makes for its row, the first time and when it is there already.
func TestAllocationsPerRecord(t *testing.T) { //nolint:paralleltest // it counts what the whole process allocates
	const rows = 1000
	s := &bench{api: open(t, memory(t))}
	ctx := context.Background()
	s.user = s.client.User.Create().SetUsername("ada").SetEmail("ada@x.org").SaveX(ctx).ID
	post := ent.Coppice().Model.Entity("Post")
	inputs := s.records(0)[:rows]
	tx, err := s.client.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}()
	direct := testing.AllocsPerRun(1, func() {
		s.round++
		builders := make([]*ent.PostCreate, rows)
		for i := range builders {
			builders[i] = tx.Post.Create().SetSlug(s.slug(i)).SetTitle("A title").SetBody("A body").SetAuthorID(s.user)
		}
		tx.Post.CreateBulk(builders...).ExecX(ctx)
	})
	load := func() {
		set := mutation.NewSeed(ent.Coppice().Of(tx.Client()), nameless)
		for i, r := range inputs {
			if _, err := set.Upsert(post, nil, r, (*mutation.Path)(nil).Index(i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := set.Apply(ctx); err != nil {
			t.Fatal(err)
		}
	}
	made := testing.AllocsPerRun(1, func() {
		s.round++
		for i, r := range inputs {
			r["slug"] = s.slug(i)
		}
		load()
	})
	again := testing.AllocsPerRun(1, load)
	t.Logf("a row: %.0f with ent, %.0f as a seed record, %.0f unchanged", direct/rows, made/rows, again/rows)
	if beyond := (made - direct) / rows; beyond > 40 {
		t.Errorf("a new record costs %.0f allocations beyond ent's", beyond)
	}
	if again/rows > 55 {
		t.Errorf("an unchanged record costs %.0f allocations", again/rows)
	}
}
