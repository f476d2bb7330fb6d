package sqlite

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/schema/field"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/record"
)

func init() { children["grow"] = childGrow }

// tagged is a schema whose boxes have a label more, which must be filled.
func tagged(boxes, _ *schema.Table) {
	boxes.Columns = append(boxes.Columns, &schema.Column{Name: "label", Type: field.TypeString})
}

// childGrow opens a file with a new schema, and stops halfway until its input
// ends.
func childGrow(url string, in io.Reader, out io.Writer) error {
	target, err := parseURL(url)
	if err != nil {
		return err
	}
	rows := 0
	_, err = openTables(context.Background(), target, options{lockWait: DefaultLockWait, tables: shelf(tagged),
		defaults: func(string) ([]*sqlgraph.FieldSpec, error) {
			if rows++; rows == 3 {
				fmt.Fprintln(out, "halfway")
				if _, err := io.Copy(io.Discard, in); err != nil {
					return nil, err
				}
			}
			return []*sqlgraph.FieldSpec{{Column: "label", Type: field.TypeString, Value: "x"}}, nil
		}})
	return err
}

func boxed(t *testing.T) (url string) {
	t.Helper()
	url = fileURL(t)
	client, _, err := openLogging(t, url, shelf())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ExecContext(t.Context(), "INSERT INTO boxes (code, size) VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4)"); err != nil {
		t.Fatal(err)
	}
	shut(t, client)
	return url
}

func TestAMigrationThatIsKilledChangesNothing(t *testing.T) {
	t.Parallel()
	url := boxed(t)
	before := contentOf(t, url)
	c := start(t, "grow", url)
	c.line()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // it was killed
	if diff := before.difference(contentOf(t, url)); diff != "" {
		t.Error(diff)
	}
	client, _, err := openLogging(t, url, shelf())
	if err != nil {
		t.Fatal(err)
	}
	shut(t, client)
}

// Of several that start at once with a new schema, one changes the file.
func TestStartsAtOnceChangeTheSchemaOnce(t *testing.T) {
	t.Parallel()
	url := boxed(t)
	logs := make([]string, 4)
	var all sync.WaitGroup
	for i := range logs {
		all.Go(func() {
			client, log, err := openLogging(t, url, shelf(retyped("size", field.TypeString, false), func(boxes, _ *schema.Table) { without(boxes, "code") }))
			if err != nil {
				t.Error(err)
				return
			}
			logs[i] = log
			shut(t, client)
		})
	}
	all.Wait()
	if n := strings.Count(strings.Join(logs, ""), "out of sight"); n != 1 {
		t.Errorf("it is logged %d times", n)
	}
	if got := rowsOf(t, url, "SELECT count(*) FROM coppice_schema UNION ALL SELECT quote(size) FROM boxes"); got != "2 '1' '2' '3' '4'" {
		t.Errorf("there is %s", got)
	}
}

// openViewing opens a file with a schema that has views.
func openViewing(t *testing.T, url string, tables []*schema.Table, views ...record.View) error {
	t.Helper()
	target, err := parseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	h, err := openTables(t.Context(), target, options{lockWait: DefaultLockWait, tables: tables, views: views})
	if err == nil {
		shut(t, ent.NewClient(ent.Driver(h)))
	}
	return err
}

// Views of the schema follow it: they hold nothing that could be lost. A table
// that is to be a view does.
func TestViewsOverTablesThatChange(t *testing.T) {
	t.Parallel()
	url := boxed(t)
	view := func(name, as string) record.View {
		return record.View{Name: name, As: map[string]string{dialect.SQLite: as}}
	}
	for _, step := range []struct {
		tables []*schema.Table
		views  []record.View
		says   string
		there  string
	}{
		{shelf(), []record.View{view("big", "SELECT id, size FROM boxes WHERE size > 2")}, "", "big"},
		{shelf(retyped("size", field.TypeString, false)), []record.View{view("big", "SELECT id, size FROM boxes")}, "", "big"},
		{shelf(), []record.View{view("big", "SELECT id, sise FROM boxes")}, "view big does not go with the tables of the schema: no such column: sise", "big"},
		{shelf(func(boxes, _ *schema.Table) { without(boxes, "size") }), nil, "", ""},
		{shelf(func(boxes, _ *schema.Table) { boxes.Name = "crates" }), []record.View{view("boxes", "SELECT id FROM crates")},
			"boxes is a table of 4 rows in the database, and a view in the schema", ""},
		{append(shelf(), &schema.Table{Name: "big", Columns: shelf()[1].Columns, PrimaryKey: shelf()[1].PrimaryKey}), nil, "", ""},
	} {
		err := openViewing(t, url, step.tables, step.views...)
		if step.says == "" && err != nil || step.says != "" && (err == nil || !strings.Contains(err.Error(), step.says) || strings.Contains(err.Error(), "SQL logic")) {
			t.Errorf("it says %v, not %q", err, step.says)
		}
		if got := rowsOf(t, url, "SELECT name FROM sqlite_master WHERE type = 'view'"); got != step.there {
			t.Errorf("the views are %q, not %q", got, step.there)
		}
	}
}

// An association that becomes an entity of its own gets its ids, and one
// whose rows repeat is none.
func TestAnAssociationThatBecomesAnEntity(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	tables := shelf()
	join := plannedJoin{table: "box_tags", from: "boxes", to: "rooms"}.build(tables[0], tables[1])
	client, _, err := openLogging(t, url, append(tables, join))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ExecContext(t.Context(), "INSERT INTO boxes (code) VALUES ('a'), ('b')"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ExecContext(t.Context(), "INSERT INTO rooms (name) VALUES ('x'); INSERT INTO box_tags VALUES (1, 1), (2, 1)"); err != nil {
		t.Fatal(err)
	}
	shut(t, client)
	entity := func() []*schema.Table {
		tables := shelf()
		join := plannedJoin{table: "box_tags", from: "boxes", to: "rooms"}.build(tables[0], tables[1])
		id := &schema.Column{Name: "id", Type: field.TypeInt, Increment: true}
		join.Columns, join.PrimaryKey = append([]*schema.Column{id}, join.Columns...), []*schema.Column{id}
		return append(tables, join)
	}
	if client, _, err = openLogging(t, url, entity()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ExecContext(t.Context(), "INSERT INTO box_tags (from_id, to_id) VALUES (2, 1)"); err != nil {
		t.Fatal(err)
	}
	shut(t, client)
	if got := rowsOf(t, url, "SELECT id || ':' || from_id FROM box_tags ORDER BY id"); got != "1:1 2:2 3:2" {
		t.Errorf("the rows are %s", got)
	}
	_, _, err = openLogging(t, url+"?loss=allow", append(tables, join))
	if err == nil || !strings.Contains(err.Error(), "`from_id`, `to_id` of box_tags is now unique") {
		t.Errorf("it says %v", err)
	}
}
