package query

import (
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

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
	kind     outputKind
	name     string // the response key
	key      []byte // the key as JSON, with its colon
	col      int
	entity   *model.Entity
	field    *model.Field
	function string // of an aggregate's value: sum, avg, min or max
	level    *level
	sub      []output
	nonNull  bool
	custom   *custom
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
