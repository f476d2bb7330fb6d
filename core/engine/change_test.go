package engine_test

import (
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/grove"
	"coppice/core/internal/fixture/grove/ent"
)

// What a change would run is told without running it, and is nothing where there is
// nothing to do.
func TestAChangeIsToldAndNotMade(t *testing.T) {
	t.Parallel()
	cfg := engine.Config{URL: enginetest.URL(t)}
	for range 2 { // the first changed nothing
		c, err := engine.Change(t.Context(), ent.Coppice(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Statements) < len(ent.Coppice().Tables) || len(c.Refusals) > 0 {
			t.Fatalf("on an empty database: %d statements, %v", len(c.Statements), c.Refusals)
		}
	}
	client, err := grove.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := engine.Change(t.Context(), ent.Coppice(), cfg)
	if err != nil || len(c.Statements) > 0 || len(c.Notes) > 0 || len(c.Refusals) > 0 {
		t.Errorf("on one that is up to date: %+v, %v", c, err)
	}
}
