package evolve_test

import (
	"reflect"
	"testing"

	"entgo.io/ent/schema"

	"coppice/core/evolve"
)

// What several annotations of one thing say adds up, in their order.
func TestAnnotationsOfOneThingAddUp(t *testing.T) {
	t.Parallel()
	var all schema.Annotation = evolve.RenamedFrom("a")
	for _, next := range []schema.Annotation{
		evolve.RenamedFrom("b"), evolve.KeepAs("b"), evolve.RenamedValue("x", "y"), evolve.KeepValue("x", "y"), &evolve.Annotation{Keep: []string{"c"}},
	} {
		if next.Name() != all.Name() {
			t.Fatalf("%s and %s are two", next.Name(), all.Name())
		}
		all = all.(schema.Merger).Merge(next)
	}
	want := evolve.Annotation{
		From: []string{"a", "b"}, Keep: []string{"b", "c"}, Values: []evolve.Value{{From: "x", To: "y"}}, KeepValues: []evolve.Value{{From: "x", To: "y"}},
	}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("%+v, not %+v", all, want)
	}
}
