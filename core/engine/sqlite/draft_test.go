package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A draft holds what the database holds, takes changes that the database does
// not see, and leaves nothing behind.
func TestDraft(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	cfg := Config{URL: "sqlite:" + filepath.Join(dir, "x.db")}
	c, err := openBlog(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.Tag.Create().SetName("go").ExecX(ctx)
	for _, running := range []bool{true, false} {
		if !running {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		before, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		d, err := draftBlog(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		d.Tag.Create().SetName("sql").ExecX(ctx)
		if n := d.Tag.Query().CountX(ctx); n != 2 {
			t.Errorf("%d tags in the draft", n)
		}
		if running {
			if n := c.Tag.Query().CountX(ctx); n != 1 {
				t.Errorf("%d tags in the database", n)
			}
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if after, err := os.ReadDir(dir); err != nil || len(after) != len(before) {
			t.Errorf("running %v: %v, %v; before %v", running, after, err, before)
		}
	}
}

func TestDraftOfNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := draftBlog(t.Context(), Config{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := draftBlog(t.Context(), Config{URL: "sqlite:" + path}); err == nil || !strings.Contains(err.Error(), "it is not a SQLite database") {
		t.Errorf("got %v", err)
	}
}

// Whether somebody of this process waits to write can be told as well.
func TestSharedWithWhoWaits(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"file": "sqlite:" + filepath.Join(t.TempDir(), "x.db"), "memory": "sqlite::memory:"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := openBlog(t.Context(), Config{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			h := handleOf(c)
			tx, err := c.Tx(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback() }() // where it is not committed, for Close waits for it
			if h.Shared() {
				t.Error("nobody waits yet")
			}
			wrote := make(chan error)
			go func() {
				_, err := h.ExecContext(t.Context(), "DELETE FROM tags")
				wrote <- err
			}()
			for !h.Shared() {
				select {
				case err := <-wrote:
					t.Fatal("who waited was not told of:", err)
				default:
					runtime.Gosched()
				}
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			if err := <-wrote; err != nil {
				t.Error(err)
			}
			if h.Shared() {
				t.Error("nobody waits any more")
			}
		})
	}
}

// Whether another process has the database open can be told.
func TestShared(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	c, err := openBlog(t.Context(), Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	h := handleOf(c)
	if h.Shared() {
		t.Error("nobody else is there, before anything is asked")
	}
	user(t, c, "ann")
	if h.Shared() {
		t.Error("nobody else is there")
	}
	other := start(t, "hold", url)
	other.line()
	defer other.end()
	if !h.Shared() {
		t.Error("another process has it open")
	}
}
