package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/record"
)

// Inventory is what a schema makes in a database, by name. It tells what was a
// schema's and went out of it from what is somebody's own.
type Inventory struct {
	Tables  map[string]map[string]string `json:"tables"` // the types of their columns, as ent calls them
	Views   []string                     `json:"views,omitempty"`
	Indexes []string                     `json:"indexes,omitempty"`
	Renames []string                     `json:"renames,omitempty"` // that the schema knew of: they are done
}

// InventoryOf is what tables and views make.
func InventoryOf(tables []*schema.Table, views []record.View) Inventory {
	i := Inventory{Tables: map[string]map[string]string{}}
	for _, t := range tables {
		if t.View {
			continue
		}
		i.Tables[t.Name] = map[string]string{}
		for _, c := range t.Columns {
			i.Tables[t.Name][c.Name] = c.Type.String()
			if len(c.Enums) > 0 {
				i.Tables[t.Name][c.Name] += ":" + strings.Join(c.Enums, ",")
			}
			if c.Unique {
				i.Indexes = append(i.Indexes, t.Name+"_"+c.Name+"_key")
			}
		}
		for _, x := range t.Indexes {
			i.Indexes = append(i.Indexes, x.Name)
		}
	}
	for _, v := range views {
		i.Views = append(i.Views, v.Name)
	}
	return i
}

// add takes in what a later one has.
func (i *Inventory) add(other Inventory) {
	if i.Tables == nil {
		i.Tables = map[string]map[string]string{}
	}
	for table, columns := range other.Tables {
		table = strings.ToLower(table)
		if i.Tables[table] == nil {
			i.Tables[table] = map[string]string{}
		}
		for name, typ := range columns {
			i.Tables[table][strings.ToLower(name)] = typ
		}
	}
	i.Views = append(i.Views, other.Views...)
	i.Indexes = append(i.Indexes, other.Indexes...)
}

// declared is how the history has a renaming.
func declared(n record.Rename) string {
	return strings.Join([]string{n.Table, n.Column, n.Value}, ".") + " from " + n.From
}

// Move gives tables other names, by the older ones in lower case.
func (i *Inventory) Move(to map[string]string) {
	tables := map[string]map[string]string{}
	for name, columns := range i.Tables {
		if _, moves := to[strings.ToLower(name)]; !moves {
			tables[name] = columns
		}
	}
	for name, columns := range i.Tables {
		if other, moves := to[strings.ToLower(name)]; moves {
			tables[strings.ToLower(other)] = columns
		}
	}
	if i.Tables != nil {
		i.Tables = tables
	}
}

// MoveColumns gives columns of a table other names, by the older ones in lower case.
func (i *Inventory) MoveColumns(table string, to map[string]string) {
	for name, columns := range i.Tables {
		if !strings.EqualFold(name, table) {
			continue
		}
		i.Tables[name] = map[string]string{}
		for c, typ := range columns {
			if _, moves := to[strings.ToLower(c)]; !moves {
				i.Tables[name][c] = typ
			}
		}
		for c, typ := range columns {
			if other, moves := to[strings.ToLower(c)]; moves {
				i.Tables[name][strings.ToLower(other)] = typ
			}
		}
	}
}

// HasTable reports whether an inventory has a table, in whatever case.
func (i Inventory) HasTable(name string) bool {
	for table := range i.Tables {
		if strings.EqualFold(table, name) {
			return true
		}
	}
	return false
}

// Column is the type of a column, in whatever case, or "" where there is none.
func (i Inventory) Column(table, name string) string {
	for t, columns := range i.Tables {
		for c, typ := range columns {
			if strings.EqualFold(t, table) && strings.EqualFold(c, name) {
				return typ
			}
		}
	}
	return ""
}

// note keeps what is to be logged when the migration is done.
func (r *reviewer) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// gone looks at the tables that the schemas no longer have: they stay, and
// what is in them is out of sight. With ?loss=allow they go.
func (r *reviewer) gone() {
	const others = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'coppice\\_%' ESCAPE '\\' ORDER BY name"
	for _, name := range r.texts(others) {
		if slices.ContainsFunc(r.tables, func(t *schema.Table) bool { return strings.EqualFold(t.Name, name) }) {
			continue
		}
		leads := r.texts("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?) ORDER BY 1", name)
		leads = slices.DeleteFunc(leads, func(to string) bool { return strings.EqualFold(to, name) || r.columns[to] == nil })
		n := r.count("SELECT COUNT(*) FROM %s", quote(name))
		switch ours := r.ever.HasTable(name) || r.target.Rows; {
		case ours && r.target.Loss:
			r.drop(name)
			if n > 0 {
				r.note("table %s, which the schemas no longer have, went with its %d rows", name, n)
			}
		case n > 0 && (r.last.HasTable(name) || len(r.ever.Tables) == 0 && len(leads) > 0):
			r.stays(name, n, leads)
		}
	}
}

// drop drops a table. Should it come again, its ids go on: SQLite forgets how far they
// are with the name of the table.
func (r *reviewer) drop(table string) {
	counted := r.exists("sqlite_sequence")
	const rename = "UPDATE sqlite_sequence SET name = %s WHERE name = %s"
	if counted {
		r.exec(fmt.Sprintf(rename, asText(dropped), asText(table)))
	}
	r.exec("DROP TABLE " + quote(table))
	if counted {
		r.exec(fmt.Sprintf(rename, asText(table), asText(dropped)))
	}
}

// dropped is what a table is called where ids are counted while it goes.
const dropped = "coppice_dropped"

// stays tells of a table that is out of sight.
func (r *reviewer) stays(name string, n int, leads []string) {
	bound := ""
	if len(leads) > 0 {
		bound = ". They refer to " + strings.Join(leads, " and ") + ", whose records they may keep from being deleted"
	}
	r.note("table %s is no longer in the schemas: its %d rows stay in the database, out of sight%s. To go on with them, give the entity "+
		"entsql.Annotation{Table: %q}, or the edge .StorageKey(edge.Table(%q)); to let them go, open it once with sqlite:%s?loss=allow",
		name, n, bound, name, name, r.target.Name)
}

// makeViews makes the schema's views anew.
func (r *reviewer) makeViews(views []record.View) {
	for _, v := range views {
		if r.exists(v.Name) {
			n := r.count("SELECT COUNT(*) FROM %s", quote(v.Name))
			if !r.ever.HasTable(v.Name) || n > 0 && !r.target.Loss {
				r.propose("DROP TABLE "+quote(v.Name), "%s is a table of %d rows in the database, and a view in the schema: give the view another name, "+
					"or let the table go with what it holds", v.Name, n)
				continue
			}
			r.drop(v.Name)
		}
		as := cmp.Or(v.As["sqlite3"], v.As[""])
		r.try("CREATE VIEW "+quote(v.Name)+" AS "+as, "view "+v.Name+" cannot be made as its schema says")
		r.try("SELECT 1 FROM "+quote(v.Name)+" LIMIT 0", "view "+v.Name+" does not go with the tables of the schema")
	}
}

// recase gives tables and columns that differ from the schema's in case only
// the schema's names: to the database they are the same.
func (r *reviewer) recase() {
	const table = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE AND name <> ?"
	const column = "SELECT name FROM pragma_table_info(?) WHERE name = ? COLLATE NOCASE AND name <> ?"
	for _, t := range r.tables {
		for _, old := range r.texts(table, t.Name, t.Name) {
			r.exec("ALTER TABLE " + quote(old) + " RENAME TO " + temporary)
			r.exec("ALTER TABLE " + temporary + " RENAME TO " + quote(t.Name))
		}
		for _, c := range t.Columns {
			for _, old := range r.texts(column, t.Name, c.Name, c.Name) {
				r.exec("ALTER TABLE " + quote(t.Name) + " RENAME COLUMN " + quote(old) + " TO " + quote(c.Name))
			}
		}
	}
}

// alike refuses names of a schema that differ in case only.
func (r *reviewer) alike() {
	seen := map[string]string{}
	twice := func(where, name string) {
		key := where + strings.ToLower(name)
		if other, ok := seen[key]; ok {
			r.refuse("%s%s and %s%s differ in case only, which SQLite does not tell apart: give one another name with StorageKey or entsql.Annotation", where, other, where, name)
		}
		seen[key] = name
	}
	for _, t := range r.tables {
		twice("", t.Name)
		for _, c := range t.Columns {
			twice(t.Name+".", c.Name)
		}
	}
}
