package mutation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"coppice/graph"
	"coppice/internal/database"
)

func TestZZ(t *testing.T) {
	text, err := os.ReadFile(os.Getenv("PROBES"))
	if err != nil {
		t.Skip()
	}
	for _, group := range strings.Split(string(text), "\n---\n") {
		fmt.Println("=====")
		client, err := database.Open(context.Background(), database.Config{URL: "sqlite::memory:"})
		if err != nil {
			t.Fatal(err)
		}
		h, err := graph.New(client, graph.Defaults())
		if err != nil {
			t.Fatal(err)
		}
		do := func(q string) string {
			body, _ := json.Marshal(map[string]any{"query": q})
			r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Body.String()
		}
		blog := `mutation {
 a: createUser(input: {username: "ada", email: "ada@x.org", name: "Ada"}) { id }
 b: createUser(input: {username: "bob", email: "bob@x.org", following: [{username: "ada"}]}) { id }
 c: createUser(input: {username: "cyd", email: "cyd@x.org", profile: {create: {bio: "here", links: ["l"]}}}) { id }
 d: createPost(input: {slug: "one", title: "one", body: "", author: {username: "ada"}, tags: [{create: {name: "go"}}, {create: {name: "sql"}}], comments: [{create: {body: "c1", author: {username: "bob"}, replies: [{create: {body: "c2", author: {username: "bob"}, post: {slug: "one"}}}]}}]}) { id }
 e: createPost(input: {slug: "two", title: "two", body: "", author: {username: "bob"}, tags: [{name: "go"}]}) { id }
}`
		if s := do(blog); strings.Contains(s, "errors") {
			fmt.Println("BLOG", s)
		}
		for _, q := range strings.Split(group, "\n\n") {
			if strings.TrimSpace(q) == "" || strings.HasPrefix(q, "#") {
				continue
			}
			fmt.Println(q)
			fmt.Println("   ->", do(q))
		}
		client.Close()
	}
}
