package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"coppice/core/seed"
	"coppice/ent"
)

// Values that check themselves do not keep the other entities from being made
// up: what nothing can be made for is named, with what needs it.
func TestWhatChecksItselfIsNamed(t *testing.T) {
	t.Parallel()
	client := fresh(t)
	order, err := seed.ParseFake(ent.Coppice(), "documents=5,needies=3,stricts=3", 1)
	if err != nil {
		t.Fatal(err)
	}
	set, err := order.Read(t.Context(), ent.Coppice().Of(client), nil)
	if err != nil {
		t.Fatal(err)
	}
	done := load(t, client, set)
	if said := fmt.Sprint(order.Unmade()); done.Entities["documents"].Created != 5 || len(done.Entities) != 1 ||
		!strings.Contains(said, "Strict.even: Nothing that was tried passes") || !strings.Contains(said, "Needy.strict: Each needs a Strict, of which none can be made up.") {
		t.Errorf("%s: %v", said, done.Entities)
	}
}
