package mutation_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/mutation"
	"coppice/core/model"
)

const (
	seedPosts = 10_000
	seedChunk = 1_000
)

// nameless is a mutation.FindByName of a set whose records all have keys.
func nameless(context.Context, *model.Entity, []string) (map[string]any, error) {
	return map[string]any{}, nil
}

// records are posts as a seed file has them, with up to so many tags each.
func (s *bench) records(tags int) []object {
	s.round++
	list := make([]object, seedPosts)
	for i := range list {
		list[i] = object{"slug": s.slug(i), "title": "A title of some length", "body": "And a body that is longer.", "author": object{"username": "ada"}}
		if tags > 0 {
			var refs []any
			for j := range i % (tags + 1) {
				refs = append(refs, object{"name": fmt.Sprint("tag", (i+3*j)%10)})
			}
			list[i]["tags"] = refs
		}
	}
	return list
}

// load writes records as the seeder does, a transaction a chunk.
func (s *bench) load(records []object) (took time.Duration, created int) {
	ctx := context.Background()
	post := ent.Coppice().Model.Entity("Post")
	began := time.Now()
	for at := 0; at < len(records); at += seedChunk {
		set := mutation.NewSeed(ent.Coppice().On(nil), nameless)
		for i, r := range records[at : at+seedChunk] {
			if _, err := set.Upsert(post, nil, r, (*mutation.Path)(nil).Index(at+i)); err != nil {
				s.Fatal(err)
			}
		}
		tx, err := s.client.Tx(ctx)
		if err != nil {
			s.Fatal(err)
		}
		set.Through(ent.Coppice().Of(tx.Client()))
		if err := set.Apply(ctx); err != nil {
			s.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			s.Fatal(err)
		}
		for _, n := range set.Nodes() {
			if n.Created {
				created++
			}
		}
	}
	return time.Since(began), created
}

// bulk writes the same with ent's CreateBulk alone.
func (s *bench) bulk(tags int) time.Duration {
	s.round++
	ctx := context.Background()
	began := time.Now()
	for at := 0; at < seedPosts; at += seedChunk {
		tx, err := s.client.Tx(ctx)
		if err != nil {
			s.Fatal(err)
		}
		builders := make([]*ent.PostCreate, seedChunk)
		for j := range builders {
			i := at + j
			b := tx.Post.Create().SetSlug(s.slug(i)).SetTitle("A title of some length").SetBody("And a body that is longer.").SetAuthorID(s.user)
			if tags > 0 {
				for j := range i % (tags + 1) {
					b.AddTagIDs(s.tags[(i+3*j)%10])
				}
			}
			builders[j] = b
		}
		if err := tx.Post.CreateBulk(builders...).Exec(ctx); err != nil {
			s.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			s.Fatal(err)
		}
	}
	return time.Since(began)
}

func (s *bench) wipe() {
	if _, err := s.client.Post.Delete().Exec(context.Background()); err != nil {
		s.Fatal(err)
	}
}

// BenchmarkSeed compares 10,000 seed records of posts, in chunks of 1,000,
// with ent's CreateBulk of the same rows, and has the second pass over them,
// which changes nothing.
func BenchmarkSeed(b *testing.B) {
	for _, tags := range []int{0, 3} {
		b.Run(fmt.Sprintf("tags=%d", tags), func(b *testing.B) {
			s := newBench(b)
			var ours, direct, again time.Duration
			for b.Loop() {
				direct += s.bulk(tags)
				s.wipe()
				records := s.records(tags)
				took, created := s.load(records)
				ours += took
				if created != seedPosts {
					b.Fatalf("%d posts were made", created)
				}
				took, created = s.load(records)
				again += took
				if created != 0 {
					b.Fatalf("%d posts were made again", created)
				}
				s.wipe()
			}
			rate := func(d time.Duration) float64 { return seedPosts * float64(b.N) / d.Seconds() }
			b.ReportMetric(rate(ours)/rate(direct), "seed/ent-speed")
			b.ReportMetric(rate(ours), "seed-rows/s")
			b.ReportMetric(rate(direct), "ent-rows/s")
			b.ReportMetric(rate(again), "unchanged-rows/s")
		})
	}
}
