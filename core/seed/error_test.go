package seed_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/seed"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ files, want string }{
		"an unknown extension": {
			"users.xml\n<users/>",
			`users.xml: This is no kind of file that can be read. The name of a seed file ends in .yaml, .yml, .json, .jsonl or .csv; .gz may follow.`,
		},
		"an unknown table": {
			"user.yaml\n- username: ann",
			`user.yaml: There is no table user. A seed file is named after one of comments, posts, profiles, tags, users.`,
		},
		"malformed YAML": {
			"users.yaml\n- username: ann\n  email: [",
			`users.yaml:2: The YAML is not well-formed: sequence end token ']' not found.`,
		},
		"malformed YAML indent": {
			"users.yaml\n- username: ann\n email: x",
			`users.yaml:2: The YAML is not well-formed: value is not allowed in this context.`,
		},
		"a name twice in YAML": {
			"users.yaml\n- username: ann\n  username: bob",
			`users.yaml:2: The YAML is not well-formed: mapping key "username" already defined at [1:3].`,
		},
		"a mapping in YAML": {
			"users.yaml\nusername: ann",
			`users.yaml:1: A seed file is a list of records, each beginning with "- ".`,
		},
		"a text in YAML": {
			"users.yaml\n# people\n- ann\n- bob",
			"users.yaml:2: A record is its fields, each as \"name: value\".\nusers.yaml:3: A record is its fields, each as \"name: value\".",
		},
		"an unknown alias": {
			"users.yaml\n- username: *x",
			`users.yaml:1: There is no &x before this alias.`,
		},
		"an endless alias": {
			"users.yaml\n- &x { username: ann, following: [*x] }",
			`users.yaml:1: The alias *x stands within itself.`,
		},
		"a complex name": {
			"users.yaml\n- username: ann\n- [a, b]: 1",
			`users.yaml:2: The YAML is not well-formed: found an invalid key for this map.`,
		},
		"a number without a form": {
			"posts.yaml\n- slug: p\n  rating: .inf",
			`posts.yaml:2: .inf is no number that can be stored.`,
		},
		"malformed JSON": {
			"users.json\n[\n{\"username\": \"ann\",}\n]",
			`users.json:2: The JSON is not well-formed: invalid character ',' at start of value.`,
		},
		"truncated JSON": {
			"users.json\n[\n{\"username\": \"ann\",\n\"email\"",
			`users.json:3: The JSON is not well-formed: it ends in the middle of a value.`,
		},
		"empty JSON": {
			"users.json\n",
			`users.json:1: The JSON is not well-formed: it is empty; an empty list is [].`,
		},
		"more after JSON": {
			"users.json\n[]\n[]",
			`users.json:2: The JSON is not well-formed: there is more after its end.`,
		},
		"an object in JSON": {
			"users.json\n\n{\"username\": \"ann\"}",
			`users.json:2: A seed file is a list of records: [ { … }, { … } ].`,
		},
		"a text in JSON": {
			"users.json\n[\n \"ann\"]",
			`users.json:2: A record is { "name": value, … }.`,
		},
		"a name twice in JSON": {
			"users.json\n[{\"username\": \"ann\",\n \"username\": \"bob\"}]",
			`users.json:2: The JSON is not well-formed: "username" stands twice in one object.`,
		},
		"a line that is cut": {
			"users.jsonl\n{\"username\": \"ann\", \"email\": \"a@example.org\"}\n{\n",
			`users.jsonl:2: The JSON is not well-formed: it ends in the middle of a value. Each line holds one whole record.`,
		},
		"a line of two": {
			"users.jsonl\n{\"username\": \"ann\"} {\"username\": \"bob\"}",
			`users.jsonl:1: The JSON is not well-formed: there is more after its end. Each line holds one whole record.`,
		},
		"a list on a line": {
			"users.jsonl\n\n[1]",
			`users.jsonl:2: A record is { "name": value, … }, all of it on one line.`,
		},
		"an empty CSV": {
			"users.csv\n",
			`users.csv:1: The file is empty. Its first row names the fields.`,
		},
		"a ragged row": {
			"users.csv\nusername,email\nann,ann@example.org\nbob\n",
			`users.csv:3: The first row names 2 fields, and this one has 1. An absent value is an empty cell.`,
		},
		"a quote in a cell": {
			"users.csv\nusername,email\nann,a\"b\n",
			`users.csv:2: The CSV is not well-formed: bare " in non-quoted-field. Put a cell with a quote, a comma or a line end in quotes, and double the quotes in it.`,
		},
		"an unknown header": {
			"users.csv\nusername,mail\nann,x\n",
			`users.csv:1: User.mail: User has no column mail. It has username, email, name, role, createdAt, profile.$key, posts.slug, comments.$key, followers.username, following.username.`,
		},
		"an edge as a header": {
			"posts.csv\nslug,author\np,ann\n",
			`posts.csv:1: Post.author: author leads to a User: name what the cells hold of it, as in author.username.`,
		},
		"an unknown key in a header": {
			"posts.csv\nslug,author.nick\np,ann\n",
			`posts.csv:1: Post.author.nick: nick is no way to refer to a User. One is username.`,
		},
		"a header twice": {
			"users.csv\nusername,username\nann,ann\n",
			`users.csv:1: User.username: This column stands twice.`,
		},
		"a header that goes on": {
			"users.csv\nusername.x\nann\n",
			`users.csv:1: User.username.x: User has no column username.x. It has username, email, name, role, createdAt, profile.$key, posts.slug, comments.$key, followers.username, following.username.`,
		},
		"a header into a list": {
			"users.csv\nposts.create.tags.name\nann\n",
			`users.csv:1: User.posts.create.tags.name: CSV cannot hold a list in a list: use YAML or JSON for this.`,
		},
		"bytes that are not UTF-8": {
			"users.yaml\n- username: ann\n  name: \xff",
			`users.yaml:2: This is not UTF-8: it has the byte 0xff. Save the file as UTF-8.`,
		},
		"cells that are not UTF-8": {
			"users.csv\nusername,name\nann,\xff\n",
			`users.csv:2: User.name: This is not UTF-8: it has the byte 0xff. Save the file as UTF-8.`,
		},
		"JSON that is not UTF-8": {
			"users.json\n[{\"username\":\"ann\",\"email\":\"a@example.org\"},\n{\"username\":\"\xff\"}]",
			`users.json:2: This is not UTF-8: it has the byte 0xff. Save the file as UTF-8.`,
		},
		"lines that are not UTF-8": {
			"users.jsonl\n{\"username\":\"ann\"}\n{\"username\":\"\xff\"}\n",
			`users.jsonl:2: This is not UTF-8: it has the byte 0xff. Save the file as UTF-8.`,
		},
		"half a surrogate pair": {
			"users.json\n[{\"username\": \"ann\"},\n{\"username\": \"bob\",\n \"name\": \"\\ud83d!\"}]",
			"users.json:3: The JSON is not well-formed: invalid surrogate pair `\\ud83d!\"}]` in string.",
		},
		"half a surrogate pair on a line": {
			"users.jsonl\n\n{\"username\": \"bob\", \"name\": \"\\ude00\"}",
			"users.jsonl:2: The JSON is not well-formed: invalid surrogate pair `\\ude00\"}` in string. Each line holds one whole record.",
		},
		"a zero byte in YAML": {
			"users.yaml\n- username: ann\n  name: |\n    a\x00b",
			`users.yaml:3: This is not text: it has the byte 0x00. Take it out.`,
		},
		"a zero byte in JSON": {
			"users.json\n[{\"username\": \"ann\",\n\"name\": \"a\x00b\"}]",
			`users.json:2: This is not text: it has the byte 0x00. Take it out.`,
		},
		"a zero byte on a line": {
			"users.jsonl\n{\"username\":\"a\x00\"}",
			`users.jsonl:1: This is not text: it has the byte 0x00. Take it out.`,
		},
		"a zero byte in a cell": {
			"users.csv\nusername,name,email\nann,\"a\nb\",\"a\nb\x00\"\n",
			`users.csv:4: User.email: This is not text: it has the byte 0x00. Take it out.`,
		},
		"a zero byte in a header": {
			"users.csv\nusername,na\x00me\nann,a\n",
			`users.csv:1: This is not text: it has the byte 0x00. Take it out.`,
		},
		"an unknown field": {
			"users.yaml\n- username: ann\n  email: ann@example.org\n  nick: a",
			`users.yaml:3: User.nick: User has no field nick to write. It has username, email, name, role, createdAt, profile, posts, comments, followers, following.`,
		},
		"a wrong type": {
			"posts.yaml\n- slug: p\n  title: P\n  viewCount: many\n  body: ''\n  author: { username: ann }",
			`posts.yaml:3: Post.viewCount: viewCount must be a whole number from -2147483648 to 2147483647.`,
		},
		"a number for a text": {
			"posts.yaml\n- slug: p\n  title: 12",
			`posts.yaml:2: Post.title: title must be a string.`,
		},
		"an octal number for a text": {
			"posts.yaml\n- slug: 010\n  title: 0o10\n  body: 1e3\n  author: { username: ann }",
			"posts.yaml:1: Post.slug: slug must be a string.\nposts.yaml:2: Post.title: title must be a string.\nposts.yaml:3: Post.body: body must be a string.",
		},
		"a wrong type in CSV": {
			"posts.csv\nslug,viewCount\np,many",
			`posts.csv:2: Post.viewCount: viewCount must be a whole number from -2147483648 to 2147483647.`,
		},
		"an unknown enum value": {
			"users.json\n[{\n\"username\": \"ann\",\n\"email\": \"ann@example.org\",\n\"role\": \"BOSS\"}]",
			`users.json:4: User.role: role must be one of READER, AUTHOR, ADMIN.`,
		},
		"a reference to nothing": {
			"posts.json\n[\n{\"slug\": \"p\", \"title\": \"P\", \"body\": \"\",\n \"author\": {\n\"username\": \"nobody\"}}]",
			`posts.json:3: Post.author: There is no such User. Neither the files nor the database have one with username "nobody": add it, or correct this.`,
		},
		"a $key of nothing": {
			"comments.csv\nbody,author.username,post.slug,parent.$key\nhi,ann,p,x\n",
			`comments.csv:2: Comment.parent: There is no such Comment. Neither the files nor the database have one with $key "x": add it, or correct this.
comments.csv:2: Comment.author: There is no such User. Neither the files nor the database have one with username "ann": add it, or correct this.
comments.csv:2: Comment.post: There is no such Post. Neither the files nor the database have one with slug "p": add it, or correct this.`,
		},
		"a reference that is a text": {
			"posts.yaml\n- slug: p\n  title: P\n  body: ''\n  author: ann",
			`posts.yaml:4: Post.author: A reference must give exactly one of id, username, email, create, connectOrCreate.`,
		},
		"a required field missing": {
			"users.yaml\n- username: ann",
			`users.yaml:1: User.email: email is required.`,
		},
		"a required edge missing": {
			"posts.yaml\n- slug: p\n  title: P\n  body: ''",
			`posts.yaml:1: Post.author: author is required.`,
		},
		"a nested record without": {
			"users.yaml\n- username: ann\n  email: ann@example.org\n  posts:\n    - create:\n        title: P",
			"users.yaml:4: User.posts.0.create.slug: slug is required.\nusers.yaml:4: User.posts.0.create.body: body is required.",
		},
		"a key twice": {
			"users.yaml\n- { username: ann, email: ann@example.org }\n- username: ann\n  email: bob@example.org",
			`users.yaml:2: User.username: Another User of this set has this username already. It is at users.yaml:1. Keep one of the two, or change its key.`,
		},
		"a $key twice": {
			"comments.yaml\n- { $key: x, body: a, author: { username: ann }, post: { slug: p } }\n- { $key: x, body: b, author: { username: ann }, post: { slug: p } }",
			`comments.yaml:2: Comment.$key: Another Comment has the $key "x" already. It is at comments.yaml:1. Keep one of the two, or change its key.`,
		},
		"an empty $key": {
			"comments.yaml\n- { $key: '', body: a }",
			"comments.yaml:1: Comment.$key: $key must be a text that is not empty.\ncomments.yaml:1: Comment.author: author is required.\n" +
				"comments.yaml:1: Comment.post: post is required.",
		},
		"a value that a validator refuses": {
			"users.jsonl\n{\"username\":\"ann\",\"email\":\"ann@example.org\"}\n{\"username\":\"B b\",\"email\":\"bob@example.org\"}",
			`users.jsonl:2: User.username: username does not have the form it needs. The name a person signs with: lower-case letters, digits and underscores.`,
		},
		"null for a required field": {
			"users.yaml\n- username: ann\n  email: null",
			`users.yaml:2: User.email: email cannot be null.`,
		},
		"values nested without end": {
			"users.json\n" + strings.Repeat("[", 1010),
			`users.json:1: The record that begins here is too large: its values nest more than 1000 deep.`,
		},
		"YAML nested without end": {
			"users.yaml\n- " + strings.Repeat("[", 1010) + strings.Repeat("]", 1010),
			`users.yaml:1: The record that begins here is too large: its values nest more than 1000 deep.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			file, text, _ := strings.Cut(test.files, "\n")
			dir := folder(t, map[string]string{file: text})
			_, err := try(t.Context(), c, seed.Options{}, dir)
			if err == nil {
				t.Fatal("no error")
			}
			var all *seed.Errors
			if !errors.As(err, &all) {
				t.Errorf("not an *Errors: %v", err)
			}
			got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
			equal(t, "error", got, test.want)
			if n := c.User.Query().CountX(t.Context()); n > 0 {
				t.Errorf("%d users were written", n)
			}
		})
	}
}

// Each file and record is looked at, and the first 20 errors are reported.
func TestManyErrors(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"a/users.jsonl":   strings.Repeat("{\"nick\":1}\n", 15) + "{\n",
		"b/users.yaml":    "- nick: 1\n- 2\n- nick: 3",
		"c/users.json":    `[{"nick":1},2,{"nick":3},`,
		"d/users.csv":     "username,email,role\nann,ann@example.org,BOSS\nbob\n",
		"e/notes.txt":     "",
		"e/deep/more.csv": "",
	})
	_, err := seed.Read(t.Context(), ent.Coppice(), nil, dir, filepath.Join(dir, "nowhere.yaml"))
	var all *seed.Errors
	if !errors.As(err, &all) {
		t.Fatal(err)
	}
	// Names come first, then what is in the files.
	lines := strings.Split(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""), "\n")
	equal(t, "lines", len(lines), 21)
	// Of a record without a key it is known that its fields are missing.
	equal(t, "errors in all", all.Total, 3+16+3+4+2+38)
	equal(t, "first", lines[0], "e/deep/more.csv: There is no table more. A seed file is named after one of comments, posts, profiles, tags, users.")
	equal(t, "third", lines[2], "nowhere.yaml: It cannot be read: no such file or directory.")
	equal(t, "last", lines[20], "… and 46 more.")
}

// The errors of a file are reported by line, whatever it is that finds them.
func TestOrderOfErrors(t *testing.T) {
	t.Parallel()
	users := "username,email,role\n"
	for i := range 30 {
		row := "user_%d,%[1]d@example.org,BOSS\n"
		if i == 15 {
			row = "User %d,%[1]d@example.org,\n" // its validator comes last
		}
		users += fmt.Sprintf(row, i)
	}
	dir := folder(t, map[string]string{
		"posts.yaml": "- slug: a\n  title: A\n  body: b\n  author: { username: user_1 }\n- slug: b\n  title: 7\n  body: b\n  author: { username: user_1 }\n",
		"users.csv":  users,
	})
	_, err := seed.Read(t.Context(), ent.Coppice(), nil, dir)
	var all *seed.Errors
	if !errors.As(err, &all) || len(all.First) != 20 {
		t.Fatal(err)
	}
	var lines []int
	for _, e := range all.First {
		lines = append(lines, e.Line)
	}
	equal(t, "lines", fmt.Sprint(lines), "[6 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20]")
	equal(t, "found last", all.First[16].Field, "username")
}

// What only the write path can tell comes for all records alike, at a time.
func TestErrorsOfTheSet(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"references": {
			"- { slug: a, title: A, body: b, author: { username: ann } }\n- { slug: b, title: A, body: b, author: { email: bob@example.org }, tags: [{ name: go }] }",
			`posts.yaml:1: Post.author: There is no such User. Neither the files nor the database have one with username "ann": add it, or correct this.
posts.yaml:2: Post.author: There is no such User. Neither the files nor the database have one with email "bob@example.org": add it, or correct this.
posts.yaml:2: Post.tags.0: There is no such Tag. Neither the files nor the database have one with name "go": add it, or correct this.`,
		},
		"what is required": {
			"- { slug: a }\n- slug: b\n  title: T\n  body: b",
			"posts.yaml:1: Post.title: title is required.\nposts.yaml:1: Post.body: body is required.\n" +
				"posts.yaml:1: Post.author: author is required.\nposts.yaml:2: Post.author: author is required.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, map[string]string{"posts.yaml": test.text})
			_, err := try(t.Context(), open(t), seed.Options{}, dir)
			if err == nil {
				t.Fatal("no error")
			}
			equal(t, "errors", strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""), test.want)
		})
	}
}

// Keys that belong to two records of the database are an error of the data.
func TestTwoRecords(t *testing.T) {
	t.Parallel()
	c := open(t)
	load(t, c, folder(t, map[string]string{"users.yaml": "- { username: ann, email: ann@example.org }\n- { username: bob, email: bob@example.org }"}))
	dir := folder(t, map[string]string{"users.yaml": "- { username: ann, email: bob@example.org }"})
	_, err := try(t.Context(), c, seed.Options{}, dir)
	if err == nil {
		t.Fatal("no error")
	}
	equal(t, "error", strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""), "users.yaml:1: User: Its unique keys belong to two different records.")
}
