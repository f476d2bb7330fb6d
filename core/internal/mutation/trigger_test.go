package mutation_test

import (
	"fmt"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
)

// The triggers of the test, as a database's owner may write them.
var ownTriggers = []string{
	`CREATE TRIGGER no_spam AFTER INSERT ON tags WHEN NEW.name = 'spam' BEGIN SELECT RAISE(ABORT, 'tags: SECRET of the owner'); END`,
	`CREATE TRIGGER no_rename BEFORE UPDATE OF name ON tags WHEN OLD.name = 'go' BEGIN SELECT RAISE(ABORT, 'users.created_at takes no such name'); END`,
	`CREATE TRIGGER no_delete BEFORE DELETE ON tags WHEN OLD.name = 'go' BEGIN SELECT RAISE(ABORT, 'SECRET'); END`,
	`CREATE TRIGGER no_link BEFORE INSERT ON post_tags BEGIN SELECT RAISE(FAIL, 'SECRET'); END`,
	`CREATE TRIGGER no_admin BEFORE INSERT ON users WHEN NEW.role = 'ADMIN' BEGIN SELECT RAISE(ROLLBACK, 'SECRET'); END`,
	`CREATE TRIGGER odd_time AFTER INSERT ON users WHEN NEW.username = 'odd' BEGIN UPDATE users SET created_at = 'SECRET' WHERE id = NEW.id; END`,
	`CREATE TRIGGER odd_elsewhere AFTER UPDATE OF name ON users WHEN NEW.name = 'odd' BEGIN UPDATE posts SET created_at = 7; END`,
}

// ownTriggersPostgres are the same for PostgreSQL, which knows by itself what is a time.
var ownTriggersPostgres = []string{
	`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'tags: SECRET of the owner'; END $$`,
	`CREATE TRIGGER no_spam AFTER INSERT ON tags FOR EACH ROW WHEN (NEW.name = 'spam') EXECUTE FUNCTION refuse()`,
	`CREATE TRIGGER no_rename BEFORE UPDATE OF name ON tags FOR EACH ROW WHEN (OLD.name = 'go') EXECUTE FUNCTION refuse()`,
	`CREATE TRIGGER no_delete BEFORE DELETE ON tags FOR EACH ROW WHEN (OLD.name = 'go') EXECUTE FUNCTION refuse()`,
	`CREATE TRIGGER no_link BEFORE INSERT ON post_tags FOR EACH ROW EXECUTE FUNCTION refuse()`,
	`CREATE TRIGGER no_admin BEFORE INSERT ON users FOR EACH ROW WHEN (NEW.role = 'ADMIN') EXECUTE FUNCTION refuse()`,
}

// What a trigger refuses is a conflict, or a value at its field where it is one
// of ours, and tells nothing of what it said.
func TestWhatATriggerRefusesIsTold(t *testing.T) {
	t.Parallel()
	const (
		time = "createdAt must be a time such as '2026-11-27 10:00:00+00:00'."
		rule = "A rule of the database refuses this "
	)
	for name, test := range map[string]struct{ query, code, field, message string }{
		"a create":         {`mutation { createTag(input: {name: "spam"}) { id } }`, "CONFLICT", "input", rule + "Tag."},
		"one of several":   {`mutation { createTags(inputs: [{name: "a"}, {name: "spam"}, {name: "b"}]) { id } }`, "CONFLICT", "inputs.1", rule + "Tag."},
		"a nested create":  {`mutation { updatePost(id: "Post:1", input: {title: "x", comments: [], addTags: [{create: {name: "spam"}}]}) { id } }`, "CONFLICT", "input.addTags.0.create", rule + "Tag."},
		"an update":        {`mutation { updateTag(id: "Tag:1", input: {name: "x"}) { id } }`, "CONFLICT", "input", rule + "Tag."},
		"an update of all": {`mutation { updateTags(where: {name: "go"}, input: {name: "x"}) }`, "CONFLICT", "input", rule + "Tag."},
		"an upsert":        {`mutation { upsertTag(by: NAME, input: {name: "spam"}) { id } }`, "CONFLICT", "input", rule + "Tag."},
		"a delete":         {`mutation { deleteTag(id: "Tag:1") }`, "CONFLICT", "id", rule + "Tag."},
		"a delete of all":  {`mutation { deleteTags(where: {name: "go"}) }`, "CONFLICT", "where", rule + "Tag."},
		"a connection":     {`mutation { updatePost(id: "Post:1", input: {addTags: [{name: "go"}]}) { id } }`, "CONFLICT", "input", rule + "Post."},
		"all rolled back":  {`mutation { a: createTag(input: {name: "a"}) { id } b: createUser(input: {username: "cyd", email: "c@x.org", role: ADMIN}) { id } }`, "CONFLICT", "input", rule + "User."},
		"a form":           {`mutation { createUser(input: {username: "odd", email: "c@x.org"}) { id } }`, "BAD_USER_INPUT", "input.createdAt", time},
		"a form of several": {`mutation { createUsers(inputs: [{username: "cyd", email: "c@x.org"}, {username: "odd", email: "d@x.org"}]) { id } }`,
			"BAD_USER_INPUT", "inputs.1.createdAt", time},
		"a form elsewhere": {`mutation { updateUser(id: "User:1", input: {name: "odd"}) { id } }`, "BAD_USER_INPUT", "input",
			"A value that the database puts here must be a time such as '2026-11-27 10:00:00+00:00'."},
	} {
		triggers := ownTriggers
		if enginetest.OnPostgres() {
			if strings.HasPrefix(name, "a form") {
				continue
			}
			triggers = ownTriggersPostgres
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := library(t)
			for _, trigger := range triggers {
				if _, err := a.client.ExecContext(t.Context(), trigger); err != nil {
					t.Fatal(err)
				}
			}
			res := a.do(test.query, nil)
			if len(res.Errors) != 1 {
				t.Fatalf("it fails with %v", res.Errors)
			}
			e := res.Errors[0]
			if e.Extensions.Code != test.code || e.Extensions.Field != test.field || e.Message != test.message || strings.Contains(e.Message, "SECRET") {
				t.Errorf("it fails with %s at %s: %s\nwant %s at %s: %s", e.Extensions.Code, e.Extensions.Field, e.Message, test.code, test.field, test.message)
			}
			if tags := a.rows("SELECT name FROM tags"); fmt.Sprint(tags) != "[[go]]" {
				t.Errorf("the tags are %v", tags)
			}
		})
	}
}
