package migrator_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
	"coppice/core/migrator"
)

// said is what the program says, and its exit code.
func said(ctx context.Context, args ...string) (string, int) {
	var out bytes.Buffer
	code := migrator.Run(ctx, args, &out, &out, func(string) string { return "" }, migrator.App{Project: newStock().project(), Schema: newStock().api()})
	return out.String(), code
}

// Of the copies in a folder the newest are left, and nothing else of the folder goes.
func TestBackupsRotate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.url = enginetest.SQLite(t)
	driver, err := d.open("auto")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = driver.Close() }()
	dir := t.TempDir()
	others := []string{"test-20200101T000000.000Z.db.gz", "tests-20200101T000000.000Z.db", "test.db", "notes.txt"}
	for _, name := range append(others, "test-20200101T000000.000Z.db", "test-20210101T000000.000Z.db") {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if text, code := said(t.Context(), "backup", dir, "--keep", "3", "--db", d.url); code != 0 {
			t.Fatal(code, text)
		}
	}
	copies, err := filepath.Glob(filepath.Join(dir, "test-*Z.db"))
	if err != nil || len(copies) != 3 || strings.Contains(strings.Join(copies, " "), "-202001") || strings.Contains(strings.Join(copies, " "), "-202101") {
		t.Errorf("%v %q", err, copies)
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	text, code := said(t.Context(), "restore", copies[0], "--db", enginetest.SQLite(t))
	if code != 0 || !strings.Contains(text, "has what "+copies[0]+" holds") {
		t.Errorf("%d %s", code, text)
	}
}

func TestWrongCopiesAreTold(t *testing.T) {
	t.Parallel()
	missing := "sqlite:" + filepath.Join(t.TempDir(), "none.db")
	pg := "postgres://ada:secret@127.0.0.1:1/blog?pool_max_conns=3"
	for _, tc := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"backup", "--db", missing}, 2, "takes 1 arguments [FILE]"},
		{[]string{"backup", "a.db", "--keep", "3", "--db", missing}, 2, "--keep goes with a folder"},
		{[]string{"backup", "a.db", "--keep", "-1", "--db", missing}, 2, "--keep is -1"},
		{[]string{"plan", "--keep", "3", "--db", missing}, 2, "--keep goes with backup"},
		{[]string{"up", "--json", "--db", missing}, 2, "--json and --markdown go with plan"},
		{[]string{"plan", "--json", "--markdown", "--db", missing}, 2, "do not go together"},
		{[]string{"backup", filepath.Join(t.TempDir(), "a.db"), "--db", missing}, 1, "there is no database"},
		{[]string{"restore", filepath.Join(t.TempDir(), "a.db"), "--db", missing}, 1, "no such file"},
		{[]string{"backup", "blog.dump", "--keep", "3", "--db", pg}, 2, "pg_dump --format=custom --file=blog.dump --dbname=postgres://ada@127.0.0.1:1/blog\n"},
		{[]string{"restore", "blog.dump", "--db", pg}, 2, "pg_restore --clean --if-exists --single-transaction --dbname=postgres://ada@127.0.0.1:1/blog blog.dump\n"},
	} {
		text, code := said(t.Context(), tc.args...)
		if code != tc.code || !strings.Contains(text, tc.says) || strings.Contains(text, "secret") {
			t.Errorf("%q: exit %d\n%s", tc.args, code, text)
		}
	}
	if _, err := os.Stat(strings.TrimPrefix(missing, "sqlite:")); err == nil {
		t.Error("a command made the database")
	}
}
