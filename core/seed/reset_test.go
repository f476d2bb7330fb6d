package seed

import (
	"testing"

	"coppice/core/model"
)

// Whatever the schema, nothing is deleted while something that must lead
// somewhere leads to it.
func TestEmptying(t *testing.T) {
	t.Parallel()
	id := func() *model.Field { return &model.Field{Name: "id", GraphQL: "id", Column: "id"} }
	m := model.New(
		&model.Entity{Name: "Artist", Table: "artists", ID: id(), Edges: []*model.Edge{
			{Name: "best", GraphQL: "best", To: "Album", Unique: true, Column: "best"},
			{Name: "prizes", GraphQL: "prizes", To: "Prize", Storage: model.Other, Column: "artist_prizes"},
			{Name: "genres", GraphQL: "genres", To: "Genre", Storage: model.Join, Table: "artist_genres", Back: "artists"},
		}},
		&model.Entity{Name: "Album", Table: "albums", ID: id(), Edges: []*model.Edge{
			{Name: "artist", GraphQL: "artist", To: "Artist", Unique: true, Required: true, Column: "artist"},
		}},
		&model.Entity{Name: "Genre", Table: "genres", ID: id(), Edges: []*model.Edge{
			{Name: "parent", GraphQL: "parent", To: "Genre", Unique: true, Column: "parent"},
			{Name: "artists", GraphQL: "artists", To: "Artist", Storage: model.Join, Table: "artist_genres", Back: "genres"},
		}},
		&model.Entity{Name: "Prize", Table: "prizes", ID: id()},
		&model.Entity{Name: "Track", Table: "tracks", ID: id(), Edges: []*model.Edge{
			{Name: "album", GraphQL: "album", To: "Album", Unique: true, Required: true, Column: "album"},
		}},
		&model.Entity{Name: "Chart", Table: "charts", ID: id(), View: true},
	)
	order, loose := emptying(m)
	place, cleared := map[string]int{}, map[string]bool{}
	for i, e := range order {
		place[e.Table] = i
	}
	for _, k := range loose {
		cleared[k.table+"."+k.column] = true
	}
	if len(order) != 5 {
		t.Errorf("%d tables are emptied", len(order))
	}
	for _, k := range foreignKeys(m) {
		if !cleared[k.table+"."+k.column] && place[k.owner.Table] >= place[k.target.Table] {
			t.Errorf("%s.%s still leads to %s", k.table, k.column, k.target.Table)
		}
	}
	for _, name := range []string{"genres.parent", "artists.best"} {
		if !cleared[name] {
			t.Errorf("%s is not cleared: %v", name, cleared)
		}
	}
	if tables := associations(m); len(tables) != 1 || tables[0] != "artist_genres" {
		t.Errorf("association tables %v", tables)
	}
}
