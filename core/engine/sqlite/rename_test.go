package sqlite

import (
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/record"
)

// seats is a schema of chairs in halls, with other names where some are given, in the
// order of its own.
func seats(names ...string) []*schema.Table {
	called := func(i int, name string) string {
		if i < len(names) && names[i] != "" {
			return names[i]
		}
		return name
	}
	id := func() *schema.Column { return &schema.Column{Name: "id", Type: field.TypeInt, Increment: true} }
	halls := &schema.Table{Name: called(0, "halls"), Columns: []*schema.Column{id(), {Name: called(1, "title"), Type: field.TypeString, Unique: true}}}
	chairs := &schema.Table{Name: called(2, "chairs"), Columns: []*schema.Column{
		id(), {Name: called(3, "row"), Type: field.TypeString}, {Name: called(4, "number"), Type: field.TypeString, Nullable: true},
		{Name: called(5, "state"), Type: field.TypeEnum, Enums: []string{called(6, "free"), called(7, "taken")}}, {Name: called(8, "hall_chairs"), Type: field.TypeInt, Nullable: true},
	}}
	halls.PrimaryKey, chairs.PrimaryKey = slices.Clone(halls.Columns[:1]), slices.Clone(chairs.Columns[:1])
	chairs.ForeignKeys = []*schema.ForeignKey{{
		Symbol: chairs.Name + "_" + halls.Name, Columns: slices.Clone(chairs.Columns[4:5]), RefTable: halls, RefColumns: halls.PrimaryKey, OnDelete: schema.Cascade,
	}}
	chairs.Indexes = []*schema.Index{{Name: chairs.Name + "_" + chairs.Columns[1].Name, Columns: slices.Clone(chairs.Columns[1:2])}}
	return []*schema.Table{halls, chairs}
}

const seated = "'Big' 'A' '1' 'free' 1; 'Big' 'B' '2' 'taken' 1"

// seatsOf is what a file of seats holds, by names.
func seatsOf(t *testing.T, url string, tables []*schema.Table) string {
	t.Helper()
	h, c := tables[0], tables[1]
	shown := []string{"quote(h." + quote(h.Columns[1].Name) + ")"}
	for _, column := range c.Columns[1:] {
		shown = append(shown, "quote(c."+quote(column.Name)+")")
	}
	return strings.Join(all[string](t, rawFile(t, url), "SELECT "+strings.Join(shown, " || ' ' || ")+" FROM "+quote(c.Name)+" c JOIN "+quote(h.Name)+" h ON h.id = c."+
		quote(c.Columns[4].Name)+" ORDER BY c.id"), "; ")
}

// A name that has another one today is refused where the file has both with something
// under the older, and follows in any other case; a second start does nothing more.
func TestRenames(t *testing.T) {
	t.Parallel()
	title := record.Rename{Table: "halls", Column: "name", From: "title"}
	for name, c := range map[string]struct {
		prepare []string
		tables  []*schema.Table
		known   []record.Rename
		want    string // what it holds then, or
		says    string // why it is refused
		then    string // what a query says
		is      string
	}{
		"a column": {nil, seats("", "name"), []record.Rename{title}, seated, "", "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'halls%'", "halls_name_key"},
		"a table":  {nil, seats("", "", "stools"), []record.Rename{{Table: "stools", From: "chairs"}}, seated, "", "SELECT seq FROM sqlite_sequence WHERE name = 'stools'", "3"},
		"no row of the older name is left in the counters": {nil, seats("", "", "stools"), []record.Rename{{Table: "stools", From: "chairs"}}, seated, "", "SELECT count(*) FROM sqlite_sequence WHERE name = 'chairs'", "0"},
		"what others lead to": {nil, seats("rooms", "", "", "", "", "", "", "", "room_chairs"), []record.Rename{{Table: "rooms", From: "halls"}, {Table: "chairs", Column: "room_chairs", From: "hall_chairs"}},
			seated, "", `SELECT "table" || ' ' || "from" || ' ' || on_delete FROM pragma_foreign_key_list('chairs')`, "rooms room_chairs CASCADE"},
		"two tables exchanged with a column": {nil, seats("chairs", "", "halls", "number", "row"), []record.Rename{{Table: "chairs", From: "halls"}, {Table: "halls", From: "chairs"},
			{Table: "halls", Column: "number", From: "row"}, {Table: "halls", Column: "row", From: "number"}}, seated, "", "SELECT seq FROM sqlite_sequence WHERE name = 'halls'", "3"},
		"values exchanged": {nil, seats("", "", "", "", "", "", "taken", "free"), []record.Rename{{Table: "chairs", Column: "state", Value: "taken", From: "free"}, {Table: "chairs", Column: "state", Value: "free", From: "taken"}},
			strings.NewReplacer("free", "taken", "taken", "free").Replace(seated), "", "SELECT 1", "1"},
		"views and triggers go along": {[]string{
			"CREATE VIEW theirs (title, row) AS SELECT title, row FROM chairs JOIN halls ON halls.id = hall_chairs", "CREATE TABLE log (text)",
			"CREATE TRIGGER logged AFTER UPDATE OF row ON chairs BEGIN INSERT INTO log VALUES (NEW.row); END",
			"CREATE INDEX somebodys ON chairs (row DESC) WHERE row > 'A'",
		}, seats("rooms", "name", "stools", "line"), []record.Rename{{Table: "rooms", From: "halls"}, {Table: "rooms", Column: "name", From: "title"}, {Table: "stools", From: "chairs"}, {Table: "stools", Column: "line", From: "row"}},
			seated, "", "SELECT group_concat(title || row) FROM theirs", "BigA,BigB"},
		"a broken view is in nobody's way": {[]string{"CREATE VIEW broken AS SELECT * FROM nowhere"}, seats("", "name"), []record.Rename{title}, seated, "", "SELECT count(*) FROM sqlite_master WHERE name = 'broken'", "1"},
		"a trigger that names nothing":     {[]string{"CREATE TABLE log (text)", "CREATE TRIGGER logged AFTER DELETE ON chairs BEGIN INSERT INTO log VALUES (1); END", "DROP TABLE log"}, seats("", "name"), []record.Rename{title}, "", "column halls.title cannot be renamed: error in trigger logged", "", ""},
		"both columns":                     {[]string{"ALTER TABLE halls ADD COLUMN name TEXT"}, seats("", "name"), []record.Rename{title}, "", "halls.title is called name in the schema, and the database has both columns, the older with the values of 1 rows: bring what should stay into name, and then run ALTER TABLE `halls` DROP COLUMN `title`", "", ""},
		"both tables":                      {[]string{"CREATE TABLE stools AS SELECT * FROM chairs"}, seats("", "", "stools"), []record.Rename{{Table: "stools", From: "chairs"}}, "", "table chairs is called stools in the schema, and the database has both, chairs with 3 rows", "", ""},
		"both, one of them empty":          {[]string{"ALTER TABLE chairs ADD COLUMN no TEXT", "UPDATE chairs SET no = number, number = NULL"}, seats("", "", "", "", "no"), []record.Rename{{Table: "chairs", Column: "no", From: "number"}}, seated, "", "SELECT 1", "1"},
		"both, one of them out of sight":   {[]string{"ALTER TABLE halls ADD COLUMN label TEXT", "UPDATE halls SET label = 'x'"}, seats(), []record.Rename{{Table: "halls", Column: "title", From: "label"}}, seated, "", "SELECT label FROM halls", "x"},
		"two values made one":              {nil, seats("", "", "", "", "", "", "gone"), []record.Rename{{Table: "chairs", Column: "state", Value: "taken", From: "free"}}, "", "2 rows of chairs have state free, which is called taken in the schema, and 1 have that already", "", ""},
		"two older names": {[]string{"ALTER TABLE chairs ADD COLUMN no TEXT", "UPDATE chairs SET no = 'x'"}, seats("", "", "", "", "place"), []record.Rename{{Table: "chairs", Column: "place", From: "no"}, {Table: "chairs", Column: "place", From: "number"}},
			seated, "", "SELECT group_concat(no) FROM chairs", "x,x,x"},
		"a version was skipped": {nil, seats("", "name"), []record.Rename{{Table: "halls", Column: "name", From: "title"}, {Table: "halls", Column: "name", From: "label"}}, seated, "", "SELECT 1", "1"},
		"another case":          {nil, seats("", "Title"), []record.Rename{{Table: "halls", Column: "Title", From: "title"}}, seated, "", "SELECT name FROM pragma_table_info('halls') WHERE name LIKE 'title'", "Title"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := fileURL(t)
			client, _, err := openLogging(t, url, seats())
			if err != nil {
				t.Fatal(err)
			}
			shut(t, client)
			for _, query := range append([]string{
				"INSERT INTO halls (title) VALUES ('Big')",
				"INSERT INTO chairs (row, number, state, hall_chairs) VALUES ('A', '1', 'free', 1), ('B', '2', 'taken', 1), ('C', '3', 'free', NULL)",
			}, c.prepare...) {
				if _, err := rawFile(t, url).ExecContext(t.Context(), query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			before := contentOf(t, url)
			for range 2 {
				client, log, err := openLogging(t, url, c.tables, c.known...)
				if c.says != "" {
					if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "nothing was changed") {
						t.Fatalf("%v", err)
					}
					if diff := before.difference(contentOf(t, url)); diff != "" {
						t.Error(diff)
					}
					continue
				}
				if err != nil || log != "" {
					t.Fatalf("%v %s", err, log)
				}
				shut(t, client)
				if got := seatsOf(t, url, c.tables); got != c.want {
					t.Errorf("it holds %s", got)
				}
				if got := strings.Join(all[string](t, rawFile(t, url), c.then), ","); got != c.is {
					t.Errorf("%s is %s, not %s", c.then, got, c.is)
				}
			}
		})
	}
}

// Names that are exchanged are so once: a start with the same schema, or with one that
// says nothing of it any more, leaves them, and only another exchange changes them again.
func TestExchangedNamesStay(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	there := []record.Rename{{Table: "chairs", Column: "number", From: "row"}, {Table: "chairs", Column: "row", From: "number"}}
	other := func() []*schema.Table { // something else is new in the same schema
		tables := seats("", "", "", "number", "row")
		tables[0].Columns = append(tables[0].Columns, &schema.Column{Name: "floor", Type: field.TypeInt, Nullable: true})
		return tables
	}
	for i, step := range []struct {
		tables []*schema.Table
		known  []record.Rename
		column string // in which the rows are
	}{
		{seats(), nil, "row"},
		{seats("", "", "", "number", "row"), there, "number"},
		{other(), there, "number"},
		{seats(), nil, "number"}, // somebody goes back
		{other(), there, "number"},
		{other(), nil, "number"},
		{seats(), there, "row"},
	} {
		client, _, err := openLogging(t, url, step.tables, step.known...)
		if err != nil {
			t.Fatal(i, err)
		}
		shut(t, client)
		if i == 0 {
			if _, err := rawFile(t, url).ExecContext(t.Context(), "INSERT INTO chairs (row, number, state) VALUES ('A', '1', 'free')"); err != nil {
				t.Fatal(err)
			}
		}
		if got := one[string](t, rawFile(t, url), "SELECT "+step.column+" FROM chairs"); got != "A" {
			t.Fatalf("step %d: %s is %s", i, step.column, got)
		}
	}
}
