package migrate

import (
	"fmt"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"entgo.io/ent/schema/field"
)

// index makes the indexes what the schema says, once the tables are. It goes
// by the text that made each, and leaves somebody's own where they are, or
// makes them again where they went with a table.
func (r *reviewer) index(before []madeIndex) {
	wanted := map[string]string{} // the statements, by name in lower case
	for _, t := range r.wanted {
		for _, i := range t.Indexes {
			for _, query := range r.ddl(&atlas.ModifyTable{T: t, Changes: []atlas.Change{&atlas.AddIndex{I: i}}}) {
				wanted[strings.ToLower(i.Name)] = query
			}
		}
	}
	for _, o := range before {
		query, ours := wanted[strings.ToLower(o.name)]
		there := r.count("SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND name = %s", asText(o.name)) > 0
		switch {
		case ours && query == o.made:
		case !ours && (!r.made(o) || r.columns[o.table] == nil): // a table that is out of sight keeps what it has
			if !there && r.exists(o.table) {
				r.again(o.object)
			}
		case ours && !r.made(o) && r.columns[o.table] == nil:
			r.refuse("the index %s of the schema has the name of one of table %s, which is not of the schema: "+
				"give it another name with StorageKey", o.name, o.table)
		case !ours && o.unique && r.back:
			r.refuse("the file's schema is newer than this program's, and its unique index %s would go: use the newer program, "+
				"or accept that with sqlite:%s?newer=allow", o.name, r.target.Name)
		case there:
			r.exec("DROP INDEX " + quote(o.name))
		}
	}
	for _, t := range r.wanted {
		for _, i := range t.Indexes {
			r.addIndex(t, i, wanted[strings.ToLower(i.Name)])
		}
	}
}

// made reports whether an index is one that a schema made: this one or one
// before. Where nothing is known of those it goes by the name.
func (r *reviewer) made(o madeIndex) bool {
	if r.target.Rows || slices.ContainsFunc(r.ever.Indexes, func(name string) bool { return strings.EqualFold(name, o.name) }) {
		return true
	}
	suffix := "_" + strings.Join(o.columns, "_")
	return r.columns[o.table] != nil && len(o.columns) > 0 && (strings.HasSuffix(o.name, suffix) || o.name == o.table+suffix+"_key")
}

// addIndex adds one that is not there, unless the rows break it.
func (r *reviewer) addIndex(t *atlas.Table, i *atlas.Index, query string) {
	if r.err != nil || r.count("SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND name = %s COLLATE NOCASE", asText(i.Name)) > 0 {
		return
	}
	var columns, meets []string
	for _, attr := range i.Attrs {
		if p, ok := attr.(*sqlite.IndexPredicate); ok {
			meets = append(meets, "("+p.P+")")
			r.try("SELECT 1 FROM "+quote(t.Name)+" WHERE "+p.P+" LIMIT 0", "index "+i.Name+" of "+t.Name+" cannot be made as the schema says")
		}
	}
	for _, p := range i.Parts {
		columns = append(columns, p.C.Name)
		meets = append(meets, quote(p.C.Name)+" IS NOT NULL")
	}
	if i.Unique && !r.distinct(t.Name, columns, strings.Join(meets, " AND ")) {
		return
	}
	r.try(query, "index "+i.Name+" of "+t.Name+" cannot be made as the schema says")
}

// distinct reports whether columns hold each combination once, among the rows
// that meet a condition, and refuses it otherwise.
func (r *reviewer) distinct(table string, columns []string, meets string) bool {
	quoted := make([]string, len(columns))
	fresh := true
	for i, c := range columns {
		quoted[i] = quote(c)
		fresh = fresh && r.fresh[table+"."+c]
	}
	list := strings.Join(quoted, ", ")
	group := fmt.Sprintf("FROM %s WHERE %s GROUP BY %s", quote(table), meets, list)
	n := r.count("SELECT COUNT(*) FROM (SELECT 1 %s HAVING COUNT(*) > 1)", group)
	switch {
	case n == 0:
	case fresh:
		r.refuse("%s of %s is new and unique, and its default gives more than one row the same value: make the field Optional, "+
			"or its default a function whose values differ", list, table)
	default:
		where := fmt.Sprintf("%s AND _rowid_ NOT IN (SELECT min(_rowid_) %s)", meets, group)
		more := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(table), where)
		if r.moved[table] {
			where = r.listed(table, where)
		}
		r.propose(r.works(r.apart(table, columns, where)...), "%s of %s is now unique, and %d values occur more than once, in %d rows too many%s: "+
			"find them with SELECT %s, COUNT(*) %s HAVING COUNT(*) > 1, and keep one of each", list, table, n, more, r.example(table, columns[0], where), list, group)
	}
	return n == 0
}

// apart are statements that leave rows without, or with another value of, one
// of some columns.
func (r *reviewer) apart(table string, columns []string, where string) (list []string) {
	set := func(name, v string) {
		list = append(list, "UPDATE "+quote(table)+" SET "+quote(name)+" = "+v+" WHERE "+where)
	}
	for _, name := range columns {
		c := r.columns[table][name]
		if r.leads(table, name) == "" && c.Type == field.TypeString && !r.fresh[table+"."+name] {
			set(name, quote(name)+" || '-' || _rowid_")
		}
	}
	for _, name := range columns {
		if r.columns[table][name].Nullable && !r.fresh[table+"."+name] {
			set(name, "NULL")
		}
	}
	return append(list, r.without(table, where))
}
