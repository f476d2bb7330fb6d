package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"coppice/core/engine/migrate"
	"coppice/core/internal/fixture/blog/ent"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// shelf is a schema of two entities: boxes, each in a room or in none.
func shelf(change ...func(boxes, rooms *schema.Table)) []*schema.Table {
	id := func() *schema.Column { return &schema.Column{Name: "id", Type: field.TypeInt, Increment: true} }
	rooms := &schema.Table{Name: "rooms", Columns: []*schema.Column{id(), {Name: "name", Type: field.TypeString}}}
	boxes := &schema.Table{Name: "boxes", Columns: []*schema.Column{
		id(), {Name: "code", Type: field.TypeString, Nullable: true}, {Name: "size", Type: field.TypeInt64, Nullable: true},
		{Name: "gone_at", Type: field.TypeTime, Nullable: true}, {Name: "box_room", Type: field.TypeInt, Nullable: true},
	}}
	rooms.PrimaryKey, boxes.PrimaryKey = slices.Clone(rooms.Columns[:1]), slices.Clone(boxes.Columns[:1])
	boxes.ForeignKeys = []*schema.ForeignKey{{
		Symbol: "boxes_rooms_room", Columns: slices.Clone(boxes.Columns[4:5]), RefTable: rooms, RefColumns: rooms.PrimaryKey, OnDelete: schema.SetNull,
	}}
	for _, c := range change {
		c(boxes, rooms)
	}
	return []*schema.Table{boxes, rooms}
}

// homeless takes the edge from boxes to rooms out.
func homeless(boxes, _ *schema.Table) {
	without(boxes, "box_room")
	boxes.ForeignKeys = nil
}

// index gives boxes a unique index.
func uniqueBoxes(where string, columns ...string) func(boxes, rooms *schema.Table) {
	return func(boxes, _ *schema.Table) {
		x := &schema.Index{Name: "box_" + strings.Join(columns, "_"), Unique: true}
		for _, c := range columns {
			x.Columns = append(x.Columns, column(boxes, c))
		}
		if where != "" {
			x.Annotation = entsql.IndexWhere(where)
		}
		boxes.Indexes = append(boxes.Indexes, x)
	}
}

func retyped(name string, typ field.Type, unique bool) func(boxes, rooms *schema.Table) {
	return func(boxes, _ *schema.Table) { column(boxes, name).Type, column(boxes, name).Unique = typ, unique }
}

// rowsOf is what a query lists, in one line.
func rowsOf(t *testing.T, url, query string) string {
	t.Helper()
	db := rawly(t, url)
	defer shut(t, db)
	return strings.Join(all[string](t, db, query), " ")
}

// What a change of the schema does to rows: it goes through, or is refused in
// words, and the statement that these propose then lets it through.
func TestAChangeOverRows(t *testing.T) {
	t.Parallel()
	checked := func(expr string) func(boxes, rooms *schema.Table) {
		return func(boxes, _ *schema.Table) {
			boxes.Annotation = &entsql.Annotation{Checks: map[string]string{"rule": expr}}
		}
	}
	for name, c := range map[string]struct {
		from []func(boxes, rooms *schema.Table)
		rows string
		to   []func(boxes, rooms *schema.Table)
		says []string
		logs []string
		left string // a query, and what it then gives
		want string
	}{
		"a whole number that a float does not hold": {
			rows: "INSERT INTO boxes (size) VALUES (7), (9007199254740993)", to: []func(boxes, rooms *schema.Table){retyped("size", field.TypeFloat64, true)},
			says: []string{"boxes.size is integer in the database and real in the schema", "1 rows", "9007199254740993 (id 2)", "?loss=allow"},
			left: "SELECT typeof(size) FROM boxes ORDER BY id", want: "real null"},
		"values that become equal": {
			rows: "INSERT INTO boxes (code) VALUES ('1'), ('true'), ('0')", to: []func(boxes, rooms *schema.Table){retyped("code", field.TypeBool, true)},
			says: []string{"`code` of boxes is now unique", "(id 2)"}, left: "SELECT count(code) FROM boxes", want: "2"},
		"a unique index whose condition the repeats do not meet": {
			rows: "INSERT INTO boxes (code, gone_at) VALUES ('a', '2026-01-01 00:00:00+00:00'), ('a', '2026-01-01 00:00:00+00:00'), ('a', NULL)",
			to:   []func(boxes, rooms *schema.Table){uniqueBoxes("gone_at IS NULL", "code")}, left: "SELECT count(*) FROM boxes", want: "3"},
		"a unique index whose condition they meet": {
			rows: "INSERT INTO boxes (code, gone_at) VALUES ('a', '2026-01-01 00:00:00+00:00'), ('a', NULL), ('a', NULL)",
			to:   []func(boxes, rooms *schema.Table){uniqueBoxes("gone_at IS NULL", "code")}, says: []string{"`code` of boxes is now unique", "'a' (id 3)"},
			left: "SELECT group_concat(code, ' ') FROM boxes", want: "a a a-3"},
		"a check that rows break": {
			rows: "INSERT INTO boxes (size) VALUES (7), (-1), (-2)", to: []func(boxes, rooms *schema.Table){checked("size >= 0")},
			says: []string{"2 rows of boxes break the check rule", "size >= 0", "(id 2), (id 3)"}, left: "SELECT count(size) FROM boxes", want: "1"},
		"a check that says something else under its name": {
			from: []func(boxes, rooms *schema.Table){checked("size >= 0")}, rows: "INSERT INTO boxes (size) VALUES (7), (700)",
			to: []func(boxes, rooms *schema.Table){checked("(size >= 0) AND (size < 100)")}, says: []string{"1 rows of boxes break the check rule", "(id 2)"},
			left: "SELECT count(size) FROM boxes", want: "1"},
		"a column that is required now": {
			rows: "INSERT INTO boxes (code) VALUES ('a'), (NULL)", to: []func(boxes, rooms *schema.Table){func(boxes, _ *schema.Table) { column(boxes, "code").Nullable = false }},
			says: []string{"boxes.code is now required, and 1 rows have no value, such as (id 2)"}, left: "SELECT group_concat(code, ',') FROM boxes", want: "a,"},
		"an edge that is required now": {
			rows: "INSERT INTO rooms (name) VALUES ('hall'); INSERT INTO boxes (code) VALUES ('a')",
			to: []func(boxes, rooms *schema.Table){func(boxes, _ *schema.Table) {
				column(boxes, "box_room").Nullable, boxes.ForeignKeys[0].OnDelete = false, schema.NoAction
			}},
			says: []string{"boxes.box_room is now required"}, left: "SELECT box_room FROM boxes", want: "1"},
		"an edge that is to lead elsewhere": {
			rows: "INSERT INTO rooms (name) VALUES ('hall'); INSERT INTO boxes (box_room) VALUES (1)",
			to:   []func(boxes, rooms *schema.Table){func(boxes, _ *schema.Table) { boxes.ForeignKeys[0].RefTable = boxes }},
			says: []string{"boxes.box_room leads to rooms in the database and to boxes in the schema", "1 rows"}, left: "SELECT count(box_room) FROM boxes", want: "0"},
		"names in another case": {
			rows: "INSERT INTO boxes (code) VALUES ('a')", to: []func(boxes, rooms *schema.Table){func(boxes, _ *schema.Table) { boxes.Name, column(boxes, "code").Name = "Boxes", "Code" }},
			left: "SELECT name || Code FROM pragma_table_list, boxes WHERE name = 'Boxes'", want: "Boxesa"},
		"names that differ in case only": {
			to: []func(boxes, rooms *schema.Table){func(boxes, _ *schema.Table) {
				boxes.Columns = append(boxes.Columns, &schema.Column{Name: "CODE", Type: field.TypeString, Nullable: true})
			}}, says: []string{"boxes.code and boxes.CODE differ in case only"}},
		"a field under another name": {
			rows: "INSERT INTO boxes (code) VALUES ('a'), ('b'), (NULL)", to: []func(boxes, rooms *schema.Table){func(boxes, _ *schema.Table) { column(boxes, "code").Name = "label" }},
			logs: []string{"boxes.code", "2 rows", "StorageKey(\\\"code\\\")"}, left: "SELECT group_concat(code, ',') FROM boxes", want: "a,b"},
		"an edge less": {
			rows: "INSERT INTO rooms (name) VALUES ('hall'); INSERT INTO boxes (box_room) VALUES (1), (1)", to: []func(boxes, rooms *schema.Table){homeless},
			logs: []string{"boxes.box_room", "2 rows", "edge.Column(\\\"box_room\\\")"}, left: "SELECT count(box_room) FROM boxes", want: "2"},
		"a check that is no SQL": {
			rows: "INSERT INTO boxes (size) VALUES (7)", to: []func(boxes, rooms *schema.Table){checked("sise > 0")},
			says: []string{"table boxes cannot be made as the schema says: no such column: sise"}},
		"a condition that is no SQL": {
			rows: "INSERT INTO boxes (size) VALUES (7)", to: []func(boxes, rooms *schema.Table){uniqueBoxes("sise > 0", "code")},
			says: []string{"index box_code of boxes cannot be made as the schema says: no such column: sise"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := fileURL(t)
			client, _, err := openLogging(t, url, shelf(c.from...))
			if err != nil {
				t.Fatal(err)
			}
			shut(t, client)
			db := rawly(t, url)
			if _, err := db.ExecContext(t.Context(), c.rows); err != nil {
				t.Fatal(err)
			}
			shut(t, db)
			before := contentOf(t, url)
			client, log, err := openLogging(t, url, shelf(c.to...))
			for _, part := range c.says {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Fatalf("it says %v, and not %s", err, part)
				}
			}
			if len(c.says) > 0 {
				if diff := before.difference(contentOf(t, url)); diff != "" {
					t.Error(diff)
				}
				found := proposal.FindAllStringSubmatch(err.Error(), -1)
				if c.left == "" && len(found) == 0 {
					return
				}
				db := rawly(t, url)
				for _, p := range found {
					if _, err := db.ExecContext(t.Context(), p[1]); err != nil {
						t.Fatal(p[1], err)
					}
				}
				shut(t, db)
				client, log, err = openLogging(t, url, shelf(c.to...))
			}
			if err != nil {
				t.Fatal(err)
			}
			shut(t, client)
			for _, part := range c.logs {
				if !strings.Contains(log, part) {
					t.Errorf("the log is %q, without %q", log, part)
				}
			}
			if len(c.logs) == 0 && log != "" {
				t.Errorf("it logs %s", log)
			}
			if got := rowsOf(t, url, c.left); got != c.want {
				t.Errorf("%s is %q, not %q", c.left, got, c.want)
			}
		})
	}
}

// An edge that is put back meets what became of its column meanwhile.
func TestAnEdgeThatIsPutBack(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	steps := []struct {
		tables []*schema.Table
		run    string
	}{
		{shelf(), "INSERT INTO rooms (name) VALUES ('hall'), ('attic'); INSERT INTO boxes (box_room) VALUES (1), (2), (2)"},
		{shelf(homeless), "DELETE FROM rooms WHERE id = 2"},
	}
	for _, s := range steps {
		client, _, err := openLogging(t, url, s.tables)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.ExecContext(t.Context(), s.run); err != nil {
			t.Fatal(err)
		}
		shut(t, client)
	}
	_, _, err := openLogging(t, url, shelf())
	const want = "2 rows of boxes refer to a row of rooms that does not exist, by box_room, such as 2 (id 2), 2 (id 3)"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("it says %v", err)
	}
	db := rawly(t, url)
	if _, err := db.ExecContext(t.Context(), proposal.FindStringSubmatch(err.Error())[1]); err != nil {
		t.Fatal(err)
	}
	shut(t, db)
	client, _, err := openLogging(t, url, shelf())
	if err != nil {
		t.Fatal(err)
	}
	shut(t, client)
	if got := rowsOf(t, url, "SELECT group_concat(coalesce(box_room, '-')) FROM boxes"); got != "1,-,-" {
		t.Errorf("the boxes are in %s", got)
	}
}

// A table that the schemas no longer have is named once, stays, and goes with
// ?loss=allow; should it come again, its ids go on. Somebody's own table stays.
func TestATableOutOfTheSchemas(t *testing.T) {
	t.Parallel()
	for _, old := range []bool{false, true} {
		t.Run(fmt.Sprint("from before the record ", old), func(t *testing.T) {
			t.Parallel()
			url := fileURL(t)
			client, _, err := openLogging(t, url, shelf())
			if err != nil {
				t.Fatal(err)
			}
			shut(t, client)
			db := rawly(t, url)
			rows := "CREATE TABLE own (id INTEGER PRIMARY KEY, room INTEGER); INSERT INTO own VALUES (1, 1); " +
				"INSERT INTO rooms (name) VALUES ('hall'); INSERT INTO boxes (box_room) VALUES (1), (1)"
			if old {
				rows += "; ALTER TABLE coppice_schema DROP COLUMN made"
			}
			if _, err := db.ExecContext(t.Context(), rows); err != nil {
				t.Fatal(err)
			}
			shut(t, db)
			only := shelf()[1:]
			client, log, err := openLogging(t, url, only)
			if err != nil {
				t.Fatal(err)
			}
			shut(t, client)
			for _, part := range []string{"level=WARN", "table boxes is no longer in the schemas", "2 rows", "They refer to rooms", "?loss=allow"} {
				if !strings.Contains(log, part) || strings.Contains(log, "table own") {
					t.Errorf("it logs %s", log)
				}
			}
			if old {
				return
			}
			if client, log, err = openLogging(t, url+"?loss=allow", shelf(func(_, rooms *schema.Table) {
				rooms.Columns = append(rooms.Columns, &schema.Column{Name: "floor", Type: field.TypeInt, Nullable: true})
			})[1:]); err != nil || !strings.Contains(log, "table boxes, which the schemas no longer have, went with its 2 rows") {
				t.Fatalf("%v, and it logs %s", err, log)
			}
			shut(t, client)
			if got := rowsOf(t, url, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"); got != "coppice_schema own rooms" {
				t.Errorf("there are %s", got)
			}
			if client, _, err = openLogging(t, url, shelf()); err != nil {
				t.Fatal(err)
			}
			if _, err := client.ExecContext(t.Context(), "INSERT INTO boxes (code) VALUES ('c')"); err != nil {
				t.Fatal(err)
			}
			shut(t, client)
			if got := rowsOf(t, url, "SELECT id FROM boxes"); got != "3" {
				t.Errorf("the next box is %s", got)
			}
		})
	}
}

// What is somebody's own is told from what a schema made by the record.
func TestIndexesOfTheSchemaAndOfOthers(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	named := func(name string, unique bool) func(boxes, rooms *schema.Table) {
		return func(boxes, _ *schema.Table) {
			boxes.Indexes = append(boxes.Indexes, &schema.Index{Name: name, Unique: unique, Columns: slices.Clone(boxes.Columns[1:2])})
		}
	}
	client, _, err := openLogging(t, url, shelf(named("short", true)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ExecContext(t.Context(), "CREATE INDEX mine ON boxes (size) where size > 0; INSERT INTO boxes (code) VALUES ('a')"); err != nil {
		t.Fatal(err)
	}
	shut(t, client)
	relaxed := func(_, rooms *schema.Table) { column(rooms, "name").Nullable = true }
	anew := func(boxes, _ *schema.Table) { column(boxes, "code").Default = "x" }
	const indexes = "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY 1"
	for _, step := range []struct {
		change []func(boxes, rooms *schema.Table)
		want   string
	}{
		{[]func(boxes, rooms *schema.Table){anew, named("short", false)}, "mine short"},
		{[]func(boxes, rooms *schema.Table){anew}, "mine"}, // its name does not say whose it was
		{[]func(boxes, rooms *schema.Table){anew, relaxed, func(_, rooms *schema.Table) {
			rooms.Indexes = append(rooms.Indexes, &schema.Index{Name: "short", Columns: rooms.Columns[1:2]})
		}}, "mine short"},
		{[]func(boxes, rooms *schema.Table){named("short", false)}, "mine short"},
	} {
		client, _, err := openLogging(t, url, shelf(step.change...))
		if err != nil {
			t.Fatal(err)
		}
		shut(t, client)
		if got := rowsOf(t, url, indexes); got != step.want {
			t.Errorf("the indexes are %s, not %s", got, step.want)
		}
	}
	db := rawly(t, url)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE own (x); CREATE INDEX wanted ON own (x)"); err != nil {
		t.Fatal(err)
	}
	shut(t, db)
	if _, _, err = openLogging(t, url, shelf(named("wanted", false))); err == nil || !strings.Contains(err.Error(), "the index wanted of the schema has the name of one of table own") {
		t.Errorf("it says %v", err)
	}
}

// A list of a JSON column that is none of its schema's is refused: it would
// break whoever reads it.
func TestAListOfAnotherKindIsRefused(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client := open(t, url)
	u := user(t, client, "ada")
	client.Profile.Create().SetUser(u).ExecX(t.Context())
	shut(t, client)
	for text, fits := range map[string]bool{`["a"]`: true, `[]`: true, `[7]`: false, `{"a": 1}`: false, `"a"`: false, `[null]`: false} {
		db := rawly(t, url)
		if _, err := db.ExecContext(t.Context(), "DELETE FROM coppice_schema; UPDATE profiles SET links = CAST(? AS BLOB)", text); err != nil {
			t.Fatal(err)
		}
		shut(t, db)
		client, err := openBlog(t.Context(), Config{URL: url})
		if fits != (err == nil) || err != nil && !strings.Contains(err.Error(), "profiles") {
			t.Errorf("%s: %v", text, err)
		}
		if err == nil {
			shut(t, client)
		}
	}
	if l := migrate.SchemaOf(ent.Coppice()).Lists; !slices.Contains([]string{"strings", ""}, l["profiles.links"]) {
		t.Errorf("the lists are %v", l)
	}
}
