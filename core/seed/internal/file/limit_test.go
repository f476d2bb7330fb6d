package file

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

// unending is a text that begins in one way and then repeats another.
type unending struct {
	text, more string
	read       int
}

func (e *unending) Read(p []byte) (int, error) {
	if e.text == "" {
		e.text = strings.Repeat(e.more, 1+4096/len(e.more))
	}
	n := copy(p, e.text)
	e.text = e.text[n:]
	e.read += n
	return n, nil
}

// No record takes more of a reader than the limits say, whatever a file holds:
// an endless one ends soon, in words.
func TestReadersAreBounded(t *testing.T) {
	t.Parallel()
	long, crowded, deep := "it takes more than 16 MiB", "it has more than 1000000 commas", "nest more than 1000 deep"
	for _, test := range []struct{ file, text, more, want string }{
		{"users.yaml", "- username: ann\n  name: ", "x", "users.yaml:1: The record that begins here is too large: " + long},
		{"users.yaml", "- username: ann\n- ", "x", "users.yaml:2: The record that begins here is too large: " + long},
		{"users.yaml", "- username: |\n", "  some text that has neither an end nor a comma anywhere in it\n", "users.yaml:1: The record"},
		{"users.yaml", "# a comment\n", "# and another one that is long enough for what it says\n", "users.yaml:1: The record"},
		{"users.yaml", "- username: ann\n", "\n", crowded},
		{"users.yaml", "- a: ", "[", crowded},
		{"users.yaml", "- a: [", "1, ", crowded},
		{"users.yaml", "", "- ", long},
		{"users.json", `[{"username":"ann"},{"username":"`, "x", "users.json:1: The record that begins here is too large: " + long},
		{"users.json", `[{"`, "x", long},
		{"users.json", "[", "\t", long},
		{"users.json", "[", "[", deep},
		{"users.json", `[{"a":[`, "[],", crowded},
		{"users.jsonl", "{\"username\":\"ann\"}\n{\"a\":\"", "x", "users.jsonl:2: The record that begins here is too large: " + long},
		{"users.jsonl", "{\"a\":[", "{},", crowded},
		{"users.csv", "username,name\nann,\"two\nlines\"\nbob,\"", "x", "users.csv:4: The record that begins here is too large: " + long},
		{"users.csv", "username\n", ",", crowded},
		{"users.csv", "", "x", long},
	} {
		t.Run(fmt.Sprint(test.file, " ", test.text, test.more), func(t *testing.T) {
			t.Parallel()
			_, form, _ := strings.Cut(test.file, ".")
			f := &File{Name: test.file, Entity: ent.Coppice().Model.Table("users"), read: readerOf("." + form)}
			in := &unending{text: test.text, more: test.more}
			var last *Error
			for _, wrong := range f.read(f, in) {
				last = wrong
			}
			if last == nil || !strings.Contains(last.Error(), test.want) {
				t.Errorf("got %v, want %s", last, test.want)
			}
			if in.read > maxRecord+maxRecord/8 {
				t.Errorf("it read %d bytes", in.read)
			}
		})
	}
}

// What the parser of YAML takes long for is refused before it begins.
func TestYAMLIsMeasured(t *testing.T) {
	t.Parallel()
	var keys, steps strings.Builder
	for i := range maxKeys + 1 {
		fmt.Fprintf(&keys, "  key%d: 1\n", i)
	}
	for i := range maxDepth + 1 {
		steps.WriteString(strings.Repeat(" ", i+1) + "a:\n")
	}
	for text, want := range map[string]string{
		"- a: " + strings.Repeat("[", 50_000):                                                    "nest more than 1000 deep",
		"- a: " + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000):                      "nest more than 1000 deep",
		strings.Repeat("- ", 50_000) + "1":                                                       "nest more than 1000 deep",
		"- a: " + strings.Repeat("{a: ", 50_000):                                                 "nest more than 1000 deep",
		"-\n" + steps.String():                                                                   "nest more than 1000 deep",
		"- username: a\n" + keys.String():                                                        "one of its mappings has more than 5000 keys",
		"- {" + strings.ReplaceAll(strings.ReplaceAll(keys.String(), "\n", ","), "  ", "") + "}": "one of its mappings has more than 5000 keys",
		"- a: [" + strings.Repeat("1,", maxTokens) + "1]":                                        "it has more than 250000 keys, values and marks",
	} {
		_, faults := read("users.yaml", text)
		if len(faults) != 1 || !strings.Contains(faults[0].Error(), "users.yaml:1: ") || !strings.Contains(faults[0].Error(), want) {
			t.Errorf("%.20q: %v", text, faults)
		}
	}
	// Many records, and many lists side by side, are neither deep nor large.
	records, faults := read("users.yaml", strings.Repeat("- a: [[[1]], {b: [2]}]\n  c:\n  - d\n  -   - e\n", maxKeys*2))
	if len(records) != maxKeys*2 || len(faults) > 0 {
		t.Errorf("%d records, %v", len(records), faults)
	}
}

// A file that unpacks to far more than it takes is read as any other.
func TestPackedFilesAreBounded(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.CopyN(w, &unending{text: `{"username":"`, more: "x"}, 4*maxRecord); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f := &File{Name: "users.jsonl.gz", Entity: ent.Coppice().Model.Table("users")}
	for _, wrong := range unpacked(readLines)(f, &packed) {
		if wrong == nil || !strings.Contains(wrong.Error(), "it takes more than 16 MiB") {
			t.Error(wrong)
		}
	}
}
