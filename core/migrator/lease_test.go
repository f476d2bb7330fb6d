package migrator_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
)

// Whoever applies files at once: each file is applied once, and all succeed, servers that
// start meanwhile as well.
func TestFiveAtOnceApplyEachFileOnce(t *testing.T) {
	t.Parallel()
	const rows = 500
	d := newDesk(t)
	d.grow(rows)
	var mu sync.Mutex
	var wg sync.WaitGroup
	all := ""
	for range 5 {
		c, out := d.command("up")
		wg.Go(func() {
			err := c.Run()
			mu.Lock()
			defer mu.Unlock()
			if all += out.String(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			server, err := d.open(migrate.Versioned)
			if err != nil {
				t.Errorf("a server that starts: %v", err)
				return
			}
			_ = server.Close()
		})
	}
	wg.Wait()
	for _, f := range d.files() {
		if n := strings.Count(all, "applied "+f); n > 1 {
			t.Errorf("%s is applied %d times", f, n)
		}
	}
	d.grown(rows)
}

// handle opens the desk's database for statements of a test.
func (d *desk) handle() *sql.DB {
	d.Helper()
	driver, err := d.open(migrate.Off)
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { _ = driver.Close() })
	db, err := engine.DB(driver)
	if err != nil {
		d.Fatal(err)
	}
	return db
}

// begin starts cmd/db up, and waits until it has the lease.
func (d *desk) begin() (c *exec.Cmd, ended func() (string, int)) {
	d.Helper()
	c, out := d.command("up")
	if err := c.Start(); err != nil {
		d.Fatal(err)
	}
	for d.held() != c.Process.Pid {
		if err := syscall.Kill(c.Process.Pid, 0); err != nil {
			d.Fatalf("it is over already: %s", out)
		}
		if d.Context().Err() != nil {
			d.Fatal("it never has the lease")
		}
	}
	return c, func() (string, int) {
		_ = c.Wait() // the exit code says it
		return out.String(), c.ProcessState.ExitCode()
	}
}

// many writes as many files, half of them without a transaction, that each count.
func (d *desk) many(n int) {
	d.Helper()
	d.must("diff", "init")
	d.must("up")
	d.query("INSERT INTO books (title, pages) VALUES ('A', 0)")
	for i := range n {
		head := ""
		if i%2 == 0 {
			head = "-- atlas:txmode none\n\n"
		}
		d.put(fmt.Sprintf("20991231%06d_count.sql", i), head+"UPDATE books SET pages = pages + 1;\nUPDATE books SET pages = pages + 1;\nUPDATE books SET pages = pages + 1;\n")
	}
	d.rehash()
}

// The lease of a process that was killed is taken at once.
func TestTheLeaseOfAKilledProcessIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.many(400)
	c, ended := d.begin()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ended()
	if d.held() != c.Process.Pid {
		t.Fatal("it gave the lease back")
	}
	free := time.Now()
	var took time.Duration
	cfg := engine.Config{URL: d.url, Migrate: migrate.Versioned, Migrations: os.DirFS(d.dir), Applied: func(string, time.Duration) {
		if took == 0 {
			took = time.Since(free)
		}
	}}
	driver, err := engine.Open(t.Context(), d.shelf.project(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	_ = driver.Close()
	if took == 0 || took > 20*time.Second {
		t.Errorf("it waited %s", took)
	}
	if got := d.query("SELECT pages FROM books"); got != "1200" {
		t.Errorf("the files counted to %s", got)
	}
}

// lost lets the lease look as if its holder had given no sign of life for long. It fails
// while the holder is within a transaction, in which nobody can take the lease.
func lost(ctx context.Context, db *sql.DB) bool {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	_, err := db.ExecContext(ctx, "UPDATE coppice_migration_lease SET beat = beat - 120000")
	return err == nil
}

// A process that hangs until another one has taken its lease does nothing more once it
// comes to itself, and says why.
func TestAProcessThatLostItsLeaseAppliesNothingMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.many(400)
	db := d.handle()
	c, ended := d.begin()
	for {
		if err := c.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if lost(t.Context(), db) {
			break
		}
		if err := c.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
	if n := d.query("SELECT count(*) FROM coppice_revisions"); n == "401" {
		t.Fatal("it was done before it hung")
	}
	d.must("up")
	if got := d.query("SELECT pages FROM books"); got != "1200" {
		t.Fatalf("the files counted to %s", got)
	}
	if err := c.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	out, code := ended()
	if code != 1 || !strings.Contains(out, "another process has taken over the migration") || noise(out) {
		t.Errorf("%d %s", code, out)
	}
	if got := d.query("SELECT pages FROM books"); got != "1200" {
		t.Errorf("it counted on to %s", got)
	}
	if got := d.query("SELECT count(*) FROM coppice_revisions WHERE applied = total AND error = ''"); got != "401" {
		t.Errorf("%s files are noted as applied", got)
	}
}
