package seed_test

import (
	"context"
	"testing"
	"time"

	"coppice/core/internal/fixture/blog/ent"
)

// BenchmarkFake loads made-up posts, and writes the same rows with ent's
// CreateBulk alone, each into a new file: what remains is the seeder's own.
func BenchmarkFake(b *testing.B) {
	const posts, order = 50_000, "users=1000,posts=50000"
	var ours, plain time.Duration
	for b.Loop() {
		c := open(b)
		began := time.Now()
		made(b, c, order, 42)
		ours += time.Since(began)
		users, rows := c.User.Query().AllX(b.Context()), c.Post.Query().WithAuthor().AllX(b.Context())

		c = open(b)
		began = time.Now()
		bulk(b, c, users, rows)
		plain += time.Since(began)
	}
	perSecond := func(d time.Duration) float64 { return posts * float64(b.N) / d.Seconds() }
	b.ReportMetric(perSecond(ours), "seed-rows/s")
	b.ReportMetric(perSecond(plain), "ent-rows/s")
	b.ReportMetric(plain.Seconds()/ours.Seconds(), "seed/ent-speed")
}

// bulk writes rows as a program of ent's would, a transaction a thousand.
func bulk(b *testing.B, c *ent.Client, users []*ent.User, rows []*ent.Post) {
	b.Helper()
	ctx := context.Background()
	author := map[string]int{}
	for _, u := range c.User.MapCreateBulk(users, func(uc *ent.UserCreate, i int) {
		uc.SetUsername(users[i].Username).SetEmail(users[i].Email).SetName(users[i].Name).SetRole(users[i].Role)
	}).SaveX(ctx) {
		author[u.Username] = u.ID
	}
	for at := 0; at < len(rows); at += 1000 {
		tx, err := c.Tx(ctx)
		if err != nil {
			b.Fatal(err)
		}
		list := make([]*ent.PostCreate, 1000)
		for i := range list {
			r := rows[at+i]
			list[i] = tx.Post.Create().SetSlug(r.Slug).SetTitle(r.Title).SetBody(r.Body).SetStatus(r.Status).SetViewCount(r.ViewCount).
				SetRating(r.Rating).SetCreatedAt(r.CreatedAt).SetUpdatedAt(r.UpdatedAt).SetAuthorID(author[r.Edges.Author.Username])
			if !r.PublishedAt.IsZero() {
				list[i].SetPublishedAt(r.PublishedAt)
			}
		}
		tx.Post.CreateBulk(list...).SaveX(ctx)
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}
