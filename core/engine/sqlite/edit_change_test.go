package sqlite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"entgo.io/ent/schema/field"
)

// plannedEdits are the ways to change a schema. Each returns what it did, or
// "" where there is nothing to do it to.
var plannedEdits = []func(*rand.Rand, *planned) string{
	addField, addField, dropField, renameField, recaseField, retypeField, retypeField, retypeField, requireField, requireField, relaxField,
	uniqueField, uniqueField, addIndex, addIndex, addIndex, dropIndex, changeIndex, addCheck, addCheck, changeCheck, dropCheck,
	addPartial, addPartial, addEdge, dropEdge, dropEdge, dropEdge, putBackEdge, putBackEdge, putBackEdge, putBackEdge, putBackEdge, turnEdge, turnEdge, requireEdge, uniqueEdge, actEdge, renameJoin,
	dropEntity, renameEntity, recaseEntity, addEntity, retypeID, changeEnum, changeDefault,
}

// edit changes a schema, and says how.
func edit(r *rand.Rand, p *planned) string {
	for {
		if did := plannedEdits[r.IntN(len(plannedEdits))](r, p); did != "" {
			return did
		}
	}
}

// anyField picks a field of an entity.
func anyField(r *rand.Rand, p *planned) (*plannedEntity, *plannedField) {
	e := anyEntity(r, p)
	if len(e.fields) == 0 {
		return e, nil
	}
	return e, &e.fields[r.IntN(len(e.fields))]
}

func anyEntity(r *rand.Rand, p *planned) *plannedEntity { return &p.entities[r.IntN(len(p.entities))] }

func anyEdge(r *rand.Rand, p *planned) (*plannedEntity, *plannedEdge) {
	e := anyEntity(r, p)
	if len(e.edges) == 0 {
		return e, nil
	}
	return e, &e.edges[r.IntN(len(e.edges))]
}

// free is a name that an entity has no column of.
func free(r *rand.Rand, e *plannedEntity) string {
	for {
		name := fmt.Sprintf("%s%d", plannedNames[r.IntN(len(plannedNames))], r.IntN(4))
		if r.IntN(2) == 0 {
			name = plannedNames[r.IntN(len(plannedNames))] // perhaps of one that went
		}
		if !e.takes(name) {
			return name
		}
	}
}

func addField(r *rand.Rand, p *planned) string {
	e := anyEntity(r, p)
	f := newField(r, free(r, e))
	e.fields = slices.Insert(e.fields, r.IntN(len(e.fields)+1), f)
	return fmt.Sprintf("add field %s %+v", e.table, f)
}

func dropField(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil {
		return ""
	}
	name := f.name
	e.forget(name)
	e.fields = slices.DeleteFunc(e.fields, func(f plannedField) bool { return f.name == name })
	return "drop field " + e.table + "." + name
}

func renameField(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil {
		return ""
	}
	old := f.name
	e.forget(old)
	f.name = free(r, e)
	return "rename field " + e.table + "." + old + " to " + f.name
}

func recaseField(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil {
		return ""
	}
	old := f.name
	e.forget(old)
	if f.name = strings.ToUpper(old); f.name == old {
		f.name = strings.ToLower(old)
	}
	return "recase field " + e.table + "." + old
}

func retypeField(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil {
		return ""
	}
	from := f.typ
	e.forget(f.name)
	f.typ = plannedTypes[r.IntN(len(plannedTypes))]
	f.reset(r)
	return fmt.Sprintf("retype field %s.%s from %s to %s", e.table, f.name, from, f.typ)
}

func requireField(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil || !f.null {
		return ""
	}
	f.null = false
	return "require " + e.table + "." + f.name
}

func relaxField(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil || f.null {
		return ""
	}
	f.null = true
	return "relax " + e.table + "." + f.name
}

func uniqueField(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil {
		return ""
	}
	f.unique = !f.unique
	return fmt.Sprintf("unique %t %s.%s", f.unique, e.table, f.name)
}

// condition is what an index or a check may ask of a field.
func condition(r *rand.Rand, f *plannedField) string {
	name := "`" + f.name + "`"
	list := []string{name + " IS NULL", name + " IS NOT NULL"}
	switch {
	case f.typ.Numeric():
		list = append(list, name+" >= 0", name+" < 100", name+" > 0 AND "+name+" <> 7")
	case f.typ == field.TypeString:
		list = append(list, "length("+name+") > 1", name+" <> '7'", name+" IN ('a', ')', 'b')")
	}
	return list[r.IntN(len(list))]
}

func addIndex(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil {
		return ""
	}
	x := plannedIndex{columns: []string{f.name}, unique: r.IntN(2) == 0}
	if len(e.edges) > 0 && r.IntN(3) == 0 {
		x.columns = append(x.columns, e.edges[0].column)
	}
	if r.IntN(2) == 0 {
		x.where = condition(r, &e.fields[r.IntN(len(e.fields))])
	}
	x.name = e.table + "_" + strings.Join(x.columns, "_")
	if r.IntN(3) == 0 {
		x.name = e.table + "_mine"
	}
	if slices.ContainsFunc(e.indexes, func(y plannedIndex) bool { return strings.EqualFold(x.name, y.name) }) {
		return ""
	}
	e.indexes = append(e.indexes, x)
	return fmt.Sprintf("add index %+v", x)
}

// addPartial adds a unique index over the rows that another field tells.
func addPartial(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil || len(e.fields) < 2 {
		return ""
	}
	x := plannedIndex{name: e.table + "_" + f.name + "_some", columns: []string{f.name}, unique: true, where: condition(r, &e.fields[r.IntN(len(e.fields))])}
	if slices.ContainsFunc(e.indexes, func(y plannedIndex) bool { return strings.EqualFold(x.name, y.name) }) {
		return ""
	}
	e.indexes = append(e.indexes, x)
	return fmt.Sprintf("add index %+v", x)
}

func dropIndex(r *rand.Rand, p *planned) string {
	e := anyEntity(r, p)
	if len(e.indexes) == 0 {
		return ""
	}
	i := r.IntN(len(e.indexes))
	name := e.indexes[i].name
	e.indexes = slices.Delete(e.indexes, i, i+1)
	return "drop index " + name
}

func changeIndex(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil || len(e.indexes) == 0 {
		return ""
	}
	x := &e.indexes[r.IntN(len(e.indexes))]
	switch r.IntN(3) {
	case 0:
		x.unique = !x.unique
	case 1:
		x.where = condition(r, f)
	default:
		x.columns = []string{f.name}
	}
	return fmt.Sprintf("change index to %+v", *x)
}

func addCheck(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil {
		return ""
	}
	name := []string{"", "rule", "other"}[r.IntN(3)]
	e.checks[name] = condition(r, f)
	return fmt.Sprintf("check %q %s", name, e.checks[name])
}

func changeCheck(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil || e.checks["rule"] == "" {
		return ""
	}
	e.checks["rule"] = condition(r, f)
	return "change check to " + e.checks["rule"]
}

func dropCheck(r *rand.Rand, p *planned) string {
	e := anyEntity(r, p)
	if len(e.checks) == 0 {
		return ""
	}
	clear(e.checks)
	return "drop checks of " + e.table
}
