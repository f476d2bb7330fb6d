package dump

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"coppice/core/model"
	"coppice/core/seed/internal/ledger"
	"coppice/core/seed/internal/relation"
	"coppice/core/seed/internal/store"
)

// naturalKeys tells by which key each entity's records are referred to: one
// that every record has, of one field rather than of several; of edges only
// where these lead to records that have such a key. The others have a $key.
func naturalKeys(s *model.Schema) map[*model.Entity]*model.Key {
	keys := map[*model.Entity]*model.Key{}
	tells := func(p model.Part) bool {
		if p.Field != nil {
			return !p.Field.Nullable && !p.Field.Sensitive
		}
		return p.Edge.Required && p.Edge.Target != p.Edge.Source && keys[p.Edge.Target] != nil
	}
	for more := true; more; {
		more = false
		for _, e := range s.Entities {
			if keys[e] != nil {
				continue
			}
			var best *model.Key
			for _, k := range e.Keys {
				if !slices.ContainsFunc(k.Parts, func(p model.Part) bool { return !tells(p) }) && (best == nil || len(k.Parts) < len(best.Parts)) {
					best = k
				}
			}
			if best != nil {
				keys[e], more = best, true
			}
		}
	}
	return keys
}

// name finds out what there is in the ledger, and lists the entities whose
// records have yet to be called: up to which id.
func (d *dumper) name(ctx context.Context) (map[*model.Entity]int64, error) {
	var n int64
	err := store.Rows(ctx, d.client, store.Words(d.client).Tables.With(store.Literal(ledger.RecordsTable)+", "+store.Literal(ledger.RecordsIndex)+", "+store.Literal(ledger.TokensTable)),
		[]any{}, func() error { return nil }, &n)
	if err != nil {
		return nil, err
	}
	d.ledger = n == 3
	unnamed := map[*model.Entity]int64{}
	for _, e := range d.schema.Entities {
		if e.View || d.keys[e] != nil || !ledger.Counted(e) {
			continue
		}
		highest, err := d.unnamed(ctx, e)
		if err != nil {
			return nil, err
		}
		if highest > 0 || !d.ledger && n > 0 {
			unnamed[e] = highest
		}
	}
	return unnamed, nil
}

// unnamed is up to which id a dump has records of an entity to call that no
// token was given out for: 0 where there is none.
func (d *dumper) unnamed(ctx context.Context, e *model.Entity) (highest int64, err error) {
	where := ""
	if d.ledger {
		where = " WHERE t.id > COALESCE((SELECT MAX(highest) FROM " + ledger.TokensTable + " WHERE entity = " + store.Literal(e.Name) + "), 0)" +
			" AND NOT EXISTS (SELECT 1 FROM " + ledger.RecordsTable + " l WHERE l.entity = " + store.Literal(e.Name) + " AND l.record = CAST(t.id AS TEXT)" +
			" AND SUBSTR(l.name, 1, " + strconv.Itoa(len(ledger.LabelPrefix)) + ") = " + store.Literal(ledger.LabelPrefix) + ")"
	}
	err = store.Rows(ctx, d.client, "SELECT COALESCE(MAX(t.id), 0) FROM (SELECT "+store.Quote(e.ID.Column)+" AS id FROM "+store.Quote(e.Table)+") t"+where,
		[]any{}, func() error { return nil }, &highest)
	return highest, err
}

// query collects what a statement reads: columns, and the joins they need.
type query struct {
	d       *dumper
	columns []string
	joins   []string
	order   []string
	named   []*model.Entity // whose names from the ledger it needs
	aliases int
}

// column adds a column and returns its place.
func (q *query) column(expression string) int {
	q.columns = append(q.columns, expression)
	return len(q.columns) - 1
}

func (q *query) alias() string {
	q.aliases++
	return "j" + strconv.Itoa(q.aliases)
}

// reference is how a record is referred to, and where in a row that stands.
type reference struct {
	entity *model.Entity
	key    *model.Key // nil for a $key
	label  int        // the column of the $key
	parts  []referencePart
}

type referencePart struct {
	part   model.Part
	column int        // of a field
	to     *reference // of an edge
}

// refer reads what is needed to refer to the record of an entity whose id an
// expression is, and whose row has the alias, or none yet. What is read also
// orders the records.
func (q *query) refer(e *model.Entity, id, alias string) *reference {
	k := q.d.keys[e]
	if k == nil {
		label := q.label(e, id)
		if label != noLabel {
			q.order = append(q.order, store.Words(q.d.client).Text.With(label))
		}
		return &reference{entity: e, label: q.column(label)}
	}
	if alias == "" {
		alias = q.alias()
		q.joins = append(q.joins, "LEFT JOIN "+store.Quote(e.Table)+" "+alias+" ON "+alias+"."+store.Quote(e.ID.Column)+" = "+id)
	}
	r := &reference{entity: e, key: k}
	for _, p := range k.Parts {
		own := alias + "." + store.Quote(p.Column())
		if p.Field != nil {
			q.order = append(q.order, own)
			r.parts = append(r.parts, referencePart{part: p, column: q.column(own)})
			continue
		}
		r.parts = append(r.parts, referencePart{part: p, to: q.refer(p.Edge.Target, own, "")})
	}
	return r
}

// noLabel is the expression of the $key where there is no record to call.
const noLabel = "''"

// label is the expression of the $key of the record of an id.
func (q *query) label(e *model.Entity, id string) string {
	if !q.d.ledger && ledger.Counted(e) {
		return noLabel
	}
	made := ledger.Label(store.Words(q.d.client), e, id)
	if !q.d.ledger {
		return made
	}
	if !slices.Contains(q.named, e) {
		q.named = append(q.named, e)
	}
	alias := q.alias()
	q.joins = append(q.joins, "LEFT JOIN names"+strconv.Itoa(e.Index)+" "+alias+" ON "+alias+".record = CAST("+id+" AS TEXT)")
	return "COALESCE(" + alias + ".name, " + made + ")"
}

// with begins the statement with the names that the ledger has, each record's
// first one.
func (q *query) with() string {
	var tables []string
	for _, e := range q.named {
		tables = append(tables, "names"+strconv.Itoa(e.Index)+" AS MATERIALIZED (SELECT record, MIN(SUBSTR(name, "+strconv.Itoa(len(ledger.LabelPrefix)+1)+")) AS name FROM "+
			ledger.RecordsTable+" WHERE entity = "+store.Literal(e.Name)+" AND SUBSTR(name, 1, "+strconv.Itoa(len(ledger.LabelPrefix))+") = "+store.Literal(ledger.LabelPrefix)+" GROUP BY record)")
	}
	if len(tables) == 0 {
		return ""
	}
	return "WITH " + strings.Join(tables, ", ") + " "
}

// text is the statement on a table, under an alias.
func (q *query) text(table, alias, where string) string {
	text := q.with() + "SELECT " + strings.Join(q.columns, ", ") + " FROM " + store.Quote(table) + " " + alias
	for _, join := range q.joins {
		text += " " + join
	}
	if where != "" {
		text += " WHERE " + where
	}
	if len(q.order) == 0 {
		return text
	}
	return text + " ORDER BY " + strings.Join(q.order, ", ")
}

// dumps reports whether a relation is dumped from the side of this edge: the
// one that needs it, or has the foreign key, or that ent names the association
// table after. A record of an association says by itself what it is between.
func dumps(s *model.Schema, ed *model.Edge) bool {
	back := ed.Inverse
	switch {
	case ed.Target.View:
		return false
	case ed.Storage == model.Own:
		return ed.Required || back == nil || back == ed || !back.Required
	case ed.Storage == model.Other:
		return back == nil || ed.Required && !back.Required
	case s.Table(ed.Table) != nil:
		return false
	case back == nil || back == ed:
		return true
	case ed.Required != back.Required:
		return ed.Required
	case ed.Source == ed.Target:
		return relation.Owns(ed, back)
	}
	mine, others := strings.HasSuffix(ed.Table, "_"+ed.Name), strings.HasSuffix(ed.Table, "_"+back.Name)
	return mine && !others || mine == others && ed.Source.Index < ed.Target.Index
}
