package mutation_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	faults "coppice/core/fault"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/mutation"
)

// entry is a seed record.
type entry struct {
	entity string
	input  object
}

var bad = []entry{
	{"Post", object{"slug": "Not A Slug", "title": "", "body": 7, "rating": 9.5, "colour": "red", "author": object{"username": "ada"}}},
	{"User", object{"username": "bob", "email": "bob@x.org", "role": "KING", "profile": object{"create": object{"links": []any{1}}}}},
	{"User", object{"username": "bob", "email": "other@x.org"}},
	{"Comment", object{"$key": "c", "body": "b", "author": object{"username": "ada"}, "post": object{"slug": "p"}}},
	{"Comment", object{"$key": "c", "body": "", "author": object{"nickname": "ada"}, "post": object{"slug": "p", "id": "Post:1"}}},
	{"Comment", object{"body": "b", "author": object{"username": "ada"}}},
	{"Tag", object{"name": "go"}},
	{"Post", object{"slug": "p", "title": "T", "author": object{"username": "nobody"}, "tags": []any{object{"name": "go"}, object{"name": ""}, object{"name": nil}}}},
}

// seedSet reads records into a set, and tells what was wrong with each, and
// where.
func seedSet(t *testing.T, client *ent.Client, entries []entry) (*mutation.Set, []string) {
	t.Helper()
	s := mutation.NewSeed(ent.Coppice().Of(client), nameless)
	var wrong []string
	for i, e := range entries {
		_, err := s.Upsert(ent.Coppice().Model.Entity(e.entity), nil, e.input, (*mutation.Path)(nil).Index(i))
		wrong = append(wrong, fields(t, err)...)
	}
	return s, wrong
}

// fields are the codes and paths of errors that may be joined.
func fields(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	var all []string
	for _, err := range list {
		var f *faults.Error
		if !errors.As(err, &f) {
			t.Errorf("unexpected: %v", err)
			continue
		}
		all = append(all, string(f.Code)+" "+f.Field)
	}
	return all
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// All that can be told without a database is told at once.
func TestCheckTellsAllErrors(t *testing.T) {
	t.Parallel()
	s, read := seedSet(t, ent.NewClient(), bad)
	same(t, "reading", read, []string{
		"BAD_USER_INPUT 0.body", "BAD_USER_INPUT 0.colour",
		"BAD_USER_INPUT 1.role", "BAD_USER_INPUT 1.profile.create.links",
		"BAD_USER_INPUT 4.author", "BAD_USER_INPUT 4.post",
		"BAD_USER_INPUT 7.tags.2.name",
	})
	for range 2 {
		same(t, "checking", fields(t, s.Check(t.Context())), []string{
			"BAD_USER_INPUT 0.slug", "BAD_USER_INPUT 0.title", "BAD_USER_INPUT 0.rating",
			"CONFLICT 2.username",
			"CONFLICT 4.$key", "BAD_USER_INPUT 4.body",
			"BAD_USER_INPUT 5.post",
		})
	}
}

// Apply tells of all errors, too, and of those that only the database shows.
func TestApplyTellsAllErrors(t *testing.T) {
	t.Parallel()
	s := open(t, memory(t))
	ctx := context.Background()
	s.client.User.Create().SetUsername("ada").SetEmail("ada@x.org").SaveX(ctx)
	set, wrong := seedSet(t, s.client, []entry{
		{"Post", object{"slug": "one", "title": "", "body": "b", "author": object{"username": "nobody"}}},
		{"Post", object{"slug": "two", "title": "T", "rating": 7}},
		{"Tag", object{"name": "go"}},
		{"User", object{"username": "ada", "name": strings.Repeat("x", 500)}},
		{"Comment", object{"body": "", "author": object{"id": "User:99"}, "post": object{"slug": "one"}}},
		{"Tag", object{"name": "go"}},
	})
	same(t, "reading", wrong, nil)
	same(t, "applying", fields(t, set.Apply(ctx)), []string{
		"NOT_FOUND 0.author", "BAD_USER_INPUT 0.title",
		"BAD_USER_INPUT 1.body", "BAD_USER_INPUT 1.author", "BAD_USER_INPUT 1.rating",
		"BAD_USER_INPUT 3.name",
		"NOT_FOUND 4.author", "BAD_USER_INPUT 4.body",
		"CONFLICT 5.name",
	})
	set, _ = seedSet(t, s.client, []entry{
		{"Post", object{"slug": "One", "title": "", "body": "b", "author": object{"username": "ada"}}},
		{"Tag", object{"name": ""}},
		{"Tag", object{"name": "go"}},
		{"Post", object{"slug": "two", "title": "T", "body": "b", "rating": 7, "author": object{"username": "ada"}}},
	})
	same(t, "applying what only validators refuse", fields(t, set.Apply(ctx)), []string{
		"BAD_USER_INPUT 0.slug", "BAD_USER_INPUT 0.title", "BAD_USER_INPUT 1.name", "BAD_USER_INPUT 3.rating",
	})
}

// A set that was checked can be applied.
func TestCheckLeavesTheSet(t *testing.T) {
	t.Parallel()
	s := open(t, memory(t))
	set, wrong := seedSet(t, ent.NewClient(), []entry{
		{"Post", object{"slug": "one", "title": "T", "body": "b", "author": object{"username": "ada"}, "createdAt": "2026-01-02T03:04:05Z"}},
		{"User", object{"username": "ada", "email": "ada@x.org", "profile": object{"create": object{"bio": "B"}}}},
		{"Tag", object{"name": "go", "posts": []any{object{"slug": "one"}}}},
	})
	wrong = append(wrong, fields(t, set.Check(t.Context()))...)
	set.Through(ent.Coppice().Of(s.client))
	wrong = append(wrong, fields(t, set.Apply(t.Context()))...)
	same(t, "errors", wrong, nil)
	for table, want := range map[string]int64{"posts": 1, "users": 1, "profiles": 1, "tags": 1, "post_tags": 1} {
		if got := s.rows("SELECT count(*) FROM " + table)[0][0]; got != want {
			t.Errorf("%v rows of %s, want %d", got, table, want)
		}
	}
}
