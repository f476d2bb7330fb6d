package mutation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"coppice/core/internal/enginetest"
)

const (
	clients   = 32
	clientOps = 40
)

// crowd is 32 clients of one server on one file, and what they know to have
// written.
type crowd struct {
	*api
	posts atomic.Int64 // made and not deleted
	texts sync.Map     // appended to the one profile's links
}

// atOnce runs a function for each client, all of them together.
func atOnce(f func(client int)) {
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for i := range clients {
		wg.Go(func() {
			<-gate
			f(i)
		})
	}
	close(gate)
	wg.Wait()
}

func newCrowd(t *testing.T) *crowd {
	c := &crowd{api: open(t, file(t))}
	c.ok(nil, `mutation {
		a: createUsers(inputs: [{username: "ada", email: "ada@x.org", profile: {create: {bio: "one for all", links: []}}}, {username: "bob", email: "bob@x.org"}]) { id }
		b: createPosts(inputs: [{slug: "left", title: "0", body: "", author: {username: "ada"}}, {slug: "right", title: "0", body: "", author: {username: "ada"}}]) { id }
	}`, nil)
	for i := range clients {
		c.ok(nil, fmt.Sprintf(`mutation { createUser(input: {username: "client%d", email: "client%d@x.org"}) { id } }`, i, i), nil)
	}
	return c
}

func TestManyClientsWriteAndReadAtOnce(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	atOnce(func(client int) {
		r := rand.New(rand.NewPCG(*seed, uint64(client)))
		for op := range clientOps {
			c.step(r, client, op)
		}
	})
	if !enginetest.OnPostgres() { // which keeps its foreign keys whatever happens
		for _, row := range c.rows("PRAGMA foreign_key_check") {
			t.Error("an orphan:", row)
		}
		for _, row := range c.rows("PRAGMA integrity_check") {
			if row[0] != "ok" {
				t.Error(row)
			}
		}
	}
	c.checkLinks()
	c.checkPosts()
	if n := c.rows("SELECT count(*), count(DISTINCT name) FROM tags")[0]; n[0] != n[1] || n[0] != int64(5) {
		t.Errorf("%v tags of %v names, not 5", n[0], n[1])
	}
	if n := c.rows("SELECT count(*) FROM profiles")[0][0]; n != int64(1) {
		t.Errorf("%v profiles, not the one that moved about", n)
	}
}

// step does one thing that a client does.
func (c *crowd) step(r *rand.Rand, client, op int) {
	text := fmt.Sprintf("%d-%d", client, op)
	switch r.IntN(10) {
	case 0, 1:
		c.makePost(r, client, text)
	case 2:
		c.ok(nil, fmt.Sprintf(`mutation { upsertTag(by: NAME, input: {name: "tag%d"}) { id } updatePost(id: "Post:1", input: {addTags: [{connectOrCreate: {name: "tag%d"}}]}) { id } }`,
			r.IntN(5), r.IntN(5)), nil)
	case 3:
		if c.ok(nil, `mutation($t: [String!]) { updateProfiles(where: {not: {idIn: []}}, input: {appendLinks: $t}) }`, map[string]any{"t": []any{text}}) {
			c.texts.Store(text, true)
		}
	case 4:
		c.ok(nil, `mutation($l: ID!, $r: ID!, $t: String) { a: updatePost(id: $l, input: {title: $t}) { id } b: updatePost(id: $r, input: {title: $t}) { id } }`,
			map[string]any{"l": "Post:1", "r": "Post:2", "t": text})
	case 5:
		c.ok(nil, fmt.Sprintf(`mutation { updateUser(id: "User:%d", input: {profile: {id: "Profile:1"}, addFollowing: [{username: "ada"}], removeFollowers: [{username: "bob"}]}) { profile { id } } }`,
			3+client), nil)
	case 6:
		res := c.do(fmt.Sprintf(`mutation { a: updatePost(id: "Post:1", input: {title: "half"}) { id } b: createPost(input: {slug: "left", title: "x", body: "", author: {connectOrCreate: {username: "nobody%s", email: "n%s@x.org"}}}) { id } }`,
			fmt.Sprint("_", client), text), nil)
		if len(res.Errors) != 1 || res.Errors[0].Extensions.Code != "CONFLICT" {
			c.Errorf("a key that is taken: %v", res.Errors)
		}
	case 7:
		c.dropPosts(client)
	default:
		c.look(client)
	}
}

// makePost makes a post with two tags and two comments.
func (c *crowd) makePost(r *rand.Rand, client int, text string) {
	if c.ok(nil, fmt.Sprintf(`mutation { createPost(input: {slug: "p-%[1]s", title: "t", body: "", author: {username: "client%[2]d"},
		tags: [{connectOrCreate: {name: "tag%[3]d"}}, {connectOrCreate: {name: "tag%[4]d"}}],
		comments: [{create: {body: "c1", author: {username: "bob"}, replies: [{create: {body: "c2", author: {username: "ada"}, post: {slug: "p-%[1]s"}}}]}}]}) { id } }`,
		text, client, r.IntN(2), 2+r.IntN(3)), nil) {
		c.posts.Add(1)
	}
}

// dropPosts deletes a client's posts with their comments.
func (c *crowd) dropPosts(client int) {
	var data struct{ A, B int }
	where := fmt.Sprintf(`{slugHasPrefix: "p-%d-"}`, client)
	if !c.ok(&data, `mutation { a: deleteComments(where: {hasPostWith: `+where+`}) b: deletePosts(where: `+where+`) }`, nil) {
		return
	}
	if data.A != 2*data.B {
		c.Errorf("%d comments of %d posts were deleted", data.A, data.B)
	}
	c.posts.Add(-int64(data.B))
}

// look makes sure that every request is seen as a whole or not at all.
func (c *crowd) look(client int) {
	type post struct {
		Title          string
		Slug           string
		Comments, Tags struct{ TotalCount int }
	}
	var data struct {
		Left, Right post
		Posts       struct {
			TotalCount int
			Edges      []struct{ Node post }
		}
		Users struct{ TotalCount int }
	}
	if !c.ok(&data, fmt.Sprintf(`{ left: postBySlug(slug: "left") { title } posts(first: 200, where: {slugHasPrefix: "p-"}) { totalCount edges { node { slug comments { totalCount } tags { totalCount } } } }
		users(where: {username: "nobody_%d"}) { totalCount } right: postBySlug(slug: "right") { title } }`, client), nil) {
		return
	}
	if data.Left.Title != data.Right.Title {
		c.Errorf("half a request is seen: %q on the left, %q on the right", data.Left.Title, data.Right.Title)
	}
	if n := len(data.Posts.Edges); n != data.Posts.TotalCount && n < 200 {
		c.Errorf("%d posts of %d are seen", n, data.Posts.TotalCount)
	}
	for _, e := range data.Posts.Edges {
		if e.Node.Comments.TotalCount != 2 || e.Node.Tags.TotalCount != 2 {
			c.Errorf("half a request is seen: post %s has %d comments and %d tags", e.Node.Slug, e.Node.Comments.TotalCount, e.Node.Tags.TotalCount)
		}
	}
	if data.Users.TotalCount != 0 {
		c.Error("what a failed request made is seen")
	}
}

// checkLinks makes sure that nothing that was appended got lost.
func (c *crowd) checkLinks() {
	var data struct {
		Profile struct{ Links []string }
	}
	c.ok(&data, `{ profile(id: "Profile:1") { links } }`, nil)
	n := 0
	c.texts.Range(func(text, _ any) bool {
		if n++; !slices.Contains(data.Profile.Links, text.(string)) {
			c.Errorf("%v was appended, and is lost", text)
		}
		return true
	})
	if n != len(data.Profile.Links) {
		c.Errorf("%d texts were appended, and there are %d", n, len(data.Profile.Links))
	}
}

func (c *crowd) checkPosts() {
	n := c.posts.Load()
	for query, want := range map[string]int64{
		"SELECT count(*) FROM posts":                           n + 2,
		"SELECT count(*) FROM comments":                        2 * n,
		"SELECT count(*) FROM post_tags WHERE post_id > 2":     2 * n,
		"SELECT count(*) FROM users":                           clients + 2,
		"SELECT count(*) FROM posts WHERE title = 'half'":      0,
		"SELECT count(DISTINCT title) FROM posts WHERE id < 3": 1,
	} {
		if got := c.rows(query)[0][0]; got != want {
			c.Errorf("%s: %v, not %d", query, got, want)
		}
	}
}

func TestUpsertsOfOneKeyAtOnceMakeOneRow(t *testing.T) {
	t.Parallel()
	a := open(t, file(t))
	a.ok(nil, `mutation { createUser(input: {username: "host", email: "host@x.org"}) { id } }`, nil)
	for name, mutation := range map[string]string{
		"an upsert":          `upsertUser(by: USERNAME, input: {username: "one", email: "one@x.org", name: "CLIENT"})`,
		"by another key":     `upsertUser(by: EMAIL, input: {username: "two", email: "two@x.org", name: "CLIENT"})`,
		"an upsert of a tag": `upsertTag(by: NAME, input: {name: "t", posts: []})`,
		"by an edge":         `upsertProfile(by: USER, input: {user: {username: "host"}, bio: "CLIENT", links: ["CLIENT"]})`,
		"by a nested one":    `upsertProfile(by: USER, input: {user: {connectOrCreate: {username: "nest", email: "nest@x.org"}}, bio: "CLIENT"})`,
		"nested": `upsertPost(by: SLUG, input: {slug: "p", title: "CLIENT", body: "", author: {connectOrCreate: {username: "writer", email: "w@x.org"}},
			tags: [{connectOrCreate: {name: "n1"}}, {connectOrCreate: {name: "n2"}}]})`,
	} {
		var ids sync.Map
		atOnce(func(client int) {
			var data struct{ R struct{ ID string } }
			query := strings.ReplaceAll(mutation, "CLIENT", fmt.Sprint(client))
			if a.ok(&data, "mutation { r: "+query+" { id } }", nil) {
				ids.Store(data.R.ID, true)
			}
		})
		n := 0
		ids.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("%s: %d records were made, not one", name, n)
		}
	}
	for query, want := range map[string]int64{
		"SELECT count(*) FROM users": 5, "SELECT count(*) FROM tags": 3, "SELECT count(*) FROM profiles": 2,
		"SELECT count(*) FROM posts": 1, "SELECT count(*) FROM post_tags": 2,
	} {
		if got := a.rows(query)[0][0]; got != want {
			t.Errorf("%s: %v, not %d", query, got, want)
		}
	}
}

func TestAReaderDoesNotWaitForAWriter(t *testing.T) {
	t.Parallel()
	a := open(t, file(t))
	a.ok(nil, `mutation { createTag(input: {name: "before"}) { id } }`, nil)
	tx, err := a.client.Tx(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Tag.Create().SetName("during").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		var data struct{ Tags struct{ TotalCount int } }
		a.ok(&data, `{ tags { totalCount } }`, nil)
		return data.Tags.TotalCount
	}
	atOnce(func(int) {
		if n := count(); n != 1 {
			t.Errorf("%d tags are seen while another is being written, not 1", n)
		}
	})
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 2 {
		t.Errorf("%d tags are seen after it was written, not 2", n)
	}
}
