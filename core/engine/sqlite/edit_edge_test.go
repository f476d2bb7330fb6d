package sqlite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

func addEdge(r *rand.Rand, p *planned) string {
	e := anyEntity(r, p)
	column := []string{"things_e0", "things_e1", "back"}[r.IntN(3)]
	if e.takes(column) {
		return ""
	}
	g := newEdge(r, *p, column)
	e.edges = append(e.edges, g)
	return fmt.Sprintf("add edge %s %+v", e.table, g)
}

func dropEdge(r *rand.Rand, p *planned) string {
	e, g := anyEdge(r, p)
	if g == nil {
		return ""
	}
	return dropEdgeOf(e, g.column)
}

// turnEdge makes a to-one edge a many-to-many one, or back.
func turnEdge(r *rand.Rand, p *planned) string {
	e, g := anyEdge(r, p)
	if g != nil && len(p.joins) < 2 && r.IntN(2) == 0 {
		to, table := g.to, e.table+"_"+g.column+"s"
		if slices.ContainsFunc(p.joins, func(j plannedJoin) bool { return j.table == table }) {
			return ""
		}
		did := dropEdgeOf(e, g.column)
		p.joins = append(p.joins, plannedJoin{table: table, from: e.table, to: to})
		return did + " for a join"
	}
	if len(p.joins) == 0 {
		return ""
	}
	j := p.joins[0]
	p.joins = p.joins[1:]
	if e := p.entity(j.from); e != nil && !e.takes("back") {
		e.edges = append(e.edges, plannedEdge{column: "back", to: j.to, null: true, onDelete: schema.SetNull})
	}
	return "turn join " + j.table + " into an edge"
}

// putBackEdge adds an edge that was there before.
func putBackEdge(r *rand.Rand, p *planned) string {
	e := anyEntity(r, p)
	if len(e.gone) == 0 || e.takes(e.gone[0].column) || p.entity(e.gone[0].to) == nil {
		return ""
	}
	e.edges = append(e.edges, e.gone[0])
	e.gone = e.gone[1:]
	return "put back edge " + e.table + "." + e.edges[len(e.edges)-1].column
}

func dropEdgeOf(e *plannedEntity, column string) string {
	e.forget(column)
	for _, g := range e.edges {
		if g.column == column {
			e.gone = append(e.gone, g)
		}
	}
	e.edges = slices.DeleteFunc(e.edges, func(g plannedEdge) bool { return g.column == column })
	return "drop edge " + e.table + "." + column
}

func requireEdge(r *rand.Rand, p *planned) string {
	e, g := anyEdge(r, p)
	if g == nil {
		return ""
	}
	g.null = !g.null
	g.act(r)
	return fmt.Sprintf("edge %s.%s optional %t", e.table, g.column, g.null)
}

func uniqueEdge(r *rand.Rand, p *planned) string {
	e, g := anyEdge(r, p)
	if g == nil {
		return ""
	}
	g.unique = !g.unique
	return fmt.Sprintf("edge %s.%s one-to-one %t", e.table, g.column, g.unique)
}

func actEdge(r *rand.Rand, p *planned) string {
	e, g := anyEdge(r, p)
	if g == nil {
		return ""
	}
	g.act(r)
	return fmt.Sprintf("edge %s.%s on delete %s", e.table, g.column, g.onDelete)
}

func renameJoin(_ *rand.Rand, p *planned) string {
	if len(p.joins) == 0 {
		return ""
	}
	p.joins[0].table += "x"
	return "rename join to " + p.joins[0].table
}

// dropEntity takes an entity out, and all edges that lead to it.
func dropEntity(r *rand.Rand, p *planned) string {
	if len(p.entities) < 2 {
		return ""
	}
	table := anyEntity(r, p).table
	p.entities = slices.DeleteFunc(p.entities, func(e plannedEntity) bool { return e.table == table })
	for i := range p.entities {
		e := &p.entities[i]
		for _, g := range slices.Clone(e.edges) {
			if g.to == table {
				dropEdgeOf(e, g.column)
			}
		}
	}
	p.joins = slices.DeleteFunc(p.joins, func(j plannedJoin) bool { return j.from == table || j.to == table })
	return "drop entity " + table
}

func renameTable(p *planned, old, name string) {
	p.entity(old).table = name
	for i := range p.entities {
		for n := range p.entities[i].edges {
			if g := &p.entities[i].edges[n]; g.to == old {
				g.to = name
			}
		}
	}
	for i := range p.joins {
		if p.joins[i].from == old {
			p.joins[i].from = name
		}
		if p.joins[i].to == old {
			p.joins[i].to = name
		}
	}
}

func renameEntity(r *rand.Rand, p *planned) string {
	old := anyEntity(r, p).table
	name := old + "2"
	if p.entity(name) != nil {
		return ""
	}
	p.entity(old).indexes = nil
	renameTable(p, old, name)
	return "rename entity " + old + " to " + name
}

func recaseEntity(r *rand.Rand, p *planned) string {
	old := anyEntity(r, p).table
	name := strings.ToUpper(old)
	if name == old {
		name = strings.ToLower(old)
	}
	renameTable(p, old, name)
	return "recase entity " + old
}

func addEntity(r *rand.Rand, p *planned) string {
	for _, table := range []string{"things", "order", "fresh"} {
		if slices.ContainsFunc(p.entities, func(e plannedEntity) bool { return strings.EqualFold(e.table, table) }) {
			continue
		}
		e := plannedEntity{table: table, id: field.TypeInt, checks: map[string]string{}, fields: []plannedField{newField(r, "name")}}
		p.entities = append(p.entities, e)
		if r.IntN(2) == 0 {
			last := &p.entities[len(p.entities)-1]
			last.edges = append(last.edges, newEdge(r, *p, "things_e0"))
		}
		return "add entity " + table
	}
	return ""
}

func retypeID(r *rand.Rand, p *planned) string {
	e := anyEntity(r, p)
	if r.IntN(3) > 0 { // rarely
		return ""
	}
	from := e.id
	e.id = []field.Type{field.TypeInt, field.TypeString, field.TypeUUID}[r.IntN(3)]
	if e.id == from {
		return ""
	}
	return fmt.Sprintf("id of %s from %s to %s", e.table, from, e.id)
}

func changeEnum(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil || f.typ != field.TypeEnum {
		return ""
	}
	f.enums, f.def = plannedEnums[r.IntN(len(plannedEnums))], nil
	return fmt.Sprintf("enum %s.%s %v", e.table, f.name, f.enums)
}

func changeDefault(r *rand.Rand, p *planned) string {
	e, f := anyField(r, p)
	if f == nil || f.typ == field.TypeEnum {
		return ""
	}
	f.reset(r)
	return fmt.Sprintf("default %s.%s %v", e.table, f.name, f.def)
}
