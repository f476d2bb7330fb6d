package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
	"github.com/jackc/pgx/v5/pgconn"

	"coppice/core/internal/lexer"
)

// What PostgreSQL runs in no transaction, and what it leaves when it is broken off.

// alone reports that a statement can run in no transaction.
func alone(statement string) bool {
	words := tokens(statement)
	is := func(i int, list ...string) bool {
		return i < len(words) && slices.ContainsFunc(list, words[i].Is)
	}
	return is(0, "VACUUM", "REINDEX", "CLUSTER", "CALL") || is(0, "CREATE", "DROP", "ALTER") && is(1, "DATABASE", "TABLESPACE", "SYSTEM", "SUBSCRIPTION") ||
		slices.ContainsFunc(words, func(t lexer.Token) bool { return t.Kind == lexer.Word && t.Is("CONCURRENTLY") })
}

// reason is what the server says of an error, without its severity and number.
func reason(err error) string {
	pg := (*pgconn.PgError)(nil)
	switch {
	case !errors.As(err, &pg):
		return err.Error()
	case pg.Code == "42501":
		return pg.Message + ": grant this user the right, or name one that has it"
	case pg.Code == lockNotAvailable:
		return "others held what it changes for too long: try again, or wait longer with --lock-wait"
	}
	return pg.Message
}

// leftover tidies up what a statement that makes or drops an index beside others left
// when it was broken off: an index that serves nobody takes the name. One that is whole is
// what the statement was to make, where the process was killed at it: nobody noted that.
func leftover(ctx context.Context, q schema.ExecQuerier, statement string, killed bool) (done bool, err error) {
	index, drops, ok := indexOf(statement)
	if !ok {
		return false, nil
	}
	there, valid, err := state(ctx, q, index)
	if err != nil {
		return false, err
	}
	switch {
	case drops:
		return killed && !there, nil
	case !there || valid:
		return killed && there, nil
	}
	_, err = q.ExecContext(ctx, "DROP INDEX CONCURRENTLY "+index)
	return false, err
}

// state reports whether there is an index, and whether it serves.
func state(ctx context.Context, q schema.ExecQuerier, index string) (there, valid bool, err error) {
	rows, err := q.QueryContext(ctx, "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", index)
	if err != nil {
		return false, false, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if there = rows.Next(); there {
		err = rows.Scan(&valid)
	}
	return there, valid, errors.Join(err, rows.Err())
}

// indexOf is the index, quoted, that a statement makes or drops beside others.
func indexOf(statement string) (name string, drops, ok bool) {
	words := tokens(statement)
	next := func(words ...string) func([]lexer.Token) []lexer.Token {
		return func(list []lexer.Token) []lexer.Token {
			for i, word := range words {
				if i >= len(list) || !list[i].Is(word) {
					return list
				}
			}
			return list[len(words):]
		}
	}
	if len(words) == 0 {
		return "", false, false
	}
	drops = words[0].Is("DROP")
	rest := next("UNIQUE")(words[1:])
	if len(rest) < 3 || !drops && !words[0].Is("CREATE") || !rest[0].Is("INDEX") || !rest[1].Is("CONCURRENTLY") {
		return "", false, false
	}
	rest = next("IF", "EXISTS")(next("IF", "NOT", "EXISTS")(rest[2:]))
	if len(rest) == 0 || rest[0].Is("ON") {
		return "", false, false // it has no name yet
	}
	name = identifier(rest[0])
	if len(rest) > 2 && rest[1].Is(".") {
		name += "." + identifier(rest[2])
	}
	return name, drops, true
}

func identifier(t lexer.Token) string {
	if t.Kind == lexer.Quoted {
		return quote(strings.ReplaceAll(t.Text, `""`, `"`))
	}
	return quote(strings.ToLower(t.Text))
}

func tokens(statement string) (list []lexer.Token) {
	sc := lexer.Scanner{SQL: statement}
	for t := sc.Next(); t.Kind != lexer.End; t = sc.Next() {
		list = append(list, t)
	}
	return list
}
