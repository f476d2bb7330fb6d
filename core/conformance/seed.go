package conformance

import (
	"errors"
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
	first := open.seeded(t)
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

// seeded is a database with made-up records of every entity: of all but those that
// rules of the project refuse.
func (open Opener) seeded(t *testing.T) *record.Client {
	t.Helper()
	refused := map[*model.Entity]bool{}
	for {
		client := open.fresh(t).Client
		a := &api{T: t, client: client, schema: client.Model, unmade: refused}
		order := a.order()
		if order == "" {
			return client
		}
		for _, round := range []string{"new", "again"} {
			done, err := loadMadeUp(t, client, order)
			if e := a.refusing(err); e != nil && round == "new" {
				t.Logf("no %s are made up, since a rule of the project refuses one: %v", e.Table, err)
				refused[e] = true
				refused = needing(a.entities(), refused)
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for table, c := range done.Entities {
				if round == "again" && c.Created+c.Updated > 0 {
					t.Errorf("%s: %d records are created and %d updated by loading once more", table, c.Created, c.Updated)
				}
			}
			if round == "again" {
				return client
			}
		}
	}
}

// refusing is the entity with rules of its own of which an error of a load speaks, or
// nil.
func (a *api) refusing(err error) *model.Entity {
	var failed *seed.Error
	if !errors.As(err, &failed) {
		return nil
	}
	if e := a.schema.Entity(failed.Entity); e != nil && !a.unmade[e] && (nearby(e, a.hooked) || nearby(e, a.checked)) {
		return e
	}
	return nil
}

// order is for some records of each entity that can be made.
func (a *api) order() string {
	var list []string
	for _, e := range a.entities() {
		if a.creatable(e) {
			list = append(list, fmt.Sprintf("%s=%d", e.Table, 20))
		}
	}
	return strings.Join(list, ",")
}

// loadMadeUp makes records up and loads them.
func loadMadeUp(t *testing.T, client *record.Client, order string) (*seed.Summary, error) {
	t.Helper()
	made, err := seed.ParseFake(client.Project, order, 42)
	if err != nil {
		t.Fatal(err)
	}
	set, err := made.Read(t.Context(), client, nil)
	if err != nil {
		t.Fatal(err)
	}
	return set.Load(t.Context(), client, seed.Options{Name: "test"})
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
