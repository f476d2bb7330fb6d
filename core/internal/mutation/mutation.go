// Package mutation is the write path: it turns input records, as the API and
// seed files give them, into changes in the order that foreign keys need, and
// applies them through ent, its hooks and validators included.
package mutation

import (
	"context"
	"strconv"

	"coppice/core/internal/dialect"

	"coppice/core/internal/scope"
	"coppice/core/model"
	"coppice/core/record"
)

// Path is where in an input something stands; nil is the top.
type Path struct {
	up    *Path
	name  string
	index int // of a list element; -1 for a name
}

// At returns the path of a named part.
func (p *Path) At(name string) *Path { return &Path{up: p, name: name, index: -1} }

// Index returns the path of a list element.
func (p *Path) Index(i int) *Path { return &Path{up: p, index: i} }

// String is the dotted path.
func (p *Path) String() string {
	if p == nil {
		return ""
	}
	own := p.name
	if p.index >= 0 {
		own = strconv.Itoa(p.index)
	}
	if up := p.up.String(); up != "" {
		return up + "." + own
	}
	return own
}

// action is what is to be done about a node.
type action uint8

const (
	create  action = iota
	update         // of a record that exists
	upsert         // found by a unique key and updated, else created
	connect        // found by a unique key and left alone, else created
)

// Node is one record that an input writes.
type Node struct {
	Entity *model.Entity
	Path   *Path
	// ID is the record's own id in ent's Go type, once it is known.
	ID any
	// Name is what a seed record without a unique key is known by.
	Name string
	// Aliases are what it was known by in the database that it was dumped from.
	Aliases []string
	// Created, Updated say what was done, once the set has been applied.
	Created, Updated bool
	// Hidden says that a seed record was found, is hidden, and is left alone.
	Hidden bool

	action    action
	by        *model.Key // of an upsert: the key to find it by; nil for any
	values    []value
	kept      []value // of a found record: what it holds already
	edges     []change
	parent    *Node                 // whose input this stands in, or nil
	via       *model.Edge           // the parent's edge that leads here
	found     bool                  // it exists
	ambiguous bool                  // its keys belong to two records
	keyNames  map[*model.Key]string // of a seed record that hooks see
	stored    bool                  // its values are as they are stored: hooks have no say
	depth     int
	links     []link            // edges to set when the record is written
	after     []link            // edges to set when all records are
	missing   []string          // what the input lacks, should the record have to be made
	sure      bool              // an update of a record that was just read
	spoken    map[string]string // the older names under which the input gives fields and edges
	origin    string            // what it would be known by in the oldest names of the schema, where its name is made of its content
	unclear   bool              // something of the input was refused, so that less is known of the record
	builder   record.Builder    // of a record being written
}

// value is a field to set: to nil for null.
type value struct {
	field  *model.Field
	value  any // as Field.Parse gives it
	typed  any // the same in the field's Go type, once it was needed
	append bool
}

// inGo is the value in the field's Go type.
func (v *value) inGo() (any, error) {
	if v.typed == nil {
		typed, err := v.field.Go(v.value)
		if err != nil {
			return nil, err
		}
		v.typed = typed
	}
	return v.typed, nil
}

// mode is how a change treats what an edge leads to already.
type mode uint8

const (
	replace mode = iota
	add
	remove
)

// verb is what the name of an edge has in front to change it so.
func (m mode) verb() string { return [...]string{"", "add", "remove"}[m] }

// change is what an input says about an edge.
type change struct {
	edge *model.Edge
	mode mode
	refs []*ref
	path *Path
	// Of a seed record's set: what the edge leads to by its own word, and what
	// says itself whose it is.
	claimed, settled map[any]bool
}

// ref names a record, by id, by key, or by being it.
type ref struct {
	entity           *model.Entity
	path             *Path
	id               any // the record's own id in ent's Go type, once it is known
	key              *model.Key
	said             string  // the name, maybe an older one, under which the key was given
	values           []any   // of the key: parsed values, and a *ref for an edge; the id's, where the set may choose it
	asked            any     // the id or the key's value as a request gave it
	label            string  // of a seed record: its $key
	with             []value // what the relation itself is to hold
	heldByForeignKey bool    // by a foreign key that says no where the id names nothing
	lost             bool    // it names nothing
	node             *Node
}

// link sets an edge of a node to other records of the same set.
type link struct {
	edge *model.Edge
	to   *Node
}

// Set is a number of records that are written together.
type Set struct {
	client           *record.Client
	model            *model.Schema
	records          []record.Entity
	nodes            []*Node
	refs             []*ref
	keys             map[place]*Node                // nodes by their keys
	onlyReference    *ref                           // the reference by id that a foreign key tells of, or nil
	faults           []error                        // of the input being read, or of the whole set
	findByName       FindByName                     // of a set of seed records, else nil
	writtenForOthers map[*model.Entity]map[any]bool // seed records written for the sake of others
	recall           Recall                         // of seed records that hooks see, or nil
	scopes           *scope.Scopes                  // what is hidden; nil where all is seen
	// Set by Resolve, for Apply.
	resolved bool
	// Nothing will be written: each reference is looked up, and none is left for
	// the database to tell of.
	examined bool
}

// FindByName finds records that have no unique key by the names that a set of seed
// records gives them: it returns the ids, in ent's Go type, of those that
// there are.
type FindByName func(ctx context.Context, e *model.Entity, names []string) (map[string]any, error)

// NewSet returns an empty set, to be applied through client: a transaction's.
func NewSet(client *record.Client) *Set {
	s := newSet(client)
	s.scopes = scope.New(client)
	return s
}

func newSet(client *record.Client) *Set {
	return &Set{client: client, model: client.Model, records: client.Entities, keys: map[place]*Node{}}
}

// NewSeed returns an empty set of seed records. In it a nested create is a
// record of the set, found or made like the others, and $key names a record
// that has no unique key. It finds records that interceptors and policies
// hide, too. The client may be one without a driver until Through sets it.
func NewSeed(client *record.Client, find FindByName) *Set {
	s := newSet(client)
	s.findByName, s.writtenForOthers = find, map[*model.Entity]map[any]bool{}
	return s
}

// Through sets the client to apply the set through, for a set that was decoded
// before its transaction began.
func (s *Set) Through(client *record.Client) {
	s.client = client
	if s.findByName == nil {
		s.scopes = scope.New(client)
	}
}

// Nodes lists the set's records, nested ones included, in the order of the
// input.
func (s *Set) Nodes() []*Node { return s.nodes }

// Connects reports whether the record is only connected to where it exists.
func (n *Node) Connects() bool { return n.action == connect }

// Found reports whether the record was there before.
func (n *Node) Found() bool { return n.found }

func (s *Set) record(e *model.Entity) record.Entity { return s.records[e.Index] }

// words are what the database's SQL is written with.
func (s *Set) words() *dialect.Dialect { return dialect.Of(s.client.Driver().Dialect()) }
