package mutation_test

import (
	"context"
	"strings"
	"testing"
)

// The indexes of the test: of kinds that no key of the API is of.
var uniqueIndexes = []string{
	"CREATE UNIQUE INDEX partial ON users (name) WHERE role = 'READER'",
	"CREATE UNIQUE INDEX edge_first ON posts (user_posts, title)",
	"CREATE UNIQUE INDEX edge_alone ON comments (post_comments, user_comments) WHERE body <> 'again'",
	"CREATE UNIQUE INDEX expression ON profiles (lower(location))",
	"CREATE UNIQUE INDEX json ON profiles (links)",
}

var takenValues = map[string]struct{ query, code, field, message string }{
	"partial": {`mutation { createUser(input: {username: "cyd", email: "c@x.org", name: "Secret"}) { id } }`,
		"CONFLICT", "input.name", "Another User has this name already."},
	"partial, in bulk": {`mutation { createUsers(inputs: [{username: "cyd", email: "c@x.org", name: "Other"}, {username: "dan", email: "d@x.org", name: "Secret", role: ADMIN},
		{username: "eve", email: "e@x.org", name: "Secret"}]) { id } }`, "CONFLICT", "inputs.2.name", "Another User has this name already."},
	"partial, within a bulk": {`mutation { createUsers(inputs: [{username: "cyd", email: "c@x.org", name: "New"}, {username: "dan", email: "d@x.org", name: "New", role: ADMIN},
		{username: "eve", email: "e@x.org", name: "New"}]) { id } }`, "CONFLICT", "inputs.2.name", "Another User has this name already."},
	"partial, update": {`mutation { updateUser(id: "User:2", input: {name: "Secret"}) { id } }`, "CONFLICT", "input.name", "Another User has this name already."},
	"partial, bulk update": {`mutation { updateUsers(where: {usernameIn: ["bob", "ada"]}, input: {name: "Secret"}) }`, "CONFLICT", "input.name",
		"Another User has this name already."},
	"partial, upsert that finds": {`mutation { upsertUser(by: USERNAME, input: {username: "bob", email: "b@x.org", name: "Secret"}) { id } }`, "CONFLICT", "input.name",
		"Another User has this name already."},
	"partial, upsert that makes": {`mutation { upsertUser(by: USERNAME, input: {username: "cyd", email: "c@x.org", name: "Secret"}) { id } }`, "CONFLICT", "input.name",
		"Another User has this name already."},
	"edge first": {`mutation { createPost(input: {slug: "two", title: "T", body: "b", author: {username: "ada"}}) { id } }`,
		"CONFLICT", "input.title", "Another Post has this title and author already."},
	"edge first, in bulk": {`mutation { createPosts(inputs: [{slug: "two", title: "V", body: "b", author: {username: "bob"}},
		{slug: "three", title: "U", body: "b", author: {username: "ada"}}, {slug: "four", title: "T", body: "b", author: {username: "ada"}}]) { id } }`,
		"CONFLICT", "inputs.2.title", "Another Post has this title and author already."},
	"edge first, nested": {`mutation { updateUser(id: "User:1", input: {addPosts: [{create: {slug: "two", title: "U", body: "b"}}, {create: {slug: "three", title: "T", body: "b"}}]}) { id } }`,
		"CONFLICT", "input.addPosts.1.create.title", "Another Post has this title and author already."},
	"edge first, update of the edge": {`mutation { updatePost(id: "Post:2", input: {author: {username: "ada"}}) { id } }`,
		"CONFLICT", "input.author", "Another Post has this title and author already."},
	"edges alone": {`mutation { createComment(input: {body: "b", author: {username: "ada"}, post: {slug: "one"}}) { id } }`,
		"CONFLICT", "input.post", "Another Comment has this post and author already."},
	"edges alone, nested": {`mutation { updatePost(id: "Post:1", input: {addComments: [{create: {body: "again", author: {username: "ada"}}}, {create: {body: "c", author: {username: "ada"}}}]}) { id } }`,
		"CONFLICT", "input.addComments.1.create.author", "Another Comment has this post and author already."},
	"an expression": {`mutation { createProfile(input: {location: "berlin", user: {username: "bob"}}) { id } }`,
		"CONFLICT", "input", "Another Profile has values already that must differ in each."},
	"a list": {`mutation { updateUser(id: "User:2", input: {profile: {create: {links: ["a"]}}}) { id } }`,
		"CONFLICT", "input.profile.create.links", "Another Profile has this links already."},
}

// A value that another record has names the members of the index, whatever kind
// of index it is, in the record that has them, and tells nothing of the value.
func TestATakenValueNamesTheMembersOfTheIndex(t *testing.T) {
	t.Parallel()
	for name, test := range takenValues {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, memory(t))
			a.ok(nil, `mutation {
				createUsers(inputs: [{username: "ada", email: "a@x.org", name: "Secret"}, {username: "bob", email: "b@x.org"}]) { id }
				createPosts(inputs: [{slug: "one", title: "T", body: "b", author: {username: "ada"}}, {slug: "zero", title: "T", body: "b", author: {username: "bob"}}]) { id }
				createComment(input: {body: "b", author: {username: "ada"}, post: {slug: "one"}}) { id }
				createProfile(input: {location: "Berlin", links: ["a"], user: {username: "ada"}}) { id }
			}`, nil)
			for _, index := range uniqueIndexes {
				if _, err := a.client.ExecContext(context.Background(), index); err != nil {
					t.Fatal(err)
				}
			}
			res := a.do(test.query, nil)
			if len(res.Errors) != 1 {
				t.Fatalf("it fails with %v", res.Errors)
			}
			e := res.Errors[0]
			if e.Extensions.Code != test.code || e.Extensions.Field != test.field || e.Message != test.message || strings.Contains(e.Message, "Secret") {
				t.Errorf("it fails with %s at %s: %s\nwant %s at %s: %s", e.Extensions.Code, e.Extensions.Field, e.Message, test.code, test.field, test.message)
			}
		})
	}
}
