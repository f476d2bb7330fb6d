package seed

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

// Change is what a load does to a record.
type Change struct {
	Entity  string       `json:"entity"`
	Key     string       `json:"key"` // by which a person knows the record
	Created bool         `json:"created,omitempty"`
	Fields  []Difference `json:"fields,omitempty"` // of a record that is updated
}

// Difference is a field or an edge with another value than before, as a person
// reads them.
type Difference struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// watch notes what the records of a batch are like before it is applied, and
// returns what tells the changes afterwards.
func (l *loader) watch(ctx context.Context, client *record.Client, b *batch) (func(items []*item) error, error) {
	if l.options.Changes == nil {
		return func([]*item) error { return nil }, nil
	}
	if err := b.writes.Resolve(ctx); err != nil {
		return nil, b.explain("load", err)
	}
	found := map[*model.Entity][]any{}
	for _, n := range b.writes.Nodes() {
		if n.Found() && !n.Connects() {
			found[n.Entity] = append(found[n.Entity], n.ID)
		}
	}
	before, err := views(ctx, client, found)
	if err != nil {
		return nil, err
	}
	return func(items []*item) error {
		return l.reportChanges(ctx, client, b.writes.Nodes(), items, before)
	}, nil
}

// reportChanges tells what was created or updated, in the order of the input.
func (l *loader) reportChanges(ctx context.Context, client *record.Client, nodes []*mutation.Node, items []*item, before map[target]view) error {
	changed, updated := map[*model.Entity][]any{}, map[*model.Entity][]any{}
	for _, n := range nodes {
		if n.Created || n.Updated {
			changed[n.Entity] = append(changed[n.Entity], n.ID)
		}
		if n.Updated && !n.Created {
			updated[n.Entity] = append(updated[n.Entity], n.ID)
		}
	}
	after, err := views(ctx, client, updated)
	if err != nil {
		return err
	}
	names := map[*model.Entity]map[any]string{}
	for e, ids := range changed {
		if names[e], err = describeAll(ctx, client, e, ids); err != nil {
			return err
		}
	}
	for _, n := range nodes {
		switch {
		case !n.Created && !n.Updated, items != nil && items[n.Top()].counted:
		case n.Created:
			l.options.Changes(Change{Entity: n.Entity.Name, Key: names[n.Entity][n.ID], Created: true})
		default:
			at := target{n.Entity, n.ID}
			l.options.Changes(Change{Entity: n.Entity.Name, Key: names[n.Entity][n.ID], Fields: differences(n.Entity, before[at], after[at])})
		}
	}
	return nil
}

// target names a record of the database.
type target struct {
	entity *model.Entity
	id     any
}

// view is a record as a person reads it: its values by the names of fields and
// edges.
type view map[string]string

// shownValue is a value as a person reads it.
func shownValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case json.RawMessage:
		return string(v)
	case []byte:
		return fmt.Sprintf("%d bytes", len(v))
	default:
		return text(v)
	}
}

func differences(e *model.Entity, before, after view) []Difference {
	var list []Difference
	add := func(name string) {
		if before[name] != after[name] {
			list = append(list, Difference{name, before[name], after[name]})
		}
	}
	for _, f := range e.Fields {
		if f.Sensitive && before[f.GraphQL] != after[f.GraphQL] {
			list = append(list, Difference{f.GraphQL, masked, masked})
			continue
		}
		add(f.GraphQL)
	}
	for _, ed := range e.Edges {
		add(ed.GraphQL)
	}
	return list
}

// views reads records by entity and id.
func views(ctx context.Context, client *record.Client, records map[*model.Entity][]any) (map[target]view, error) {
	all := map[target]view{}
	for _, e := range client.Model.Entities {
		for ids := range slices.Chunk(records[e], store.BatchSize) {
			if err := viewFields(ctx, client, e, ids, all); err != nil {
				return nil, err
			}
			for _, ed := range e.Edges {
				if err := viewEdge(ctx, client, ed, ids, all); err != nil {
					return nil, err
				}
			}
		}
	}
	return all, nil
}

// viewFields reads the fields of records.
func viewFields(ctx context.Context, client *record.Client, e *model.Entity, ids []any, all map[target]view) error {
	columns := []string{store.Quote(e.ID.Column)}
	for _, f := range e.Fields {
		columns = append(columns, store.Quote(f.Column))
	}
	row, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		dest[i] = &row[i]
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + store.Quote(e.Table) + " WHERE " + columns[0] + " IN (" + store.Places(len(ids)) + ")"
	return store.Rows(ctx, client, query, ids, func() error {
		id, err := e.TypedID(row[0])
		if err != nil {
			return err
		}
		l := view{}
		all[target{e, id}] = l
		for i, f := range e.Fields {
			v, err := f.Scan(row[i+1])
			if err != nil {
				return err
			}
			l[f.GraphQL] = shownValue(v)
		}
		return nil
	}, dest...)
}

// viewEdge reads what an edge leads to, where it is kept with these records
// or in a table of its own.
func viewEdge(ctx context.Context, client *record.Client, ed *model.Edge, ids []any, all map[target]view) error {
	table, from, to := ed.Table, ed.From, ed.Ref
	switch ed.Storage {
	case model.Own:
		table, from, to = ed.Source.Table, ed.Source.ID.Column, ed.Column
	case model.Other:
		return nil
	}
	type pair struct{ from, to any }
	var pairs []pair
	var targets []any
	var source, leads any
	query := "SELECT " + store.Quote(from) + ", " + store.Quote(to) + " FROM " + store.Quote(table) + " WHERE " + store.Quote(from) + " IN (" + store.Places(len(ids)) + ") AND " +
		store.Quote(to) + " IS NOT NULL"
	err := store.Rows(ctx, client, query, ids, func() error {
		id, err := ed.Source.TypedID(source)
		if err != nil {
			return err
		}
		t, err := ed.Target.TypedID(leads)
		pairs = append(pairs, pair{id, t})
		targets = append(targets, t)
		return err
	}, &source, &leads)
	if err != nil {
		return err
	}
	names, err := describeAll(ctx, client, ed.Target, targets)
	if err != nil {
		return err
	}
	lists := map[any][]string{}
	for _, p := range pairs {
		lists[p.from] = append(lists[p.from], names[p.to])
	}
	for _, id := range ids {
		list := lists[id]
		slices.Sort(list)
		if l := all[target{ed.Source, id}]; l != nil {
			l[ed.GraphQL] = strings.Join(list, ", ")
			if len(list) == 0 {
				l[ed.GraphQL] = "nothing"
			}
		}
	}
	return nil
}
