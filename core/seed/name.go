package seed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/ledger"
	"coppice/core/seed/internal/store"
)

// masked stands for a value that is not to be shown.
const masked = "***"

// describeAll says of an entity's records by what a person knows them: a
// unique key, or the $key of a file, or else the id.
func describeAll(ctx context.Context, client *record.Client, e *model.Entity, ids []any) (map[any]string, error) {
	names := make(map[any]string, len(ids))
	for part := range slices.Chunk(ids, store.BatchSize) {
		if err := label(ctx, client, e, part, names); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func label(ctx context.Context, client *record.Client, e *model.Entity, ids []any, names map[any]string) error {
	k := shownKey(e)
	id := "t." + store.Quote(e.ID.Column)
	columns := []string{id, "(SELECT name FROM " + ledger.RecordsTable + " WHERE entity = ? AND record = CAST(" + id + " AS TEXT) AND name LIKE '$key %')"}
	if k != nil {
		for _, p := range k.Parts {
			columns = append(columns, "t."+store.Quote(p.Column()))
		}
	}
	row := make([]any, len(columns))
	dest := make([]any, len(columns))
	for i := range row {
		dest[i] = &row[i]
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + store.Quote(e.Table) + " t WHERE " + id + " IN (" + store.Places(len(ids)) + ")"
	return store.Rows(ctx, client, query, append([]any{e.Name}, ids...), func() error {
		id, err := e.TypedID(row[0])
		if err != nil {
			return err
		}
		names[id] = e.GlobalID(fmt.Sprint(id))
		if label, ok := row[1].(string); ok {
			names[id] = "$key " + text(strings.TrimPrefix(label, "$key "))
		}
		if k == nil {
			return nil
		}
		parts := make([]string, len(k.Parts))
		for i, p := range k.Parts {
			v, err := p.Field.Scan(row[2+i])
			if err != nil {
				return err
			}
			parts[i] = p.Field.GraphQL + " " + text(v)
		}
		names[id] = strings.Join(parts, " and ")
		return nil
	}, dest...)
}

// shownKey is a unique key of fields alone that may be shown, or nil.
func shownKey(e *model.Entity) *model.Key {
	for _, k := range e.Keys {
		if !slices.ContainsFunc(k.Parts, func(p model.Part) bool { return p.Field == nil || p.Field.Sensitive || p.Field.Nullable }) && !k.IsID() {
			return k
		}
	}
	return nil
}
