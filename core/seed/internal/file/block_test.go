package file

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

// What is parsed item by item is what it was as a whole.
func TestBlocks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text  string
		want  string
		lines []int
	}{
		"items":                 {"- a: 1\n\n- b: 2\n  c: 3\n-\n  d: 4\n-\t{ e: 5 }", `[{"a":1},{"b":2,"c":3},{"d":4},{"e":5}]`, []int{1, 3, 6, 7}},
		"comments":              {"# a\n- a: 1\n# b\n  b: 2\n# c\n\n- c: 3 # d\n# e\n", `[{"a":1,"b":2},{"c":3}]`, []int{2, 7}},
		"block scalars":         {"- a: |\n    x\n\n    - y\n\n\n- b: |+\n    z\n\n- c: >-\n    z\n", `[{"a":"x\n\n- y\n"},{"b":"z\n\n"},{"c":"z"}]`, []int{1, 7, 10}},
		"a given indent":        {"- a: |2\n      x\n\n\n- b: 1\n", `[{"a":"  x\n"},{"b":1}]`, []int{1, 5}},
		"a text on two lines":   {"- a: \"x\n    - y\"\n- b: x\n    y\n", `[{"a":"x - y"},{"b":"x y"}]`, []int{1, 3}},
		"carriage returns":      {"# a\r\n- a: \"x\r\n    y\"\r\n# b\r\n- b: |\r\n    z\r\n    z\r\n", `[{"a":"x y"},{"b":"z\nz\n"}]`, []int{2, 5}},
		"carriage returns only": {"- a: 1\r- b: 2\r  c: 3", `[{"a":1},{"b":2,"c":3}]`, []int{1, 2}},
		"lists in lists":        {"- a:\n  - - x\n    - y\n  - z\n- b: []\n", `[{"a":[["x","y"],"z"]},{"b":[]}]`, []int{1, 5}},
		"a flow list":           {"[{ a: 1 },\n { b: 2 }]\n", `[{"a":1},{"b":2}]`, []int{1, 2}},
		"an indented list":      {"  - a: 1\n  - b: 2\n", `[{"a":1},{"b":2}]`, []int{1, 2}},
		"documents":             {"---\n- a: 1\n---\n# none\n---\n[{ b: 2 }]\n--- # c\n- c: 3\n...\n- d: 4\n", `[{"a":1},{"b":2},{"c":3},{"d":4}]`, []int{2, 6, 8, 10}},
		"documents of nothing":  {"---\n---\n- a: 1\n...\n...\n", `[{"a":1}]`, []int{3}},
		"dashes":                {"- a: |\n    ---\n    ...\n  b: ---x\n- c: -1\n", `[{"a":"---\n...\n","b":"---x"},{"c":-1}]`, []int{1, 5}},
		"aliases":               {"- a: &x { y: 1 }\n- b: *x\n- &z\n  c: &x 2\n---\n- <<: *z\n- d: *x\n", `[{"a":{"y":1}},{"b":{"y":1}},{"c":2},{"c":2},{"d":2}]`, []int{1, 2, 3, 6, 7}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inputs(t, "posts.yaml", test.text); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			records, _ := read("posts.yaml", test.text)
			var lines []int
			for _, r := range records {
				lines = append(lines, r.Line)
				for name := range r.Input {
					if at := r.LineOf([]string{name}); at < r.Line {
						t.Errorf("%s of line %d is at line %d", name, r.Line, at)
					}
				}
			}
			if !slices.Equal(lines, test.lines) {
				t.Errorf("the lines are %v, want %v", lines, test.lines)
			}
		})
	}
}

// An item that cannot be parsed ends the file, and is told at its line.
func TestErrorsInBlocks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"- a: 1\n\n- b: 2\n  b: 3\n- c: 4\n":          `posts.yaml:4: The YAML is not well-formed: mapping key "b" already defined at [3:3].`,
		"- a: 1\n- b: \"x\n- y\"\n":                   `posts.yaml:2: The YAML is not well-formed: could not find end character of double-quoted text.`,
		"- a: 1\n# b\n- b: [\n- c: 1\n":               `posts.yaml:3: The YAML is not well-formed: sequence end token ']' not found.`,
		"- z: 1\n- a: 1\nb: 2\n- c: 3\n":              `posts.yaml:3: The YAML is not well-formed: value is not allowed in this context.`,
		"- a: 1\n---\nb: 2\n---\n- c\n":               "posts.yaml:3: A seed file is a list of records, each beginning with \"- \".\nposts.yaml:5: A record is its fields, each as \"name: value\".",
		"- a: 1\n- b: 2\n  c: *x\n":                   `posts.yaml:3: There is no &x before this alias.`,
		"- a: 1\n...\n%YAML 9.9\n---\n- b: 2\n":       `posts.yaml:3: The YAML is not well-formed: unknown YAML version "9.9".`,
		"\ufeff# a\n- a: 1\n- b: 2\n  b: 3\n- c: 4\n": `posts.yaml:4: The YAML is not well-formed: mapping key "b" already defined at [3:3].`,
	} {
		records, faults := read("posts.yaml", text)
		var got []string
		for _, f := range faults {
			got = append(got, f.Error())
		}
		if strings.Join(got, "\n") != want || len(records) != 1 {
			t.Errorf("%q: got %d records, and\n%s\nwant\n%s", text, len(records), strings.Join(got, "\n"), want)
		}
	}
}

// endless is a file of the same text over and over, so long that nobody reads
// it to its end.
type endless struct {
	text string
	read int
}

// Read implements io.Reader.
func (e *endless) Read(p []byte) (int, error) {
	if e.read > 1<<24 {
		return 0, errors.New("nobody reads that much")
	}
	n := copy(p, e.text[e.read%len(e.text):])
	e.read += n
	return n, nil
}

// Of a list at the left margin no more is read at a time than a record and a
// buffer, so the time that parsing takes grows no faster than the file.
func TestEndlessYAML(t *testing.T) {
	t.Parallel()
	in := &endless{text: "- username: ann\n  name: |\n    Ann\n\n# A comment.\n"}
	f := &File{Name: "users.yaml", Entity: ent.Coppice().Model.Table("users")}
	n := 0
	for _, fault := range readYAML(f, in) {
		if fault != nil {
			t.Fatal(fault)
		}
		if n++; in.read > n*len(in.text)+1<<17 {
			t.Fatalf("%d bytes are read for %d records", in.read, n)
		}
		if n == 20_000 {
			break
		}
	}
}
