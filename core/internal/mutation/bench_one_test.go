package mutation_test

import (
	"fmt"
	"testing"
)

// BenchmarkCreateOne creates one record in a request, as the work w1 of
// core/internal/bench does.
func BenchmarkCreateOne(b *testing.B) {
	s := newBench(b)
	const query = `mutation($slug: String!, $u: String!) { createPost(input: {slug: $slug, title: "A post", body: "Of few words.",
		author: {username: $u}}) { id slug createdAt author { id username } } }`
	bodies := make([][]byte, 0, 1000)
	n := 0
	for b.Loop() {
		if len(bodies) == 0 {
			b.StopTimer()
			for range 1000 {
				n++
				bodies = append(bodies, s.body(query, object{"slug": fmt.Sprint("made-", n), "u": "ada"}))
			}
			b.StartTimer()
		}
		response := s.send(bodies[0])
		bodies = bodies[1:]
		if response[2] != 'd' {
			b.Fatalf("%s", response)
		}
	}
}
