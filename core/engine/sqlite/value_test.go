package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"

	"coppice/core/fault"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/post"
)

type entRows = entsql.Rows

// stamp is a driver.Valuer that hides a time.
type stamp struct{ t time.Time }

func (s stamp) Value() (driver.Value, error) { return s.t, nil }

// W8: stock, times are stored as Go prints them, with the offset of whoever
// wrote them and a monotonic clock reading.
func TestTimesAreStoredInAFormThatSorts(t *testing.T) {
	t.Parallel()
	client := open(t)
	now := time.Now()
	far := time.Date(2026, 1, 2, 23, 30, 0, 123456789, time.FixedZone("", -7*3600))
	for name, tt := range map[string]struct {
		arg  any
		want string
	}{
		"now":         {now, now.UTC().Truncate(time.Microsecond).Format("2006-01-02 15:04:05.999999") + "+00:00"},
		"an offset":   {far, "2026-01-03 06:30:00.123456+00:00"},
		"a pointer":   {&far, "2026-01-03 06:30:00.123456+00:00"},
		"a Valuer":    {stamp{far}, "2026-01-03 06:30:00.123456+00:00"},
		"a NullTime":  {sql.NullTime{Time: far, Valid: true}, "2026-01-03 06:30:00.123456+00:00"},
		"no fraction": {far.Truncate(time.Second), "2026-01-03 06:30:00+00:00"},
	} {
		if got := one[string](t, client, "SELECT ?", tt.arg); got != tt.want {
			t.Errorf("%s is stored as %q, not %q", name, got, tt.want)
		}
	}
	if got := one[sql.NullString](t, client, "SELECT ?", (*time.Time)(nil)); got.Valid {
		t.Errorf("no time is stored as %q", got.String)
	}
}

func TestTimesReadBackEqualToTheMicrosecond(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	author := user(t, client, "ada")
	base := time.Date(2026, 1, 31, 23, 59, 59, 0, time.UTC)
	zones := []*time.Location{time.UTC, time.FixedZone("east", 9*3600), time.FixedZone("west", -11*3600)}
	var want []time.Time
	for i := range 30 {
		at := base.Add(time.Duration(i*i) * 1234567 * time.Microsecond).Add(time.Duration(i%4) * 10 * time.Microsecond).In(zones[i%3])
		p := client.Post.Create().SetSlug("p" + string(rune('a'+i%26)) + string(rune('a'+i/26))).SetTitle("T").SetBody("B").
			SetAuthor(author).SetPublishedAt(at).SaveX(ctx)
		if got := client.Post.GetX(ctx, p.ID).PublishedAt; !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("%s reads back as %s", at, got)
		}
		want = append(want, at)
	}
	var got []time.Time
	for _, p := range client.Post.Query().Order(post.ByPublishedAt()).AllX(ctx) {
		got = append(got, p.PublishedAt)
	}
	if !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Error("the order of the texts is not that of the times")
	}
	if n := client.Post.Query().Where(post.PublishedAtGT(want[9])).CountX(ctx); n != 20 {
		t.Errorf("%d posts are later than the tenth", n)
	}
	var span []struct {
		Min time.Time
		Max sql.NullTime
	}
	err := client.Post.Query().Aggregate(ent.Min(post.FieldPublishedAt), ent.Max(post.FieldPublishedAt)).Scan(ctx, &span)
	if err != nil {
		t.Fatal(err)
	}
	if !span[0].Min.Equal(want[0]) || !span[0].Max.Time.Equal(want[29]) {
		t.Errorf("the times span %v", span)
	}
}

// Only an expression over a time column is read as a time.
func TestTextThatLooksLikeATimeStaysText(t *testing.T) {
	t.Parallel()
	client := open(t)
	const text = "2026-01-02 15:04:05.5+00:00"
	if err := client.User.Create().SetUsername("ada").SetEmail("a@example.org").SetName(text).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"SELECT name FROM users", "SELECT MAX(name) FROM users", "SELECT COALESCE(name, created_at), 1 FROM users LIMIT 0"} {
		for _, got := range all[any](t, client, query) {
			if got != text {
				t.Errorf("%s: %v is a %T", query, got, got)
			}
		}
	}
	for _, query := range []string{"SELECT MAX(created_at) FROM users", "SELECT created_at FROM users", "SELECT DISTINCT MIN(`users`.`created_at`) AS m FROM users", "UPDATE users SET role = role RETURNING created_at"} {
		if got, ok := one[any](t, client, query).(time.Time); !ok {
			t.Errorf("%s: is a %T", query, got)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	client := open(t)
	for in, want := range map[string]string{
		"ASCII Only": "ascii only", "STRASSE": "strasse", "Straße": "strasse", "ΣΊΣΥΦΟΣ": "σίσυφοσ", "Σίσυφος": "σίσυφοσ", "ÀÉ": "àé", "": "",
	} {
		if got := one[string](t, client, "SELECT coppice_fold(?)", in); got != want {
			t.Errorf("%q folds to %q, not %q", in, got, want)
		}
	}
	if got := one[any](t, client, "SELECT coppice_fold(NULL)"); got != nil {
		t.Errorf("NULL folds to %v", got)
	}
	if got := one[any](t, client, "SELECT coppice_fold(5)"); got != int64(5) {
		t.Errorf("5 folds to %v", got)
	}
	// Deterministic functions may stand in an index.
	if _, err := client.ExecContext(t.Context(), "CREATE INDEX folded ON users (coppice_fold(username))"); err != nil {
		t.Error(err)
	}
}

func TestConstraintErrors(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	author := user(t, client, "ada")
	if _, err := client.ExecContext(ctx, "CREATE TABLE pairs (a, b, UNIQUE (a, b)); INSERT INTO pairs VALUES ('x', 1); CREATE TABLE lows (a); CREATE UNIQUE INDEX low ON lows (lower(a)); INSERT INTO lows VALUES ('x')"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]fault.Unique{
		"INSERT INTO users (username, email, role, created_at) VALUES ('ada', 'x', 'READER', '')":      {Table: "users", Columns: []string{"username"}},
		"INSERT INTO users (id, username, email, role, created_at) VALUES (1, 'x', 'x', 'READER', '')": {Table: "users", Columns: []string{"id"}},
		"INSERT INTO pairs VALUES ('x', 1)": {Table: "pairs", Columns: []string{"a", "b"}},
		"INSERT INTO lows VALUES ('X')":     {},
		"WITH v AS (SELECT 1) INSERT INTO users (id, username, email, role, created_at) SELECT 1,'x','x','READER','' FROM v RETURNING id": {Table: "users", Columns: []string{"id"}},
	} {
		_, err := client.ExecContext(ctx, query)
		var unique *fault.Unique
		if !errors.As(err, &unique) {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if unique.Table != want.Table || !slices.Equal(unique.Columns, want.Columns) {
			t.Errorf("%s: %s %v", query, unique.Table, unique.Columns)
		}
	}
	err := client.User.Create().SetUsername("ada").SetEmail("b@example.org").Exec(ctx)
	var unique *fault.Unique
	if !ent.IsConstraintError(err) || !sqlgraph.IsUniqueConstraintError(err) || !errors.As(err, &unique) {
		t.Errorf("ent does not know %v", err)
	}
	foreign := func(err error) {
		t.Helper()
		var key *fault.ForeignKey
		if !ent.IsConstraintError(err) || !sqlgraph.IsForeignKeyConstraintError(err) || !errors.As(err, &key) {
			t.Errorf("ent does not know %v", err)
		}
	}
	foreign(client.Post.Create().SetSlug("s").SetTitle("t").SetBody("b").SetAuthorID(99).Exec(ctx))
	user(t, client, "grace")
	client.Post.Create().SetSlug("s").SetTitle("t").SetBody("b").SetAuthor(author).ExecX(ctx)
	foreign(client.User.DeleteOne(author).Exec(ctx))

	// A deferred key fails at the commit.
	tx := tx(t, client)
	for _, query := range []string{"PRAGMA defer_foreign_keys = on", "UPDATE posts SET user_posts = 99"} {
		if _, err := tx.ExecContext(ctx, query); err != nil {
			t.Fatal(err)
		}
	}
	err = tx.Commit()
	var key *fault.ForeignKey
	if !sqlgraph.IsForeignKeyConstraintError(err) || !errors.As(err, &key) {
		t.Errorf("the commit: %v", err)
	}
	user(t, client, "linus")
	if _, err := client.User.Query().All(context.Background()); err != nil {
		t.Error(err)
	}
}

// hiddenText is a driver.Valuer that hides a text.
type hiddenText string

func (h hiddenText) Value() (driver.Value, error) { return string(h), nil }

// SQLite's functions take a text with NUL for the part before it.
func TestNoTextWithNULReachesTheDatabase(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	author := user(t, client, "ada")
	const bad = "a\x00b"
	pointer := bad
	for name, write := range map[string]func() error{
		"typed client":   func() error { return client.Tag.Create().SetName(bad).Exec(ctx) },
		"optional field": func() error { return author.Update().SetName(bad).Exec(ctx) },
		"bulk": func() error {
			return client.Tag.CreateBulk(client.Tag.Create().SetName("a"), client.Tag.Create().SetName(bad)).Exec(ctx)
		},
		"statement":            func() error { _, err := client.ExecContext(ctx, "UPDATE users SET name = ?", bad); return err },
		"statement, a pointer": func() error { _, err := client.ExecContext(ctx, "UPDATE users SET name = ?", &pointer); return err },
		"statement, a Valuer": func() error {
			_, err := client.ExecContext(ctx, "UPDATE users SET name = ?", hiddenText(bad))
			return err
		},
		"statement, NullString": func() error {
			_, err := client.ExecContext(ctx, "UPDATE users SET name = ?", sql.NullString{String: bad, Valid: true})
			return err
		},
	} {
		var f *fault.Error
		if err := write(); err == nil {
			t.Errorf("%s: it was written", name)
		} else if !errors.As(err, &f) && name != "typed client" && name != "bulk" { // whose validator may say so first
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := one[int](t, client, "SELECT (SELECT count(*) FROM tags) + (SELECT count(*) FROM users WHERE instr(name, char(0)) > 0)"); n != 0 {
		t.Errorf("%d records hold it", n)
	}
}
