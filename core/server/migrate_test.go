package server

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/migrator"
)

// versions is the folder of migration files of a project, and its database.
type versions struct {
	testing.TB
	dir, url string
}

func newVersions(t *testing.T) versions {
	t.Helper()
	return versions{t, filepath.Join(t.TempDir(), "migrations"), enginetest.URL(t)}
}

// db runs cmd/db.
func (v versions) db(args ...string) string {
	v.Helper()
	var out strings.Builder
	code := migrator.Run(v.Context(), append([]string{"--db", v.url, "--dir", v.dir}, args...), &out, &out, environment(), migrator.App{Project: ent.Coppice()})
	if code != 0 {
		v.Fatalf("db %v: %d %s", args, code, &out)
	}
	return out.String()
}

// open is the project's constructor, which carries the files.
func (v versions) open(ctx context.Context, cfg engine.Config) (*ent.Client, error) {
	cfg.Migrations = os.DirFS(v.dir)
	return blog.Open(ctx, cfg)
}

// start starts a server, and returns its address and what stops it.
func (v versions) start(getenv func(string) string, args ...string) (base string, stop func()) {
	v.Helper()
	t, ok := v.TB.(*testing.T)
	if !ok {
		v.Fatal("not a test")
	}
	ctx, cancel := context.WithCancel(context.Background())
	log, stderr := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		exit <- Run(ctx, append([]string{"--addr", "127.0.0.1:0", "--db", v.url}, args...), getenv, io.Discard, stderr, App[*ent.Client]{Open: v.open, API: blog.API})
		stderr.Close()
	}()
	stop = func() {
		cancel()
		if code := <-exit; code != 0 {
			t.Errorf("it ends with %d", code)
		}
	}
	return awaitAddress(t, log), stop
}

// refuses is what a server says that does not start.
func (v versions) refuses(code int, args ...string) string {
	v.Helper()
	var out strings.Builder
	got := Run(v.Context(), append([]string{"--addr", "127.0.0.1:0", "--db", v.url}, args...), environment(), io.Discard, &out, App[*ent.Client]{Open: v.open, API: blog.API})
	if got != code || strings.Contains(out.String(), "listening") {
		v.Fatalf("%v: exit code %d, want %d: %s", args, got, code, &out)
	}
	return out.String()
}

func (v versions) readyz(base string, status int) string {
	v.Helper()
	res, err := http.Get(base + "/readyz")
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		v.Errorf("/readyz: %d %s, want %d (%v)", res.StatusCode, text, status, err)
	}
	return string(text)
}

// run runs a statement on the database.
func (v versions) run(query string) {
	v.Helper()
	client, err := v.open(v.Context(), engine.Config{URL: v.url, Migrate: migrate.Off})
	if err != nil {
		v.Fatal(err)
	}
	defer client.Close()
	if _, err := client.ExecContext(v.Context(), query); err != nil {
		v.Fatalf("%s: %v", query, err)
	}
}

// add writes a migration file.
func (v versions) add(name, text string) {
	v.Helper()
	engine, err := engine.Name(v.url)
	if err != nil {
		v.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(v.dir, engine, name), []byte(text), 0o644); err != nil {
		v.Fatal(err)
	}
	v.db("check", "--rehash")
}

const addTag = `mutation { createTag(input: {name: "go"}) { name } }`

// A mode that is none is wrong usage.
func TestMigrateModes(t *testing.T) {
	t.Parallel()
	v := newVersions(t)
	if out := v.refuses(2, "--migrate", "sometimes"); !strings.Contains(out, "must be auto, versioned or off") {
		t.Errorf("%s", out)
	}
	var out strings.Builder
	if code := Run(t.Context(), []string{"--addr", "127.0.0.1:0", "--db", v.url}, environment("MIGRATE", "never"), io.Discard, &out, App[*ent.Client]{Open: v.open, API: blog.API}); code != 2 ||
		!strings.Contains(out.String(), "MIGRATE") || !strings.Contains(out.String(), "must be auto, versioned or off") {
		t.Errorf("%d %s", code, &out)
	}
}

// With --migrate off a server changes nothing, says what is pending, and is ready once
// somebody else has applied it.
func TestMigrateOffIsReadyOnceSomebodyElseMigrated(t *testing.T) {
	t.Parallel()
	v := newVersions(t)
	v.db("diff", "init")
	base, stop := v.start(environment("MIGRATE", "off"))
	defer stop()
	for range 2 {
		if text := v.readyz(base, 503); !strings.Contains(text, "the database lacks what this program's schemas say") || !strings.Contains(text, "run cmd/db up") {
			t.Errorf("%s", text)
		}
	}
	if strings.Contains(v.db("status"), "applied") {
		t.Error("it applied files")
	}
	v.db("up")
	v.readyz(base, 200)
	if got := post(t, base, addTag); !strings.Contains(got, `"data":{"createTag"`) {
		t.Errorf("%s", got)
	}
	v.add("20991231000000_later.sql", "UPDATE tags SET name = 'golang';\n")
	other, end := v.start(environment(), "--migrate", "off")
	defer end()
	if text := v.readyz(other, 503); !strings.Contains(text, "the migration file 20991231000000_later.sql is pending") {
		t.Errorf("%s", text)
	}
	v.db("up")
	v.readyz(other, 200)
}

// A server stays ready when somebody brings the database to a later schema, as long as what
// it needs is there.
func TestMigratedFurtherAServerStaysReady(t *testing.T) {
	t.Parallel()
	v := newVersions(t)
	base, stop := v.start(environment())
	defer stop()
	v.readyz(base, 200)
	v.run("INSERT INTO coppice_schema (fingerprint, applied_at, made) VALUES ('later', CURRENT_TIMESTAMP, '{}')")
	v.readyz(base, 200)
	v.run("ALTER TABLE tags RENAME TO labels")
	v.readyz(base, 503)
}

// A server applies the files that it carries, where there are any, unless told otherwise.
func TestMigrateByFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args    []string
		applied bool
	}{
		"by default":    {nil, true},
		"as it is told": {[]string{"--migrate", "versioned"}, true},
		"not at all":    {[]string{"--migrate", "auto"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVersions(t)
			v.db("diff", "init")
			base, stop := v.start(environment(), c.args...)
			v.readyz(base, 200)
			if got := post(t, base, addTag); !strings.Contains(got, `"data":{"createTag"`) {
				t.Errorf("%s", got)
			}
			stop()
			if got := v.db("status"); strings.Contains(got, "applied ") != c.applied {
				t.Errorf("%s", got)
			}
		})
	}
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		v := versions{t, filepath.Join(t.TempDir(), "migrations"), "sqlite::memory:"}
		v.db("diff", "init")
		base, stop := v.start(environment(), "--migrate", "versioned")
		defer stop()
		v.readyz(base, 200)
		if got := post(t, base, addTag); !strings.Contains(got, `"data":{"createTag"`) {
			t.Errorf("%s", got)
		}
	})
}

// Where the files do not lead to the schemas a server does not start, and says what is
// missing.
func TestMigrateByFilesThatLackSomething(t *testing.T) {
	t.Parallel()
	v := newVersions(t)
	out := v.refuses(1, "--migrate", "versioned")
	for _, w := range []string{"the migration files do not lead to the schemas", "statements are missing (CREATE TABLE ", "more)", "cmd/db diff NAME"} {
		if !strings.Contains(out, w) {
			t.Errorf("it does not say %q: %s", w, out)
		}
	}
	if got := v.db("diff", "init"); !strings.Contains(got, "wrote") {
		t.Errorf("%s", got)
	}
	v.add("20991231000000_later.sql", "UPDATE tags SET name = 'golang';\n")
	base, stop := v.start(environment())
	v.readyz(base, 200)
	stop()
}

// A database that the server made by itself takes the first files as applied.
func TestMigratedByItselfADatabaseTakesFiles(t *testing.T) {
	t.Parallel()
	v := newVersions(t)
	base, stop := v.start(environment())
	if got := post(t, base, addTag); !strings.Contains(got, `"data":{"createTag"`) {
		t.Errorf("%s", got)
	}
	stop()
	v.db("diff", "init")
	base, stop = v.start(environment())
	v.readyz(base, 200)
	if got := post(t, base, `{ tags { edges { node { name } } } }`); !strings.Contains(got, `"go"`) {
		t.Errorf("%s", got)
	}
	stop()
	if got := v.db("status"); !strings.Contains(got, "_init.sql") || strings.Contains(got, "pending") {
		t.Errorf("%s", got)
	}
	v.add("20991231000000_later.sql", "UPDATE tags SET name = 'golang';\n")
	base, stop = v.start(environment())
	defer stop()
	if got := post(t, base, `{ tags { edges { node { name } } } }`); !strings.Contains(got, `"golang"`) {
		t.Errorf("the next file is not applied: %s", got)
	}
}

// A server whose user may change no table serves with --migrate off.
func TestMigrateOffNeedsNoRightToChangeTables(t *testing.T) {
	t.Parallel()
	if !enginetest.OnPostgres() {
		return // a file of SQLite has no users
	}
	v := newVersions(t)
	v.db("diff", "init")
	v.db("up")
	u, err := url.Parse(v.url)
	if err != nil {
		t.Fatal(err)
	}
	role := "coppice_role_" + strings.ToLower(strings.TrimPrefix(u.Path, "/coppice_test_"))
	v.run("CREATE ROLE " + role + " LOGIN")
	t.Cleanup(func() {
		admin := v
		client, err := admin.open(context.Background(), engine.Config{URL: v.url, Migrate: migrate.Off})
		if err != nil {
			t.Error(err)
			return
		}
		defer client.Close()
		for _, query := range []string{"DROP OWNED BY " + role, "DROP ROLE " + role} {
			if _, err := client.ExecContext(context.Background(), query); err != nil {
				t.Error(err)
			}
		}
	})
	v.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role)
	v.run("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO " + role)
	u.User = url.User(role)
	guest := v
	guest.url = u.String()
	base, stop := guest.start(environment(), "--migrate", "off")
	defer stop()
	v.readyz(base, 200)
	if got := post(t, base, addTag); !strings.Contains(got, `"data":{"createTag"`) {
		t.Errorf("%s", got)
	}
	v.add("20991231000000_later.sql", "ALTER TABLE tags ADD COLUMN x integer;\nALTER TABLE tags DROP COLUMN x;\n-- coppice:allow destructive\n")
	if out := guest.refuses(1, "--migrate", "versioned"); !strings.Contains(out, "must be owner of table tags") || !strings.Contains(out, "grant") {
		t.Errorf("%s", out)
	}
}
