package file

import (
	"encoding/json"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

// read reads the text of a file of a table.
func read(name, text string) (records []Record, faults []*Error) {
	extension := filepath.Ext(name)
	f := &File{Name: name, Entity: ent.Coppice().Model.Table(strings.TrimSuffix(name, extension)), read: readerOf(extension)}
	for r, fault := range f.read(f, io.Reader(strings.NewReader(text))) {
		if fault != nil {
			faults = append(faults, fault)
		} else {
			records = append(records, r)
		}
	}
	return records, faults
}

// inputs is what was read, as JSON.
func inputs(t *testing.T, name, text string) string {
	t.Helper()
	records, faults := read(name, text)
	for _, f := range faults {
		t.Error(f)
	}
	list := []any{}
	for _, r := range records {
		list = append(list, r.Input)
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFormats(t *testing.T) {
	t.Parallel()
	const want = `[{"author":{"username":"ann"},"body":"one\ntwo, \"three\"","publishedAt":"2026-01-02T03:04:05Z","rating":4.50,"slug":"p","tags":[{"name":"go"},{"name":"sql"}],"title":"12","viewCount":9007199254740993},` +
		`{"author":{"email":"bob@example.org"},"body":"| \\","slug":"q","title":"Ünï"}]`
	for name, text := range map[string]string{
		"posts.yaml": `
- slug: p
  title: "12"
  body: |-
    one
    two, "three"
  publishedAt: 2026-01-02T03:04:05Z
  rating: 4.50
  viewCount: 9007199254740993
  author: &a { username: ann }
  tags:
    - { name: go }
    - name: sql
---
- { slug: q, title: Ünï, body: '| \', author: { email: bob@example.org } }
`,
		"posts.json": "\ufeff" + `[{"slug":"p","title":"12","body":"one\ntwo, \"three\"","publishedAt":"2026-01-02T03:04:05Z","rating":4.50,
"viewCount":9007199254740993,"author":{"username":"ann"},"tags":[{"name":"go"},{"name":"sql"}]},
{"slug":"q","title":"\u00dcnï","body":"| \\","author":{"email":"bob@example.org"}}]`,
		"posts.jsonl": "\ufeff" + `{"slug":"p","title":"12","body":"one\ntwo, \"three\"","publishedAt":"2026-01-02T03:04:05Z","rating":4.50,"viewCount":9007199254740993,"author":{"username":"ann"},"tags":[{"name":"go"},{"name":"sql"}]}` +
			"\r\n  \n" + `{"slug":"q","title":"Ünï","body":"| \\","author":{"email":"bob@example.org"}}`,
		"posts.csv": "\ufeffslug,title,body,publishedAt,rating,viewCount,author.username,author.email,tags.name\r\n" +
			"p,12,\"one\ntwo, \"\"three\"\"\",2026-01-02T03:04:05Z, 4.50 ,9007199254740993,ann,,go|sql\r\n" +
			"q,Ünï,| \\,,,,,bob@example.org,\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inputs(t, name, text); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestYAML(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        `[]`,
		"# nothing yet":           `[]`,
		"[]":                      `[]`,
		"- {}":                    `[{}]`,
		"- a: ~\n  b: null\n  c:": `[{"a":null,"b":null,"c":null}]`,
		"- a: yes\n  b: true":     `[{"a":"yes","b":true}]`,
		"- a: 0x1F\n  b: 1_000\n  c: -0.0\n  d: +12\n  e: 18446744073709551615": `[{"a":31,"b":1000,"c":-0.0,"d":12,"e":18446744073709551615}]`,
		"- a: !!str 12\n  b: !!str 'x'\n  c: !!int 3":                           `[{"a":"12","b":"x","c":3}]`,
		"- &a { x: 1, y: 2 }\n- { <<: *a, y: 3 }\n- b: *a":                      `[{"x":1,"y":2},{"x":1,"y":3},{"b":{"x":1,"y":2}}]`,
		"- a: >-\n    one\n    two\n  1: b\n  true: c":                          `[{"1":"b","a":"one two","true":"c"}]`,
		"- $key: x\n  parent: { $key: y }":                                      `[{"$key":"x","parent":{"$key":"y"}}]`,
		"\ufeff- a: 1":                                                          `[{"a":1}]`,
		"%YAML 1.2\n---\n- a: 1\n...\n%YAML 1.2\n---\n- b: 2":                   `[{"a":1},{"b":2}]`,
	} {
		if got := inputs(t, "posts.yaml", text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// Numbers are those of YAML 1.2's core schema, and no digit is lost.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "-0", "12": "12", "+12": "12", "010": "10", "-010": "-10", "08": "8", "00": "0", "0o10": "8", "0x1F": "31", "0b11": "3",
		"1_000": "1000", "0_10": "10", "99999999999999999999": "99999999999999999999",
		"1e0": "1e0", "1e3": "1e3", "1E+3": "1E+3", "-1e-3": "-1e-3", "01e3": "1e3", "1e400": "1e400",
		"1.5": "1.5", "1.": "1", ".5": "0.5", "-.5": "-0.5", "1.5e3": "1.5e3", "1.e3": "1e3", "007.50": "7.50", "0.12345678901234567890": "0.12345678901234567890",
		"'010'": `"010"`, `"1e3"`: `"1e3"`, "!!str 010": `"010"`, "!!str 1e3": `"1e3"`, "!!int 010": "10", "!!float 1e3": "1e3", "|-\n    1e3": `"1e3"`,
		".": `"."`, "e3": `"e3"`, ".e3": `".e3"`, "1e": `"1e"`, "1.2.3": `"1.2.3"`, "12e4567f": `"12e4567f"`, "1 2": `"1 2"`, "2026-01-02": `"2026-01-02"`,
	} {
		got := inputs(t, "posts.yaml", "- a: "+text)
		if got != `[{"a":`+want+`}]` {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// A few aliases that stand for each other stand for more than any memory holds.
func TestAliases(t *testing.T) {
	t.Parallel()
	text := "- a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		before := string(rune('0'+(i-1)%10)) + strings.Repeat("_", (i-1)/10)
		name := string(rune('0'+i%10)) + strings.Repeat("_", i/10)
		text += "  a" + name + ": &a" + name + " [" + strings.Repeat("*a"+before+", ", 9) + "*a" + before + "]\n"
	}
	_, faults := read("posts.yaml", text)
	if len(faults) != 1 || !strings.Contains(faults[0].Reason, "stand for more than") {
		t.Errorf("got %v", faults)
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ table, header, cell, want string }{
		{"users", "username", " ann ", `{"username":" ann "}`},
		{"users", "role", " ADMIN", `{"role":"ADMIN"}`},
		{"users", "name", "", `{}`},
		{"posts", "viewCount", "12", `{"viewCount":12}`},
		{"posts", "viewCount", "twelve", `{"viewCount":"twelve"}`},
		{"posts", "viewCount", "+12", `{"viewCount":"+12"}`},
		{"posts", "rating", "1e3", `{"rating":1e3}`},
		{"posts", "rating", "NaN", `{"rating":"NaN"}`},
		{"posts", "tags.name", `a|b\|c|d\\|\e`, `{"tags":[{"name":"a"},{"name":"b|c"},{"name":"d\\"},{"name":"\\e"}]}`},
		{"posts", "tags.name", `a||b`, `{"tags":[{"name":"a"},{},{"name":"b"}]}`},
		{"posts", "comments.create.author.username", `ann|bob`, `{"comments":[{"create":{"author":{"username":"ann"}}},{"create":{"author":{"username":"bob"}}}]}`},
		{"profiles", "links", `https://a.example|https://b.example`, `{"links":["https://a.example","https://b.example"]}`},
		{"profiles", "user.username", "ann", `{"user":{"username":"ann"}}`},
		{"users", "profile.user.username", "ann", `{"profile":{"user":{"username":"ann"}}}`},
		{"users", "profile.create.links", "a|b", `{"profile":{"create":{"links":["a","b"]}}}`},
		{"comments", "$key", "x", `{"$key":"x"}`},
		{"comments", "parent.$key", "x", `{"parent":{"$key":"x"}}`},
		{"comments", "post.id", "Post:1", `{"post":{"id":"Post:1"}}`},
	} {
		// A second column, since a line without anything is no row.
		second := "$key"
		if test.header == second {
			second = "body"
		}
		got := inputs(t, test.table+".csv", test.header+","+second+"\n\""+test.cell+"\",\n")
		if got != "["+test.want+"]" {
			t.Errorf("%s %q: got %s, want %s", test.header, test.cell, got, test.want)
		}
	}
	// The columns of one set of references go together.
	got := inputs(t, "posts.csv", "comments.create.body,comments.create.author.username\none|two,ann|bob\n")
	want := `[{"comments":[{"create":{"author":{"username":"ann"},"body":"one"}},{"create":{"author":{"username":"bob"},"body":"two"}}]}]`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	yaml := "# people\n- username: ann\n  email: >-\n    ann\n  posts:\n    - slug: a\n    - create:\n        slug: b\n        tags: [{ name: x },\n          { name: y }]\n- &b\n  username: bob\n"
	json := "[\n{\"username\": \"ann\",\n\"email\":\n\"ann\",\n\"posts\": [\n{\"slug\": \"a\"},\n{\"create\": {\n\"slug\": \"b\",\n\"tags\": [{\"name\": \"x\"},\n{\"name\": \"y\"}]}}]}\n\n,\n  {\"username\": \"bob\"}]"
	for name, test := range map[string]struct {
		text string
		want map[string]int
	}{
		"users.yaml": {yaml, map[string]int{
			"": 2, "username": 2, "email": 3, "posts": 5, "posts.0": 6, "posts.0.slug": 6, "posts.1.create": 7, "posts.1.create.slug": 8,
			"posts.1.create.title": 7, "posts.1.create.tags.1.name": 10, "posts.7": 5, "nothing": 2,
		}},
		"users.json": {json, map[string]int{
			"": 2, "username": 2, "email": 3, "posts": 5, "posts.0": 6, "posts.0.slug": 6, "posts.1.create": 7, "posts.1.create.slug": 8,
			"posts.1.create.title": 7, "posts.1.create.tags.1.name": 10, "posts.7": 5, "nothing": 2,
		}},
	} {
		records, faults := read(name, test.text)
		if len(faults) > 0 || len(records) != 2 {
			t.Fatal(name, records, faults)
		}
		got := map[string]int{}
		for path := range test.want {
			var names []string
			if path != "" {
				names = strings.Split(path, ".")
			}
			got[path] = records[0].LineOf(names)
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
