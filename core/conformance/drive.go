package conformance

import (
	"testing"

	"coppice/core/model"
)

// The whole API works, whatever the schemas: every root field is used, and
// every field, condition, order, group and edge that the types have.
func (open Opener) testAll(t *testing.T) {
	t.Parallel()
	a := open.serve(t)
	w := newWorld(a)
	for _, e := range w.entities() {
		w.updates(e)
		w.upserts(e)
		w.counts(e)
		w.edges(e)
	}
	for _, e := range w.entities() {
		w.keys(e)
		w.orders(e)
		w.aggregates(e)
		w.older(e)
		if !e.Skip.Has(model.SkipWhere) {
			w.filters(e)
		}
	}
	w.first()
	w.deletes()
	w.untouched()
}

// untouched reports the root fields that were not driven. What is written by
// hand is its author's to test.
func (w *world) untouched() {
	w.Helper()
	generated := map[string]bool{"node": true, "nodes": true}
	for _, e := range w.entities() {
		if !w.creatable(e) && !e.View && len(w.records[e]) == 0 {
			continue // nobody can make one here
		}
		for _, r := range e.Roots() {
			for _, name := range []string{r.Single, r.Plural, r.Plural + "Aggregate", "create" + r.Name, r.Many("create"), "update" + r.Name,
				r.Many("update"), "delete" + r.Name, r.Many("delete"), "upsert" + r.Name} {
				generated[name] = true
			}
		}
		for _, k := range e.ShownKeys() {
			if !k.IsID() {
				generated[k.Query] = true
			}
		}
	}
	for _, root := range []string{"Query", "Mutation"} {
		for _, f := range w.types[root].Fields {
			if generated[f.Name] && !w.driven[f.Name] {
				w.Errorf("%s.%s was not driven", root, f.Name)
			}
		}
	}
}
