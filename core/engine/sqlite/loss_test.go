package sqlite

import (
	"slices"
	"strings"
	"testing"

	"coppice/core/engine/migrate"
	"coppice/core/internal/fixture/blog/ent"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// changed is the program's tables after a change of the schema.
func changed(t *testing.T, change func(users *schema.Table)) []*schema.Table {
	t.Helper()
	tables, err := migrate.CopyTables(ent.Coppice().Tables)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(tables, func(t *schema.Table) bool { return t.Name == "users" })
	change(tables[i])
	return tables
}

func column(t *schema.Table, name string) *schema.Column {
	return t.Columns[slices.IndexFunc(t.Columns, func(c *schema.Column) bool { return c.Name == name })]
}

func without(t *schema.Table, name string) {
	t.Columns = slices.DeleteFunc(t.Columns, func(c *schema.Column) bool { return c.Name == name })
}

// A change of the schema adds what can be added, and what could lose data is
// refused with the statement and the way out; then nothing is changed.
func TestAChangeOfTheSchemaLosesNothing(t *testing.T) {
	t.Parallel()
	add := func(c *schema.Column) func(*schema.Table) {
		return func(t *schema.Table) { t.Columns = append(t.Columns, c) }
	}
	for name, c := range map[string]struct {
		change func(*schema.Table)
		says   []string // why it is refused, or nothing
		empty  bool     // it goes through where there are no rows
		loss   bool     // it goes through with ?loss=allow
	}{
		"an optional column":      {change: add(&schema.Column{Name: "nick", Type: field.TypeString, Nullable: true})},
		"a column with a default": {change: add(&schema.Column{Name: "points", Type: field.TypeInt, Default: 7})},
		"a column with a default of an expression": {change: add(&schema.Column{Name: "made", Type: field.TypeString,
			Default: schema.Expr("'there'")})},
		"a required column": {change: add(&schema.Column{Name: "nick", Type: field.TypeString}), empty: true,
			says: []string{"users.nick is new and required", "entsql.Default"}},
		"an optional column less": {change: func(t *schema.Table) { without(t, "name") }},
		"a required column less": {change: func(t *schema.Table) { without(t, "created_at") }, empty: true, loss: true,
			says: []string{"users.created_at is no longer in the schema", "ALTER TABLE `users` DROP COLUMN `created_at`", "?loss=allow"}},
		"a column that is required now": {change: func(t *schema.Table) { column(t, "name").Nullable = false }, empty: true,
			says: []string{"users.name is now required", "1 rows", "UPDATE `users` SET `name`"}},
		"another type": {change: func(t *schema.Table) { column(t, "role").Type = field.TypeInt; column(t, "role").Enums = nil }, empty: true,
			says: []string{"users.role is text in the database and integer in the schema", "2 rows", "such as 'READER'", "?loss=allow"}},
		"another type of what may be null": {change: func(t *schema.Table) { column(t, "name").Type = field.TypeInt }, empty: true, loss: true,
			says: []string{"users.name is text in the database and integer in the schema", "1 rows", "such as 'Ada'", "?loss=allow"}},
		"a wider type": {change: func(t *schema.Table) { column(t, "created_at").Type = field.TypeString }},
		"an enum value less": {change: func(t *schema.Table) { column(t, "role").Enums = []string{"OTHER", "ADMIN"} }, empty: true,
			says: []string{"2 rows of users have a role that is no longer one of OTHER, ADMIN", "UPDATE `users` SET `role` = 'ADMIN'"}},
		"an enum value more": {change: func(t *schema.Table) {
			column(t, "role").Enums = append(slices.Clone(column(t, "role").Enums), "OTHER")
		}},
		"a unique column": {change: func(t *schema.Table) { column(t, "role").Unique = true }, empty: true,
			says: []string{"`role` of users is now unique", "1 values occur more than once", "GROUP BY `role`"}},
		"a new unique column of one value": {change: add(&schema.Column{Name: "code", Type: field.TypeString, Unique: true, Default: "x"}), empty: true,
			says: []string{"`code` of users is new and unique", "more than one row"}},
		"a unique index": {change: func(t *schema.Table) {
			t.Indexes = append(t.Indexes, &schema.Index{Name: "user_role_bio", Unique: true, Columns: []*schema.Column{column(t, "role")}})
		}, empty: true, says: []string{"`role` of users is now unique"}},
		"a unique column no longer": {change: func(t *schema.Table) { column(t, "email").Unique = false }},
		"an index with a direction": {change: func(t *schema.Table) {
			t.Indexes = append(t.Indexes, &schema.Index{Name: "user_email_name", Columns: []*schema.Column{column(t, "email"), column(t, "name")},
				Annotation: entsql.DescColumns("name")})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := fileURL(t)
			shut(t, open(t, url))
			again, err := openWith(t, url, changed(t, c.change))
			if err != nil && (len(c.says) == 0 || c.empty) {
				t.Fatalf("without rows: %v", err)
			}
			if err == nil {
				shut(t, again)
			}

			url = fileURL(t)
			client := open(t, url)
			user(t, client, "ada")
			user(t, client, "bob")
			if _, err := client.ExecContext(t.Context(), "UPDATE users SET name = 'Ada' WHERE username = 'ada'"); err != nil {
				t.Fatal(err)
			}
			before := dump(t, client)
			shut(t, client)
			again, err = openWith(t, url, changed(t, c.change))
			if len(c.says) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				if n := one[int](t, again, "SELECT COUNT(*) FROM users WHERE email LIKE '%'"); n != 2 {
					t.Errorf("%d users are left", n)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "nothing was changed") {
				t.Fatalf("it is not refused: %v", err)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
			client = open(t, url)
			if after := dump(t, client); after != before {
				t.Errorf("it was changed:\n%s\n%s", before, after)
			}
			shut(t, client)
			if c.loss {
				if again, err = openWith(t, url+"?loss=allow", changed(t, c.change)); err != nil {
					t.Fatal(err)
				}
				shut(t, again)
			}
		})
	}
}

// dump is the tables and the users of a database.
func dump(t *testing.T, c contextQuerier) string {
	t.Helper()
	list := all[string](t, c, "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
	list = append(list, all[string](t, c, "SELECT username || email || role || coalesce(name, '') FROM users ORDER BY id")...)
	return strings.Join(list, "\n")
}
