package query

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"

	"coppice/internal/model"
)

// Custom answers what is not generated from the entities. Both functions
// report their errors to the response in the context, as gqlgen does, and
// return the JSON to put in the field's place: nil for null.
type Custom struct {
	// Root answers a root field.
	Root func(ctx context.Context, op *graphql.OperationContext, field graphql.CollectedField) []byte
	// Field answers a field of all the given records of one entity at once:
	// as many answers as records, in their order.
	Field func(ctx context.Context, op *graphql.OperationContext, entity string, field graphql.CollectedField, records []any) [][]byte
}

// custom is a hand-written field on the records of a level.
type custom struct {
	field graphql.CollectedField
	id    int // the column of the record's id
}

type answer []byte

func (p *planner) custom(l *level, f graphql.CollectedField) *custom {
	c := &custom{field: f, id: l.at(column{name: l.entity.ID.Column})}
	l.customs = append(l.customs, c)
	return c
}

// resolveCustom answers the hand-written fields of a level's records: the
// records are loaded as typed entities once, and each field is asked once.
func (r *run) resolveCustom(ctx context.Context, l *level, res *result) error {
	if len(l.customs) == 0 || res.n == 0 {
		return nil
	}
	records, err := r.entities(ctx, l.entity, res, l.customs[0].id)
	if err != nil {
		return err
	}
	res.custom = map[*custom][]answer{}
	for _, c := range l.customs {
		answers := r.engine.custom.Field(ctx, r.op, l.entity.Name, c.field, records)
		for _, a := range answers {
			res.custom[c] = append(res.custom[c], a)
		}
	}
	return nil
}

// entities loads the records of a level's rows as typed entities, in the
// rows' order; a record that stands in several rows is one entity.
func (r *run) entities(ctx context.Context, e *model.Entity, res *result, id int) ([]any, error) {
	ids := make([]any, 0, res.n)
	seen := make(map[any]any, res.n)
	for i := range res.n {
		v := res.row(i)[id]
		if _, ok := seen[v]; !ok {
			seen[v] = nil
			ids = append(ids, v)
		}
	}
	rec := r.engine.records[e.Index]
	found, err := rec.Find(ctx, r.client, func(s *sql.Selector) {
		s.Where(sql.In(s.C(e.ID.Column), ids...))
	})
	if err != nil {
		return nil, fmt.Errorf("query: load %s for hand-written fields: %w", e.Table, err)
	}
	byText := make(map[string]any, len(found))
	for _, v := range found {
		byText[fmt.Sprint(rec.IDOf(v))] = v
	}
	records := make([]any, res.n)
	for i := range res.n {
		records[i] = byText[fmt.Sprint(res.row(i)[id])]
	}
	return records, nil
}
