// Package scope finds, for one request, the condition that interceptors and
// policies put on the records of an entity. Whatever names an entity's table
// asks here which of its records there are.
package scope

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/privacy"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

// Scopes holds the scopes of the entities that one request has asked about:
// each passes interceptors and policy once. It is not safe for use at once.
type Scopes struct {
	client  *record.Client
	dialect string
	records []record.Entity
	known   []*Scope
}

// New returns scopes as the interceptors and policies of client have them.
func New(client *record.Client) *Scopes {
	return &Scopes{client: client, dialect: client.Driver().Dialect(), records: client.Entities, known: make([]*Scope, len(client.Entities))}
}

// unbound is the key of what Unbound puts into a context.
type unbound struct{}

// Unbound is a context in which neither interceptors nor policies hide or refuse
// anything.
func Unbound(ctx context.Context) context.Context {
	return privacy.DecisionContext(context.WithValue(ctx, unbound{}, true), privacy.Allow)
}

// Of is the scope of an entity, or nil where nothing can hide its records.
func (s *Scopes) Of(ctx context.Context, e *model.Entity) *Scope {
	if s == nil || !s.records[e.Index].Guarded(s.client) || ctx.Value(unbound{}) != nil {
		return nil
	}
	if s.known[e.Index] == nil {
		s.known[e.Index] = s.find(ctx, e)
	}
	return s.known[e.Index]
}

// Scope is which records of an entity there are.
type Scope struct {
	// Err is why none may be asked for: a policy's or an interceptor's error.
	Err error
	// Text is how the condition reads under some alias, and tells it from
	// others but for its arguments; it is empty where nothing is hidden.
	Text string
	Args []any

	entity  *model.Entity
	dialect string
	where   func(*sql.Selector)
	apart   bool // the condition only holds in a statement of its own
}

func (s *Scopes) find(ctx context.Context, e *model.Entity) *Scope {
	left, err := s.records[e.Index].Scope(ctx, s.client)
	if err == nil && left.Beyond != "" {
		err = fmt.Errorf("scope: the API cannot do to %s what an interceptor did: %s. Hide records by conditions, with Where", e.Name, left.Beyond)
	}
	if err != nil {
		return &Scope{Err: err}
	}
	sc := &Scope{entity: e, dialect: s.dialect, where: left.Where}
	sel, table := sc.from(sample)
	if sc.Err = sel.Err(); sc.Err != nil {
		return sc
	}
	if !rendersPlainly(sel, table, sql.Table(e.Table).As(sample)) {
		sc.Text, sc.Args = sel.Query()
		sc.apart = true
		return sc
	}
	if p := sel.P(); p != nil {
		p.SetDialect(s.dialect)
		sc.Text, sc.Args = p.Query()
		sc.apart = names(sc.Text, e.Table) || !qualified(sc.Text)
	}
	return sc
}

// sample is an alias to see by how a condition reads.
const sample = "_scope"

// names reports whether a condition names a column by its table's own name.
func names(condition, table string) bool {
	for rest := condition; ; {
		_, after, found := strings.Cut(rest, table)
		if !found {
			return false
		}
		before := len(rest) - len(after) - len(table) - 1
		if before >= 0 && strings.IndexByte("`\"", rest[before]) >= 0 && len(after) > 1 && after[0] == rest[before] && after[1] == '.' {
			return true
		}
		rest = after
	}
}

// from is a selection from the table under an alias, with the conditions.
func (s *Scope) from(alias string) (*sql.Selector, *sql.SelectTable) {
	t := sql.Table(s.entity.Table)
	if alias != s.entity.Table {
		t.As(alias)
	}
	sel := sql.Dialect(s.dialect).Select().From(t)
	s.where(sel)
	return sel, t
}

// At is the condition for the table under an alias, or nil where nothing is
// hidden. Its arguments are the scope's.
func (s *Scope) At(alias string) *sql.Predicate {
	switch {
	case s == nil || s.Text == "":
		return nil
	case !s.apart:
		sel, _ := s.from(alias)
		return sel.P()
	}
	own, _ := s.from(s.entity.Table)
	id := s.entity.ID.Column
	return sql.In(sql.Table(alias).C(id), own.Select(own.C(id)))
}

// Hides reports whether some records may be hidden.
func (s *Scope) Hides() bool { return s != nil && (s.Err != nil || s.Text != "") }

// Refusal is the scope's error for a client, at the path of the argument that
// named the entity, or "". What a policy was given to say is said.
func (s *Scope) Refusal(field string) error {
	if s == nil || s.Err == nil || !errors.Is(s.Err, privacy.Deny) {
		return s.unforeseen()
	}
	return fault.From(s.Err).At(field)
}

func (s *Scope) unforeseen() error {
	if s == nil {
		return nil
	}
	return s.Err
}
