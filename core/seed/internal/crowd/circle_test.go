package crowd

import (
	"errors"
	"testing"

	"coppice/core/model"
	"coppice/core/seed/internal/seedtest"
)

// Records that need each other are refused with what makes them possible.
func TestNoFirstOne(t *testing.T) {
	t.Parallel()
	s := model.New(
		&model.Entity{Name: "Chain", Table: "chains", ID: seedtest.ID(), Edges: []*model.Edge{toOne("next_one", "Chain", "")}},
		&model.Entity{Name: "Ring", Table: "rings", ID: seedtest.ID(), Edges: []*model.Edge{{Name: "peers", GraphQL: "peers", To: "Ring", Storage: model.Join, Table: "ring_peers", Required: true}}},
		&model.Entity{Name: "Hen", Table: "hens", ID: seedtest.ID(), Edges: []*model.Edge{toOne("egg", "Egg", "")}},
		&model.Entity{Name: "Egg", Table: "eggs", ID: seedtest.ID(), Edges: []*model.Edge{toOne("hen", "Hen", "")}},
	)
	for order, want := range map[string]string{
		"chains=1":      "each Chain needs a Chain as its next_one; so there can be no first one, made up or in a file; make Chain.next_one optional in ent/schema",
		"rings=5":       "each Ring needs a Ring as its peers; so there can be no first one, made up or in a file; make Ring.peers optional in ent/schema",
		"hens=2,eggs=2": "each Hen needs an Egg as its egg, which needs a Hen as its hen; so there can be no first one, made up or in a file; make Hen.egg or Egg.hen optional in ent/schema",
	} {
		if _, err := orderedOf(t, s, order); err == nil || !errors.Is(err, Err) || err.Error() != "wrong --fake: "+want {
			t.Errorf("%s: got %v", order, err)
		}
	}
}
