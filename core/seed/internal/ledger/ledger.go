// Package ledger keeps in a database what the seeder did to it: what the records
// that files name are known by, which records each set created, changed or found,
// what hooks made of values, and which seeder is at work. Its tables are made when
// they are first needed. They are no entities and hold no data of their own.
package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

const (
	// RecordsTable has the names that files give records: entity, name, record.
	RecordsTable = "coppice_seed_records"
	// RecordsIndex is the index by which the names of a record are found.
	RecordsIndex = RecordsTable + "_record"
	// FingerprintsTable has what each set did to which records, and a hash of each
	// as the set left it: seed_set, entity, record, created, hash.
	FingerprintsTable = "coppice_seed_marks"
	// TokensTable has up to which id a dump gave out names with a token: entity,
	// highest, token.
	TokensTable = "coppice_seed_tokens"
	// EffectsTable has what hooks made of which values: entity, record, name, said, kept.
	EffectsTable = "coppice_seed_effects"
	leaseTable   = "coppice_seed_lease"
)

// Make creates the ledger's tables unless they are there.
func Make(ctx context.Context, client *record.Client) error {
	if all, err := made(ctx, client); err != nil || all {
		return err
	}
	words := store.Words(client)
	var statements []string
	if words.MakeAlone != "" {
		statements = append(statements, words.MakeAlone)
	}
	word := " " + words.Word + " NOT NULL"
	for _, table := range []string{
		RecordsTable + " (entity" + word + ", name" + word + ", record" + word + ", PRIMARY KEY (entity, name))",
		FingerprintsTable + " (seed_set" + word + ", entity" + word + ", record" + word + "," +
			" created BOOLEAN NOT NULL, hash BIGINT NOT NULL, PRIMARY KEY (seed_set, entity, record))",
		TokensTable + " (entity" + word + ", highest BIGINT NOT NULL, token" + word + ", PRIMARY KEY (entity, highest))",
		EffectsTable + " (entity" + word + ", record" + word + ", name" + word + ", said VARCHAR(64) NOT NULL," +
			" kept VARCHAR(64) NOT NULL, PRIMARY KEY (entity, record, name, said))",
		leaseTable + " (id INTEGER PRIMARY KEY, token" + word + ", pid BIGINT NOT NULL, host" + word + "," +
			" since BIGINT NOT NULL, beat BIGINT NOT NULL)",
	} {
		statements = append(statements, "CREATE TABLE IF NOT EXISTS "+table)
	}
	statements = append(statements, "CREATE INDEX IF NOT EXISTS "+RecordsIndex+" ON "+RecordsTable+" (entity, record)")
	for _, statement := range statements {
		if err := store.Exec(ctx, client, statement, []any{}, nil); err != nil {
			return fmt.Errorf("seed: make the ledger: %w", err)
		}
	}
	return nil
}

// made reports whether all of the ledger's tables are there, and the index.
func made(ctx context.Context, client *record.Client) (bool, error) {
	parts := []string{RecordsTable, RecordsIndex, FingerprintsTable, TokensTable, EffectsTable, leaseTable}
	names := make([]string, len(parts))
	for i, name := range parts {
		names[i] = store.Literal(name)
	}
	var n int
	err := store.Rows(ctx, client, store.Words(client).Tables.With(strings.Join(names, ", ")), []any{}, func() error { return nil }, &n)
	return n == len(parts), err
}

// Ledger finds records by the names that seed files give them, for one batch of
// records.
type Ledger struct {
	client *record.Client                   // the transaction's
	ids    map[*model.Entity]map[string]any // what is known, by name
	tokens map[*model.Entity]map[string]uint64
}

// New is a ledger that has yet to be given a client.
func New() *Ledger {
	return &Ledger{ids: map[*model.Entity]map[string]any{}, tokens: map[*model.Entity]map[string]uint64{}}
}

// Through makes the ledger read and write with a client: a transaction's.
func (l *Ledger) Through(client *record.Client) { l.client = client }

func (l *Ledger) build() *sql.DialectBuilder { return sql.Dialect(l.client.Driver().Dialect()) }

// FindByName is a mutation.FindByName: the ids of the records of e that have the names
// and that still exist.
func (l *Ledger) FindByName(ctx context.Context, e *model.Entity, names []string) (map[string]any, error) {
	ids := map[string]any{}
	for part := range slices.Chunk(names, store.BatchSize) {
		if err := l.find(ctx, e, part, ids); err != nil {
			return nil, err
		}
	}
	if l.ids[e] == nil {
		l.ids[e] = map[string]any{}
	}
	maps.Copy(l.ids[e], ids)
	return ids, nil
}

func (l *Ledger) find(ctx context.Context, e *model.Entity, names []string, ids map[string]any) error {
	noted := map[string]any{}
	t := sql.Table(RecordsTable)
	s := l.build().Select(t.C("name"), t.C("record")).From(t).
		Where(sql.And(sql.EQ(t.C("entity"), e.Name), sql.In(t.C("name"), anys(names)...)))
	var name, text string
	err := l.rows(ctx, s, func() error {
		id, err := ParseID(e, text)
		noted[name] = id
		return err
	}, &name, &text)
	if err != nil {
		return err
	}
	if err := l.dumped(ctx, e, names, noted); err != nil || len(noted) == 0 {
		return err
	}
	there, err := l.existing(ctx, e, noted)
	for name, id := range noted {
		if there[id] {
			ids[name] = id
		}
	}
	return err
}

// ParseID is a record's id in ent's Go type, from its text in the ledger.
func ParseID(e *model.Entity, text string) (any, error) {
	id, ok := e.ParseID(e.GlobalID(text))
	if !ok {
		return nil, fmt.Errorf("seed: the ledger has %q for the id of %s", text, model.An(e.Name))
	}
	return e.ID.Go(id)
}

// existing tells which of the noted records are there, hidden or not.
func (l *Ledger) existing(ctx context.Context, e *model.Entity, noted map[string]any) (map[any]bool, error) {
	ids := make([]any, 0, len(noted))
	for _, id := range noted {
		ids = append(ids, id)
	}
	there := map[any]bool{}
	t := sql.Table(e.Table)
	s := l.build().Select(t.C(e.ID.Column)).From(t).Where(sql.In(t.C(e.ID.Column), ids...))
	var stored any
	err := l.rows(ctx, s, func() error {
		id, err := e.TypedID(stored)
		there[id] = true
		return err
	}, &stored)
	return there, err
}

// rows scans each row of a selection into dest.
func (l *Ledger) rows(ctx context.Context, s *sql.Selector, each func() error, dest ...any) error {
	query, args := s.Query()
	return store.Rows(ctx, l.client, query, args, each, dest...)
}

// Note writes down by which names the records of the nodes are known, as far as
// the ledger does not have them. It reports whether there was anything.
func (l *Ledger) Note(ctx context.Context, nodes []*mutation.Node) (bool, error) {
	fresh := map[*model.Entity][]call{}
	for _, n := range nodes {
		if n.ID == nil {
			continue
		}
		for i, name := range n.Known() {
			// The first is the record's own; another may be a different record's.
			if id := l.ids[n.Entity][name]; id != n.ID && (id == nil || i == 0 && n.Name != "") {
				fresh[n.Entity] = append(fresh[n.Entity], call{name, n.ID})
			}
		}
	}
	for e, list := range fresh {
		for part := range slices.Chunk(list, store.BatchSize) {
			if err := l.write(ctx, e, part); err != nil {
				return false, err
			}
		}
	}
	return len(fresh) > 0, nil
}

// call is a name, and the id of the record that goes by it.
type call struct {
	name string
	id   any
}

func (l *Ledger) write(ctx context.Context, e *model.Entity, calls []call) error {
	insert := l.build().Insert(RecordsTable).Columns("entity", "name", "record")
	for _, c := range calls {
		insert.Values(e.Name, c.name, fmt.Sprint(c.id))
	}
	// A name may still be there for a record that is gone.
	insert.OnConflict(sql.ConflictColumns("entity", "name"), sql.ResolveWithNewValues())
	query, args := insert.Query()
	if err := store.Exec(ctx, l.client, query, args, nil); err != nil {
		return fmt.Errorf("seed: write the ledger: %w", err)
	}
	return nil
}

func anys(names []string) []any {
	list := make([]any, len(names))
	for i, name := range names {
		list[i] = name
	}
	return list
}
