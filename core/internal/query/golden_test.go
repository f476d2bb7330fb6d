package query_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/seed"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// TestGolden runs the query of each file of testdata on the embedded data set,
// and compares the answer and the SQL that it ran with what the file holds.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	a := open(t).embedded()
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			in := *a
			in.TB = t
			in.golden(file)
		})
	}
}

func (a *api) golden(file string) {
	a.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		a.Fatal(err)
	}
	res := a.ok(string(section(ar, "query")), nil)
	var answer bytes.Buffer
	if err := json.Indent(&answer, res.Data, "", "  "); err != nil {
		a.Fatal(err)
	}
	answer.WriteByte('\n')
	// The answer is one for all engines, the SQL each one's own.
	statements := map[string][]byte{"sql": section(ar, "sql"), "sql.postgres": section(ar, "sql.postgres")}
	own := "sql"
	if enginetest.OnPostgres() {
		own = "sql.postgres"
	}
	statements[own] = []byte(strings.Join(res.statements(), "\n") + "\n")
	got := &txtar.Archive{Comment: ar.Comment, Files: []txtar.File{
		{Name: "query", Data: section(ar, "query")},
		{Name: "answer", Data: answer.Bytes()},
		{Name: "sql", Data: statements["sql"]},
		{Name: "sql.postgres", Data: statements["sql.postgres"]},
	}}
	if *update {
		if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
			a.Fatal(err)
		}
		return
	}
	for _, f := range got.Files {
		if want := section(ar, f.Name); !bytes.Equal(f.Data, want) {
			a.Errorf("%s differs:\n got %s\nwant %s", f.Name, f.Data, want)
		}
	}
}

func section(ar *txtar.Archive, name string) []byte {
	for _, f := range ar.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// TestReadmeExamples runs each GraphQL block of the README on the embedded data
// set.
func TestReadmeExamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	a := open(t).embedded()
	blocks := regexp.MustCompile("(?s)```graphql\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("the README has no example")
	}
	for _, b := range blocks {
		a.ok(string(b[1]), nil)
	}
}

// embedded loads the embedded data set.
func (a *api) embedded() *api {
	a.Helper()
	set, err := seed.ReadEmbedded(context.Background(), ent.Coppice(), blog.Data(), nil)
	if err != nil {
		a.Fatal(err)
	}
	if _, err := set.Load(context.Background(), ent.Coppice().Of(a.client), seed.Options{}); err != nil {
		a.Fatal(err)
	}
	return a
}
