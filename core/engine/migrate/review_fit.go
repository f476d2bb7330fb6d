package migrate

import (
	"fmt"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// convert decides about the values of columns whose type changed: each is
// converted where it stays what it is, and else refused. With ?loss=allow it
// becomes null where it may.
func (r *reviewer) convert(a *alteration) {
	for _, to := range a.want.Columns {
		from, ok := a.cur.Column(to.Name)
		c := r.columns[a.want.Name][to.Name]
		if !ok || c == nil || r.err != nil {
			continue
		}
		was := strings.ToLower(from.Type.Raw)
		is, err := sqlite.FormatType(to.Type.Type)
		if r.fail(err) {
			return
		}
		kind := c.Type.String()
		list, isList := r.lists[strings.ToLower(a.want.Name+"."+c.Name)]
		if isList {
			kind = list
		}
		single := r.ever.Column(a.want.Name, c.Name) == field.TypeFloat32.String()
		if was == is && !narrow(c) && !isList && !single {
			continue
		}
		if c.Type == field.TypeOther {
			r.otherType(a, c, was, is)
			continue
		}
		if r.target.Rows {
			if was != is { // what does not fit ends the statement
				a.as[c.Name], a.again, r.moved[a.want.Name] = strings.Replace(asCall(c.Name, was, kind, c), "coppice_as(", "coppice_to("+asText(a.want.Name+"."+c.Name)+", ", 1), true, true
			}
			continue
		}
		stored := was
		if single {
			stored = field.TypeFloat32.String() // which is read by a shorter text
		}
		as := asCall(c.Name, stored, kind, c)
		misfit := fmt.Sprintf("%s IS NOT NULL AND %s IS NULL", quote(c.Name), as)
		n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(a.cur.Name), misfit)
		if n > 0 && (!r.target.Loss || !c.Nullable) {
			r.misfit(a.cur.Name, c, was, is, misfit, n)
			continue
		}
		if was != is || r.count("SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s IS NOT %s LIMIT 1)", quote(a.cur.Name), quote(c.Name), as) > 0 {
			a.as[c.Name], a.again, r.moved[a.want.Name] = as, true, true
		}
		if n > 0 {
			r.note("%d rows of %s have null for %s now, in place of what is no %s", n, a.cur.Name, c.Name, described(c))
		}
	}
}

// narrow reports a type of which the database's own holds more values: those
// may be from a time when the column had another one.
func narrow(c *schema.Column) bool {
	return len(c.Enums) > 0 || c.Type == field.TypeFloat32 ||
		c.Type.Integer() && c.Type != field.TypeInt && c.Type != field.TypeInt64
}

// described is a column's type, for people.
func described(c *schema.Column) string {
	if len(c.Enums) > 0 {
		return "longer one of " + strings.Join(c.Enums, ", ")
	}
	return strings.TrimPrefix(c.Type.ConstName(), "Type")
}

// misfit refuses values that their column's new type cannot hold as they are.
func (r *reviewer) misfit(table string, c *schema.Column, was, is, where string, n int) {
	reason := fmt.Sprintf("%s.%s is %s in the database and %s in the schema, and %d rows hold a value that would not stay what it is",
		table, c.Name, was, is, n)
	if was == is {
		reason = fmt.Sprintf("%d rows of %s have a %s that is no %s", n, table, c.Name, described(c))
	}
	reason += r.example(table, c.Name, where)
	switch {
	case r.key(table) == quote(c.Name):
		r.refuse("%s: records keep their ids, so put the id's type back, or give the entity a new table with entsql.Annotation{Table: %q}", reason, table+"_new")
		return
	case r.leads(table, c.Name) != "":
		r.refuse("%s: it leads to %s, whose id has another type now: put the id's type back", reason, r.leads(table, c.Name))
		return
	}
	back := "put the type back"
	if len(c.Enums) > 0 {
		back = "put the values back"
	}
	out := ": " + back + ", or give the new field another name and copy what should stay, or let these become null with sqlite:" + r.target.Name + "?loss=allow"
	if !c.Nullable {
		out = ": " + back + ", or make the field Optional and let these become null with sqlite:" + r.target.Name + "?loss=allow"
	}
	if n > listedRows {
		out += fmt.Sprintf(", or change them first, %d at a time", listedRows)
	} else {
		out += ", or change them first"
	}
	r.propose(r.works(r.refitted(table, c, was, r.listed(table, where))), "%s%s", reason, out)
}

// refitted is a statement that gives rows a value which both the old and the
// new type of a column have, or "".
func (r *reviewer) refitted(table string, c *schema.Column, was, where string) string {
	if c.Nullable {
		return r.mended(table, c, where)[0]
	}
	to := *c
	if enums, ok := strings.CutPrefix(r.ever.Column(table, c.Name), field.TypeEnum.String()+":"); ok {
		old := strings.Split(enums, ",")
		to.Enums = slices.DeleteFunc(slices.Clone(c.Enums), func(v string) bool { return !slices.Contains(old, v) })
		if len(to.Enums) == 0 {
			return ""
		}
	}
	numbers := slices.Contains([]string{"integer", "real", "bool"}, was) && (c.Type.Numeric() || c.Type == field.TypeBool)
	if was != "text" && !numbers {
		return ""
	}
	return r.mended(table, &to, where)[0]
}

// otherType refuses another type that only the schema's Go knows.
func (r *reviewer) otherType(a *alteration, c *schema.Column, was, is string) {
	where := quote(c.Name) + " IS NOT NULL"
	if n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(a.cur.Name), where); n > 0 && was != is {
		r.refuse("%s.%s is %s in the database and %s in the schema, and %d rows hold a value%s, which only your Go could convert: "+
			"put the type back, or give the new field another name and copy what should stay", a.cur.Name, c.Name, was, is, n, r.example(a.cur.Name, c.Name, where))
	}
}

// encloseChecks puts each check's expression in parentheses, which ent leaves
// out where a text starts and ends with some.
func encloseChecks(t *atlas.Table) {
	for _, attr := range t.Attrs {
		if c, ok := attr.(*atlas.Check); ok {
			c.Expr = enclosed(c.Expr)
		}
	}
}

// enclosed is an expression within parentheses that belong together.
func enclosed(expr string) string {
	expr = strings.TrimSpace(expr)
	depth, quoted := 0, byte(0)
	for i := range len(expr) {
		switch c := expr[i]; {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quoted = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		if depth == 0 && i < len(expr)-1 {
			return "(" + expr + ")"
		}
	}
	return expr
}

// checksOf are the checks of a table.
func checksOf(t *atlas.Table) (list []*atlas.Check) {
	for _, attr := range t.Attrs {
		if c, ok := attr.(*atlas.Check); ok {
			list = append(list, c)
		}
	}
	return list
}

// sameChecks reports that two tables have the same checks.
func sameChecks(a, b *atlas.Table) bool {
	texts := map[string]int{}
	for _, c := range checksOf(a) {
		texts[c.Name+" "+enclosed(c.Expr)]++
	}
	for _, c := range checksOf(b) {
		texts[c.Name+" "+enclosed(c.Expr)]--
	}
	for _, n := range texts {
		if n != 0 {
			return false
		}
	}
	return true
}
