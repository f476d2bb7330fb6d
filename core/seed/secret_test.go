package seed

import (
	"strings"
	"testing"

	"coppice/core/seed/internal/file"
	"coppice/core/seed/internal/seedtest"
)

// No message quotes the value of a sensitive field, wherever in a reference to
// nothing it stands.
func TestMessagesQuoteNoSensitiveValue(t *testing.T) {
	t.Parallel()
	s := seedtest.Schema()
	for _, entity := range []string{"Person", "Track"} {
		s.Entity(entity).Field("name").Sensitive = true
	}
	type object = map[string]any
	for name, test := range map[string]struct {
		entity, path string
		input        object
		want         string
	}{
		"by the field":          {"Membership", "person", object{"person": object{"name": "SECRET"}}, "this name"},
		"in a list":             {"Person", "friends.1", object{"friends": []any{object{"id": 1}, object{"name": "SECRET"}}}, "this name"},
		"at the field":          {"Membership", "person.name", object{"person": object{"name": "SECRET"}}, "this name"},
		"in a key of several":   {"Single", "track", object{"track": object{"nameAndDiscs": object{"name": "SECRET", "discs": 3}}}, "nameAndDiscs discs 3 and this name"},
		"within a key":          {"Toy", "singles.0.noAndTrack.track", object{"singles": []any{object{"noAndTrack": object{"track": object{"nameAndDiscs": object{"name": "SECRET"}}}}}}, "nameAndDiscs this name"},
		"in a key within a key": {"Toy", "singles.0", object{"singles": []any{object{"noAndTrack": object{"track": object{"nameAndDiscs": object{"name": "SECRET"}}}}}}, "noAndTrack track nameAndDiscs this name"},
		"in a nested create":    {"Club", "chair.create.friends.0", object{"chair": object{"create": object{"friends": []any{object{"name": "SECRET"}}}}}, "this name"},
		"in what is made":       {"Club", "chair", object{"chair": object{"connectOrCreate": object{"name": "SECRET"}}}, "connectOrCreate this name"},
		"beside what may be":    {"Club", "chair", object{"chair": object{"$key": "shown"}}, `$key "shown"`},
		"of another entity":     {"Membership", "club", object{"club": object{"name": "shown"}}, `name "shown"`},
		"a field of that value": {"Membership", "club", object{"club": object{"id": "shown"}}, `id "shown"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &file.Record{File: &file.File{Entity: s.Entity(test.entity)}, Input: test.input}
			want := " Neither the files nor the database have one with " + test.want + ": add it, or correct this."
			if got := missing(r, strings.Split(test.path, ".")); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
