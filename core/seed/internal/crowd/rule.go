package crowd

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/internal/fake"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

const (
	// tries is how often a record is drawn that checks of the database refuse. In the
	// second half of them what may be absent is so in some, and in the last in all.
	tries = 2000
	// asked is how many values one question about records has at the most.
	asked = 4000
)

// rule is the checks of a table, as a question about records that are not in it.
type rule struct {
	table   string
	checks  []string // their expressions
	names   string   // for a person
	row     string   // the columns of a record, each with a place for its value
	none    string   // a statement without rows, whose columns have the types of the table's
	columns []column
}

// column is where the value of a record in a column comes from.
type column struct {
	field     *model.Field // or nil
	edge      *model.Edge  // or nil
	otherwise any          // where the record says nothing of it
}

// readRule reads the checks of an entity's table, if it has any.
func readRule(project *record.Project, e *model.Entity) (r rule, err error) {
	at := slices.IndexFunc(project.Tables, func(t *schema.Table) bool { return t.Name == e.Table })
	if at < 0 || project.Tables[at].Annotation == nil {
		return r, nil
	}
	t := project.Tables[at]
	r.table, r.names = e.Table, strings.Join(slices.Sorted(maps.Keys(t.Annotation.Checks)), ", ")
	for _, name := range slices.Sorted(maps.Keys(t.Annotation.Checks)) {
		r.checks = append(r.checks, t.Annotation.Checks[name])
	}
	if t.Annotation.Check != "" {
		r.checks = append(r.checks, t.Annotation.Check)
		r.names = strings.TrimPrefix(r.names+", "+t.Annotation.Check, ", ")
	}
	defaults, err := project.Defaults(e.Table)
	if err != nil {
		return r, fmt.Errorf("seed: the defaults of %s: %w", e.Table, err)
	}
	byColumn := map[string]any{}
	for _, spec := range defaults {
		byColumn[spec.Column] = spec.Value
	}
	var row, own []string
	for _, c := range t.Columns {
		own = append(own, store.Quote(c.Name))
		row = append(row, "? AS "+store.Quote(c.Name))
		r.columns = append(r.columns, columnOf(e, c, byColumn[c.Name]))
	}
	r.row = strings.Join(row, ", ")
	r.none = "SELECT 0 AS " + store.Quote(numberColumn) + ", " + strings.Join(own, ", ") + " FROM " + store.Quote(e.Table) + " WHERE 1 = 0"
	return r, nil
}

func columnOf(e *model.Entity, c *schema.Column, otherwise any) column {
	if _, expression := c.Default.(schema.Expr); otherwise == nil && !expression {
		otherwise = c.Default
	}
	of := column{otherwise: otherwise}
	for _, ed := range e.Edges {
		if ed.Storage == model.Own && ed.Column == c.Name {
			of.edge = ed
		}
	}
	for _, f := range e.Fields {
		if f.Column == c.Name && f.Kind.Comparable() {
			of.field = f
		}
	}
	return of
}

// value is what a record has in the column. For an id that is not known yet stands
// which of those that the edge may lead to it is.
func (c column) value(input map[string]any, ends map[string]int) (v any, err error) {
	v = c.otherwise
	if c.edge != nil {
		if j, ok := ends[c.edge.GraphQL]; ok {
			v = j + 1
		}
	}
	if c.field == nil || input[c.field.GraphQL] == nil {
		return v, nil
	}
	parsed, err := c.field.Parse(input[c.field.GraphQL])
	if err != nil {
		return nil, err
	}
	typed, err := c.field.Go(parsed)
	if _, ok := typed.(driver.Valuer); ok || err != nil {
		return typed, err
	}
	return parsed, nil
}

// refused are those of some of the crowd's records that the checks do not let in.
func (r rule) refused(ctx context.Context, client *record.Client, c *crowd, d *dice, numbers []int) (failed []int, err error) {
	var b strings.Builder
	var args []any
	b.WriteString(r.none)
	for _, i := range numbers {
		b.WriteString(" UNION ALL SELECT " + strconv.Itoa(i) + " AS " + store.Quote(numberColumn) + ", " + r.row)
		ends := map[string]int{}
		input := c.draw(d, i, ends)
		for _, column := range r.columns {
			v, err := column.value(input, ends)
			if err != nil {
				return nil, fmt.Errorf("seed: %w", err)
			}
			args = append(args, v)
		}
	}
	var number int
	err = store.Rows(ctx, client, "SELECT "+store.Quote(numberColumn)+" FROM ("+b.String()+") AS "+store.Quote(r.table)+
		" WHERE NOT ("+strings.Join(r.checks, ") OR NOT (")+")", args, func() error {
		failed = append(failed, number)
		return nil
	}, &number)
	return failed, err
}

// numberColumn holds the numbers of records beside their columns.
const numberColumn = "coppice_number"

// meet finds out, of each record, which of its draws the checks of the database let
// in. Where they let none in, the error is a fake.Error of the entity as a whole.
func (c *crowd) meet(ctx context.Context, client *record.Client) error {
	r, err := readRule(c.order.project, c.entity)
	if len(r.checks) == 0 || err != nil {
		return err
	}
	c.draws = make([]uint16, c.count)
	d := newDice()
	size := 8 // of the first: all tries are for nothing where the checks cannot be met
	for from := 0; from < c.count; {
		numbers := make([]int, min(size, c.count-from))
		for at := range numbers {
			numbers[at] = from + at
		}
		from, size = from+len(numbers), max(1, min(400, asked/len(r.columns)))
		for draw := range uint16(tries) {
			for _, i := range numbers {
				c.draws[i] = draw
			}
			if numbers, err = r.refused(ctx, client, c, d, numbers); err != nil {
				return err
			}
			if len(numbers) == 0 {
				break
			}
		}
		if len(numbers) > 0 {
			return fmt.Errorf("%w: %w", Err, &fake.Error{Entity: c.entity.Name,
				Reason: "No record was found that the database's checks let in (" + r.names + "). Write some into a file, and load that."})
		}
	}
	return nil
}

// salted is the salt that stands for something in this draw of a record.
func (d *dice) salted(salt uint64, fixed bool) uint64 {
	if d.draw == 0 || fixed {
		return salt
	}
	return mixed(salt + uint64(d.draw))
}

// absent reports whether a record is without something that it may be without, so
// that checks let it in.
func (d *dice) absent(salt uint64) bool {
	switch {
	case d.draw < tries/2:
		return false
	case d.draw == tries-1:
		return true
	default:
		return mixed(salt+uint64(d.draw)*0x9e3779b97f4a7c15)&1 == 0
	}
}
