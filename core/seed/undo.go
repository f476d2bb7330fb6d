package seed

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/ledger"
	"coppice/core/seed/internal/store"
)

// Kept is a record that a set created and an undo left where it is.
type Kept struct {
	Entity string `json:"entity"`
	Key    string `json:"key"`    // by which a person knows it
	Reason string `json:"reason"` // a sentence for a person
}

// UnknownSet is the error of an undo of a set that the database knows nothing
// of.
type UnknownSet struct {
	Name  string
	Known []string
}

// Error names the sets that there are.
func (e *UnknownSet) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("there is no set %s: nothing was seeded into this database", e.Name)
	}
	return fmt.Sprintf("there is no set %s in this database; there is %s", e.Name, strings.Join(e.Known, ", "))
}

// Undo removes the records that a set created, but for those that somebody
// changed since, or that other records need, and forgets the set as far as it
// is gone. Up to 10,000 records go in one transaction. The set's name is in
// o.Name; a set that is not known is an *UnknownSet.
func Undo(ctx context.Context, client *record.Client, o Options) (*Summary, error) {
	ctx, start := allowed(ctx), time.Now()
	u := &undo{Session: ledger.NewSession(client, o.Waiting, o.Draft), set: o.Name}
	defer u.Release()
	n := 0
	err := u.Exclusive(ctx, func(client *record.Client) error {
		u.sets, u.summary = nil, &Summary{Entities: map[string]Count{}}
		var err error
		if n, err = u.size(ctx, client); err != nil || n > together {
			return err
		}
		return u.whole(ctx, client)
	})
	if err == nil && n > together {
		err = u.parts(ctx)
	}
	if err != nil {
		return nil, err
	}
	u.summary.Took = time.Since(start)
	return u.summary, nil
}

// undo is the removal of a set.
type undo struct {
	*ledger.Session
	set      string
	sets     []string                       // all that there are, as literals
	removals map[*model.Entity]map[any]bool // what is to go
	kept     map[*model.Entity]map[any]string
	summary  *Summary
}

// size is how many records the set has created.
func (u *undo) size(ctx context.Context, client *record.Client) (int, error) {
	var all, created int
	err := store.Rows(ctx, client, "SELECT COUNT(*), COUNT(CASE WHEN created THEN 1 END) FROM "+ledger.FingerprintsTable+" WHERE seed_set = ?", []any{u.set},
		func() error { return nil }, &all, &created)
	if err != nil || all > 0 {
		return created, err
	}
	unknown := &UnknownSet{Name: u.set}
	err = setNames(ctx, client, func(name string) { unknown.Known = append(unknown.Known, name) })
	if err != nil {
		return 0, err
	}
	return 0, unknown
}

// setNames hands on the name of each set that the database knows.
func setNames(ctx context.Context, client *record.Client, each func(string)) error {
	var name string
	return store.Rows(ctx, client, "SELECT DISTINCT seed_set FROM "+ledger.FingerprintsTable+" ORDER BY 1", []any{}, func() error {
		each(name)
		return nil
	}, &name)
}

// whole removes everything at once.
func (u *undo) whole(ctx context.Context, client *record.Client) error {
	if err := u.choose(ctx, client); err != nil {
		return err
	}
	if err := u.summarize(ctx, client); err != nil {
		return err
	}
	order, _ := emptying(u.Client.Model)
	for _, e := range order {
		for part := range slices.Chunk(u.list(e), store.BatchSize) {
			if err := u.remove(ctx, client, e, part); err != nil {
				return err
			}
		}
	}
	return u.forget(ctx, client)
}

// parts removes what is too much for one transaction.
func (u *undo) parts(ctx context.Context) error {
	if err := u.Analyze(ctx); err != nil {
		return err
	}
	if err := u.choose(ctx, u.Client); err != nil {
		return err
	}
	if err := u.summarize(ctx, u.Client); err != nil {
		return err
	}
	order, _ := emptying(u.Client.Model)
	for _, e := range order {
		for part := range slices.Chunk(u.list(e), store.BatchSize) {
			err := u.Exclusive(ctx, func(client *record.Client) error {
				if err := u.remove(ctx, client, e, part); err != nil {
					return err
				}
				return u.Renew(ctx, client, true)
			})
			if err != nil {
				return err
			}
			if err := u.Pause(ctx); err != nil {
				return err
			}
		}
	}
	return u.Exclusive(ctx, func(client *record.Client) error { return u.forget(ctx, client) })
}

// choose finds what is to go: what nobody changed, and nothing that stays
// needs.
func (u *undo) choose(ctx context.Context, client *record.Client) error {
	u.removals, u.kept = map[*model.Entity]map[any]bool{}, map[*model.Entity]map[any]string{}
	if err := setNames(ctx, client, func(name string) { u.sets = append(u.sets, store.Literal(name)) }); err != nil {
		return err
	}
	for _, e := range client.Model.Entities {
		if e.View {
			continue
		}
		u.removals[e], u.kept[e] = map[any]bool{}, map[any]string{}
		id := "t." + store.Quote(e.ID.Column)
		var stored any
		var same bool
		err := store.Rows(ctx, client, "SELECT "+id+", m.hash = "+ledger.Hash(store.Words(client), e, "t.")+" FROM "+store.Quote(e.Table)+" t CROSS JOIN "+ledger.FingerprintsTable+
			" m WHERE m.seed_set = ? AND m.entity = ? AND m.record = CAST("+id+" AS TEXT) AND m.created", []any{u.set, e.Name}, func() error {
			id, err := e.TypedID(stored)
			if same {
				u.removals[e][id] = true
			} else {
				u.kept[e][id] = "It was changed since."
			}
			return err
		}, &stored, &same)
		if err != nil {
			return err
		}
	}
	for {
		kept, err := u.keepNeeded(ctx, client)
		if err != nil || !kept {
			return err
		}
	}
}

// keepNeeded keeps what records that stay still need, and reports whether there was
// anything.
func (u *undo) keepNeeded(ctx context.Context, client *record.Client) (bool, error) {
	kept := false
	for _, k := range foreignKeys(client.Model) {
		if !k.holds || len(u.removals[k.target]) == 0 {
			continue
		}
		var owner, target any
		to := "o." + store.Quote(k.column)
		err := store.Rows(ctx, client, "SELECT o."+store.Quote(k.owner.ID.Column)+", "+to+" FROM "+store.Quote(k.table)+" o CROSS JOIN "+ledger.FingerprintsTable+
			" m WHERE m.seed_set = ? AND m.entity = ? AND m.record = CAST("+to+" AS TEXT) AND m.created", []any{u.set, k.target.Name}, func() error {
			from, err := k.owner.TypedID(owner)
			if err != nil {
				return err
			}
			id, err := k.target.TypedID(target)
			if err == nil && u.removals[k.target][id] && !u.removals[k.owner][from] {
				delete(u.removals[k.target], id)
				u.kept[k.target][id] = "It is still needed by " + model.An(k.owner.Name) + " that stays."
				kept = true
			}
			return err
		}, &owner, &target)
		if err != nil {
			return false, err
		}
	}
	return kept, nil
}

// summarize notes in the summary what goes and what is kept.
func (u *undo) summarize(ctx context.Context, client *record.Client) error {
	for _, e := range client.Model.Entities {
		if n := (Count{Removed: len(u.removals[e]), Kept: len(u.kept[e])}); n != (Count{}) {
			u.summary.Entities[e.Table] = n
		}
		ids := make([]any, 0, len(u.kept[e]))
		for id := range u.kept[e] {
			ids = append(ids, id)
		}
		names, err := describeAll(ctx, client, e, ids)
		if err != nil {
			return err
		}
		at := len(u.summary.Kept)
		for id, why := range u.kept[e] {
			u.summary.Kept = append(u.summary.Kept, Kept{e.Name, names[id], why})
		}
		slices.SortFunc(u.summary.Kept[at:], func(a, b Kept) int { return strings.Compare(a.Key, b.Key) })
	}
	return nil
}

func (u *undo) list(e *model.Entity) []any {
	ids := make([]any, 0, len(u.removals[e]))
	for id := range u.removals[e] {
		ids = append(ids, id)
	}
	return ids
}

// remove deletes records, and what the ledger has of them.
func (u *undo) remove(ctx context.Context, client *record.Client, e *model.Entity, ids []any) error {
	texts := make([]any, 0, len(ids)+1)
	texts = append(texts, e.Name)
	id := store.Quote(e.ID.Column)
	var text string
	err := store.Rows(ctx, client, "SELECT CAST("+id+" AS TEXT) FROM "+store.Quote(e.Table)+" WHERE "+id+" IN ("+store.Places(len(ids))+")", ids, func() error {
		texts = append(texts, text)
		return nil
	}, &text)
	if err != nil {
		return err
	}
	if err := mutation.DeleteMany(ctx, client, e, ids); err != nil {
		return fmt.Errorf("seed: remove records of %s: %w", e.Name, err)
	}
	// A hook may only have hidden them.
	if err := store.Exec(ctx, client, "DELETE FROM "+store.Quote(e.Table)+" WHERE "+id+" IN ("+store.Places(len(ids))+")", ids, nil); err != nil {
		return fmt.Errorf("seed: remove records of %s: %w", e.Name, err)
	}
	where := " WHERE entity = ? AND record IN (" + store.Places(len(texts)-1) + ")"
	// The primary key of the fingerprints begins with the set.
	for _, query := range []string{
		"DELETE FROM " + ledger.FingerprintsTable + where + " AND seed_set IN (" + strings.Join(u.sets, ", ") + ")",
		"DELETE FROM " + ledger.RecordsTable + where,
		"DELETE FROM " + ledger.EffectsTable + where,
	} {
		if err := store.Exec(ctx, client, query, texts, nil); err != nil {
			return fmt.Errorf("seed: write the ledger: %w", err)
		}
	}
	return nil
}

// forget drops the set's fingerprints, but for those of what it created and is kept.
func (u *undo) forget(ctx context.Context, client *record.Client) error {
	var gone [][]any
	var entity, record string
	err := store.Rows(ctx, client, "SELECT entity, record FROM "+ledger.FingerprintsTable+" WHERE seed_set = ? AND created", []any{u.set}, func() error {
		e := client.Model.Entity(entity)
		if e != nil {
			if id, err := ledger.ParseID(e, record); err == nil && u.kept[e][id] != "" {
				return nil
			}
		}
		gone = append(gone, []any{u.set, entity, record})
		return nil
	}, &entity, &record)
	if err != nil {
		return err
	}
	run := func(query string, args []any) error {
		if err := store.Exec(ctx, client, query, args, nil); err != nil {
			return fmt.Errorf("seed: write the ledger: %w", err)
		}
		return nil
	}
	for _, args := range gone {
		if err := run("DELETE FROM "+ledger.FingerprintsTable+" WHERE seed_set = ? AND entity = ? AND record = ?", args); err != nil {
			return err
		}
	}
	return run("DELETE FROM "+ledger.FingerprintsTable+" WHERE seed_set = ? AND NOT created", []any{u.set})
}
