package migrator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/engine/revision"
	"coppice/core/internal/enginetest"
)

// folder is that of the desk's engine.
func (d *desk) folder() string {
	d.Helper()
	name, err := engine.Name(d.url)
	if err != nil {
		d.Fatal(err)
	}
	return filepath.Join(d.dir, name)
}

// files are the names of the migration files, in order.
func (d *desk) files() []string {
	d.Helper()
	paths, err := filepath.Glob(filepath.Join(d.folder(), "*.sql"))
	if err != nil {
		d.Fatal(err)
	}
	for i, p := range paths {
		paths[i] = filepath.Base(p)
	}
	return paths
}

// put writes a file, without its sum.
func (d *desk) put(name, text string) {
	d.Helper()
	if err := os.WriteFile(filepath.Join(d.folder(), name), []byte(text), 0o644); err != nil {
		d.Fatal(err)
	}
}

// add writes a migration file, and the sums.
func (d *desk) add(name, text string) {
	d.Helper()
	d.put(name, text)
	d.rehash()
}

// rehash writes the sums, whatever the files are.
func (d *desk) rehash() {
	d.Helper()
	f, err := revision.ReadUnchecked(os.DirFS(d.dir), filepath.Base(d.folder()))
	if err != nil {
		d.Fatal(err)
	}
	text, err := f.Sum()
	if err != nil {
		d.Fatal(err)
	}
	d.put("atlas.sum", string(text))
}

// edit changes the text of a file.
func (d *desk) edit(name string, change func(string) string) {
	d.Helper()
	text, err := os.ReadFile(filepath.Join(d.folder(), name))
	if err != nil {
		d.Fatal(err)
	}
	d.put(name, change(string(text)))
}

// move renames a file.
func (d *desk) move(from, to string) {
	d.Helper()
	if err := os.Rename(filepath.Join(d.folder(), from), filepath.Join(d.folder(), to)); err != nil {
		d.Fatal(err)
	}
}

// remove removes a file.
func (d *desk) remove(name string) {
	d.Helper()
	if err := os.Remove(filepath.Join(d.folder(), name)); err != nil {
		d.Fatal(err)
	}
}

// content is what the database holds: its tables, the project's rows, and what is noted of
// files.
func (d *desk) content() string {
	d.Helper()
	ask := []string{"SELECT name || coalesce(sql, '') FROM sqlite_master ORDER BY 1"}
	if enginetest.OnPostgres() {
		ask = []string{"SELECT table_name || '.' || column_name || ' ' || data_type || is_nullable FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1",
			"SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"}
	}
	list := d.query(ask...)
	for _, table := range []string{"books", "cases", "coppice_revisions", "coppice_migration_lease"} {
		if strings.Contains(list, table) {
			list += "\n" + table + ": " + d.query("SELECT count(*) FROM "+table)
		}
	}
	if strings.Contains(list, "coppice_revisions") {
		list += d.query("SELECT version || applied || error || hash FROM coppice_revisions ORDER BY 1")
	}
	return list
}

const (
	later  = "20991231000000_later.sql"
	latest = "20991231000001_latest.sql"
)

// What is wrong with the files is told, with what to do, by all that would apply them,
// and nothing is done to the database.
func TestAFolderThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	more := "INSERT INTO cases (name) VALUES ('more');\n"
	for name, c := range map[string]struct {
		spoil func(*desk)
		want  []string
	}{
		"a missing file":           {func(d *desk) { d.remove(later) }, []string{later + " is missing", "put it back"}},
		"a missing applied file":   {func(d *desk) { d.remove(later); d.rehash() }, []string{"the database has " + later, "which is not in", "older than the database", "put the file back"}},
		"an edited file":           {func(d *desk) { d.edit(later, strings.ToLower) }, []string{later + " was edited since it was written", "--rehash"}},
		"an edited applied file":   {func(d *desk) { d.edit(later, strings.ToLower); d.rehash() }, []string{later + " was edited after it was applied to this database", "new file"}},
		"a renamed file":           {func(d *desk) { d.move(later, "20991231000000_other.sql") }, []string{later + " is missing", "other.sql is not in atlas.sum", "was it renamed?"}},
		"a renamed applied file":   {func(d *desk) { d.move(later, latest); d.rehash() }, []string{"the database has " + later, "which is not in"}},
		"two of one version":       {func(d *desk) { d.put("20991231000000_twin.sql", more) }, []string{"twin.sql has the version of " + later, "a later version"}},
		"a file that is no SQL":    {func(d *desk) { d.put("README.md", "x") }, []string{"README.md is no migration", "move it elsewhere"}},
		"a file without a version": {func(d *desk) { d.put("tags.sql", more) }, []string{"tags.sql is no migration", "14 digits"}},
		"a folder": {func(d *desk) {
			if err := os.Mkdir(filepath.Join(d.folder(), "20991231000002_x.sql"), 0o755); err != nil {
				d.Fatal(err)
			}
		}, []string{"20991231000002_x.sql is no migration"}},
		"a foreign file":                      {func(d *desk) { d.put(latest, more) }, []string{latest + " is not in atlas.sum", "if it belongs there"}},
		"no sums":                             {func(d *desk) { d.remove("atlas.sum") }, []string{"has no atlas.sum", "--rehash"}},
		"sums that are none":                  {func(d *desk) { d.put("atlas.sum", "what?\n") }, []string{"atlas.sum cannot be read", "--rehash"}},
		"empty sums":                          {func(d *desk) { d.put("atlas.sum", "") }, []string{"atlas.sum", "--rehash"}},
		"sums that were cut off":              {func(d *desk) { d.edit("atlas.sum", func(s string) string { return s[:len(s)/2] }) }, []string{"atlas.sum", "--rehash"}},
		"sums whose first line is not right":  {func(d *desk) { d.edit("atlas.sum", func(s string) string { return "h1:AAAA" + s[7:] }) }, []string{"atlas.sum", "--rehash"}},
		"a file before the last applied one":  {func(d *desk) { d.add("20991230000000_late.sql", more) }, []string{"late.sql comes before 20991231000000", "give it a version after that"}},
		"a file before the first applied one": {func(d *desk) { d.add("20000101000000_early.sql", more) }, []string{"early.sql comes before 20991231000000", "give it a version after that"}},
		"a statement that does not end":       {func(d *desk) { d.add(latest, "INSERT INTO cases (name) VALUES ('a'") }, []string{latest, "cannot be read", "1:"}},
		"a transaction of its own":            {func(d *desk) { d.add(latest, more+"COMMIT;\n"+more) }, []string{latest + ":2: COMMIT has no place", "take it out"}},
		"a directive that does not count":     {func(d *desk) { d.add(latest, "-- atlas:txmode none\n"+more) }, []string{latest, "empty line after it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.must("diff", "init")
			d.add(later, more)
			d.must("up")
			before := d.content()
			c.spoil(d)
			commands := []string{"up", "check"}
			if enginetest.OnPostgres() { // where check makes a database
				commands = commands[:1]
			}
			for _, command := range commands {
				out, code := d.run(command)
				if code != 1 {
					t.Errorf("%s exits with %d: %s", command, code, out)
				}
				for _, w := range c.want {
					if !strings.Contains(out, w) {
						t.Errorf("%s does not say %q: %s", command, w, out)
					}
				}
				if noise(out) {
					t.Errorf("%s speaks a library's words: %s", command, out)
				}
			}
			if driver, err := d.open(migrate.Versioned); err == nil {
				t.Errorf("a server starts")
				_ = driver.Close()
			}
			if after := d.contentByHand(); after != before {
				t.Errorf("it was changed:\n%s\n%s", before, after)
			}
		})
	}
}

// contentByHand is content, whatever the files are.
func (d *desk) contentByHand() string {
	d.Helper()
	other := *d
	other.dir = filepath.Join(d.TempDir(), "none")
	return other.content()
}

// A name that cannot be a file's is wrong usage, and writes nothing.
func TestANameOfAMigrationIsAFileName(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, name := range []string{"a b", "a/b", "../up", "", ".hidden", "ünï", "a\nb", `a\b`} {
		if out, code := d.run("diff", name); code != 2 || !strings.Contains(out, "such as add_tags") {
			t.Errorf("%q: %d %s", name, code, out)
		}
	}
	if _, err := os.Stat(d.dir); err == nil {
		t.Error("it wrote something")
	}
}

// A database of another project is left alone.
func TestADatabaseOfAnotherProjectIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(*testing.T, *desk)
		want []string
	}{
		"its files": {func(t *testing.T, d *desk) {
			other := newDesk(t)
			other.url = d.url
			other.must("diff", "theirs")
			other.move(other.files()[0], "20200101000000_theirs.sql")
			other.rehash()
			other.must("up")
		}, []string{"the database has 20200101000000_theirs.sql", "belongs to another"}},
		"its tables, made without files": {func(t *testing.T, d *desk) {
			other := newDesk(t)
			other.url, other.shelf.books.Name = d.url, "volumes"
			driver, err := other.open(migrate.Auto)
			if err != nil {
				t.Fatal(err)
			}
			_ = driver.Close()
		}, []string{"made without migration files", "--migrate auto"}},
		"its tables, made by another program": {func(_ *testing.T, d *desk) {
			d.query("CREATE TABLE books (isbn VARCHAR(13))", "INSERT INTO books VALUES ('1')")
		}, []string{"_init.sql:", "books", "already exists", "nothing of it was done"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			c.make(t, d)
			d.must("diff", "init")
			before := d.query("SELECT count(*) FROM " + map[bool]string{true: "volumes", false: "books"}[strings.Contains(name, "without files")])
			out, code := d.run("up")
			for _, w := range c.want {
				if code != 1 || !strings.Contains(out, w) {
					t.Errorf("%d, it does not say %q: %s", code, w, out)
				}
			}
			after := d.query("SELECT count(*) FROM " + map[bool]string{true: "volumes", false: "books"}[strings.Contains(name, "without files")])
			if before != after {
				t.Errorf("%s rows, then %s", before, after)
			}
		})
	}
}
