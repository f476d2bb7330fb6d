package seeder

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/seed"
	"coppice/core/migrator"
)

// versions is the folder of migration files of a project, and its database.
type versions struct{ dir, url string }

func newVersions(t *testing.T) versions {
	t.Helper()
	return versions{filepath.Join(t.TempDir(), "migrations"), newURL(t)}
}

// db runs cmd/db.
func (v versions) db(t *testing.T, args ...string) string {
	t.Helper()
	var out strings.Builder
	code := migrator.Run(t.Context(), append([]string{"--db", v.url, "--dir", v.dir}, args...), &out, &out, func(string) string { return "" }, migrator.App{Project: ent.Coppice()})
	if code != 0 {
		t.Fatalf("db %v: %d %s", args, code, &out)
	}
	return out.String()
}

// seed runs the seeder of a project that carries the files.
func (v versions) seed(t *testing.T, env map[string]string, args ...string) outcome {
	t.Helper()
	a := App[*ent.Client]{Project: ent.Coppice(), Data: seed.Data(), Open: func(ctx context.Context, cfg engine.Config) (*ent.Client, error) {
		cfg.Migrations = os.DirFS(v.dir)
		return blog.Open(ctx, cfg)
	}}
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), append([]string{"--db", v.url}, args...), strings.NewReader(""), &stdout, &stderr, func(name string) string { return env[name] }, a.untyped())
	return outcome{code, stdout.String(), stderr.String()}
}

// Files that are pending are applied before a load, unless the seeder is told otherwise.
func TestMigrateByFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args    []string
		env     map[string]string
		applied bool
	}{
		"by default":     {nil, nil, true},
		"by a flag":      {[]string{"--migrate", "versioned"}, map[string]string{"MIGRATE": "auto"}, true},
		"by a variable":  {nil, map[string]string{"MIGRATE": "versioned"}, true},
		"not, by itself": {nil, map[string]string{"MIGRATE": "auto"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVersions(t)
			v.db(t, "diff", "init")
			if got := v.seed(t, c.env, append(c.args, "--quiet")...); got.code != 0 || !strings.Contains(got.stdout, "posts") {
				t.Errorf("%+v", got)
			}
			if got := v.db(t, "status"); strings.Contains(got, "applied ") != c.applied {
				t.Errorf("%s", got)
			}
		})
	}
}

// A plan of a load applies no file, whether one is pending or all are.
func TestAPlanAppliesNoMigrationFile(t *testing.T) {
	t.Parallel()
	v := newVersions(t)
	v.db(t, "diff", "init")
	before := enginetest.Content(t, v.url)
	if got := v.seed(t, nil, "--quiet", "--plan"); got.code != 0 || !strings.Contains(got.stdout, "posts") {
		t.Errorf("%+v", got)
	}
	if after := enginetest.Content(t, v.url); after != before {
		t.Error("it changed the database")
	}
	if got := v.db(t, "status"); strings.Contains(got, "applied ") {
		t.Errorf("%s", got)
	}
	v.db(t, "up")
	if got := v.seed(t, nil, "--quiet", "--plan"); got.code != 0 || !strings.Contains(got.stdout, "posts") {
		t.Errorf("%+v", got)
	}
}

// A mode that cannot be, and a database that it does not bring to the schemas, are told
// before anything is written.
func TestMigrateThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		env  map[string]string
		code int
		want string
	}{
		"a wrong mode":             {[]string{"--migrate", "sometimes"}, nil, 2, "must be auto, versioned or off"},
		"a wrong mode around":      {nil, map[string]string{"MIGRATE": "never"}, 2, "MIGRATE is \"never\"; it must be auto, versioned or off"},
		"no files":                 {[]string{"--migrate", "versioned"}, nil, 1, "the migration files do not lead to the schemas"},
		"off on an empty database": {[]string{"--migrate", "off"}, nil, 1, "cmd/db up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVersions(t)
			got := v.seed(t, c.env, append(c.args, "--quiet")...)
			if got.code != c.code || !strings.Contains(got.stderr, c.want) {
				t.Errorf("%+v", got)
			}
		})
	}
}
