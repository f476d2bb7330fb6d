package sqlite

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"coppice/core/fault"
	"coppice/core/internal/fixture/blog/ent"
)

// A file that is removed or replaced under an open database is noticed before
// a write is answered. What was answered before stands in the old file, and the
// new one is left alone.
func TestAFileThatIsReplacedIsNoticed(t *testing.T) {
	t.Parallel()
	move := func(t *testing.T, from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		happens func(t *testing.T, file, other string)
		now     []string // who is in the file afterwards
		before  bool     // it happens before anything was written
	}{
		"another in its place": {func(t *testing.T, file, other string) { move(t, other, file) }, []string{"other"}, false},
		"moved away, another in its place": {func(t *testing.T, file, other string) {
			move(t, file, file+".old")
			move(t, other, file)
		}, []string{"other"}, false},
		"moved away": {func(t *testing.T, file, _ string) { move(t, file, file+".old") }, nil, false},
		"removed":    {func(_ *testing.T, file, _ string) { os.Remove(file) }, nil, false},
		"removed, its log too": {func(_ *testing.T, file, _ string) {
			os.Remove(file)
			os.Remove(file + "-wal")
			os.Remove(file + "-shm")
		}, nil, false},
		"its log removed":        {func(_ *testing.T, file, _ string) { os.Remove(file + "-wal") }, []string{"first", "late"}, false},
		"the log's index":        {func(_ *testing.T, file, _ string) { os.Remove(file + "-shm") }, []string{"first", "late"}, false},
		"before the first write": {func(t *testing.T, file, other string) { move(t, other, file) }, []string{"other"}, true},
	} {
		for way, write := range map[string]func(c *ent.Client) error{
			"a record": func(c *ent.Client) error {
				return c.User.Create().SetUsername("late").SetEmail("l@example.org").Exec(t.Context())
			},
			"a transaction": func(c *ent.Client) error {
				tx, err := c.Tx(t.Context())
				if err == nil {
					err = tx.User.Create().SetUsername("late").SetEmail("l@example.org").Exec(t.Context())
				}
				if err == nil {
					return tx.Commit()
				}
				return err
			},
			"rows": func(c *ent.Client) error {
				rows, err := c.QueryContext(t.Context(), "INSERT INTO users (username, email, role, created_at) VALUES ('late', 'l', 'READER', '2026-01-01') RETURNING id")
				if err == nil {
					err = rows.Close()
				}
				return err
			},
		} {
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				otherURL, url := fileURL(t), fileURL(t)
				file, otherFile := strings.TrimPrefix(url, "sqlite:"), strings.TrimPrefix(otherURL, "sqlite:")
				other := open(t, otherURL)
				user(t, other, "other")
				shut(t, other)
				client := open(t, url)
				if !c.before {
					user(t, client, "first")
				}
				c.happens(t, file, otherFile)
				for range 2 {
					err := write(client)
					var gone *fault.Unreachable
					if !errors.As(err, &gone) || fault.From(err).Code != fault.Unavailable || !strings.Contains(err.Error(), "was removed or replaced while it was open") {
						t.Fatal(err)
					}
				}
				if _, err := client.User.Query().Count(t.Context()); err == nil {
					t.Error("what is no longer there is read")
				}
				if data, err := os.ReadFile(file + "-wal"); err == nil && len(data) > 0 {
					t.Errorf("%d bytes of the old log are left for the new file", len(data))
				}
				names := func(url string) []string {
					return all[string](t, open(t, url), "SELECT username FROM users ORDER BY id")
				}
				if got := names(url); !slices.Equal(got, c.now) {
					t.Errorf("the file has %v, not %v", got, c.now)
				}
				if _, err := os.Stat(file + ".old"); err == nil {
					if got := names(url + ".old"); len(got) == 0 || got[0] != "first" {
						t.Errorf("the old file has %v", got)
					}
				}
			})
		}
	}
}

// It is noticed at the end, too: the log is not left for the new file.
func TestAFileThatIsReplacedIsLeftAloneAtTheEnd(t *testing.T) {
	t.Parallel()
	otherURL, url := fileURL(t), fileURL(t)
	other := open(t, otherURL)
	user(t, other, "other")
	shut(t, other)
	client := open(t, url)
	user(t, client, "first")
	if err := os.Rename(strings.TrimPrefix(otherURL, "sqlite:"), strings.TrimPrefix(url, "sqlite:")); err != nil {
		t.Fatal(err)
	}
	shut(t, client)
	if got := all[string](t, open(t, url), "SELECT username FROM users"); !slices.Equal(got, []string{"other"}) {
		t.Errorf("the file has %v", got)
	}
}
