package migrator_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
)

// rows are the rows of all tables, as text, by table and id: column=value.
func (d *desk) rows(tables []*schema.Table) map[string]map[string]string {
	d.Helper()
	driver, err := d.open(migrate.Off)
	if err != nil {
		d.Fatal(err)
	}
	defer func() { _ = driver.Close() }()
	db, err := engine.DB(driver)
	if err != nil {
		d.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, t := range tables {
		rows, err := db.QueryContext(d.Context(), "SELECT * FROM "+t.Name)
		if err != nil {
			d.Fatal(err)
		}
		names, err := rows.Columns()
		if err != nil {
			d.Fatal(err)
		}
		for rows.Next() {
			cells := make([]any, len(names))
			into := make([]any, len(names))
			for i := range cells {
				into[i] = &cells[i]
			}
			if err := rows.Scan(into...); err != nil {
				d.Fatal(err)
			}
			id := ""
			for i, n := range names {
				if n == "id" {
					id = fmt.Sprint(cells[i])
				}
			}
			for i, n := range names {
				key := t.Name + " " + id
				if all[key] == nil {
					all[key] = map[string]string{}
				}
				all[key][n] = fmt.Sprint(cells[i])
			}
		}
		if err := rows.Close(); err != nil {
			d.Fatal(err)
		}
	}
	return all
}

// kept compares what is in both, but for a column that was edited.
func kept(before, after map[string]map[string]string, edit string) string {
	keys := make([]string, 0, len(before))
	for key := range before {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		table, _, _ := strings.Cut(key, " ")
		if after[key] == nil {
			if strings.Contains(edit, "drop table "+table) {
				continue
			}
			return key + " is gone"
		}
		for name, was := range before[key] {
			now, there := after[key][name]
			if there && now != was && !strings.HasPrefix(edit, table+"."+name+" ") {
				return fmt.Sprintf("%s.%s was %s and is %s", key, name, was, now)
			}
		}
	}
	return ""
}

// Random edits of random schemas over random rows, each as a file: after it the database
// is what the schemas say, with all that was there; or it is refused, and nothing is
// changed.
func TestRandomEditsThroughFiles(t *testing.T) {
	t.Parallel()
	rounds, edits := 3, 12
	switch {
	case os.Getenv("COPPICE_SCALE") != "":
		rounds, edits = 20, 25
	case testing.Short():
		rounds = 1
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			d := &draft{rand: rand.New(rand.NewPCG(42, uint64(round)))}
			k := newDesk(t)
			d.addTable()
			d.addTable()
			for at := range edits {
				if !k.step(d, at) || t.Failed() {
					return
				}
			}
		})
	}
}

// step makes one edit, and brings the database there. It reports whether another can be
// made: not after a change of which only the first of two files could be applied.
func (d *desk) step(s *draft, at int) bool {
	d.Helper()
	was, tables, edit := s.clone(), d.shelf.random, "begin"
	if at > 0 {
		edit = s.edit()
	}
	before := map[string]map[string]string{}
	if at > 0 {
		before = d.rows(tables)
	}
	d.shelf.random = s.build()
	out, code := d.run("diff", fmt.Sprintf("edit_%d", at))
	done := code == 0
	if done {
		d.unlock()
		out, code = d.run("up")
		done = code == 0
	}
	if !done {
		if strings.Contains(out, "do not lead") {
			d.Errorf("%d %s: %s", at, edit, out)
		}
		if state, _ := d.run("status"); strings.Contains(out, "applied ") || strings.Contains(state, "broken off") {
			if diff := kept(before, d.rows(d.shelf.random), edit); diff != "" {
				d.Errorf("%d %s was done in part (%s): %s", at, edit, out, diff)
			}
			return false
		}
		s.tables, d.shelf.random = was, tables
		d.takeBack(at)
		if diff := kept(before, d.rows(tables), ""); diff != "" {
			d.Errorf("%d %s was refused (%s), and changed something: %s", at, edit, out, diff)
		}
		return true
	}
	d.lead()
	if diff := kept(before, d.rows(d.shelf.random), edit); diff != "" {
		d.Errorf("%d %s: %s\n%s", at, edit, diff, out)
	}
	if d.Failed() {
		d.Errorf("%d %s\n%s", at, edit, out)
		return false
	}
	for _, t := range s.tables {
		for range 2 {
			d.insert(s, t)
		}
	}
	return true
}

// insert adds a row, unless its values are taken.
func (d *desk) insert(s *draft, t *table) {
	d.Helper()
	var names, values []string
	for _, c := range t.columns {
		names, values = append(names, c.name), append(values, s.value(c))
	}
	where := "1 = 1"
	for _, i := range t.indexes {
		if i.unique {
			at := slices.Index(names, i.column)
			if values[at] != "NULL" {
				where += fmt.Sprintf(" AND NOT EXISTS (SELECT 1 FROM %s WHERE %s = %s)", t.name, i.column, values[at])
			}
		}
	}
	d.query(fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM (VALUES (%s)) AS v WHERE %s", t.name, strings.Join(names, ", "), strings.Join(s.typed(t, values), ", "), where))
}

// unlock lets the last files lose what they lose.
func (d *desk) unlock() {
	d.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "*", "*.sql"))
	if err != nil {
		d.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			d.Fatal(err)
		}
		if !strings.Contains(string(text), "coppice:allow") {
			if out, code := d.run("status"); code == 0 && strings.Contains(out, "pending  "+filepath.Base(f)) {
				if err := os.WriteFile(f, append(text, "\n-- coppice:allow destructive\n"...), 0o644); err != nil {
					d.Fatal(err)
				}
			}
		}
	}
	d.must("check", "--rehash")
}

// takeBack removes the files of an edit that was refused.
func (d *desk) takeBack(at int) {
	d.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "*", fmt.Sprintf("*_edit_%d*.sql", at)))
	if err != nil {
		d.Fatal(err)
	}
	out := d.must("status")
	for _, f := range files {
		if strings.Contains(out, "pending  "+filepath.Base(f)) {
			if err := os.Remove(f); err != nil {
				d.Fatal(err)
			}
		}
	}
	d.must("check", "--rehash")
}
