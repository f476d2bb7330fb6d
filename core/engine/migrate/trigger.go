package migrate

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/fault"
)

// formTriggers begins the names of the triggers that keep values in the forms
// of their columns, whatever program writes them.
const formTriggers = "coppice_form_"

// formed is a table whose columns have forms.
type formed struct {
	table    string
	key      string // the column that names a row to people
	rowid    string
	forms    []form
	triggers []object
}

// formedTables are the tables with forms to keep, but for the columns of coded
// fields, whose Go types store what they like.
func formedTables(tables []*schema.Table, coded map[string][]string) []formed {
	var list []formed
	for _, t := range tables {
		f := formed{table: t.Name, rowid: "_rowid_"}
		for _, name := range []string{"rowid", "oid"} {
			if slices.ContainsFunc(t.Columns, func(c *schema.Column) bool { return strings.EqualFold(c.Name, f.rowid) }) {
				f.rowid = name
			}
		}
		f.key = f.rowid
		if len(t.PrimaryKey) == 1 {
			f.key = quote(t.PrimaryKey[0].Name)
		}
		for _, c := range t.Columns {
			form, ok := formOf(c)
			if ok && !t.View && !slices.Contains(coded[t.Name], c.Name) {
				f.forms = append(f.forms, form)
			}
		}
		if len(f.forms) > 0 && len(t.PrimaryKey) > 0 {
			f.triggers = f.makeTriggers(t.PrimaryKey[0].Name)
			list = append(list, f)
		}
	}
	return list
}

// makeTriggers are the triggers that bring what is written into form, or
// refuse it. The first two only look, for an engine makes room for all that a
// trigger might do each time that it runs: what they find they hand to the
// third by an update of a key, which nobody else does.
func (f *formed) makeTriggers(key string) []object {
	var odd, columns, set, refuse []string
	for _, c := range f.forms {
		odd = append(odd, c.of("NEW", c.odd))
		columns = append(columns, quote(c.column))
		set = append(set, fmt.Sprintf("%s = CASE WHEN %s THEN COALESCE(%s, %[1]s) ELSE %[1]s END", quote(c.column), c.odd, c.fixed))
		refuse = append(refuse, fmt.Sprintf("SELECT RAISE(ABORT, %s) FROM %s WHERE %s = NEW.%[3]s AND %s;",
			asText(f.refusal(c)), quote(f.table), f.rowid, c.odd))
	}
	update := fmt.Sprintf("UPDATE %s SET %%s WHERE %s = NEW.%[2]s;", quote(f.table), f.rowid)
	look := fmt.Sprintf(update, quote(key)+" = "+quote(key))
	mend := fmt.Sprintf(update, strings.Join(set, ", ")) + " " + strings.Join(refuse, " ")
	var list []object
	for _, t := range []struct{ name, event, does string }{
		{"insert", "INSERT", look}, {"update", "UPDATE OF " + strings.Join(columns, ", "), look}, {"mend", "UPDATE OF " + quote(key), mend},
	} {
		name := formTriggers + t.name + "_" + f.table
		list = append(list, object{"trigger", name, fmt.Sprintf("CREATE TRIGGER %s AFTER %s ON %s WHEN %s BEGIN %s END",
			quote(name), t.event, quote(f.table), strings.Join(odd, " OR "), t.does)})
	}
	return list
}

// refusal is what our triggers say of a value that has no form.
func (f *formed) refusal(c form) string { return f.table + "." + c.column + " takes " + c.takes }

// withForms is a fingerprint that the forms are part of.
func withForms(fingerprint string, tables []formed) string {
	text := fingerprint
	for _, f := range tables {
		for _, t := range f.triggers {
			text += t.made
		}
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// hasTriggers reports that no trigger of ours is missing: another program that
// makes a table anew may forget them.
func (m *Migration) hasTriggers(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (bool, error) {
	n, want := 0, 0
	for _, f := range m.formed {
		want += len(f.triggers)
	}
	err := q.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name GLOB '"+formTriggers+"*'").Scan(&n)
	return n == want, err
}

// dropTriggers takes our triggers out of the way of a migration. It returns
// how each table, with its triggers, was made.
func (m *Migration) dropTriggers(ctx context.Context, tx *Tx) (map[string]string, error) {
	list, err := objects(ctx, tx, "'trigger'")
	if err != nil {
		return nil, err
	}
	for _, o := range list {
		if strings.HasPrefix(o.name, formTriggers) {
			if _, err := tx.ExecContext(ctx, "DROP TRIGGER "+quote(o.name)); err != nil {
				return nil, err
			}
		}
	}
	made, err := m.made(ctx, tx)
	for _, o := range list {
		for _, f := range m.formed {
			if slices.ContainsFunc(f.triggers, func(t object) bool { return t.name == o.name }) {
				made[f.table] += o.made
			}
		}
	}
	return made, err
}

// made is how each table was made.
func (m *Migration) made(ctx context.Context, tx *Tx) (map[string]string, error) {
	list, err := objects(ctx, tx, "'table'")
	made := make(map[string]string, len(list))
	for _, o := range list {
		made[o.name] = o.made
	}
	return made, err
}

// addTriggers brings the values there are into form, in tables that are not as
// they were, and makes the triggers that keep them so.
func (m *Migration) addTriggers(ctx context.Context, tx *Tx, before map[string]string) error {
	made, err := m.made(ctx, tx)
	if err != nil {
		return err
	}
	r := m.newReviewer(ctx, tx, nil, false)
	for _, f := range m.formed {
		now := made[f.table]
		for _, t := range f.triggers {
			now += t.made
		}
		switch {
		case now == before[f.table]:
		case !m.target.Rows:
			f.conform(r)
		case before[f.table] != "":
			f.form(r)
		}
	}
	if err := r.verdict(); err != nil {
		return err
	}
	for _, f := range m.formed {
		for _, t := range f.triggers {
			r.exec(t.made)
		}
	}
	return r.err
}

// fix is the statement that brings the values of a column into form.
func (f *formed) fix(c form) string {
	return fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s AND %[3]s IS NOT NULL", quote(f.table), quote(c.column), c.fixed, c.odd)
}

// form does so for all columns, whatever the rows are.
func (f *formed) form(r *reviewer) {
	for _, c := range f.forms {
		r.exec(f.fix(c))
	}
}

// conform brings the values of a table into form, and refuses what has none.
func (f *formed) conform(r *reviewer) {
	odd := make([]string, len(f.forms))
	for i, c := range f.forms {
		odd[i] = c.odd
	}
	if r.count("SELECT EXISTS (SELECT 1 FROM %s WHERE %s)", quote(f.table), strings.Join(odd, " OR ")) == 0 {
		return
	}
	for _, c := range f.forms {
		r.exec(f.fix(c))
		var twice *fault.Unique
		if errors.As(r.err, &twice) {
			r.err = nil
			r.refuse("two rows of %s have the same %s, written in two ways: keep one of them", f.table, c.column)
			continue
		}
		if r.target.Loss && c.nullable {
			r.exec(fmt.Sprintf("UPDATE %s SET %s = NULL WHERE %s", quote(f.table), quote(c.column), c.odd))
		}
		if n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(f.table), c.odd); n > 0 {
			r.refuse("%d rows of %s have a %s that is not %s, the first where %s%s: change them, as by %s", n, f.table, c.column, c.takes,
				f.row(r, c), r.example(f.table, c.column, c.odd), f.remedy(r, c))
		}
	}
}

// row is the condition that finds the first row with a value that has no form.
func (f *formed) row(r *reviewer, c form) string {
	var key string
	r.fail(r.tx.QueryRowContext(r.ctx, fmt.Sprintf("SELECT quote(%s) FROM %s WHERE %s ORDER BY 1 LIMIT 1", f.key, quote(f.table), c.odd)).Scan(&key))
	return f.key + " = " + key
}

// remedy is the statement that changes such values, as far as it can be said.
func (f *formed) remedy(r *reviewer, c form) string {
	value, where := "…", f.row(r, c)
	if number := "typeof(" + quote(c.column) + ") IN ('integer', 'real')"; r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(f.table), number) > 0 {
		value, where = "datetime("+quote(c.column)+", 'unixepoch')", number
		if r.count("SELECT max(abs(%s)) > 253402300799 FROM %s WHERE %s", quote(c.column), quote(f.table), where) > 0 { // later than 9999
			value = "datetime(" + quote(c.column) + " / 1000, 'unixepoch')"
		}
	}
	return fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", quote(f.table), quote(c.column), value, where)
}

// changeTables makes the tables what the schema says, and keeps of them what a
// table that is made anew forgets: the ids it has given, and our triggers.
func (m *Migration) changeTables(ctx context.Context, tx *Tx, tables []*schema.Table, current, back bool) error {
	before, err := m.dropTriggers(ctx, tx)
	if err != nil {
		return err
	}
	given, err := sequences(ctx, tx)
	if err != nil {
		return err
	}
	if !current {
		if err := m.change(ctx, tx, tables, back); err != nil {
			return err
		}
		given = renamedSequences(given, m.renamed)
	}
	if err := countIDs(ctx, tx, tables); err != nil {
		return err
	}
	if err := restoreSequences(ctx, tx, given); err != nil {
		return err
	}
	return m.addTriggers(ctx, tx, before)
}
