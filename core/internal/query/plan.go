package query

import (
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/fault"
	"coppice/core/internal/retry"
	"coppice/core/model"
)

// plan is an operation, worked out as far as its document allows: which
// statements it needs, and what to write of their rows.
type plan struct {
	roots  []*root
	levels []*level
	facts  []fact // what it takes for granted about the variables
	fixed  bool   // it holds for the very variables it was made with only
	// named are the entities whose tables its statements name. What hides their
	// records depends on the request, and so do the statements.
	named []*model.Entity
	written
	contention retry.Contention
	// What one run leaves for the next: the memory of its rows, and how long its
	// answer was.
	spare  sync.Pool
	length atomic.Int64
}

// level is one place in the selection that records are read for, all its
// records by one statement.
type level struct {
	index     int
	entity    *model.Entity
	edge      *model.Edge // from the parent's records; nil at a root
	parent    *level
	link      int    // the parent's column that this level is joined by
	together  bool   // a root's page and total are one statement's
	joined    bool   // it is read by its parent's statement: link is its own id, null where there is no record
	alias     string // of a joined level, in that statement
	offset    int    // of a joined level, in the rows of that statement
	children  []*level
	path      []any
	fieldPath ast.Path // the field of the answer
	columns   []column
	page      *page // of a list; nil for one record
	// aggregate is what is asked of the records as a whole, or nil.
	aggregate *aggregate
	// Of a root that is no list: its ids are known when it runs; or it is found by
	// a unique key, or the id where that is nil; or by a where input.
	given   bool
	key     func(*builder) error
	unique  *model.Key
	where   object
	rows    bool // records are wanted, not just their count
	total   bool
	customs []*custom
	checks  []*binding // of arguments that may not be bound, to see that they are right
}

// column is something read of each record: a column, or what an order
// compares.
type column struct {
	name  string
	order *model.Order
	fn    string       // an aggregate function,
	field *model.Field // and what it is applied to
	group *model.Group
	edge  *model.Field // of the association that leads to the record
}

// at returns the place of a column in a row, adding it when it is new.
func (l *level) at(c column) int {
	for i, have := range l.columns {
		if c.order == nil && have == c || c.order != nil && have.order != nil && *have.order == *c.order {
			return i
		}
	}
	l.columns = append(l.columns, c)
	return len(l.columns) - 1
}

// outputKind says what a field of the answer is.
type outputKind uint8

const (
	outTypename outputKind = iota
	outID
	outScalar
	outOne
	outMany
	outCustom
	outObject // a part of the same row
	outSum
	// of a connection
	outEdges
	outPageInfo
	outTotal
	// of an edge
	outNode
	outCursor
	// of a PageInfo
	outHasNext
	outHasPrevious
	outStart
	outEnd
)

// output is one field of the answer.
type output struct {
	kind           outputKind
	name, function string // the response key; what an aggregate's value is: sum, avg, min or max
	key            []byte // the key as JSON, with its colon
	col            int
	entity         *model.Entity
	field          *model.Field
	level          *level
	sub            []output
	nonNull        bool
	custom         *custom
	// directives are those that are executed around an edge or a root field, whose
	// records guard has.
	directives ast.DirectiveList
	guard      *custom
}

// planner makes a plan.
type planner struct {
	engine *Engine
	op     *graphql.OperationContext
	reader *reader
	plan   *plan
	at     ast.Path // of the field that is being planned
}

func (p *planner) level(l *level) *level {
	l.index = len(p.plan.levels)
	l.fieldPath = p.here()
	p.plan.levels = append(p.plan.levels, l)
	if l.parent != nil {
		l.parent.children = append(l.parent.children, l)
	}
	return l
}

func (p *planner) collect(set ast.SelectionSet, satisfies ...string) []graphql.CollectedField {
	return graphql.CollectFields(p.op, set, satisfies)
}

func newOutput(f graphql.CollectedField, kind outputKind) output {
	return output{kind: kind, name: f.Alias, key: append(appendString(nil, f.Alias), ':'), nonNull: f.Definition != nil && f.Definition.Type.NonNull}
}

// object plans a selection on the records of a level.
func (p *planner) object(l *level, set ast.SelectionSet) ([]output, error) {
	e := l.entity
	fields := p.collect(set, append([]string{e.Name, "Node"}, e.Implement...)...)
	outs := make([]output, 0, len(fields))
	for _, f := range fields {
		out := newOutput(f, outScalar)
		out.entity = e
		switch {
		case f.Name == "__typename":
			out.kind = outTypename
			out.key = append(out.key, `"`+e.Name+`"`...)
		case f.Name == "id":
			out.kind, out.col = outID, l.at(column{name: e.ID.Column})
		case e.Field(f.Name) != nil && len(executed(f)) == 0:
			out.field = e.Field(f.Name)
			out.col = l.at(column{name: out.field.Column})
		case e.Edge(f.Name) != nil:
			leave := p.enter(f.Alias)
			if out.directives = executed(f); len(out.directives) > 0 {
				out.guard = p.custom(l, f)
				out.guard.guards = true
			}
			if err := p.edge(l, e.Edge(f.Name), f, &out); err != nil {
				return nil, place(p.here(), err)
			}
			leave()
		default:
			out.kind = outCustom
			out.custom = p.custom(l, f)
		}
		outs = append(outs, out)
	}
	return outs, nil
}

func (p *planner) edge(l *level, ed *model.Edge, f graphql.CollectedField, out *output) error {
	child := &level{entity: ed.Target, edge: ed, parent: l, path: append(l.path[:len(l.path):len(l.path)], f.Alias), rows: true}
	p.level(child)
	out.level = child
	var err error
	if ed.Unique {
		out.kind = outOne
		out.sub, err = p.object(child, f.Selections)
	} else {
		out.kind = outMany
		out.sub, err = p.connection(child, f)
	}
	if err != nil || ed.Unique && child.join() {
		return err
	}
	key := l.entity.ID.Column
	if ed.Storage == model.Own {
		key = ed.Column
	}
	child.link = l.at(column{name: key})
	return nil
}

// connection plans a list: its page, and what is selected of it.
func (p *planner) connection(l *level, f graphql.CollectedField) ([]output, error) {
	var err error
	if l.page, err = p.page(l.entity, p.reader.arguments(f.Field)); err != nil {
		return nil, err
	}
	l.rows = false
	var outs []output
	for _, f := range p.collect(f.Selections, l.list()+"Connection") {
		out := newOutput(f, outTypename)
		switch f.Name {
		case "edges":
			out.kind, l.rows = outEdges, true
			leave := p.enter(f.Alias)
			out.sub, err = p.edges(l, f.Selections)
			leave()
		case "pageInfo":
			out.kind, l.rows = outPageInfo, true
			out.sub = p.pageInfo(l, f.Selections)
		case "totalCount":
			out.kind, l.total = outTotal, true
		default:
			out.key = append(out.key, `"`+l.list()+`Connection"`...)
		}
		if err != nil {
			return nil, err
		}
		outs = append(outs, out)
	}
	return outs, nil
}

// list is what the types of the level's pages are named after.
func (l *level) list() string {
	if l.edge != nil {
		return l.edge.List()
	}
	return l.entity.Name
}

func (p *planner) edges(l *level, set ast.SelectionSet) ([]output, error) {
	var outs []output
	var err error
	for _, f := range p.collect(set, l.list()+"Edge") {
		out := newOutput(f, outTypename)
		switch f.Name {
		case "node":
			out.kind, out.entity = outNode, l.entity
			leave := p.enter(f.Alias)
			if out.sub, err = p.object(l, f.Selections); err != nil {
				return nil, err
			}
			leave()
		case "cursor":
			out.kind = outCursor
			l.page.readCursor(l)
		default:
			if l.edge != nil && l.edge.Field(f.Name) != nil {
				out.kind, out.field = outScalar, l.edge.Field(f.Name)
				out.col = l.at(column{name: out.field.Column, edge: out.field})
				break
			}
			out.key = append(out.key, `"`+l.list()+`Edge"`...)
		}
		outs = append(outs, out)
	}
	return outs, nil
}

func (p *planner) pageInfo(l *level, set ast.SelectionSet) []output {
	var outs []output
	for _, f := range p.collect(set, "PageInfo") {
		out := newOutput(f, outTypename)
		switch f.Name {
		case "hasNextPage":
			out.kind = outHasNext
			l.page.more = l.page.more || !l.page.backward
		case "hasPreviousPage":
			out.kind = outHasPrevious
			l.page.more = l.page.more || l.page.backward
		case "startCursor":
			out.kind = outStart
			l.page.readCursor(l)
		case "endCursor":
			out.kind = outEnd
			l.page.readCursor(l)
		default:
			out.key = append(out.key, `"PageInfo"`...)
		}
		outs = append(outs, out)
	}
	return outs
}

// page is the part of a list that is asked for.
type page struct {
	size     any // an int, or the slot of one
	argument string
	limits   Limits
	backward bool
	more     bool // whether there is more beyond the page is asked
	after    *position
	before   *position
	where    object
	terms    []term
	sig      string
	cursor   []int // the columns of the terms' values, once a cursor is asked
}

func (p *planner) page(e *model.Entity, args object) (*page, error) {
	pg := &page{size: p.engine.limits.PageSize, argument: "first", limits: p.engine.limits}
	wrong := pg.sized(args)
	var err error
	orderBy, _ := notNull(args, "orderBy")
	if pg.terms, err = p.reader.order(e, orderBy); err != nil {
		return nil, both(wrong, err) // without an order, no cursor can be read
	}
	pg.sig = signature(e, pg.terms)
	if v, ok := notNull(args, "after"); ok {
		pg.after, err = p.reader.cursor(e, v, pg.terms, "after")
		wrong = both(wrong, err)
	}
	if v, ok := notNull(args, "before"); ok {
		pg.before, err = p.reader.cursor(e, v, pg.terms, "before")
		wrong = both(wrong, err)
	}
	if wrong != nil {
		return nil, wrong
	}
	if v, ok := notNull(args, "where"); ok {
		pg.where, ok = p.reader.value(v).(object)
		if !ok {
			return nil, fault.Input("where", "An object is wanted here.")
		}
	}
	return pg, nil
}

// sized reads how long the page is, and from which end it is counted.
func (pg *page) sized(args object) error {
	first, hasFirst := notNull(args, "first")
	last, hasLast := notNull(args, "last")
	switch {
	case hasFirst && hasLast:
		return fault.Input("last", "Give either first or last, not both.")
	case hasFirst:
		pg.size = first
	case hasLast:
		pg.size, pg.argument, pg.backward = last, "last", true
	}
	if _, isSlot := pg.size.(slot); isSlot {
		return nil
	}
	_, err := pg.rows(nil)
	return err
}

func notNull(args object, name string) (any, bool) {
	v, _ := args.get(name)
	return v, v != nil
}

// rows is the number of records on the page.
func (pg *page) rows(vars map[string]any) (int, error) {
	v := pg.size
	if s, ok := v.(slot); ok {
		v = vars[s.name]
	}
	return PageRows(pg.argument, v, pg.limits.PageMax)
}

// readCursor makes the level read the values that a cursor is made of.
func (pg *page) readCursor(l *level) {
	if pg.cursor != nil {
		return
	}
	for i := range pg.terms {
		by := &pg.terms[i].by
		if by.Edge == nil {
			pg.cursor = append(pg.cursor, l.at(column{name: by.Field.Column}))
		} else {
			pg.cursor = append(pg.cursor, l.at(column{order: by}))
		}
	}
}
