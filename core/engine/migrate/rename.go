package migrate

import (
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/record"
)

// Renaming is what is renamed in one room of a database: its tables, or the columns of
// one.
type Renaming struct {
	From, To string
	// Through is a name in between, where To is still another's that goes itself.
	Through string
}

// Room is what a database has in one room, and what the schemas say of it.
type Room struct {
	Has    func(name string) bool     // in the database
	Wanted func(name string) bool     // of the schemas
	Sight  func(name string) bool     // the last schema that was applied had it, as far as that is known
	Done   func(from, to string) bool // see Done
	// Both looks at a name that is there beside the one that it was given up for, and
	// refuses that if it holds anything.
	Both func(from, to string)
}

// Renamings are those to be done in a room, of all that the schemas know of it: what has
// an older name and not the one of today.
func (room Room) Renamings(renames []record.Rename, to func(record.Rename) string) []Renaming {
	var list []Renaming
	for _, fits := range room.preferences() {
		for _, r := range renames { // of a thing the oldest name first
			from, to := r.From, to(r)
			if room.Has(from) && fits(from, to) && !slices.ContainsFunc(list, func(o Renaming) bool { return o.To == to || o.From == from }) {
				list = append(list, Renaming{From: from, To: to})
			}
		}
	}
	for again := true; again; {
		again = false
		for i, r := range list {
			leaves := slices.ContainsFunc(list, func(o Renaming) bool { return o.From == r.To })
			if room.Has(r.To) && !leaves {
				if room.Sight(r.From) {
					room.Both(r.From, r.To)
				}
				list, again = slices.Delete(list, i, i+1), true
				break
			}
		}
	}
	for _, r := range renames { // more names of one thing
		taken := slices.ContainsFunc(list, func(o Renaming) bool { return o.To == to(r) })
		if taken && room.Has(r.From) && room.Sight(r.From) && !room.Wanted(r.From) && !slices.ContainsFunc(list, func(o Renaming) bool { return o.From == r.From }) {
			room.Both(r.From, to(r))
		}
	}
	for i := range list {
		if room.Has(list[i].To) {
			list[i].Through = fmt.Sprintf("coppice_renamed_%d", i+1)
		}
	}
	return list
}

// preferences tell which of several older names that are there something has.
func (room Room) preferences() []func(from, to string) bool {
	return []func(from, to string) bool{
		// One that is something else's today, if that is still to be renamed too.
		func(from, to string) bool { return room.Wanted(from) && !room.Done(from, to) },
		// One that the last schema had, then one that was out of sight.
		func(from, to string) bool { return !room.Wanted(from) && !room.Done(from, to) && room.Sight(from) },
		func(from, to string) bool { return !room.Wanted(from) && !room.Done(from, to) },
		// One that is there again.
		func(from, to string) bool { return !room.Wanted(from) && !room.Has(to) },
	}
}

// rename gives tables and columns that are there under an older name the one of today.
// Views, triggers, indexes and foreign keys go along: SQLite writes them anew.
func (r *reviewer) rename(renames []record.Rename) {
	if len(renames) == 0 {
		return
	}
	r.setAsideBroken(func() {
		r.renameTables(renames)
		for _, t := range r.tables {
			if r.exists(t.Name) {
				r.renameColumns(t, renames)
			}
		}
	})
	r.had = map[string]bool{}
	for _, name := range r.texts("SELECT lower(name) FROM sqlite_master WHERE type = 'table'") {
		r.had[name] = true
	}
}

// done reports whether a renaming was done in the file before.
func (r *reviewer) done(n record.Rename) bool { return r.schema.Done(r.applied, n) }

// setAsideBroken lets something be done without the views that name what is not there:
// beside one, SQLite renames nothing.
func (r *reviewer) setAsideBroken(do func()) {
	views, err := objects(r.ctx, r.tx, "'view'")
	r.fail(err)
	var broken []object
	for _, v := range views {
		if r.err != nil {
			return
		}
		if r.works("SELECT 1 FROM "+quote(v.name)+" LIMIT 0") != "" {
			continue
		}
		broken = append(broken, v)
		r.exec("DROP VIEW " + quote(v.name))
	}
	do()
	for _, v := range broken {
		r.again(v)
	}
}

func (r *reviewer) renameTables(renames []record.Rename) {
	renames = slices.DeleteFunc(slices.Clone(renames), func(n record.Rename) bool { return n.Column != "" || strings.EqualFold(n.From, n.Table) }) // see recase
	if len(renames) == 0 || r.err != nil {
		return
	}
	known := len(r.last.Tables) > 0
	room := Room{
		Has: r.exists,
		Wanted: func(name string) bool {
			return slices.ContainsFunc(r.tables, func(t *schema.Table) bool { return strings.EqualFold(t.Name, name) })
		},
		Sight: func(name string) bool { return !known || r.last.HasTable(name) },
		Done:  func(from, to string) bool { return r.done(record.Rename{Table: to, From: from}) },
		Both: func(from, to string) {
			if n := r.count("SELECT COUNT(*) FROM %s", quote(from)); n > 0 {
				r.refuse("%s", BothTables(from, to, n))
			}
		},
	}
	list := room.Renamings(renames, func(n record.Rename) string { return n.Table })
	InTwo(list, func(from, to string) {
		r.try("ALTER TABLE "+quote(from)+" RENAME TO "+quote(to), "table "+from+" cannot be renamed")
	})
	moved := map[string]string{}
	for _, n := range list {
		moved[strings.ToLower(n.From)] = n.To
		r.renamed[n.From] = n.To
	}
	r.ever.Move(moved)
	r.last.Move(moved)
}

// InTwo renames all, those whose name is still another's in two steps.
func InTwo(list []Renaming, rename func(from, to string)) {
	for _, n := range list {
		if n.Through != "" {
			rename(n.From, n.Through)
		}
	}
	for _, n := range list {
		if n.Through != "" {
			n.From = n.Through
		}
		rename(n.From, n.To)
	}
}

func (r *reviewer) renameColumns(t *schema.Table, renames []record.Rename) {
	renames = slices.DeleteFunc(slices.Clone(renames), func(n record.Rename) bool {
		return n.Table != t.Name || n.Column == "" || n.Value != "" || strings.EqualFold(n.From, n.Column)
	})
	if len(renames) == 0 || r.err != nil {
		return
	}
	there := r.texts("SELECT lower(name) FROM pragma_table_info(?)", t.Name)
	known := r.last.HasTable(t.Name)
	room := Room{
		Has: func(name string) bool { return slices.Contains(there, strings.ToLower(name)) },
		Wanted: func(name string) bool {
			return slices.ContainsFunc(t.Columns, func(c *schema.Column) bool { return strings.EqualFold(c.Name, name) })
		},
		Sight: func(name string) bool { return !known || r.last.Column(t.Name, name) != "" },
		Done: func(from, to string) bool {
			return r.done(record.Rename{Table: t.Name, Column: to, From: from})
		},
		Both: func(from, to string) {
			if n := r.count("SELECT COUNT(*) FROM %s WHERE %s IS NOT NULL", quote(t.Name), quote(from)); n > 0 {
				r.refuse("%s", BothColumns(t.Name, from, to, n, quote))
			}
		},
	}
	list := room.Renamings(renames, func(n record.Rename) string { return n.Column })
	InTwo(list, func(from, to string) {
		r.try("ALTER TABLE "+quote(t.Name)+" RENAME COLUMN "+quote(from)+" TO "+quote(to), "column "+t.Name+"."+from+" cannot be renamed")
	})
	moved := map[string]string{}
	for _, n := range list {
		moved[strings.ToLower(n.From)] = n.To
	}
	r.ever.MoveColumns(t.Name, moved)
	r.last.MoveColumns(t.Name, moved)
}

// renameValues gives rows that have an older name of an enum's value the one of today.
func (r *reviewer) renameValues(renames []record.Rename) {
	for _, t := range r.tables {
		for _, c := range t.Columns {
			list := ValuesOf(t.Name, c, renames, r.done)
			if len(list) == 0 || !r.exists(t.Name) || r.count("SELECT COUNT(*) FROM pragma_table_info(%s) WHERE name = %s COLLATE NOCASE", asText(t.Name), asText(c.Name)) == 0 {
				continue
			}
			list = slices.DeleteFunc(list, func(n record.Rename) bool {
				if r.target.Rows {
					return r.done(n)
				}
				if r.count("SELECT COUNT(*) FROM %s WHERE %s = %s", quote(t.Name), quote(c.Name), asText(n.From)) == 0 {
					return true
				}
				err := Merges(r.last, c, n, func(v string) int {
					return r.count("SELECT COUNT(*) FROM %s WHERE %s = %s", quote(t.Name), quote(c.Name), asText(v))
				})
				if err != nil {
					r.refuse("%s", err)
				}
				return err != nil
			})
			if len(list) > 0 {
				r.exec(RenameRows(quote(t.Name), quote(c.Name), list))
			}
		}
	}
}

// BothTables is the error of a database that has a table under its older name and its
// name of today, with rows under the older.
func BothTables(from, to string, rows int) error {
	return fmt.Errorf("table %s is called %s in the schema, and the database has both, %[1]s with %[3]d rows: move those to %[2]s and "+
		"empty %[1]s, or take evolve.RenamedFrom out, so that it goes out of sight", from, to, rows)
}

// BothColumns is that of a column; quote writes a name as a statement of the engine does.
func BothColumns(table, from, to string, rows int, quote func(string) string) error {
	return fmt.Errorf("%s.%s is called %s in the schema, and the database has both columns, the older with the values of %d rows: "+
		"bring what should stay into %[3]s, and then run ALTER TABLE %[5]s DROP COLUMN %[6]s; or take evolve.RenamedFrom out, so that it goes out of sight",
		table, from, to, rows, quote(table), quote(from))
}

// Merges is the error of making one value of two that the last schema had both, with
// rows of each, which count tells: nobody could tell them apart any more.
func Merges(last Inventory, c *schema.Column, n record.Rename, count func(value string) int) error {
	_, enums, _ := strings.Cut(last.Column(n.Table, c.Name), ":")
	if had := strings.Split(enums, ","); !slices.Contains(had, n.From) || !slices.Contains(had, n.Value) || slices.Contains(c.Enums, n.From) {
		return nil
	}
	from, to := count(n.From), count(n.Value)
	if from == 0 || to == 0 {
		return nil
	}
	return fmt.Errorf("%d rows of %s have %s %s, which is called %s in the schema, and %d have that already, so that nobody could tell them apart "+
		"any more: if that is meant, run UPDATE %[2]s SET %[3]s = %[7]s WHERE %[3]s = %[8]s; else take evolve.RenamedValue out",
		from, n.Table, n.Column, n.From, n.Value, to, asText(n.Value), asText(n.From))
}

// ValuesOf are the renamings of a column's values that are to be done.
func ValuesOf(table string, c *schema.Column, renames []record.Rename, done func(record.Rename) bool) (list []record.Rename) {
	for _, n := range renames {
		if n.Table == table && n.Column == c.Name && n.Value != "" && (!slices.Contains(c.Enums, n.From) || !done(n)) {
			list = append(list, n)
		}
	}
	return list
}

// RenameRows is the statement that gives rows other values of a column, all at once.
func RenameRows(table, column string, list []record.Rename) string {
	var cases strings.Builder
	from := make([]string, len(list))
	for i, n := range list {
		fmt.Fprintf(&cases, " WHEN %s THEN %s", asText(n.From), asText(n.Value))
		from[i] = asText(n.From)
	}
	return fmt.Sprintf("UPDATE %s SET %s = CASE %[2]s%[3]s END WHERE %[2]s IN (%[4]s)", table, column, cases.String(), strings.Join(from, ", "))
}
