package postgres

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/engine/migrate"
	"coppice/core/record"
)

// rename gives what is there under an older name the one of today, before anything else
// is looked at. Views, triggers, foreign keys and indexes go along by themselves; those
// that are named after what was renamed get the names that a new database has.
func (m *migration) rename() {
	for _, n := range m.schema.Renames {
		if n.Column == "" && m.there("v", n.From) && slices.ContainsFunc(m.views, func(v record.View) bool { return v.Name == n.Table }) {
			m.exec("DROP VIEW " + quote(n.From)) // it is made anew
		}
	}
	renamed := m.renameTables()
	for _, t := range m.tables {
		if m.verdict() != nil {
			return
		}
		if t.View || !m.there("r", t.Name) {
			continue
		}
		columns := m.renameColumns(t)
		if was := renamed[t.Name]; was != "" || len(columns) > 0 {
			m.renameSequences(t, was, columns)
		}
	}
	if m.verdict() != nil {
		return
	}
	for _, t := range m.tables {
		if !t.View && len(m.schema.Renames) > 0 && m.there("r", t.Name) {
			m.renameConstraints(t)
			m.renameIndexes(t)
			m.renameValues(t)
		}
	}
	done := func(n string) bool { return migrate.Done(m.applied, n) }
	m.err = m.tx.Aside(func() error { // our own bookkeeping
		for _, query := range m.schema.LedgerStatements(func(table string) bool { return m.there("r", table) }, done) {
			m.exec(query)
		}
		return m.err
	})
}

// there reports whether the schema has a relation of a kind and name.
func (m *migration) there(kind, name string) bool {
	return m.count(fmt.Sprintf("SELECT count(*) FROM pg_class WHERE relname = %s AND relnamespace = current_schema()::regnamespace AND relkind IN (%s)",
		literal(name), map[string]string{"r": "'r', 'p'", "v": "'v'"}[kind])) > 0
}

func (m *migration) done(n record.Rename) bool { return m.schema.Done(m.applied, n) }

// renameTables returns the older names of the tables that got other ones.
func (m *migration) renameTables() map[string]string {
	renames := slices.DeleteFunc(slices.Clone(m.schema.Renames), func(n record.Rename) bool { return n.Column != "" })
	room := migrate.Room{
		Has: func(name string) bool { return m.there("r", name) },
		Wanted: func(name string) bool {
			return slices.ContainsFunc(m.tables, func(t *schema.Table) bool { return t.Name == name })
		},
		Sight: func(name string) bool { return len(m.last.Tables) == 0 || m.last.HasTable(name) },
		Done:  func(from, to string) bool { return m.done(record.Rename{Table: to, From: from}) },
		Both: func(from, to string) {
			if n := m.count("SELECT count(*) FROM " + quote(from)); n > 0 {
				m.refuse("%s", migrate.BothTables(from, to, n))
			}
		},
	}
	list := room.Renamings(renames, func(n record.Rename) string { return n.Table })
	migrate.InTwo(list, func(from, to string) { m.exec("ALTER TABLE " + quote(from) + " RENAME TO " + quote(to)) })
	was, moved := map[string]string{}, map[string]string{}
	for _, n := range list {
		was[n.To], moved[strings.ToLower(n.From)] = n.From, n.To
	}
	m.last.Move(moved)
	return was
}

// renameColumns returns the older names of a table's columns that got other ones.
func (m *migration) renameColumns(t *schema.Table) map[string]string {
	renames := slices.DeleteFunc(slices.Clone(m.schema.Renames), func(n record.Rename) bool { return n.Table != t.Name || n.Column == "" || n.Value != "" })
	if len(renames) == 0 {
		return nil
	}
	room := migrate.Room{
		Has: func(name string) bool { return m.hasColumn(t.Name, name) },
		Wanted: func(name string) bool {
			return slices.ContainsFunc(t.Columns, func(c *schema.Column) bool { return c.Name == name })
		},
		Sight: func(name string) bool { return !m.last.HasTable(t.Name) || m.last.Column(t.Name, name) != "" },
		Done:  func(from, to string) bool { return m.done(record.Rename{Table: t.Name, Column: to, From: from}) },
		Both: func(from, to string) {
			if n := m.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s IS NOT NULL", quote(t.Name), quote(from))); n > 0 {
				m.refuse("%s", migrate.BothColumns(t.Name, from, to, n, quote))
			}
		},
	}
	list := room.Renamings(renames, func(n record.Rename) string { return n.Column })
	migrate.InTwo(list, func(from, to string) {
		m.exec("ALTER TABLE " + quote(t.Name) + " RENAME COLUMN " + quote(from) + " TO " + quote(to))
	})
	was, moved := map[string]string{}, map[string]string{}
	for _, n := range list {
		was[n.To], moved[strings.ToLower(n.From)] = n.From, n.To
	}
	m.last.MoveColumns(t.Name, moved)
	return was
}

func (m *migration) hasColumn(table, column string) bool {
	return m.count(fmt.Sprintf("SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s AND column_name = %s",
		literal(table), literal(column))) > 0
}

// renameSequences lets the sequences that a table's columns count by have their names
// after it, as far as they had.
func (m *migration) renameSequences(t *schema.Table, was string, columns map[string]string) {
	if was == "" {
		was = t.Name
	}
	owned := m.pairs(`SELECT a.attname, s.relname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
		JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ` +
		literal(quote(t.Name)) + `::regclass AND d.deptype IN ('a', 'i') ORDER BY 1`)
	var list []migrate.Renaming
	for _, p := range owned {
		column := p[0]
		if old, ok := columns[column]; ok {
			column = old
		}
		if p[1] == was+"_"+column+"_seq" {
			list = append(list, migrate.Renaming{From: p[1], To: t.Name + "_" + p[0] + "_seq"})
		}
	}
	m.renameAll(list, func(name string) bool {
		return m.count("SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = "+literal(name)) > 0
	},
		func(from, to string) { m.exec("ALTER SEQUENCE " + quote(from) + " RENAME TO " + quote(to)) })
}

// renameAll does what has another name to get, as far as nothing has that that stays.
func (m *migration) renameAll(list []migrate.Renaming, taken func(string) bool, rename func(from, to string)) {
	list = slices.DeleteFunc(list, func(n migrate.Renaming) bool {
		return n.From == n.To || taken(n.To) && !slices.ContainsFunc(list, func(o migrate.Renaming) bool { return o.From == n.To })
	})
	for i := range list {
		if taken(list[i].To) {
			list[i].Through = fmt.Sprintf("coppice_renamed_%d", i+1)
		}
	}
	migrate.InTwo(list, rename)
}

// renameConstraints names a table's primary key, its foreign keys and, from PostgreSQL 18
// on, what keeps null out of its columns as a new database does.
func (m *migration) renameConstraints(t *schema.Table) {
	made := m.pairs(`SELECT c.contype::text || ' ' || coalesce(f.relname, '') || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k (num, n)
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num), c.conname
		FROM pg_constraint c LEFT JOIN pg_class f ON f.oid = c.confrelid WHERE c.contype IN ('p', 'f', 'n') AND c.conrelid = ` + literal(quote(t.Name)) + `::regclass ORDER BY 2`)
	wanted := map[string]string{}
	for _, k := range t.ForeignKeys {
		wanted["f "+k.RefTable.Name+" "+strings.Join(namesOf(k.Columns), ",")] = k.Symbol
	}
	var list []migrate.Renaming
	for _, p := range made {
		to := wanted[p[0]]
		if strings.HasPrefix(p[0], "p ") && strings.HasSuffix(p[1], "_pkey") {
			to = shortened(t.Name + "_pkey")
		}
		if column, ok := strings.CutPrefix(p[0], "n  "); ok && strings.HasSuffix(p[1], "_not_null") && len(t.Name+"_"+column+"_not_null") <= maxName {
			to = t.Name + "_" + column + "_not_null"
		}
		if to != "" {
			list = append(list, migrate.Renaming{From: p[1], To: to})
		}
	}
	m.renameAll(list, func(name string) bool {
		return slices.ContainsFunc(made, func(p [2]string) bool { return p[1] == name }) || m.count("SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = "+literal(name)) > 0
	}, func(from, to string) {
		m.exec("ALTER TABLE " + quote(t.Name) + " RENAME CONSTRAINT " + quote(from) + " TO " + quote(to))
	})
}

func namesOf(columns []*schema.Column) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return list
}

// renameIndexes names those of a table's indexes that a schema made as a new database
// does: the same columns are the same index, which then need not be built again.
func (m *migration) renameIndexes(t *schema.Table) {
	made := m.pairs(`SELECT i.indisunique::text || ' ' || (i.indpred IS NOT NULL)::text || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(i.indkey::int[]) WITH ORDINALITY k (num, n)
		JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num), c.relname
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisprimary AND i.indrelid = ` + literal(quote(t.Name)) + `::regclass ORDER BY 2`)
	made = slices.DeleteFunc(made, func(p [2]string) bool { return !m.made[p[1]] })
	var list []migrate.Renaming
	want := func(name string, unique, partial bool, columns []string) {
		if !unique && len(t.PrimaryKey) == 1 && !slices.Contains(columns, t.PrimaryKey[0].Name) {
			columns = append(columns, t.PrimaryKey[0].Name) // see tiesInOrder
		}
		key := fmt.Sprintf("%t %t %s", unique, partial, strings.Join(columns, ","))
		for _, p := range made {
			if p[0] == key && !slices.ContainsFunc(list, func(o migrate.Renaming) bool { return o.From == p[1] }) {
				list = append(list, migrate.Renaming{From: p[1], To: name})
				return
			}
		}
	}
	for _, c := range t.Columns {
		if c.Unique {
			want(shortened(t.Name+"_"+c.Name+"_key"), true, false, []string{c.Name})
		}
	}
	for _, x := range t.Indexes {
		want(x.Name, x.Unique, x.Annotation != nil && x.Annotation.Where != "", namesOf(x.Columns))
	}
	m.renameAll(list, func(name string) bool {
		return m.count("SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = "+literal(name)) > 0
	}, func(from, to string) {
		m.exec("ALTER INDEX " + quote(from) + " RENAME TO " + quote(to))
		m.made[to] = true
	})
}

// renameValues gives rows that have an older name of an enum's value the one of today.
func (m *migration) renameValues(t *schema.Table) {
	for _, c := range t.Columns {
		list := migrate.ValuesOf(t.Name, c, m.schema.Renames, m.done)
		if len(list) == 0 || !m.hasColumn(t.Name, c.Name) {
			continue
		}
		of := func(v string) int {
			return m.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s = %s", quote(t.Name), quote(c.Name), literal(v)))
		}
		list = slices.DeleteFunc(list, func(n record.Rename) bool {
			if m.whole {
				return m.done(n)
			}
			if of(n.From) == 0 {
				return true
			}
			err := migrate.Merges(m.last, c, n, of)
			if err != nil {
				m.refuse("%s", err)
			}
			return err != nil
		})
		if len(list) > 0 {
			m.exec(migrate.RenameRows(quote(t.Name), quote(c.Name), list))
		}
	}
}

// pairs are the rows of two texts that a query lists.
func (m *migration) pairs(query string) (list [][2]string) {
	if m.err != nil {
		return nil
	}
	rows, err := m.tx.QueryContext(m.ctx, query)
	if err != nil {
		m.err = err
		return nil
	}
	defer rows.Close()
	for rows.Next() && m.err == nil {
		var a, b sql.NullString
		m.err = rows.Scan(&a, &b)
		list = append(list, [2]string{a.String, b.String})
	}
	if m.err == nil {
		m.err = rows.Err()
	}
	return list
}
