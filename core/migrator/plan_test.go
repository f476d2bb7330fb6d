package migrator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/internal/enginetest"
	"coppice/core/migrator"
)

var update = flag.Bool("update", false, "write the golden files anew")

var stamps = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// planned is what a plan says, without what differs by run.
func planned(t *testing.T, url string, s *stock, args ...string) (string, int) {
	t.Helper()
	var out, log bytes.Buffer
	args = append([]string{"plan", "--db", url, "--dir", filepath.Join(t.TempDir(), "none")}, args...)
	code := migrator.Run(t.Context(), args, &out, &log, func(string) string { return "" }, migrator.App{Project: s.project(), Schema: s.api()})
	if log.Len() > 0 {
		t.Fatalf("%d: %s", code, log.String())
	}
	text := stamps.ReplaceAllString(out.String(), "THEN")
	text = regexp.MustCompile(`"tookMs": [\d.]+`).ReplaceAllString(text, `"tookMs": 1`)
	text = regexp.MustCompile(`, which took [\d.m]*s on a copy`).ReplaceAllString(text, "")
	name, user := strings.TrimPrefix(url, "sqlite:"), ""
	if enginetest.OnPostgres() {
		name, user = url[strings.LastIndex(url, "/")+1:], os.Getenv(enginetest.ServerVariable)
		text = strings.ReplaceAll(text, user[:strings.LastIndex(user, "/")], "postgres://user@host:5432")
		text = regexp.MustCompile(`at \S+ as \\?"[^"\\]*\\?"`).ReplaceAllString(text, "at HOST")
	}
	return strings.ReplaceAll(text, name, "DATABASE"), code
}

// golden holds a text against a file of the engine's.
func golden(t *testing.T, name, text string) {
	t.Helper()
	of := "sqlite"
	if enginetest.OnPostgres() {
		of = "postgres"
	}
	file := filepath.Join("testdata", "plan", of, name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s is not what is said; -update writes it anew:\n%s", file, text)
	}
}

// What a plan says of edits is read by people: it stays as it is until somebody reads it
// again. It changes nothing, and exits as the contract says.
func TestPlansOfEdits(t *testing.T) {
	t.Parallel()
	for _, e := range planEdits {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			url, s := shop(t), newStock()
			e.edit(s)
			before := enginetest.Content(t, url)
			text, code := planned(t, url, s)
			if code != e.exit {
				t.Errorf("exit %d, want %d", code, e.exit)
			}
			golden(t, e.name+".txt", text)
			markdown, code := planned(t, url, s, "--markdown")
			if code != e.exit {
				t.Errorf("exit %d for --markdown", code)
			}
			golden(t, e.name+".md", markdown)
			text, code = planned(t, url, s, "--json")
			var told struct {
				Exit       int
				InTheWay   []struct{ Rows int }
				Statements []struct{ SQL string }
			}
			if err := json.Unmarshal([]byte(text), &told); err != nil || told.Exit != code || code != e.exit {
				t.Errorf("%v: exit %d, told %d\n%s", err, code, told.Exit, text)
			}
			if strings.Contains(text, "ada@") || strings.Contains(markdown, "ada@") {
				t.Error("it shows a secret")
			}
			if after := enginetest.Content(t, url); after != before {
				t.Error("the plan changed the database")
			}
		})
	}
}

// A statement that a plan offers ends what stands in the way, or less does; what it
// offers next ends the rest.
func TestWhatAPlanOffersMends(t *testing.T) {
	t.Parallel()
	for _, e := range planEdits {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			url, s := shop(t), newStock()
			e.edit(s)
			for round := 0; ; round++ {
				change, err := engine.Change(t.Context(), s.project(), engine.Config{URL: url})
				if err != nil {
					t.Fatal(err)
				}
				i := slices.IndexFunc(change.Refusals, func(r migrate.Refusal) bool { return r.Statement != "" })
				switch {
				case len(change.Refusals) == 0:
					d, err := engine.Open(t.Context(), s.project(), engine.Config{URL: url, Logger: slog.New(slog.DiscardHandler)})
					if err != nil {
						t.Fatalf("a plan without a reason is not carried out: %v", err)
					}
					_ = d.Close()
					return
				case i < 0:
					return // it says so in words
				case round == 3:
					t.Fatalf("still in the way: %v", change.Refusals)
				}
				d, err := engine.Open(t.Context(), newStock().project(), engine.Config{URL: url, Migrate: migrate.Off, Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				db, err := engine.DB(d)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.ExecContext(t.Context(), change.Refusals[i].Statement); err != nil {
					t.Fatalf("%s: %v", change.Refusals[i].Statement, err)
				}
				_ = d.Close()
			}
		})
	}
}

// Who works meanwhile is neither stopped by a plan nor stops it, whatever they hold; and
// the plan says the same as of a database that nobody uses.
func TestAPlanRunsBesideServersAtWork(t *testing.T) {
	t.Parallel()
	url, s := shop(t), newStock()
	d, err := engine.Open(t.Context(), s.project(), engine.Config{URL: url, LockWait: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	db, err := engine.DB(d)
	if err != nil {
		t.Fatal(err)
	}
	// What locks the most: a table that is written anew, an index, and a column.
	stockColumn(s.books, "pages").Type = field.TypeInt64
	s.tags.AddIndex("tag_label", false, []string{"label"})
	s.tags.AddColumn(&schema.Column{Name: "weight", Type: field.TypeInt, Nullable: true})
	check := func() {
		t.Helper()
		if text, code := planned(t, url, s); code != 4 || !strings.Contains(text, "tag_label") {
			t.Errorf("exit %d\n%s", code, text)
		}
	}
	// A write that goes on for as long as the plan: one would wait for the other for ever.
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"INSERT INTO tags (label) VALUES ('held')", "UPDATE books SET pages = 11 WHERE id = 1"} {
		if _, err := tx.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	check()
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	var worked atomic.Int64
	for range 3 {
		working.Go(func() {
			for ctx.Err() == nil {
				if _, err := db.ExecContext(t.Context(), "INSERT INTO tags (label) VALUES ('more')"); err != nil {
					t.Error(err)
					return
				}
				worked.Add(1)
			}
		})
	}
	for range 5 {
		before := worked.Load()
		check()
		if worked.Load() == before {
			t.Error("nobody could write beside the plan")
		}
	}
	stop()
	working.Wait()
}
