package sqlite

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/engine/migrate"
	"coppice/core/internal/fixture/blog/ent"
	blogmigrate "coppice/core/internal/fixture/blog/ent/migrate"
)

// openWith opens a file with a schema other than the program's.
func openWith(t *testing.T, url string, tables []*schema.Table) (*ent.Client, error) {
	t.Helper()
	target, err := parseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	h, err := openTables(t.Context(), target, options{lockWait: DefaultLockWait, tables: tables})
	if err != nil {
		return nil, err
	}
	client := ent.NewClient(ent.Driver(h))
	t.Cleanup(func() { shut(t, client) })
	return client, nil
}

// grown returns the program's tables with one more column.
func grown(t *testing.T) []*schema.Table {
	t.Helper()
	tables, err := migrate.CopyTables(ent.Coppice().Tables)
	if err != nil {
		t.Fatal(err)
	}
	users := tables[4]
	if users.Name != "users" {
		t.Fatal("the tables are in another order")
	}
	users.Columns = append(users.Columns, &schema.Column{Name: "nick", Type: field.TypeString, Nullable: true})
	return tables
}

func columnsOf(t *testing.T, c *ent.Client, table string) []string {
	t.Helper()
	return all[string](t, c, "SELECT name FROM pragma_table_info(?)", table)
}

func TestOpenAddsAndNeverDrops(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client := open(t, url)
	author := user(t, client, "ada")
	newPost(t, client, author, "one")
	if _, err := client.ExecContext(t.Context(), "CREATE TABLE mine (x); ALTER TABLE users ADD COLUMN own TEXT"); err != nil {
		t.Fatal(err)
	}
	shut(t, client)

	client, err := openWith(t, url, grown(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(columnsOf(t, client, "users"), " "); !strings.Contains(got, "nick") || !strings.Contains(got, "own") {
		t.Errorf("the columns of users are %s", got)
	}
	if n := one[int](t, client, "SELECT COUNT(*) FROM posts JOIN users ON users.id = user_posts"); n != 1 {
		t.Errorf("%d posts are left", n)
	}
	one[int](t, client, "SELECT COUNT(*) FROM mine")
}

// A column that changes makes ent rebuild its table. Were foreign keys on
// meanwhile, the rows that refer to it would go with the old one.
func TestRebuildingATableKeepsWhatRefersToIt(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client := open(t, url)
	author := user(t, client, "ada")
	p := newPost(t, client, author, "one")
	tag := client.Tag.Create().SetName("go").AddPosts(p).SaveX(t.Context())
	shut(t, client)

	tables, err := migrate.CopyTables(ent.Coppice().Tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if table.Name == "tags" || table.Name == "posts" {
			table.Columns[1].Nullable = true
		}
	}
	client, err = openWith(t, url, tables)
	if err != nil {
		t.Fatal(err)
	}
	if strict := one[int](t, client, "SELECT \"notnull\" FROM pragma_table_info('tags') WHERE name = 'name'"); strict != 0 {
		t.Error("the column was not changed")
	}
	if n := one[int](t, client, "SELECT COUNT(*) FROM post_tags WHERE tag_id = ?", tag.ID); n != 1 {
		t.Errorf("%d associations are left", n)
	}
	if on := one[int](t, client, "PRAGMA foreign_keys"); on != 1 {
		t.Error("foreign keys stayed off") // C5
	}
	if _, err := client.ExecContext(t.Context(), "INSERT INTO post_tags VALUES (98, 99)"); err == nil {
		t.Error("a dangling association was stored")
	}
}

// C5: also where a user of the client asks ent to do it.
func TestMigrationThroughTheClientKeepsForeignKeys(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"file": fileURL(t), "memory": "sqlite::memory:"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := open(t, url)
			if _, err := client.ExecContext(t.Context(), "DROP INDEX post_user_posts"); err != nil {
				t.Fatal(err)
			}
			var ddl strings.Builder
			tables, err := migrate.CopyTables(ent.Coppice().Tables)
			if err != nil {
				t.Fatal(err)
			}
			printed := blogmigrate.NewSchema(&schema.WriteDriver{Writer: &ddl, Driver: ent.Coppice().Driver(client)})
			if err := blogmigrate.Create(t.Context(), printed, tables); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(ddl.String(), "CREATE INDEX `post_user_posts`") {
				t.Errorf("the DDL is %q", ddl.String())
			}
			if err := blogmigrate.Create(t.Context(), client.Schema, tables); err != nil {
				t.Fatal(err)
			}
			if n := one[int](t, client, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'post_user_posts'"); n != 1 {
				t.Error("the index was not created")
			}
			if on := one[int](t, client, "PRAGMA foreign_keys"); on != 1 {
				t.Error("foreign keys stayed off")
			}
		})
	}
}

// S1: without, a page of users with their posts scans the posts for each.
func TestEveryForeignKeyLeadsAnIndex(t *testing.T) {
	t.Parallel()
	client := open(t)
	keys := 0
	for _, table := range all[string](t, client, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") {
		for _, column := range all[string](t, client, `SELECT "from" FROM pragma_foreign_key_list(?)`, table) {
			keys++
			n := one[int](t, client, `SELECT COUNT(*) FROM pragma_index_list(?) l, pragma_index_info(l.name) i WHERE i.seqno = 0 AND i.name = ?`, table, column)
			if n == 0 {
				t.Errorf("%s.%s leads no index", table, column)
			}
		}
	}
	if keys < 9 {
		t.Errorf("only %d foreign keys were found", keys)
	}
}

func TestUpToDateFileIsOnlyLookedAt(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	shut(t, open(t, url))
	// Whoever holds the right to write does not keep others from opening.
	c := start(t, "hold", url)
	c.line()
	client := open(t, url)
	began := time.Now()
	for range 5 {
		shut(t, open(t, url))
	}
	t.Logf("opening takes %s", time.Since(began)/5)
	if n := one[int](t, client, "SELECT COUNT(*) FROM coppice_schema"); n != 1 {
		t.Errorf("the schema was applied %d times", n)
	}
	if at := one[time.Time](t, client, "SELECT applied_at FROM coppice_schema"); time.Since(at) > time.Hour {
		t.Errorf("it was applied at %s", at)
	}
	c.end()
}

// An older program opens a file whose schema has grown since, keeps what it
// does not know, and takes away nothing that the newer one relies on.
func TestFileOfANewerSchema(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	shut(t, open(t, url))
	younger, err := openWith(t, url, grown(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := younger.ExecContext(t.Context(), "INSERT INTO users (username, email, role, created_at, nick) VALUES ('ada', 'a', 'READER', '2026-01-01', 'countess')"); err != nil {
		t.Fatal(err)
	}
	shut(t, younger)
	older := open(t, url)
	if got := one[string](t, older, "SELECT nick FROM users"); got != "countess" {
		t.Error("what the newer schema holds is lost")
	}
	shut(t, older)

	strict := changed(t, func(users *schema.Table) { column(users, "name").Unique = true })
	if younger, err = openWith(t, url, strict); err != nil {
		t.Fatal(err)
	}
	shut(t, younger)
	_, err = openBlog(t.Context(), Config{URL: url})
	if err == nil || !strings.Contains(err.Error(), "schema is newer") || !strings.Contains(err.Error(), url+"?newer=allow") {
		t.Fatalf("the older program said %v", err)
	}
	if _, err := openBlog(t.Context(), Config{URL: url + "?newer=refuse"}); err == nil {
		t.Error("it opened against the wish")
	}
	shut(t, open(t, url+"?newer=allow"))
	shut(t, open(t, url)) // the older schema is now the last

	// Neither is the older schema newer than the newer one.
	if younger, err = openWith(t, url, strict); err != nil {
		t.Fatal(err)
	}
	if n := one[int](t, younger, "SELECT COUNT(*) FROM coppice_schema"); n != 6 {
		t.Errorf("%d schemas were applied", n)
	}
}

func TestDanglingRowStopsAMigration(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client := open(t, url)
	for _, query := range []string{"PRAGMA foreign_keys = off", "INSERT INTO post_tags VALUES (98, 99)"} {
		if _, err := client.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	shut(t, client)
	_, err := openWith(t, url, grown(t))
	if err == nil || !strings.Contains(err.Error(), "1 rows of post_tags refer to a row of posts that does not exist") {
		t.Fatalf("the migration: %v", err)
	}
	client = open(t, url)
	if columns := columnsOf(t, client, "users"); strings.Contains(strings.Join(columns, " "), "nick") {
		t.Error("half of a migration stayed")
	}
}

func TestMigrationThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client := open(t, url)
	user(t, client, "ada")
	shut(t, client)
	tables := grown(t)
	tables[3].Columns = append(tables[3].Columns, &schema.Column{Name: "color", Type: field.TypeString, Nullable: true})
	users := tables[4].Columns
	users[len(users)-1].Nullable = false // no value for the user there is
	if _, err := openWith(t, url, tables); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Fatalf("the migration: %v", err)
	}
	client = open(t, url)
	if columns := columnsOf(t, client, "tags"); len(columns) != 2 {
		t.Errorf("half of a migration stayed: %v", columns)
	}
}

func TestOpenEndsWithItsContext(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	shut(t, open(t, url))
	c := start(t, "hold", url)
	c.line()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	target, err := parseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	_, err = openTables(ctx, target, options{lockWait: time.Minute, tables: grown(t)})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the wait for the migration ended with %v", err)
	}
	c.end()
}

func TestFingerprintFollowsTheTables(t *testing.T) {
	t.Parallel()
	print := func(tables []*schema.Table) string {
		t.Helper()
		s, err := migrate.Fingerprint(tables, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	seen := map[string]string{}
	for name, change := range map[string]func(tables []*schema.Table){
		"nothing":            func([]*schema.Table) {},
		"a column's type":    func(l []*schema.Table) { l[0].Columns[1].Type = field.TypeBytes },
		"a column's null":    func(l []*schema.Table) { l[0].Columns[1].Nullable = true },
		"a default":          func(l []*schema.Table) { l[0].Columns[1].Default = "x" },
		"an enum":            func(l []*schema.Table) { l[0].Columns[1].Enums = []string{"x"} },
		"an index":           func(l []*schema.Table) { l[0].Indexes = l[0].Indexes[1:] },
		"a unique index":     func(l []*schema.Table) { l[0].Indexes[0].Unique = true },
		"an index's name":    func(l []*schema.Table) { l[0].Indexes[0].Name = "x" },
		"a key's action":     func(l []*schema.Table) { l[0].ForeignKeys[0].OnDelete = schema.Cascade },
		"a primary key":      func(l []*schema.Table) { l[0].PrimaryKey = l[0].Columns[:2] },
		"a table's name":     func(l []*schema.Table) { l[0].Name = "x" },
		"one table the less": func(l []*schema.Table) { l[0] = l[1] },
	} {
		tables, err := migrate.CopyTables(ent.Coppice().Tables)
		if err != nil {
			t.Fatal(err)
		}
		change(tables)
		p := print(tables)
		if other, ok := seen[p]; ok {
			t.Errorf("%s and %s look the same", name, other)
		}
		seen[p] = name
	}
	if seen[print(ent.Coppice().Tables)] != "nothing" {
		t.Error("a copy looks different")
	}
}
