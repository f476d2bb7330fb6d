package crowd

import (
	"errors"
	"strings"
	"testing"

	"coppice/core/model"
	"coppice/core/seed/internal/seedtest"
)

// What nothing can be made up for is left empty where it may be; else it is
// named, with what needs it, and the others are made.
func TestWhatCannotBeMadeUp(t *testing.T) {
	t.Parallel()
	none := func(f *model.Field) *model.Field {
		f.Comment = "from 1 to 0"
		return f
	}
	s := model.New(
		&model.Entity{Name: "Plain", Table: "plains", ID: seedtest.ID(), Fields: []*model.Field{seedtest.Name(false), optional(none(seedtest.Whole("odd")))}},
		&model.Entity{Name: "Strict", Table: "stricts", ID: seedtest.ID(), Fields: []*model.Field{seedtest.Name(true), none(seedtest.Whole("odd"))}, Edges: []*model.Edge{toOne("plain", "Plain", "")}},
		&model.Entity{Name: "Needy", Table: "needies", ID: seedtest.ID(), Edges: []*model.Edge{toOne("strict", "Strict", "")}},
		&model.Entity{Name: "Free", Table: "frees", ID: seedtest.ID(), Edges: []*model.Edge{{Name: "strict", GraphQL: "strict", To: "Strict", Unique: true}, toOne("plain", "Plain", "")}},
	)
	f, err := orderedOf(t, s, "plains=3,stricts=5,frees=4")
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int{"plains": 3, "stricts": 0, "frees": 4} {
		list := inputsOf(t, f, table)
		if len(list) != want {
			t.Errorf("%d %s", len(list), table)
		}
		for _, input := range list {
			if input["odd"] != nil || input["strict"] != nil || table == "frees" && input["plain"] == nil {
				t.Errorf("%s: %v", table, input)
			}
		}
	}
	if unmade := f.Unmade(); len(unmade) != 1 || !strings.HasPrefix(unmade[0].Error(), "Strict.odd: Nothing that was tried passes its validators.") {
		t.Error(unmade)
	}
	if _, err := orderedOf(t, s, "stricts=5"); !errors.Is(err, Err) || !strings.Contains(err.Error(), "Strict.odd") {
		t.Error(err)
	}
}
