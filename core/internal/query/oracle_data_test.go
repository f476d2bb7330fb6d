package query_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/comment"
	"coppice/core/internal/fixture/blog/ent/post"
	"coppice/core/internal/fixture/blog/ent/profile"
	"coppice/core/internal/fixture/blog/ent/tag"
	"coppice/core/internal/fixture/blog/ent/user"
)

// rec is a record as the oracle holds it: fields by their GraphQL names, null
// as nil, and what its edges lead to.
type rec struct {
	kind   string
	id     int
	fields map[string]any
	one    map[string]*rec
	many   map[string][]*rec
}

// kindOf says what the oracle knows of an entity: the kinds of its fields, and
// where its edges lead.
type kindOf struct {
	fields map[string]string
	one    map[string]string
	many   map[string]string
}

var kinds = map[string]kindOf{
	"User": {
		fields: map[string]string{"username": "text", "email": "text", "name": "text", "role": "enum", "createdAt": "time"},
		one:    map[string]string{"profile": "Profile"},
		many:   map[string]string{"posts": "Post", "comments": "Comment", "followers": "User", "following": "User"},
	},
	"Profile": {
		fields: map[string]string{"bio": "text", "location": "text", "website": "text", "links": "list"},
		one:    map[string]string{"user": "User"},
	},
	"Post": {
		fields: map[string]string{"slug": "text", "title": "text", "body": "text", "status": "enum", "publishedAt": "time", "viewCount": "int",
			"rating": "float", "createdAt": "time", "updatedAt": "time"},
		one:  map[string]string{"author": "User"},
		many: map[string]string{"comments": "Comment", "tags": "Tag"},
	},
	"Comment": {
		fields: map[string]string{"body": "text", "createdAt": "time"},
		one:    map[string]string{"author": "User", "post": "Post", "parent": "Comment"},
		many:   map[string]string{"replies": "Comment"},
	},
	"Tag": {fields: map[string]string{"name": "text"}, many: map[string]string{"posts": "Post"}},
}

// world is all records, by entity, in the order of their ids.
type world map[string][]*rec

func (w world) find(kind string, id int) *rec {
	for _, r := range w[kind] {
		if r.id == id {
			return r
		}
	}
	return nil
}

var (
	words = []string{"one", "One", "constructor", "Straße", "STRASSE", "école", "ÉCOLE", "a_b", "100%", "“quoted”", `"plain"`, "tab\there",
		"line\nbreak", `back\slash`, "emoji 🎈", ""}
	start = time.Date(2026, 1, 30, 22, 0, 0, 0, time.UTC)
)

// instant is a time of which some have fractions, some lie on other days,
// and some are the same.
func instant(r *rand.Rand) time.Time {
	return start.Add(time.Duration(r.IntN(60))*7*time.Hour + []time.Duration{0, 0, time.Microsecond, 500 * time.Millisecond, 123456 * time.Microsecond}[r.IntN(5)])
}

func phrase(r *rand.Rand) string {
	s := words[r.IntN(len(words))]
	for range r.IntN(3) {
		s += " " + words[r.IntN(len(words))]
	}
	return s
}

// populate makes records through the typed client.
func populate(ctx context.Context, t testing.TB, c *ent.Client, r *rand.Rand) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var users []*ent.User
	for i := range 12 {
		create := c.User.Create().SetUsername(fmt.Sprintf("user_%c", 'a'+i*5%26)).SetEmail(fmt.Sprintf("u%d@example.org", 99-i)).
			SetRole([]user.Role{user.RoleREADER, user.RoleAUTHOR, user.RoleADMIN}[r.IntN(3)]).SetCreatedAt(instant(r))
		if r.IntN(3) > 0 {
			create.SetName(phrase(r))
		}
		for _, u := range users {
			if r.IntN(4) == 0 {
				create.AddFollowing(u)
			}
		}
		u, err := create.Save(ctx)
		must(err)
		users = append(users, u)
		if r.IntN(3) > 0 {
			p := c.Profile.Create().SetUser(u)
			if r.IntN(2) > 0 {
				p.SetBio(phrase(r)).SetLinks([]string{phrase(r), "x"})
			}
			if r.IntN(2) > 0 {
				p.SetLocation([]string{"Ulm", "Köln", "ULM"}[r.IntN(3)])
			}
			must(p.Exec(ctx))
		}
	}
	var tags []*ent.Tag
	for _, name := range []string{"go", "sql", "sqlite", "testing", "alone", "graphql"} {
		made, err := c.Tag.Create().SetName(name).Save(ctx)
		must(err)
		tags = append(tags, made)
	}
	populatePosts(ctx, must, c, r, users, tags)
}

func populatePosts(ctx context.Context, must func(error), c *ent.Client, r *rand.Rand, users []*ent.User, tags []*ent.Tag) {
	var posts []*ent.Post
	for i := range 40 {
		create := c.Post.Create().SetSlug(fmt.Sprintf("post-%d", i*7%40)).SetTitle("T " + phrase(r)).SetBody(phrase(r)).
			SetStatus([]post.Status{post.StatusDRAFT, post.StatusPUBLISHED, post.StatusARCHIVED}[r.IntN(3)]).SetViewCount(r.IntN(6) * r.IntN(400_000_000)).
			SetCreatedAt(instant(r)).SetUpdatedAt(instant(r)).SetAuthor(users[r.IntN(len(users)-2)])
		if r.IntN(2) > 0 {
			create.SetPublishedAt(instant(r))
		}
		if r.IntN(3) > 0 {
			create.SetRating(float64(r.IntN(11)) / 2)
		}
		for _, made := range tags {
			if made.Name != "alone" && r.IntN(3) == 0 {
				create.AddTags(made)
			}
		}
		made, err := create.Save(ctx)
		must(err)
		posts = append(posts, made)
	}
	var comments []*ent.Comment
	for range 70 {
		create := c.Comment.Create().SetBody("C " + phrase(r)).SetCreatedAt(instant(r)).SetAuthor(users[r.IntN(len(users))]).SetPost(posts[r.IntN(30)])
		if len(comments) > 0 && r.IntN(3) == 0 {
			create.SetParent(comments[r.IntN(len(comments))])
		}
		made, err := create.Save(ctx)
		must(err)
		comments = append(comments, made)
	}
}

// loadWorld reads all records through the typed client.
func loadWorld(ctx context.Context, t testing.TB, c *ent.Client) world {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w := world{}
	add := func(kind string, id int, fields map[string]any) {
		w[kind] = append(w[kind], &rec{kind: kind, id: id, fields: fields, one: map[string]*rec{}, many: map[string][]*rec{}})
	}
	users, err := c.User.Query().WithFollowing().Order(ent.Asc(user.FieldID)).All(ctx)
	must(err)
	for _, u := range users {
		add("User", u.ID, map[string]any{"username": u.Username, "email": u.Email, "name": u.Name, "role": string(u.Role), "createdAt": u.CreatedAt})
	}
	for _, u := range users {
		for _, f := range u.Edges.Following {
			w.link("User", u.ID, "following", "User", f.ID, "followers")
		}
	}
	profiles, err := c.Profile.Query().WithUser().Order(ent.Asc(profile.FieldID)).All(ctx)
	must(err)
	for _, p := range profiles {
		add("Profile", p.ID, map[string]any{"bio": p.Bio, "location": p.Location, "website": p.Website, "links": p.Links})
		w.link("Profile", p.ID, "user", "User", p.Edges.User.ID, "profile")
	}
	tags, err := c.Tag.Query().Order(ent.Asc(tag.FieldID)).All(ctx)
	must(err)
	for _, g := range tags {
		add("Tag", g.ID, map[string]any{"name": g.Name})
	}
	posts, err := c.Post.Query().WithAuthor().WithTags().Order(ent.Asc(post.FieldID)).All(ctx)
	must(err)
	for _, p := range posts {
		add("Post", p.ID, map[string]any{"slug": p.Slug, "title": p.Title, "body": p.Body, "status": string(p.Status), "publishedAt": p.PublishedAt,
			"viewCount": p.ViewCount, "rating": p.Rating, "createdAt": p.CreatedAt, "updatedAt": p.UpdatedAt})
		w.link("Post", p.ID, "author", "User", p.Edges.Author.ID, "posts")
		for _, g := range p.Edges.Tags {
			w.link("Post", p.ID, "tags", "Tag", g.ID, "posts")
		}
	}
	comments, err := c.Comment.Query().WithAuthor().WithPost().WithParent().Order(ent.Asc(comment.FieldID)).All(ctx)
	must(err)
	for _, m := range comments {
		add("Comment", m.ID, map[string]any{"body": m.Body, "createdAt": m.CreatedAt})
		w.link("Comment", m.ID, "author", "User", m.Edges.Author.ID, "comments")
		w.link("Comment", m.ID, "post", "Post", m.Edges.Post.ID, "comments")
		if m.Edges.Parent != nil {
			w.link("Comment", m.ID, "parent", "Comment", m.Edges.Parent.ID, "replies")
		}
	}
	w.nulls(ctx, must, c)
	return w
}

// link leads two records to each other.
func (w world) link(from string, fromID int, edge, to string, toID int, back string) {
	a, b := w.find(from, fromID), w.find(to, toID)
	for _, end := range []struct {
		from *rec
		edge string
		to   *rec
	}{{a, edge, b}, {b, back, a}} {
		if _, single := kinds[end.from.kind].one[end.edge]; single {
			end.from.one[end.edge] = end.to
			continue
		}
		list := slices.Concat(end.from.many[end.edge], []*rec{end.to})
		slices.SortFunc(list, func(a, b *rec) int { return a.id - b.id })
		end.from.many[end.edge] = list
	}
}

// nulls puts nil where the typed client has a zero for what is NULL.
func (w world) nulls(ctx context.Context, must func(error), c *ent.Client) {
	null := func(kind, field string, ids []int, err error) {
		must(err)
		for _, id := range ids {
			w.find(kind, id).fields[field] = nil
		}
	}
	ids, err := c.User.Query().Where(user.NameIsNil()).IDs(ctx)
	null("User", "name", ids, err)
	ids, err = c.Profile.Query().Where(profile.BioIsNil()).IDs(ctx)
	null("Profile", "bio", ids, err)
	ids, err = c.Profile.Query().Where(profile.LocationIsNil()).IDs(ctx)
	null("Profile", "location", ids, err)
	ids, err = c.Profile.Query().Where(profile.WebsiteIsNil()).IDs(ctx)
	null("Profile", "website", ids, err)
	ids, err = c.Profile.Query().Where(profile.LinksIsNil()).IDs(ctx)
	null("Profile", "links", ids, err)
	ids, err = c.Post.Query().Where(post.PublishedAtIsNil()).IDs(ctx)
	null("Post", "publishedAt", ids, err)
	ids, err = c.Post.Query().Where(post.RatingIsNil()).IDs(ctx)
	null("Post", "rating", ids, err)
}
