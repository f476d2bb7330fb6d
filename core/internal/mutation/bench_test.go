package mutation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"coppice/core/internal/fixture/blog/ent"
)

const benchPosts = 1000

// bench is a database with a user and ten tags, to which posts with two tags
// each are added and taken away again.
type bench struct {
	*api
	user  int
	tags  []int
	round int
}

func newBench(b *testing.B) *bench {
	s := &bench{api: open(b, file(b))}
	ctx := context.Background()
	s.user = s.client.User.Create().SetUsername("ada").SetEmail("ada@x.org").SaveX(ctx).ID
	for i := range 10 {
		s.tags = append(s.tags, s.client.Tag.Create().SetName(fmt.Sprint("tag", i)).SaveX(ctx).ID)
	}
	return s
}

func (s *bench) slug(i int) string { return fmt.Sprintf("round-%d-%d", s.round, i) }

// prepare is the body of a request that creates the posts: to make it is the
// client's work, not the API's.
func (s *bench) prepare() []byte {
	s.round++
	inputs := make([]any, benchPosts)
	for i := range inputs {
		inputs[i] = object{
			"slug": s.slug(i), "title": "A title of some length", "body": "And a body that is longer.", "author": object{"username": "ada"},
			"tags": []any{object{"name": fmt.Sprint("tag", i%10)}, object{"name": fmt.Sprint("tag", (i+3)%10)}},
		}
	}
	return s.body(`mutation($inputs: [CreatePostInput!]!) { createPosts(inputs: $inputs) { id } }`, object{"inputs": inputs})
}

// throughAPI creates the posts in one request.
func (s *bench) throughAPI(body []byte) time.Duration {
	began := time.Now()
	response := s.send(body)
	took := time.Since(began)
	var data struct{ Data struct{ CreatePosts []any } }
	if err := json.Unmarshal(response, &data); err != nil || len(data.Data.CreatePosts) != benchPosts {
		s.Fatalf("%v: %d posts were made", err, len(data.Data.CreatePosts))
	}
	return took
}

// throughEnt creates the same posts with ent alone.
func (s *bench) throughEnt() time.Duration {
	s.round++
	ctx := context.Background()
	began := time.Now()
	tx, err := s.client.Tx(ctx)
	if err != nil {
		s.Fatal(err)
	}
	builders := make([]*ent.PostCreate, benchPosts)
	for i := range builders {
		builders[i] = tx.Post.Create().SetSlug(s.slug(i)).SetTitle("A title of some length").SetBody("And a body that is longer.").
			SetAuthorID(s.user).AddTagIDs(s.tags[i%10], s.tags[(i+3)%10])
	}
	if err := tx.Post.CreateBulk(builders...).Exec(ctx); err != nil {
		s.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		s.Fatal(err)
	}
	return time.Since(began)
}

// empty takes the posts away, so that each round finds the same.
func (s *bench) empty() {
	if n := s.rows("SELECT count(*) FROM post_tags")[0][0]; n != int64(2*benchPosts) {
		s.Fatalf("%v rows of tags", n)
	}
	if _, err := s.client.Post.Delete().Exec(context.Background()); err != nil {
		s.Fatal(err)
	}
}

// BenchmarkCreatePosts compares a request that creates 1,000 posts with two
// tags each with ent's CreateBulk of the same rows. The ratio is of their
// speeds: 0.5 is the least that the API has to reach.
func BenchmarkCreatePosts(b *testing.B) {
	b.Run("api", func(b *testing.B) {
		s := newBench(b)
		body := s.prepare()
		for b.Loop() {
			s.throughAPI(body)
			b.StopTimer()
			s.empty()
			body = s.prepare()
			b.StartTimer()
		}
	})
	b.Run("ent", func(b *testing.B) {
		s := newBench(b)
		for b.Loop() {
			s.throughEnt()
			b.StopTimer()
			s.empty()
			b.StartTimer()
		}
	})
	b.Run("ratio", func(b *testing.B) {
		s := newBench(b)
		var api, direct time.Duration
		for b.Loop() {
			direct += s.throughEnt()
			s.empty()
			api += s.throughAPI(s.prepare())
			s.empty()
		}
		b.ReportMetric(float64(direct)/float64(api), "api/ent-speed")
		b.ReportMetric(float64(api.Microseconds())/1000/float64(b.N), "api-ms")
		b.ReportMetric(float64(direct.Microseconds())/1000/float64(b.N), "ent-ms")
	})
}
