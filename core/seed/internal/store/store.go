// Package store is how the seeder works with a database below ent: in what
// transactions it reads and writes, how it reads rows, and how names and values
// stand in the statements that it writes.
package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/internal/dialect"
	"coppice/core/record"
)

// BatchSize is how many names or ids one statement asks for.
const BatchSize = 500

// Transact runs a function with the client of a transaction, and commits unless
// the function fails or panics.
func Transact(ctx context.Context, client *record.Client, o *stdsql.TxOptions, run func(*record.Client) error) (err error) {
	tx, err := client.Begin(ctx, o)
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	committed := false
	// Deferred for panics of hooks as well.
	defer func() {
		if committed {
			return
		}
		// A context that is over has rolled back already.
		if rerr := tx.Rollback(); rerr != nil && !errors.Is(rerr, stdsql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("seed: %w", rerr))
		}
	}()
	if err := run(tx.Client); err != nil {
		return err
	}
	committed = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// LockTables keeps others from writing into tables until the transaction ends, where
// transactions that write run beside each other. As the first statement of one it also
// lets it see all that was committed until then.
func LockTables(ctx context.Context, client *record.Client, tables ...string) error {
	return onTables(ctx, client, Words(client).Lock, tables)
}

// Analyze lets the planner know how many rows tables have.
func Analyze(ctx context.Context, client *record.Client, tables ...string) error {
	return onTables(ctx, client, Words(client).Analyze, tables)
}

// onTables runs a statement on a list of tables, where the engine has it.
func onTables(ctx context.Context, client *record.Client, statement dialect.Form, tables []string) error {
	if statement == "" {
		return nil
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = Quote(t)
	}
	if err := Exec(ctx, client, statement.With(strings.Join(names, ", ")), []any{}, nil); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// Words are what the database's SQL is written with.
func Words(client *record.Client) *dialect.Dialect { return dialect.Of(client.Driver().Dialect()) }

// Quote is a name of the schema as it stands in a statement, in quotation marks.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Literal is a text as it stands in a statement, in apostrophes.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Places is a list of n parameters of a statement, as in ?,?,?.
func Places(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// Exec runs a statement, which has ? for its arguments.
func Exec(ctx context.Context, client *record.Client, query string, args []any, v any) error {
	return client.Driver().Exec(ctx, Words(client).Bind(query), args, v)
}

// Rows reads each row of a query into dest, and calls each after every one; an
// error of it ends the reading.
func Rows(ctx context.Context, client *record.Client, query string, args []any, each func() error, dest ...any) (err error) {
	var rows sql.Rows
	if err := client.Driver().Query(ctx, Words(client).Bind(query), args, &rows); err != nil {
		return fmt.Errorf("seed: read the database: %w", err)
	}
	defer func() {
		if cerr := rows.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("seed: read the database: %w", cerr)
		}
	}()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("seed: read the database: %w", err)
		}
		if err := each(); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("seed: read the database: %w", err)
	}
	return nil
}
