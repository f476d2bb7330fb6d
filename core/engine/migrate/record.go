package migrate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Change is what brings a database to a schema.
type Change struct {
	// Statements are what was run, in order.
	Statements []string
	// Notes are what goes out of sight, in words.
	Notes []string
	// Refusals are why it cannot be done. Where there are any, the statements end at
	// what was found out.
	Refusals []Refusal
	// Took is how long it took, where it was tried on a copy; else 0.
	Took time.Duration
}

// Refusal is a reason for which a schema cannot be brought to a database.
type Refusal struct {
	Reason    string // in words, with what to do
	Statement string // what ends the reason, in SQL; empty where there is none
	Rows      Rows   // those that stand in the way, if any do
}

// Rows are those of a table that stand in a schema's way.
type Rows struct {
	Table string
	Count int
	// Examples are a few, each with what it holds, unless that is secret, and its key.
	Examples []string
}

func (r Refusal) String() string {
	if r.Statement == "" {
		return r.Reason
	}
	return r.Reason + ", or run " + r.Statement
}

// RefusedError is why a migration was refused: nothing was changed.
type RefusedError struct{ Refusals []Refusal }

func (e *RefusedError) Error() string {
	reasons := make([]string, len(e.Refusals))
	for i, r := range e.Refusals {
		reasons[i] = r.String()
	}
	return strings.Join(reasons, "; ")
}

// Tx is a transaction in which a migration works. It keeps what is run for good, as
// text: what is only tried, within a savepoint that is rolled back, is not.
type Tx struct {
	*sql.Tx
	// Literal writes an argument as SQL does.
	Literal func(any) (string, error)
	// Dry tells to keep statements without running them, but for those that give things
	// other names, which all that follows goes by.
	Dry    bool
	kept   []string
	marks  []int
	paused bool
}

// ExecContext runs a statement.
func (t *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.Dry && !renames(query) {
		if t.paused {
			return driver.RowsAffected(0), nil
		}
		return driver.RowsAffected(0), t.keep(query, args)
	}
	result, err := t.Tx.ExecContext(ctx, query, args...)
	if err != nil || t.paused {
		return result, err
	}
	return result, t.keep(query, args)
}

// renames reports a statement that gives something another name.
func renames(query string) bool {
	return strings.HasPrefix(query, "ALTER ") && strings.Contains(query, " RENAME ")
}

func (t *Tx) keep(query string, args []any) error {
	switch {
	case strings.HasPrefix(query, "SAVEPOINT"):
		t.marks = append(t.marks, len(t.kept))
	case strings.HasPrefix(query, "ROLLBACK TO") && len(t.marks) > 0:
		t.kept = t.kept[:t.marks[len(t.marks)-1]]
	case strings.HasPrefix(query, "RELEASE") && len(t.marks) > 0:
		t.marks = t.marks[:len(t.marks)-1]
	default:
		text, err := t.inline(query, args)
		if err != nil {
			return err
		}
		t.kept = append(t.kept, text)
	}
	return nil
}

// inline puts arguments in the places of a statement of ours, which holds no
// question mark but those.
func (t *Tx) inline(query string, args []any) (string, error) {
	for i, arg := range args {
		text, err := t.Literal(arg)
		if err != nil {
			return "", fmt.Errorf("write %q with its values: %w", query, err)
		}
		numbered := fmt.Sprintf("?%d", i+1)
		if strings.Contains(query, numbered) {
			query = strings.ReplaceAll(query, numbered, text)
		} else {
			query = strings.Replace(query, "?", text, 1)
		}
	}
	return query, nil
}

// Aside runs what is no part of the change: our own bookkeeping.
func (t *Tx) Aside(do func() error) error {
	t.paused = true
	defer func() { t.paused = false }()
	return do()
}

// Statements are those that were run for good.
func (t *Tx) Statements() []string { return slices.Clone(t.kept) }

// Refused takes the reasons out of the error of a migration, and reports whether there
// were any.
func (c *Change) Refused(err error) bool {
	var refused *RefusedError
	if errors.As(err, &refused) {
		c.Refusals = refused.Refusals
		return true
	}
	return false
}

// allObjects are the kinds of what a file holds.
const allObjects = "'table', 'view', 'trigger', 'index'"

// essential leaves out the statements that take views and triggers out of the way and
// make the same ones again, where nothing happened to what they look at.
func essential(statements []string, before, after []object) []string {
	var rest []string // what else there is
	again := map[string]string{}
	for _, o := range after {
		if (o.kind == "view" || o.kind == "trigger") && slices.Contains(before, o) {
			again[o.made], again["DROP "+o.kind+" IF EXISTS "+quote(o.name)], again["DROP TRIGGER "+quote(o.name)], again["DROP VIEW IF EXISTS "+quote(o.name)] = o.name, o.name, o.name, o.name
		}
	}
	moved := false
	for _, s := range statements {
		if _, ok := again[s]; !ok {
			rest = append(rest, s)
			moved = moved || strings.HasPrefix(s, "DROP TABLE") || strings.HasPrefix(s, "ALTER TABLE") && strings.Contains(s, " RENAME ")
		}
	}
	needed := func(name string) bool {
		name, ours := strings.CutPrefix(name, formTriggers)
		if !ours {
			return moved
		}
		_, table, _ := strings.Cut(name, "_")
		return slices.ContainsFunc(rest, func(s string) bool { return strings.Contains(s, quote(table)) })
	}
	return slices.DeleteFunc(statements, func(s string) bool {
		name, ok := again[s]
		return ok && !needed(name)
	})
}

// literal is an argument as it stands in a statement of SQLite's.
func literal(v any) (string, error) {
	if valuer, ok := v.(driver.Valuer); ok {
		inner, err := valuer.Value()
		if err != nil {
			return "", err
		}
		v = inner
	}
	switch v := v.(type) {
	case nil:
		return "NULL", nil
	case time.Time:
		return asText(FormatTime(v)), nil
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return asText(r.String()), nil
	case reflect.Bool:
		if r.Bool() {
			return "1", nil
		}
		return "0", nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(r.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(r.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		if f := r.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return strconv.FormatFloat(f, 'e', -1, 64), nil
		}
	case reflect.Slice:
		if b, ok := v.([]byte); ok {
			return "x'" + hex.EncodeToString(b) + "'", nil
		}
		if r.Type().Elem().Kind() == reflect.Uint8 {
			return "x'" + hex.EncodeToString(r.Bytes()) + "'", nil
		}
	}
	return "", fmt.Errorf("a %T has no form in SQL", v)
}
