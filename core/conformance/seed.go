package conformance

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed"
)

// Records of every entity can be made up, loaded again without a change, written
// out, and loaded elsewhere to the same files.
func (open Opener) testSeeds(t *testing.T) {
	t.Parallel()
	first := open.fresh(t).Client
	for _, round := range []string{"new", "again"} {
		order, err := seed.ParseFake(first.Project, strings.Join(orders(first.Model), ","), 42)
		if err != nil {
			t.Fatal(err)
		}
		set, err := order.Read(t.Context(), first, nil)
		if err != nil {
			t.Fatal(err)
		}
		done := load(t, first, set)
		for table, c := range done.Entities {
			if round == "again" && c.Created+c.Updated > 0 {
				t.Errorf("%s: %d records are created and %d updated by loading once more", table, c.Created, c.Updated)
			}
		}
	}
	dumped := dump(t, first)
	second := open.fresh(t).Client
	set, err := seed.Read(t.Context(), first.Project, nil, dumped)
	if err != nil {
		t.Fatal(err)
	}
	load(t, second, set)
	want, got := files(t, dumped), files(t, dump(t, second))
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s of the copy differs:\n%.3000s\n%.3000s", name, want[name], got[name])
		}
	}
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("%d files, and %d of the copy", len(want), len(got))
	}
}

// orders is some records of each entity that can be made.
func orders(schema *model.Schema) []string {
	var list []string
	a := &api{schema: schema}
	for _, e := range a.entities() {
		if a.creatable(e) {
			list = append(list, fmt.Sprintf("%s=%d", e.Table, 20))
		}
	}
	return list
}

func load(t *testing.T, client *record.Client, set *seed.Set) *seed.Summary {
	t.Helper()
	done, err := set.Load(t.Context(), client, seed.Options{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func dump(t *testing.T, client *record.Client) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dump")
	if _, err := seed.Dump(t.Context(), client, dir, seed.DumpOptions{IncludeSensitive: true}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		all[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
