package mutation_test

import (
	"context"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/hook"
)

// A hook may mend what a validator would refuse: it comes first, also where
// all errors are told at once.
func TestHooksComeBeforeValidators(t *testing.T) {
	t.Parallel()
	s := open(t, memory(t))
	ctx := context.Background()
	s.client.User.Create().SetUsername("ada").SetEmail("ada@x.org").SaveX(ctx)
	s.client.Post.Use(func(next ent.Mutator) ent.Mutator {
		return hook.PostFunc(func(ctx context.Context, m *ent.PostMutation) (ent.Value, error) {
			if slug, ok := m.Slug(); ok {
				m.SetSlug(strings.ToLower(slug))
			}
			return next.Mutate(ctx, m)
		})
	})
	post := entry{"Post", object{"slug": "Upper", "title": "T", "body": "b", "author": object{"username": "ada"}}}
	set, wrong := seedSet(t, s.client, []entry{post, {"Tag", object{"name": ""}}})
	same(t, "reading", wrong, nil)
	same(t, "checking", fields(t, set.Check(ctx)), []string{"BAD_USER_INPUT 1.name"})
	tx, err := s.client.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	set.Through(ent.Coppice().Of(tx.Client()))
	same(t, "applying", fields(t, set.Apply(ctx)), []string{"BAD_USER_INPUT 1.name"})
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	set, _ = seedSet(t, s.client, []entry{post})
	same(t, "applying the good one", fields(t, set.Apply(ctx)), nil)
	if got := s.rows("SELECT slug FROM posts")[0][0]; got != "upper" {
		t.Errorf("the slug is %v", got)
	}
}

// A hook sees the associations that a new record comes with.
func TestHooksSeeAssociations(t *testing.T) {
	t.Parallel()
	s := open(t, memory(t))
	seen := map[string]int{}
	s.client.User.Use(func(next ent.Mutator) ent.Mutator {
		return hook.UserFunc(func(ctx context.Context, m *ent.UserMutation) (ent.Value, error) {
			name, _ := m.Username()
			seen[name] = len(m.FollowingIDs()) + len(m.FollowersIDs())
			return next.Mutate(ctx, m)
		})
	})
	s.ok(nil, `mutation {
		createUsers(inputs: [{username: "ada", email: "a@x.org"}, {username: "bob", email: "b@x.org"}]) { id }
		createUser(input: {username: "cid", email: "c@x.org", following: [{username: "ada"}], followers: [{username: "ada"}, {username: "bob"}]}) { id }
	}`, nil)
	if seen["ada"] != 0 || seen["cid"] != 3 {
		t.Errorf("hooks saw %v", seen)
	}
	if got := s.rows("SELECT count(*) FROM user_following")[0][0]; got != int64(3) {
		t.Errorf("%v rows of user_following", got)
	}
}
