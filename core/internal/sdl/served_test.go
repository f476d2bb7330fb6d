package sdl_test

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/dialect"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/sdl"
)

// open opens a database as a server does.
func open(t *testing.T, url string) (*sql.DB, *dialect.Dialect) {
	t.Helper()
	client, err := blog.Open(t.Context(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	driver := ent.Coppice().Of(client).Driver()
	db, err := engine.DB(driver)
	if err != nil {
		t.Fatal(err)
	}
	return db, dialect.Of(driver.Dialect())
}

func count(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM coppice_api").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheLastAPIThatWasServedIsKept(t *testing.T) {
	t.Parallel()
	db, words := open(t, enginetest.URL(t))
	if _, err := sdl.Last(t.Context(), db, words); !errors.Is(err, sdl.ErrNone) {
		t.Fatalf("of a new database: %v", err)
	}
	text, err := sdl.Join(blog.API(nil).Schema)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := sdl.Keep(t.Context(), db, words, text); err != nil {
			t.Fatal(err)
		}
	}
	last, err := sdl.Last(t.Context(), db, words)
	if err != nil || last.Text != text || last.At.IsZero() || count(t, db) != 1 {
		t.Errorf("%v, %d bytes of %d at %s, %d rows", err, len(last.Text), len(text), last.At, count(t, db))
	}
	if s, err := sdl.Parse(last.Text); err != nil || s.Types["Post"] == nil {
		t.Errorf("it is not read back: %v", err)
	}
	for i := range 30 {
		if err := sdl.Keep(t.Context(), db, words, fmt.Sprintf("type Query { n%d: Int }", i)); err != nil {
			t.Fatal(err)
		}
	}
	last, err = sdl.Last(t.Context(), db, words)
	if err != nil || last.Text != "type Query { n29: Int }" || count(t, db) != 10 {
		t.Errorf("%v, %s, %d rows", err, last.Text, count(t, db))
	}
}

// Servers that start at once keep one row of what they all serve.
func TestOfServersThatStartAtOnceOneKeepsTheAPI(t *testing.T) {
	t.Parallel()
	url := enginetest.URL(t)
	var starting sync.WaitGroup
	var last *sql.DB
	for range 8 {
		db, words := open(t, url)
		last = db
		starting.Go(func() {
			if err := sdl.Keep(t.Context(), db, words, "type Query { n: Int }"); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	if n := count(t, last); n != 1 {
		t.Errorf("%d rows", n)
	}
}
