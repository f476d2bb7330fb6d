package seed

import (
	"strings"
	"testing"
	"testing/fstest"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/seed/internal/file"
)

// readText reads a text as the file of a name.
func readText(name, text string) (f *file.File, records []file.Record, faults []*Error) {
	all := file.Catalog{Schema: ent.Coppice().Model}
	all.Walk(fstest.MapFS{name: {Data: []byte(text)}}, ".", "")
	f = all.Files[0]
	for r, fault := range f.Records(nil) {
		if fault != nil {
			faults = append(faults, fault)
		} else {
			records = append(records, r)
		}
	}
	return f, records, faults
}

func FuzzYAML(f *testing.F) {
	f.Add("- username: ann\n  posts: [{ slug: a }, *x]\n")
	f.Add("- &a { x: 1 }\n- { <<: *a, y: !!str 2 }\n- ? b\n  : |\n    c\n")
	f.Add("---\n- a: 0x1F\n...\n# end\n")
	fuzz(f, "users.yaml")
}

func FuzzJSON(f *testing.F) {
	f.Add(`[{"username":"ann","posts":[{"slug":"a"}]},{"x":1e400,"y":null}]`)
	f.Add("[{},\n{}")
	fuzz(f, "users.json")
}

func FuzzLines(f *testing.F) {
	f.Add("{\"username\":\"ann\"}\n\n{\"a\":[1,{}]}")
	fuzz(f, "users.jsonl")
}

func FuzzCSV(f *testing.F) {
	f.Add("username,posts.slug,profile.create.links\nann,a|b\\|c,\"x\"\"\n|y\"\n")
	f.Add("comments.create.body,comments.create.author.username,$key\na|b,c,d\n")
	fuzz(f, "users.csv")
}

// fuzz asks of a reader that it never panics, that what it yields is a record
// or an error at a line of the file, and that every part has a line; and of
// the write path that it takes each record, or tells what is wrong with it.
func fuzz(f *testing.F, name string) {
	f.Fuzz(func(t *testing.T, text string) {
		// To YAML a carriage return ends a line too.
		last := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		in, records, faults := readText(name, text)
		for _, r := range records {
			if r.Input == nil || r.Line < 1 || r.Line > last {
				t.Errorf("a record at line %d of %d: %v", r.Line, last, r.Input)
			}
			for name := range r.Input {
				if line := r.LineOf([]string{name, "0", "x"}); line < r.Line || line > last {
					t.Errorf("%s is at line %d of %d", name, line, last)
				}
			}
		}
		set := &Set{project: ent.Coppice(), small: newBatch(ent.Coppice())}
		checked := &Errors{}
		if err := set.check(t.Context(), in, checked, nil); err != nil {
			t.Error(err)
		}
		for _, e := range append(faults, checked.First...) {
			if e.Line < 1 || e.Line > last || e.Reason == "" {
				t.Errorf("an error at line %d of %d: %v", e.Line, last, e)
			}
		}
	})
}
