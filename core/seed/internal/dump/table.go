package dump

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/model"
	"coppice/core/seed/internal/ledger"
	"coppice/core/seed/internal/store"
)

// page is how many records' lists are read at once.
const page = 500

// table is the plan of an entity's dump.
type table struct {
	entity *model.Entity
	self   *reference // how its own records are called
	fields []fieldColumn
	ones   []edgeColumn
	lists  []*list
	stored bool                // hooks might change its values when they are loaded
	names  map[string][]string // from the ledger, by the ids of a page's records
}

// fieldColumn is a field, and where in a row it stands.
type fieldColumn struct {
	field *model.Field
	at    int
}

// edgeColumn is an edge whose foreign key a row holds.
type edgeColumn struct {
	edge *model.Edge
	at   int // of the foreign key
	to   *reference
}

// list is an edge that is read for a page of records at once.
type list struct {
	edge   *model.Edge
	to     *reference
	fields []fieldColumn // what the association holds besides
	text   string        // the statement, with listed in the place of the ids' parameters
	width  int
	of     map[string][]string
}

// listed stands in a statement for parameters that are not counted yet.
const listed = "(?…)"

// table writes an entity's records, in the order of what they are called.
func (d *dumper) table(ctx context.Context, e *model.Entity, out *bufio.Writer) error {
	q := &query{d: d}
	t := &table{entity: e, stored: d.client.Entities[e.Index].Hooked(d.client)}
	id := "t." + store.Quote(e.ID.Column)
	q.column(id)
	t.self = q.refer(e, id, "t")
	order := len(q.order)
	for _, f := range d.fields(e) {
		t.fields = append(t.fields, fieldColumn{f, q.column("t." + store.Quote(f.Column))})
	}
	for _, ed := range e.Edges {
		if !dumps(d.schema, ed) {
			continue
		}
		if ed.Storage == model.Own {
			own := "t." + store.Quote(ed.Column)
			t.ones = append(t.ones, edgeColumn{ed, q.column(own), q.refer(ed.Target, own, "")})
			continue
		}
		t.lists = append(t.lists, d.list(ed))
	}
	q.order = append(q.order[:order], id)
	return d.pages(ctx, q.text(e.Table, "t", ""), len(q.columns), func(rows [][]any) error {
		d.done.Records[e.Table] += len(rows)
		return d.page(ctx, t, rows, out)
	})
}

// fields lists the fields to dump, the id first where an author chooses it.
func (d *dumper) fields(e *model.Entity) []*model.Field {
	var fields []*model.Field
	if e.UserID {
		fields = append(fields, e.ID)
	}
	return append(fields, d.shown(e.Fields)...)
}

// shown lists those of some fields that a dump may hold.
func (d *dumper) shown(all []*model.Field) []*model.Field {
	return slices.DeleteFunc(slices.Clone(all), func(f *model.Field) bool { return f.Sensitive && !d.options.IncludeSensitive })
}

// list plans the reading of an edge that the rows of its records do not hold.
func (d *dumper) list(ed *model.Edge) *list {
	q := &query{d: d}
	from, table, target := "t."+store.Quote(ed.From), ed.Table, "t."+store.Quote(ed.Ref)
	alias := ""
	if ed.Storage == model.Other {
		from, table, target, alias = "t."+store.Quote(ed.Column), ed.Target.Table, "t."+store.Quote(ed.Target.ID.Column), "t"
	}
	q.column(from)
	l := &list{edge: ed, to: q.refer(ed.Target, target, alias)}
	for _, f := range d.shown(ed.Fields) {
		l.fields = append(l.fields, fieldColumn{f, q.column("t." + store.Quote(f.Column))})
	}
	l.text = q.text(table, "t", from+" IN "+listed)
	l.width = len(q.columns)
	return l
}

// page writes some records, in one statement for each of their lists.
func (d *dumper) page(ctx context.Context, t *table, rows [][]any, out *bufio.Writer) error {
	ids := make([]any, len(rows))
	for i, row := range rows {
		ids[i] = row[0]
	}
	for _, l := range t.lists {
		if err := d.read(ctx, l, ids); err != nil {
			return err
		}
	}
	if err := d.names(ctx, t, rows); err != nil {
		return err
	}
	var line []byte
	for _, row := range rows {
		var err error
		if line, err = t.line(line[:0], row); err != nil {
			return err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// names reads what else a page's records are known by.
func (d *dumper) names(ctx context.Context, t *table, rows [][]any) error {
	t.names = map[string][]string{}
	if !d.ledger {
		return nil
	}
	args := make([]any, len(rows), len(rows)+1)
	args[0] = t.entity.Name
	for i, row := range rows {
		args = append(args[:i+1], idText(row[0]))
	}
	text := "SELECT record, name FROM " + ledger.RecordsTable + " WHERE entity = ? AND record IN (" + store.Places(len(rows)) + ") ORDER BY record, name"
	return d.rows(ctx, text, args, 2, func(rows [][]any) error {
		for _, row := range rows {
			id := idText(row[0])
			t.names[id] = append(t.names[id], idText(row[1]))
		}
		return nil
	})
}

// read reads what an edge leads to from some records.
func (d *dumper) read(ctx context.Context, l *list, ids []any) error {
	l.of = map[string][]string{}
	text := strings.Replace(l.text, listed, "("+store.Places(len(ids))+")", 1)
	return d.rows(ctx, text, ids, l.width, func(rows [][]any) error {
		for _, row := range rows {
			ref, err := l.to.append(nil, row)
			if err != nil {
				return err
			}
			if ref, err = besides(ref, l.fields, row); err != nil {
				return err
			}
			id := idText(row[0])
			l.of[id] = append(l.of[id], string(ref))
		}
		return nil
	})
}

func idText(id any) string {
	if b, ok := id.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(id)
}

// pages reads a statement's rows of a width, and hands them on a page at a time, when
// other statements may run.
func (d *dumper) pages(ctx context.Context, text string, width int, each func([][]any) error) error {
	words := store.Words(d.client)
	if words.Cursor == "" {
		return d.rows(ctx, text, []any{}, width, each)
	}
	// What has read from a cursor before is prepared for that one's columns.
	name := "coppice_" + strings.ToLower(rand.Text())
	if err := store.Exec(ctx, d.client, words.Cursor.With(name, text), []any{}, nil); err != nil {
		return err
	}
	for more := true; more; {
		var read [][]any
		err := d.rows(ctx, words.Fetch.With(name, strconv.Itoa(page)), []any{}, width, func(rows [][]any) error {
			read = rows
			return nil
		})
		if err == nil && len(read) > 0 {
			err = each(read)
		}
		if err != nil {
			return err
		}
		more = len(read) == page
	}
	return nil
}

// rows reads a statement's rows of a width, and hands them on a page at a time.
func (d *dumper) rows(ctx context.Context, text string, args []any, width int, each func([][]any) error) (err error) {
	var rows sql.Rows
	if err := d.client.Driver().Query(ctx, store.Words(d.client).Bind(text), args, &rows); err != nil {
		return err
	}
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	var list [][]any
	for rows.Next() {
		row, dest := make([]any, width), make([]any, width)
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if list = append(list, row); len(list) < page {
			continue
		}
		if err := each(list); err != nil {
			return err
		}
		list = nil
	}
	if err := rows.Err(); err != nil || len(list) == 0 {
		return err
	}
	return each(list)
}
