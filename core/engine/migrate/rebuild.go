package migrate

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// alteration is what is to become of a table that is there.
type alteration struct {
	cur, want *atlas.Table
	empty     bool
	again     bool              // it has to be made anew
	added     []*atlas.Column   // what it had not
	kept      []*atlas.Column   // what the schema no longer has
	as        map[string]string // the expressions that convert columns, by name
}

// temporary is what a table is called while it is being made anew.
const temporary = "coppice_new"

// alter makes a table what the schema says.
func (r *reviewer) alter(a *alteration) {
	for _, c := range a.added {
		if c.Default != nil || !c.Type.Null {
			a.again = true // SQLite adds a column only with a constant, or with nothing
		}
	}
	if a.again {
		r.rebuild(a)
		r.checks(a)
		return
	}
	for _, c := range a.added {
		as, err := sqlite.FormatType(c.Type.Type)
		r.fail(err)
		r.exec(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s NULL", quote(a.want.Name), quote(c.Name), as))
	}
}

// rebuild makes a table anew, with the rows there are, and with the columns
// that the schema no longer has. The checks are looked at afterwards.
func (r *reviewer) rebuild(a *alteration) {
	t := *a.want
	t.Name, t.Indexes = temporary, nil
	t.Columns = append(t.Columns[:len(t.Columns):len(t.Columns)], a.kept...)
	r.make(&t, a.want.Name)
	isNew := map[string]bool{}
	for _, c := range a.added {
		isNew[c.Name] = true
	}
	var into, from []string
	for _, c := range t.Columns {
		if isNew[c.Name] || generated(c) {
			continue
		}
		into, from = append(into, quote(c.Name)), append(from, quote(c.Name))
		if as := a.as[c.Name]; as != "" {
			from[len(from)-1] = as
		}
	}
	if !r.numbered(a) { // the rows keep their place, and what messages call them by
		into, from = append(into, "_rowid_"), append(from, "_rowid_")
	}
	name := quote(a.want.Name)
	r.exec("PRAGMA ignore_check_constraints = on")
	r.try(fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s ORDER BY _rowid_", temporary, strings.Join(into, ", "), strings.Join(from, ", "), name),
		"the rows of "+a.want.Name+" do not go with what the schema says")
	r.exec("PRAGMA ignore_check_constraints = off")
	if r.exists("sqlite_sequence") { // ids go on from where they were
		const old = "(SELECT 1 FROM sqlite_sequence WHERE name = ?)"
		r.exec("DELETE FROM sqlite_sequence WHERE name = ? AND EXISTS "+old, temporary, a.want.Name)
		r.exec("INSERT INTO sqlite_sequence (name, seq) SELECT ?, seq FROM sqlite_sequence WHERE name = ?", temporary, a.want.Name)
	}
	r.exec("DROP TABLE " + name)
	r.exec("ALTER TABLE " + temporary + " RENAME TO " + name)
}

// make creates a table, which messages call by its name in the schema.
func (r *reviewer) make(t *atlas.Table, name string) {
	for _, query := range r.ddl(&atlas.AddTable{T: t}) {
		r.try(query, "table "+name+" cannot be made as the schema says")
	}
}

// try runs a statement whose text is in part the schema's, or somebody's own.
func (r *reviewer) try(query, what string) {
	if r.err != nil {
		return
	}
	if r.exec(query); r.err != nil {
		text := strings.TrimPrefix(r.err.Error(), "SQL logic error: ")
		if i := strings.LastIndex(text, " ("); i > 0 {
			text = text[:i]
		}
		r.err = &failure{what + ": " + text, r.err}
	}
}

// failure is an error in words of its own.
type failure struct {
	text  string
	cause error
}

// Error is those words.
func (f *failure) Error() string { return f.text }

// Unwrap returns the driver's error.
func (f *failure) Unwrap() error { return f.cause }

// numbered reports that a column is another name for the row's number.
func (r *reviewer) numbered(a *alteration) bool {
	for _, t := range r.tables {
		if t.Name == a.want.Name {
			return len(t.PrimaryKey) == 1 && t.PrimaryKey[0].Type.Integer()
		}
	}
	return true
}

// generated reports a column whose values nobody writes.
func generated(c *atlas.Column) bool {
	for _, attr := range c.Attrs {
		if _, ok := attr.(*atlas.GeneratedExpr); ok {
			return true
		}
	}
	return false
}

// ddl are the statements that make a change.
func (r *reviewer) ddl(c atlas.Change) []string {
	plan, err := sqlite.DefaultPlan.PlanChanges(r.ctx, "schema", []atlas.Change{c}, func(o *migrate.PlanOptions) { o.SchemaQualifier = new(string) })
	if r.fail(err) {
		return nil
	}
	list := make([]string, len(plan.Changes))
	for i, c := range plan.Changes {
		list[i] = c.Cmd
	}
	return list
}

// checks refuses what the rows of a table that was made anew break.
func (r *reviewer) checks(a *alteration) {
	if a.empty {
		return
	}
	table := a.want.Name
	for _, c := range checksOf(a.want) {
		where := "NOT " + c.Expr
		n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(table), where)
		if n == 0 || r.err != nil {
			continue
		}
		if r.moved[table] {
			where = r.listed(table, where)
		}
		called := "a check"
		if c.Name != "" {
			called = "the check " + c.Name
		}
		r.propose(r.works(r.within(table, c.Expr, where)...), "%d rows of %s break %s of the schema, %s%s: take the check out, or change them first",
			n, table, called, c.Expr, r.example(table, "", where))
	}
}

// ends reports that after a statement no row meets a condition, or fewer do.
func (r *reviewer) ends(statement, table, where string) bool {
	before := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(table), where)
	r.exec("SAVEPOINT ended")
	_, refused := r.tx.ExecContext(r.ctx, statement)
	after := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(table), where)
	r.exec("ROLLBACK TO ended")
	r.exec("RELEASE ended")
	return refused == nil && after < before
}

// within are statements that let rows meet a condition: null meets any.
func (r *reviewer) within(table, expr, where string) (list []string) {
	for name, c := range r.columns[table] {
		set := fmt.Sprintf("UPDATE %s SET %s = NULL WHERE %s", quote(table), quote(name), where)
		if strings.Contains(expr, name) && c.Nullable && !r.fresh[table+"."+name] && r.ends(set, table, "NOT "+expr) {
			list = append(list, set)
		}
	}
	return append(list, r.without(table, where))
}
