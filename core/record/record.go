// Package record is what generic code needs of a project's typed client: the
// generated package ent hands itself over as one Project, and reading, writing
// and seeding know no more of it than that.
package record

import (
	"context"
	stdsql "database/sql"
	"errors"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"

	"coppice/core/internal/index"
	"coppice/core/model"
)

// Project is a module's schemas and its typed client, whose type only the
// generated code knows: it stands as any.
type Project struct {
	// Model describes the schemas.
	Model *model.Schema
	// Entities are those of Model, in its order.
	Entities []Entity
	// Tables and Views are what the schemas make in a database.
	Tables []*schema.Table
	Views  []View
	// Renames and Calls are what was renamed, of each thing the oldest name first.
	Renames []Rename
	Calls   []Call
	// Defaults returns what the defaults of the schema give a new record of a
	// table, each time anew, as ent hands it to the driver.
	Defaults func(table string) ([]*sqlgraph.FieldSpec, error)
	// New returns a typed client on a driver.
	New func(dialect.Driver) any
	// Driver is the driver that a typed client was made with: the transaction's,
	// of the client of a transaction.
	Driver func(typed any) dialect.Driver
	// Begin begins a transaction of a typed client; without options, one that writes.
	Begin func(ctx context.Context, typed any, o *stdsql.TxOptions) (*Tx, error)
	// NewContext returns a context from which hooks and resolvers take the typed
	// client.
	NewContext func(ctx context.Context, typed any) context.Context
	// ValidateRelation runs the validator of a field, by ent's name, of an edge's own
	// schema, by its table, on a value of the field's Go type; its error is an
	// Invalid.
	ValidateRelation func(table, name string, value any) error

	indexes index.Tables
}

// View is a view of the database and what it selects, by dialect; "" stands for
// any.
type View struct {
	Name string
	As   map[string]string
}

// Rename is a name in a database: of a table, of a column where Column is given, or of
// a value that rows have in that where Value is.
type Rename struct {
	Table, Column, Value string // of today
	From                 string // by which the database may know it
}

// Call is a name in the API: of an entity or, where Name is given, of a field of it.
type Call struct {
	Entity, Name string // of today
	From         string // what it was called
}

// New completes a project; it must not be changed from then on.
func New(p Project) *Project {
	p.indexes = index.New(p.Tables)
	return &p
}

// Indexes are those of the project's tables.
func (p *Project) Indexes() index.Tables { return p.indexes }

// Of is a typed client of the project.
func (p *Project) Of(typed any) *Client { return &Client{Project: p, Typed: typed} }

// On is a typed client on a driver.
func (p *Project) On(d dialect.Driver) *Client { return p.Of(p.New(d)) }

// Client is a typed client, and the project that it is of.
type Client struct {
	*Project
	Typed any // an *ent.Client
}

// Driver is what the client was made with: the transaction's, of the client of
// a transaction.
func (c *Client) Driver() dialect.Driver { return c.Project.Driver(c.Typed) }

// Close closes the database that Open opened the client on.
func (c *Client) Close() error { return c.Driver().Close() }

// Begin begins a transaction; without options, one that writes.
func (c *Client) Begin(ctx context.Context, o *stdsql.TxOptions) (*Tx, error) {
	return c.Project.Begin(ctx, c.Typed, o)
}

// NewContext returns a context from which hooks and resolvers take the client.
func (c *Client) NewContext(ctx context.Context) context.Context {
	return c.Project.NewContext(ctx, c.Typed)
}

// Tx is a transaction of a typed client.
type Tx struct {
	Client *Client // the transaction's
	// NewContext returns a context from which hooks and resolvers take the
	// transaction and its client.
	NewContext func(context.Context) context.Context
	Commit     func() error
	Rollback   func() error
}

// Entity is what generic code needs of one entity's typed client.
type Entity struct {
	// Guarded reports whether an interceptor or a privacy policy must see
	// each query of the entity.
	Guarded func(*Client) bool
	// Scope passes a query for all records through interceptors and policy, and
	// returns what they leave of it.
	Scope func(context.Context, *Client) (Scope, error)
	// Find loads the records of a selection as typed entities, in its order.
	Find func(context.Context, *Client, func(*sql.Selector)) ([]any, error)
	// Create starts a new record.
	Create func(*Client) Builder
	// CreateBulk saves new records of this entity, in order, in one statement
	// where no hook asks for one each, and returns their ids.
	CreateBulk func(context.Context, *Client, []Builder) ([]any, error)
	// Update starts a change of the record with this id.
	Update func(*Client, any) (Builder, error)
	// UpdateMany starts one change of all records with these ids; its Save
	// returns how many there were.
	UpdateMany func(*Client, []any) (Builder, error)
	// Delete removes the record with this id.
	Delete func(context.Context, *Client, any) error
	// DeleteMany removes the records with these ids and returns how many
	// there were.
	DeleteMany func(context.Context, *Client, []any) (int, error)
	// IDOf is the id of a typed entity.
	IDOf func(any) any
	// Hooked reports whether hooks, those of a policy included, see the
	// records that are written.
	Hooked func(*Client) bool
	// Validate runs the validator of a field, by ent's name, on a value of the
	// field's Go type; its error is an Invalid.
	Validate func(name string, value any) error
}

// Scope is what interceptors and a policy leave of a query for all records of
// an entity.
type Scope struct {
	// Where adds their conditions to a selection from the entity's table, under
	// whatever alias.
	Where func(*sql.Selector)
	// Beyond says what they did that no condition can say, and which
	// interceptors there are; it is empty where they did nothing of the kind.
	Beyond string
}

// Builder collects a record's changes and saves them.
type Builder interface {
	// Mutation takes the values of fields.
	Mutation() ent.Mutation
	// SetEdge sets a to-one edge, or adds to a to-many edge, by ent's name.
	SetEdge(name string, ids ...any)
	// RemoveEdge removes from a to-many edge.
	RemoveEdge(name string, ids ...any)
	// SetID sets the id of a record that is being made, where the schema lets
	// its author choose it.
	SetID(id any)
	// Leave lets a record that is being made have NULL in columns of fields and
	// foreign keys for which the schema or the database has defaults.
	Leave(columns []string)
	// Check runs the validators of a record that is being made.
	Check() error
	// Spec is the record that is being made as ent would insert it: with its
	// defaults, and after its validators. No hook is run.
	Spec() (*sqlgraph.CreateSpec, error)
	// Append adds to the end of a JSON list.
	Append(name string, list any)
	// SkipHooks lets Save run no hooks, those of a policy included.
	SkipHooks()
	// Hook lets Save run one hook more around the others, and one within them.
	Hook(outer, inner ent.Hook)
	// Save runs hooks and validators, writes, and returns the record's id.
	Save(context.Context) (any, error)
}

// Invalid is the error of a field's or an edge's validator, which it wraps.
type Invalid interface {
	error
	Unwrap() error
	// InvalidField is the field or edge, by ent's name.
	InvalidField() string
}

// IsNotFound reports an error of a typed client for a record that is not there.
func IsNotFound(err error) bool {
	var missing interface{ NoRecord() }
	return errors.As(err, &missing)
}
