package ledger

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"

	"coppice/core/internal/dialect"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

// A dump has to call records that have neither a unique key nor a $key. It
// calls one after its table and id. An id that the database counts says nothing
// in another database, or in a copy that went its own way: so a token goes with
// it, and the ledger holds up to which id each token was given out. An id that
// is random, or that an author chooses, needs none.

// LabelPrefix is what names in the ledger begin with that files gave.
const LabelPrefix = "$key "

// Label is the expression of the $key by which a dump calls the record whose id an
// expression is.
func Label(words *dialect.Dialect, e *model.Entity, id string) string {
	if !Counted(e) {
		return store.Literal(e.Table+"-") + " || CAST(" + id + " AS TEXT)"
	}
	// As many digits as make them sort as numbers do, for longer than anybody counts.
	return store.Literal(e.Table+"-") + " || " + words.Number.With(id) + " || (SELECT '-' || token FROM " + TokensTable +
		" WHERE entity = " + store.Literal(e.Name) + " AND highest >= " + id + " ORDER BY highest LIMIT 1)"
}

// Counted reports whether the database counts the ids of an entity.
func Counted(e *model.Entity) bool {
	return !e.UserID && (e.ID.Kind == model.Int || e.ID.Kind == model.BigInt)
}

// labelled is the id that a name of a dump holds, as text, and its token.
func labelled(e *model.Entity, name string) (id, token string, ok bool) {
	for _, table := range append([]string{e.Table}, e.WasTables...) {
		if id, ok = strings.CutPrefix(name, LabelPrefix+table+"-"); ok {
			break
		}
	}
	if !ok || !Counted(e) {
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
func (l *Ledger) dumped(ctx context.Context, e *model.Entity, names []string, noted map[string]any) error {
	for _, name := range names {
		text, token, ok := labelled(e, name)
		if !ok || noted[name] != nil {
			continue
		}
		id, err := ParseID(e, text)
		if err != nil {
			continue // it looks like such a name, and is another
		}
		if Counted(e) {
			given, err := l.issued(ctx, e, token)
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

// issued is up to which id records of an entity were called by a token.
func (l *Ledger) issued(ctx context.Context, e *model.Entity, token string) (uint64, error) {
	if l.tokens[e] == nil {
		l.tokens[e] = map[string]uint64{}
		var text string
		var highest int64
		err := store.Rows(ctx, l.client, "SELECT token, highest FROM "+TokensTable+" WHERE entity = ?", []any{e.Name}, func() error {
			l.tokens[e][text] = uint64(highest)
			return nil
		}, &text, &highest)
		if err != nil {
			return 0, err
		}
	}
	return l.tokens[e][token], nil
}

// IssueTokens notes a new token for each entity that has records to call, up to the
// id that is given with it. Others may add records before they are read: room is
// left for so many.
func IssueTokens(ctx context.Context, client *record.Client, unnamed map[*model.Entity]int64, room int64) error {
	return Retry(ctx, client, func(int) error { return issueTokens(ctx, client, unnamed, room) })
}

func issueTokens(ctx context.Context, client *record.Client, unnamed map[*model.Entity]int64, room int64) error {
	return store.Transact(ctx, client, nil, func(client *record.Client) error {
		if err := Make(ctx, client); err != nil {
			return err
		}
		for e, highest := range unnamed {
			if highest == 0 {
				continue // only the tables were missing
			}
			err := store.Exec(ctx, client, "INSERT INTO "+TokensTable+" (entity, highest, token) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
				[]any{e.Name, highest + room, strings.ToLower(rand.Text()[:10])}, nil)
			if err != nil {
				return fmt.Errorf("seed: write the ledger: %w", err)
			}
		}
		return nil
	})
}
