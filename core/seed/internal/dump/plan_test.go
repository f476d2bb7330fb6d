package dump

import (
	"fmt"
	"slices"
	"testing"

	"coppice/core/model"
	"coppice/core/seed/internal/seedtest"
)

func TestNaturalKeys(t *testing.T) {
	t.Parallel()
	s := seedtest.Schema()
	keys := naturalKeys(s)
	for name, want := range map[string]string{
		"Person": "name", "Club": "name", "Membership": "personAndClub", "Album": "yearAndArtist", "Track": "nameAndDiscs",
		"City": "", "Pet": "", "Single": "", "Toy": "",
	} {
		got := ""
		if k := keys[s.Entity(name)]; k != nil {
			got = k.Name
		}
		if got != want {
			t.Errorf("a %s is known by %q, not %q", name, got, want)
		}
	}
}

// Each relation is dumped from one of its sides.
func TestDumpedSides(t *testing.T) {
	t.Parallel()
	s := seedtest.Schema()
	var got []string
	for _, e := range s.Entities {
		for _, ed := range e.Edges {
			if dumps(s, ed) {
				got = append(got, e.Name+"."+ed.Name)
			}
		}
	}
	want := []string{
		"Person.spouse", "Person.friends", "Person.parent", "Person.previous", "Person.birthplace", "Person.pets", "Person.lent",
		"Club.chair", "Membership.person", "Membership.club", "Album.artist", "Album.club", "Single.track", "Toy.singles",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestSensitiveFields(t *testing.T) {
	t.Parallel()
	field := func(name string, sensitive, nullable bool) *model.Field {
		return &model.Field{Name: name, GraphQL: name, Sensitive: sensitive, Nullable: nullable}
	}
	e := &model.Entity{Name: "User", Table: "users", ID: seedtest.ID(), UserID: true, Fields: []*model.Field{
		field("name", false, false), field("password", true, false), field("hint", true, true),
	}}
	s := model.New(e)
	for include, want := range map[bool]string{
		false: "[id name] [users.jsonl will not load without password, which is required and sensitive: dump with --include-sensitive.]",
		true:  "[id name password hint] []",
	} {
		d := &dumper{options: Options{IncludeSensitive: include}, done: &Result{}}
		var names []string
		for _, f := range d.fields(e) {
			names = append(names, f.Name)
		}
		d.note(e)
		// What holds secrets is its owner's.
		d.schema = s
		if file, folder := d.mode(0o666), d.mode(0o755); include && (file != 0o600 || folder != 0o700) || !include && (file != 0o666 || folder != 0o755) {
			t.Errorf("%v: the files are %o, the folder is %o", include, file, folder)
		}
		if got := fmt.Sprint(names, " ", d.done.Notes); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
