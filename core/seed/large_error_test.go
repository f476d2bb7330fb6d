package seed

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/fault"
	"coppice/core/internal/enginetest"
)

// Whatever is wrong with a set that is written in parts is reported before the
// first part is, all of it.
func TestErrorsInParts(t *testing.T) {
	t.Parallel()
	const users = "{\"username\":\"ann\",\"email\":\"ann@example.org\"}\n{\"username\":\"bob\",\"email\":\"bob@example.org\"}\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a key twice": {
			map[string]string{"users.jsonl": users + "{\"username\":\"cid\",\"email\":\"ann@example.org\"}\n"},
			"users.jsonl:3: User.email: Another User of this set has this email already. It is at users.jsonl:1. Keep one of the two, or change its key.",
		},
		"a $key twice": {
			map[string]string{"users.jsonl": users, "profiles.jsonl": "{\"$key\":\"x\",\"user\":{\"username\":\"ann\"}}\n{\"$key\":\"x\",\"user\":{\"username\":\"bob\"}}\n"},
			"profiles.jsonl:2: Profile.$key: Another Profile has the $key \"x\" already. It is at profiles.jsonl:1. Keep one of the two, or change its key.",
		},
		"references to nothing": {
			map[string]string{"users.jsonl": users, "profiles.jsonl": "{\"user\":{\"username\":\"cid\"}}\n{\"user\":{\"email\":\"bob@example.org\"}}\n{\"user\":{\"$key\":\"x\"}}\n"},
			"profiles.jsonl:1: Profile.user: There is no such User. Neither the files nor the database have one with username \"cid\": add it, or correct this.\n" +
				"profiles.jsonl:3: Profile.user: There is no such User. Neither the files nor the database have one with $key \"x\": add it, or correct this.",
		},
		"what is required": {
			map[string]string{"users.jsonl": users + "{\"username\":\"cid\"}\n", "posts.jsonl": "{\"slug\":\"a\",\"title\":\"A\",\"body\":\"b\"}\n"},
			"posts.jsonl:1: Post.author: author is required.\nusers.jsonl:3: User.email: email is required.",
		},
		"values": {
			map[string]string{"users.jsonl": users + "{\"username\":\"B b\",\"email\":\"x@example.org\"}\n{\"username\":\"cid\",\"email\":7}\n{\"username\":\"dan\",\"nick\":7}\n"},
			"users.jsonl:3: User.username: username does not have the form it needs. The name a person signs with: lower-case letters, digits and underscores.\n" +
				"users.jsonl:4: User.email: email must be a string.\nusers.jsonl:5: User.nick: User has no field nick to write. It has " +
				"username, email, name, role, createdAt, profile, posts, comments, followers, following.",
		},
	} {
		for _, reset := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " reset ", reset), func(t *testing.T) {
				t.Parallel()
				c, dir := openNew(t), write(t, test.files)
				c.User.Create().SetUsername("zoe").SetEmail("zoe@example.org").ExecX(t.Context())
				_, err := loadIn(t.Context(), c, 1, Options{Reset: reset}, dir)
				var wrong *Errors
				if !errors.As(err, &wrong) {
					t.Fatalf("got %v", err)
				}
				if got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""); got != test.want {
					t.Errorf("got\n%s\nwant\n%s", got, test.want)
				}
				if n := c.User.Query().CountX(t.Context()); n != 1 {
					t.Errorf("%d users are there", n)
				}
			})
		}
	}
}

// What the database has already need not be in the files.
func TestPartsBesideOthers(t *testing.T) {
	t.Parallel()
	c := openNew(t)
	zoe := c.User.Create().SetUsername("zoe").SetEmail("zoe@example.org").SaveX(t.Context())
	dir := write(t, map[string]string{
		"users.yaml":    "- { username: zoe, name: Zoe }\n- { username: ann, email: ann@example.org, following: [{ username: zoe }] }\n",
		"profiles.yaml": fmt.Sprintf("- { bio: z, user: { id: 'User:%d' } }\n- { bio: a, user: { username: ann } }\n", zoe.ID),
	})
	s := mustLoadIn(t, c, 1, dir)
	if got, want := fmt.Sprint(s.Entities), "map[profiles:{2 0 0 0 0 0} users:{1 1 0 0 0 0}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A disk that fills up leaves a set that is written at once unwritten, and one
// that is written in parts to be completed.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	files := map[string]string{"users.csv": "username,email\n"}
	for i := range 1200 {
		files["users.csv"] += fmt.Sprintf("user_%d,%s_%d@example.org\n", i, strings.Repeat("x", 200), i)
	}
	dir := write(t, files)
	for name, most := range map[string]int{"at once": 10_000, "in parts": 60} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := openAt(t, enginetest.SQLite(t))
			if _, err := c.ExecContext(t.Context(), "PRAGMA max_page_count = 120"); err != nil {
				t.Fatal(err)
			}
			_, err := loadIn(t.Context(), c, most, Options{}, dir)
			var full *fault.Full
			if !errors.As(err, &full) {
				t.Fatalf("got %v", err)
			}
			n := c.User.Query().CountX(t.Context())
			var partial *Partial
			if errors.As(err, &partial) != (n > 0) || n > 0 != (most < 10_000) || n > 0 && partial.Records != n {
				t.Errorf("%d users are there, and the error is %#v", n, err)
			}
			if _, err := c.ExecContext(t.Context(), "PRAGMA max_page_count = 1000000"); err != nil {
				t.Fatal(err)
			}
			s := mustLoadIn(t, c, most, dir)
			if got, want := s.Entities["users"], (Count{Created: 1200 - n, Unchanged: n}); got != want {
				t.Errorf("the second run: %+v, want %+v", got, want)
			}
		})
	}
}

// Keys that find two records are found out before anything is written.
func TestKeysOfTwoRecordsInLargeSets(t *testing.T) {
	t.Parallel()
	c := openNew(t)
	mustLoadIn(t, c, 100, write(t, map[string]string{"users.jsonl": `{"username":"ann","email":"ann@example.org"}
{"username":"bob","email":"bob@example.org"}`}))
	_, err := loadIn(t.Context(), c, 1, Options{}, write(t, map[string]string{"users.jsonl": `{"username":"cid","email":"cid@example.org"}
{"username":"ann","email":"bob@example.org"}
{"username":"dan","email":"dan@example.org"}`}))
	if err == nil || !strings.HasSuffix(err.Error(), "users.jsonl:2: User: Its unique keys belong to two different records.") {
		t.Errorf("got %v", err)
	}
	if n := c.User.Query().CountX(t.Context()); n != 2 {
		t.Errorf("there are %d users", n)
	}
}
