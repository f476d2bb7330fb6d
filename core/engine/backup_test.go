package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
)

// workVariable makes this program copy, restore or hold a database, as another process
// than that of a test.
const workVariable = "COPPICE_TEST_WORK"

func TestMain(m *testing.M) {
	work := strings.Split(os.Getenv(workVariable), "\n")
	if len(work) != 3 {
		m.Run()
		return
	}
	ctx, cfg := context.Background(), engine.Config{URL: work[1]}
	var err error
	switch work[0] {
	case "backup":
		for i := 0; err == nil; i++ {
			_, err = engine.Backup(ctx, cfg, fmt.Sprintf("%s-%d.db", work[2], i))
			fmt.Println("done")
		}
	case "restore":
		for err == nil {
			_, err = engine.Restore(ctx, cfg, work[2])
			fmt.Println("done")
		}
	case "hold":
		if _, err = blog.Open(ctx, cfg); err == nil {
			fmt.Println("open")
			select {}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1) // here the test binary is a program of its own, whose exit code the test reads
}

// elsewhere starts work in a process of its own.
func elsewhere(t *testing.T, work, url, file string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), workVariable+"="+work+"\n"+url+"\n"+file)
	return cmd
}

func open(t *testing.T, url string) *ent.Client {
	t.Helper()
	c, err := blog.Open(t.Context(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// pair adds a user and a tag at once: of a database as it was at one moment there are as
// many of either.
func pair(ctx context.Context, c *ent.Client, name string) error {
	tx, err := c.Tx(ctx)
	if err != nil {
		return err
	}
	if err := tx.User.Create().SetUsername(name).SetEmail(name + "@example.org").Exec(ctx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Tag.Create().SetName(strings.ReplaceAll(name, "_", "-")).Exec(ctx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// pairs counts them.
func pairs(t *testing.T, url string) int {
	t.Helper()
	c, err := blog.Open(t.Context(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	users, err := c.User.Query().Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tags, err := c.Tag.Query().Count(t.Context()); err != nil || tags != users {
		t.Fatalf("%v, %d users and %d tags", err, users, tags)
	}
	return users
}

// filled is the URL of a database with so many pairs, which nobody has open.
func filled(t *testing.T, n int) string {
	t.Helper()
	url := enginetest.SQLite(t)
	c, err := blog.Open(t.Context(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := pair(t.Context(), c, fmt.Sprintf("user_%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return url
}

func backup(t *testing.T, url string) (string, engine.Copied) {
	t.Helper()
	into := filepath.Join(t.TempDir(), "copy.db")
	c, err := engine.Backup(t.Context(), engine.Config{URL: url}, into)
	if err != nil {
		t.Fatal(err)
	}
	return into, c
}

func TestABackupBesideWritersIsOfOneMoment(t *testing.T) {
	t.Parallel()
	url := enginetest.SQLite(t)
	c := open(t, url)
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	for w := range 3 {
		writing.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := pair(ctx, c, fmt.Sprintf("user_%d_%d", w, i)); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	before := 0
	for range 10 {
		into, copied := backup(t, url)
		info, err := os.Stat(into)
		if err != nil || info.Mode().Perm() != 0o600 || info.Size() != copied.Bytes || copied.File != into || copied.Tables < 5 {
			t.Errorf("%v, %v of %d bytes, told %+v", err, info.Mode(), info.Size(), copied)
		}
		n := pairs(t, "sqlite:"+into)
		if n < before {
			t.Errorf("%d pairs after %d", n, before)
		}
		before = n
	}
	stop()
	writing.Wait()
	if all := pairs(t, url); all < before || before == 0 {
		t.Errorf("%d pairs, of which %d were copied", all, before)
	}
}

// entries are the names of a folder.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestABackupOverwritesNothingAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	cfg := engine.Config{URL: filled(t, 3)}
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.db")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tc := range map[string]struct {
		ctx       context.Context
		url, into string
		saying    string
	}{
		"a file that is there":       {url: cfg.URL, into: taken, saying: "there already"},
		"the database":               {url: cfg.URL, into: strings.TrimPrefix(cfg.URL, "sqlite:"), saying: "there already"},
		"a folder that is not there": {url: cfg.URL, into: filepath.Join(dir, "none", "a.db"), saying: "no such file"},
		"no database":                {url: "sqlite:" + filepath.Join(dir, "none.db"), into: filepath.Join(dir, "a.db"), saying: "no database"},
		"one in memory":              {url: "sqlite::memory:", into: filepath.Join(dir, "a.db"), saying: "in memory"},
		"an end":                     {ctx: over, url: cfg.URL, into: filepath.Join(dir, "a.db"), saying: "canceled"},
	} {
		ctx := t.Context()
		if tc.ctx != nil {
			ctx = tc.ctx
		}
		if _, err := engine.Backup(ctx, engine.Config{URL: tc.url}, tc.into); err == nil || !strings.Contains(err.Error(), tc.saying) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text, err := os.ReadFile(taken); err != nil || string(text) != "mine" {
		t.Errorf("%v %q", err, text)
	}
	if left := entries(t, dir); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}

func TestARestoredDatabaseIsTheCopyAndTheOldOneIsKept(t *testing.T) {
	t.Parallel()
	url := filled(t, 4)
	into, _ := backup(t, url)
	c := open(t, url)
	if err := pair(t.Context(), c, "later"); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Restore(t.Context(), engine.Config{URL: url}, into); err == nil || !strings.Contains(err.Error(), "has it open") {
		t.Errorf("beside a server: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if n := pairs(t, url); n != 5 {
		t.Errorf("a restore that was refused left %d", n)
	}
	r, err := engine.Restore(t.Context(), engine.Config{URL: url}, into)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(strings.TrimPrefix(url, "sqlite:") + "-journal"); err == nil {
		t.Error("the journal is left behind")
	}
	if n := pairs(t, url); n != 4 {
		t.Errorf("%d pairs", n)
	}
	if n := pairs(t, "sqlite:"+r.Aside); n != 5 {
		t.Errorf("%d pairs are kept aside", n)
	}
	// Where there is none, the copy becomes one.
	fresh := enginetest.SQLite(t)
	if r, err := engine.Restore(t.Context(), engine.Config{URL: fresh}, into); err != nil || r.Aside != "" || pairs(t, fresh) != 4 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestARestoreIsRefusedBesideAnotherProcess(t *testing.T) {
	t.Parallel()
	url := filled(t, 2)
	into, _ := backup(t, url)
	holder := elsewhere(t, "hold", url, "")
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	_, err = engine.Restore(t.Context(), engine.Config{URL: url}, into)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d", holder.Process.Pid)) {
		t.Errorf("%v", err)
	}
	_ = holder.Process.Kill()
	_ = holder.Wait() // it was killed
	if _, err := engine.Restore(t.Context(), engine.Config{URL: url}, into); err != nil {
		t.Errorf("after the process: %v", err)
	}
}

func TestWhatIsNoWholeCopyIsNotRestored(t *testing.T) {
	t.Parallel()
	url := filled(t, 300)
	whole, _ := backup(t, url)
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	damaged := append([]byte{}, text...)
	for i := 5 * 4096; i < 9*4096; i++ {
		damaged[i] = 0xff
	}
	used := write("used.db", text)
	write("used.db-wal", []byte("a log"))
	for name, tc := range map[string]struct{ from, saying string }{
		"nothing":          {filepath.Join(dir, "none.db"), "no such file"},
		"a text":           {write("text.db", []byte(strings.Repeat("no database ", 100))), "no SQLite database"},
		"a half":           {write("half.db", text[:len(text)/2]), "damaged"},
		"a damaged one":    {write("damaged.db", damaged), "damaged"},
		"the database":     {strings.TrimPrefix(url, "sqlite:"), "itself"},
		"one that is used": {used, "being used"},
		"another's":        {write("empty.db", nil), "no database of such a server"},
	} {
		if _, err := engine.Restore(t.Context(), engine.Config{URL: url}, tc.from); err == nil || !strings.Contains(err.Error(), tc.saying) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := pairs(t, url); n != 300 {
		t.Errorf("%d pairs are left", n)
	}
	if left, err := filepath.Glob(strings.TrimPrefix(url, "sqlite:") + ".before*"); err != nil || len(left) > 0 {
		t.Errorf("%v %q", err, left)
	}
}

// A database that is damaged is what backups are for.
func TestADamagedDatabaseCanBeRestored(t *testing.T) {
	t.Parallel()
	url := filled(t, 300)
	into, _ := backup(t, url)
	f, err := os.OpenFile(strings.TrimPrefix(url, "sqlite:"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4*4096), 5*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := engine.Restore(t.Context(), engine.Config{URL: url}, into)
	if err != nil || pairs(t, url) != 300 {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.Aside); err != nil {
		t.Error(err)
	}
}

func TestPostgresIsCopiedByItsOwnPrograms(t *testing.T) {
	t.Parallel()
	cfg := engine.Config{URL: "postgres://ada:se%20cret@db.example.com:5433/blog?sslmode=verify-full&pool_max_conns=4&password=secret"}
	_, backup := engine.Backup(t.Context(), cfg, "my copy.dump")
	_, restore := engine.Restore(t.Context(), cfg, "copy.dump")
	for want, err := range map[string]error{
		`pg_dump --format=custom --file='my copy.dump' --dbname='postgres://ada@db.example.com:5433/blog?sslmode=verify-full'`:                 backup,
		`pg_restore --clean --if-exists --single-transaction --dbname='postgres://ada@db.example.com:5433/blog?sslmode=verify-full' copy.dump`: restore,
	} {
		var own *engine.OwnToolsError
		if !errors.As(err, &own) || own.Command != want || strings.Contains(err.Error(), "cret") {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
