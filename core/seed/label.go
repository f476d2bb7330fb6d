package seed

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"

	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

// A dump has to call records that have neither a unique key nor a $key. It
// calls one after its table and id. An id that the database counts says nothing
// in another database, or in a copy that went its own way: so a token goes with
// it, and the ledger holds up to which id each token was given out. An id that
// is random, or that an author chooses, needs none.

// labelOf is the expression of the $key of the record whose id an expression is.
func labelOf(e *model.Entity, id string) string {
	if !counted(e) {
		return store.Literal(e.Table+"-") + " || CAST(" + id + " AS TEXT)"
	}
	// As many digits as make them sort as numbers do, for longer than anybody counts.
	return store.Literal(e.Table+"-") + " || printf('%09d', " + id + ") || (SELECT '-' || token FROM " + tokensTable +
		" WHERE entity = " + store.Literal(e.Name) + " AND highest >= " + id + " ORDER BY highest LIMIT 1)"
}

// counted reports whether the database counts the ids of an entity.
func counted(e *model.Entity) bool {
	return !e.UserID && (e.ID.Kind == model.Int || e.ID.Kind == model.BigInt)
}

// labelled is the id that a name of a dump holds, as text, and its token.
func labelled(e *model.Entity, name string) (id, token string, ok bool) {
	if id, ok = strings.CutPrefix(name, labelPrefix+e.Table+"-"); !ok || !counted(e) {
		return id, "", ok
	}
	id, token, ok = strings.Cut(id, "-")
	if ok = ok && token != ""; ok {
		n, err := strconv.ParseUint(id, 10, 64)
		id, ok = strconv.FormatUint(n, 10), err == nil
	}
	return id, token, ok
}

// dumped finds the records that a dump of this database called so.
func (l *ledger) dumped(ctx context.Context, e *model.Entity, names []string, noted map[string]any) error {
	for _, name := range names {
		text, token, ok := labelled(e, name)
		if !ok || noted[name] != nil {
			continue
		}
		id, err := ownID(e, text)
		if err != nil {
			continue // it looks like such a name, and is another
		}
		if counted(e) {
			given, err := l.given(ctx, e, token)
			if err != nil {
				return err
			}
			if n, err := strconv.ParseUint(text, 10, 64); err != nil || n > given {
				continue
			}
		}
		noted[name] = id
	}
	return nil
}

// given is up to which id records of an entity were called by a token.
func (l *ledger) given(ctx context.Context, e *model.Entity, token string) (uint64, error) {
	if l.tokens[e] == nil {
		l.tokens[e] = map[string]uint64{}
		var text string
		var highest int64
		err := store.Rows(ctx, l.client, "SELECT token, highest FROM "+tokensTable+" WHERE entity = ?", []any{e.Name}, func() error {
			l.tokens[e][text] = uint64(highest)
			return nil
		}, &text, &highest)
		if err != nil {
			return 0, err
		}
	}
	return l.tokens[e][token], nil
}

// unnamed is up to which id a dump has records of an entity to call that no
// token was given out for: 0 where there is none.
func (d *dumper) unnamed(ctx context.Context, e *model.Entity) (highest int64, err error) {
	where := ""
	if d.ledger {
		where = " WHERE t.id > COALESCE((SELECT MAX(highest) FROM " + tokensTable + " WHERE entity = " + store.Literal(e.Name) + "), 0)" +
			" AND NOT EXISTS (SELECT 1 FROM " + ledgerTable + " l WHERE l.entity = " + store.Literal(e.Name) + " AND l.record = CAST(t.id AS TEXT)" +
			" AND SUBSTR(l.name, 1, " + strconv.Itoa(len(labelPrefix)) + ") = " + store.Literal(labelPrefix) + ")"
	}
	err = store.Rows(ctx, d.client, "SELECT COALESCE(MAX(t.id), 0) FROM (SELECT "+store.Quote(e.ID.Column)+" AS id FROM "+store.Quote(e.Table)+") t"+where,
		[]any{}, func() error { return nil }, &highest)
	return highest, err
}

// giveOut notes a new token for each entity that has records to call. Others
// may add records before they are read: room is left for so many.
func giveOut(ctx context.Context, client *record.Client, unnamed map[*model.Entity]int64, room int64) error {
	return store.Transact(ctx, client, nil, func(client *record.Client) error {
		if err := makeLedger(ctx, client); err != nil {
			return err
		}
		for e, highest := range unnamed {
			if highest == 0 {
				continue // only the tables were missing
			}
			err := client.Driver().Exec(ctx, "INSERT INTO "+tokensTable+" (entity, highest, token) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
				[]any{e.Name, highest + room, strings.ToLower(rand.Text()[:10])}, nil)
			if err != nil {
				return fmt.Errorf("seed: write the ledger: %w", err)
			}
		}
		return nil
	})
}
