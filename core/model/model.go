// Package model describes a schema to code that does not differ by entity:
// which table holds an entity, which columns its fields, and how its edges
// are stored. The generator builds a Schema from the ent schemas, prints the
// GraphQL schema from it, and writes it out as Go for the running program.
package model

import "slices"

// Kind is the GraphQL side of a field's type; it settles how a value is
// read, written, compared and printed.
type Kind uint8

// The kinds of field.
const (
	String  Kind = iota // String
	Enum                // an enum of the schema
	Bool                // Boolean
	Int                 // Int: 32 bits, signed
	BigInt              // BigInt: a decimal string, 64 bits
	Float               // Float
	Time                // Time: RFC 3339
	UUID                // UUID
	Bytes               // Base64
	JSON                // JSON
	Strings             // [String!]
	Ints                // [Int!]
)

// Comparable reports whether values of the kind have an order and an
// equality in the database.
func (k Kind) Comparable() bool { return k < Bytes }

// Numeric reports whether values of the kind can be added.
func (k Kind) Numeric() bool { return k == Int || k == BigInt || k == Float }

// List reports whether the kind is a list of one kind of element.
func (k Kind) List() bool { return k == Strings || k == Ints }

// EnumValue is one value of an enum field: its GraphQL name and what the
// database holds.
type EnumValue struct {
	Name, Value string
	Was         string // what the database held for it first, where that was another value
	Former      bool   // an older name, which is read and never given out
}

// Field is one column that holds a value.
type Field struct {
	Name            string // the name in the ent schema: created_at
	GraphQL         string // the name in the API: createdAt
	Column          string // the column's name
	Type            string // the GraphQL type, without its !
	Comment         string // the description, or ""
	Kind            Kind
	Enums           []EnumValue // of kind Enum
	Unsigned        bool        // an integer that is never negative
	Bits            int         // the size of an integer: 8, 16, 32 or 64; 32 of a float32
	Nullable        bool        // the column may be NULL
	Default         bool        // a create may leave it out
	DatabaseDefault bool        // the database has a default for it, which ent does not know of
	OwnStorage      bool        // text that its Go type stores in a form of its own
	Appends         bool        // a JSON list, which an update can add to the end of
	Immutable       bool        // set on create only
	Sensitive       bool        // never in output, filters, order or logs
	Unique          bool
	Skip            Skip
	Reason          string // why it is deprecated, or ""
	Directive       string // GraphQL directives to print after the type, or ""
	Order           string // its name in order enums, where it is not the usual one
	Was             string // its oldest name in the ent schema, where it was renamed
	Kept            []Kept // older names that the API has still
	Now             *Field // the field that this is an older name of; set by New

	// Go converts a value in the form that Parse gives to the Go type that
	// ent's mutation expects. It is set in generated code.
	Go func(any) (any, error)
	// Input reads what a client or a seed file gives where the field's Go type
	// does that by itself, and returns what is stored of it; else nil. Parse calls
	// it. It is set in generated code.
	Input func(any) (any, error)
}

// Skip is a set of places that a schema's annotations take something out of.
type Skip uint8

// The places.
const (
	SkipType   Skip = 1 << iota // the object type
	SkipOrder                   // orderBy
	SkipWhere                   // where
	SkipCreate                  // create inputs
	SkipUpdate                  // update inputs
)

// Has reports whether s takes away from the place p.
func (s Skip) Has(p Skip) bool { return s&p != 0 }

// Key is a set of columns whose values belong to one record at most.
type Key struct {
	Name  string   // in references: titleAndArtist
	Enum  string   // in upserts: TITLE_AND_ARTIST
	Query string   // the query field: albumByTitleAndArtist; "" for the id, which is found by its own
	Of    []string // the API's names of its members
	Parts []Part   // its members; set by New where Of names them
	Was   string   // its oldest name, where it was another
	For   string   // of an older name: the key's name
	Now   *Key     // of an older name: the key; set by New
}

// IsID reports whether the key is the id that a record's author may choose. A
// reference gives it as the global id, and it has no query of its own.
func (k *Key) IsID() bool { return len(k.Of) == 1 && k.Of[0] == "id" }

// Part is a member of a key: a field, or an edge that owns its foreign key.
// Exactly one of the two is set.
type Part struct {
	Field *Field
	Edge  *Edge
}

// Column is the column that holds the part.
func (p Part) Column() string {
	if p.Field != nil {
		return p.Field.Column
	}
	return p.Edge.Column
}

// Name is the part's name in the API.
func (p Part) Name() string {
	if p.Field != nil {
		return p.Field.GraphQL
	}
	return p.Edge.GraphQL
}

// Storage says where an edge lives.
type Storage uint8

// The storages of an edge.
const (
	Own   Storage = iota // a foreign key in this entity's table
	Other                // a foreign key in the other entity's table
	Join                 // a table of its own, of two foreign keys
)

// Edge is a relation to another entity, or to the same one.
type Edge struct {
	Name      string // the name in the ent schema
	GraphQL   string // the name in the API
	Comment   string
	To        string // the other entity's GraphQL name
	Back      string // the ent name of the same relation seen from there, or ""
	Storage   Storage
	Unique    bool   // at most one
	Required  bool   // at least one, on create and ever after
	Immutable bool   // set on create only
	Column    string // Own, Other: the foreign key
	Table     string // Join: the table
	From, Ref string // Join: the columns that hold this side's and the other side's id
	Through   bool   // Join: the table is an entity of the schema, with fields of its own
	OnDelete  Action // what becomes of the rows with the foreign key to a record that is deleted; Join: of those with the key to this side
	Default   bool   // Own: a create that leaves it out takes what a default of the foreign key names
	Skip      Skip
	Reason    string
	Directive string
	Was       string   // its oldest name in the ent schema, where it was renamed
	Kept      []Kept   // older names that the API has still
	Now       *Edge    // the edge that this is an older name of; set by New
	Fields    []*Field // Join: what its table holds of each relation besides the two ends

	// Source, Target, Inverse and By are set by New; Inverse is nil where the
	// schema does not name the edge from the other side, and By is the entity
	// that the association's rows are, or nil.
	Source  *Entity
	Target  *Entity
	Inverse *Edge
	By      *Entity
}

// Linked is the id that the edge's column, or the first of its table's, holds: by its
// values records are looked up from the other side.
func (ed *Edge) Linked() *Field {
	if ed.Storage == Own {
		return ed.Target.ID
	}
	return ed.Source.ID
}

// Entity is one ent schema.
type Entity struct {
	Name      string // the GraphQL type, and ent's: Post
	Table     string
	Comment   string
	Single    string // the query field for one: post
	Plural    string // the query field for many: posts
	Several   string // the entity's plural in mutation fields, where that is not Plural
	ID        *Field
	Fields    []*Field
	Edges     []*Edge
	Keys      []*Key // unique keys in order of declaration; last the id, where UserID
	View      bool   // read only
	UserID    bool   // the id may be given on create
	Counted   bool   // the database counts the ids that are not given
	Skip      Skip
	Directive string
	Implement []string // further GraphQL interfaces
	Was       string   // its oldest name, where it was renamed
	WasTables []string // the names that its table had
	Former    []Former // older names that the API has still
	KeptKeys  []*Key   // older names of Keys that the API has still

	// What the schema says of the query field for many and of the inputs.
	ListComment, ListDirective, CreateComment, UpdateComment string

	// Index is the entity's place in its Schema; set by New.
	Index      int
	fields     map[string]*Field
	edges      map[string]*Edge
	keys       map[string]*Key
	ent        map[string]*Field
	conditions map[string]Condition
	orders     map[string]Order
	groups     []*Group
	keptFields []*Field
	keptEdges  []*Edge
}

// Field returns the field of a GraphQL name, the id and older names included, or nil.
func (e *Entity) Field(name string) *Field { return e.fields[name] }

// EntField returns the field of an ent name, or nil.
func (e *Entity) EntField(name string) *Field { return e.ent[name] }

// Edge returns the edge of a GraphQL name, older ones included, or nil.
func (e *Entity) Edge(name string) *Edge { return e.edges[name] }

// EntEdge returns the edge of an ent name, or nil.
func (e *Entity) EntEdge(name string) *Edge {
	for _, ed := range e.Edges {
		if ed.Name == name {
			return ed
		}
	}
	return nil
}

// Many is the name of a mutation field of many records: createPosts.
func (e *Entity) Many(verb string) string {
	if e.Several != "" {
		return prefixed(verb, e.Several)
	}
	return prefixed(verb, e.Plural)
}

// Updates reports whether there is anything of a record that the API can change:
// that of which all is immutable has no update.
func (e *Entity) Updates() bool {
	if e.View || e.Skip.Has(SkipUpdate) {
		return false
	}
	return slices.ContainsFunc(e.Fields, func(f *Field) bool { return !f.Immutable && !f.Skip.Has(SkipUpdate) }) ||
		slices.ContainsFunc(e.Edges, func(ed *Edge) bool { return !ed.Immutable && !ed.Skip.Has(SkipUpdate) && !ed.Target.View })
}

// Upserts reports whether records can be found by a unique key, to be written
// over.
func (e *Entity) Upserts() bool {
	return len(e.Keys) > 0 && !e.View && !e.Skip.Has(SkipCreate) && !e.Skip.Has(SkipUpdate)
}

// DatabaseFilled lists the fields that the database makes up where a create leaves
// them out: an id that may be given, and what has a default there.
func (e *Entity) DatabaseFilled() []*Field {
	var list []*Field
	if e.UserID {
		list = append(list, e.ID)
	}
	for _, f := range e.Fields {
		if f.DatabaseDefault {
			list = append(list, f)
		}
	}
	return list
}

// IDKey returns the key that is the id, where an author may choose it, or nil.
func (e *Entity) IDKey() *Key {
	if n := len(e.Keys); n > 0 && e.Keys[n-1].IsID() {
		return e.Keys[n-1]
	}
	return nil
}

// Key returns the unique key of a reference's name, older ones included, or nil.
func (e *Entity) Key(name string) *Key { return e.keys[name] }

// Schema is all entities.
type Schema struct {
	Entities []*Entity
	byName   map[string]*Entity
	byTable  map[string]*Entity
	byFormer map[string]*Entity
	evolved  bool
}

// New links the entities and returns their schema. An edge to an entity that
// is not among them is a programming error and panics.
func New(entities ...*Entity) *Schema {
	s := &Schema{Entities: entities, byName: map[string]*Entity{}, byTable: map[string]*Entity{}, byFormer: map[string]*Entity{}}
	for i, e := range entities {
		e.Index = i
		s.byName[e.Name], s.byTable[e.Table] = e, e
		for _, f := range e.Former {
			s.byFormer[f.Name] = e
		}
		s.evolved = s.evolved || e.evolved()
	}
	for _, e := range entities {
		s.lead(e)
	}
	for _, e := range entities {
		e.keep()
	}
	for _, e := range entities {
		e.index()
	}
	for _, e := range entities {
		e.conditions, e.orders = map[string]Condition{}, map[string]Order{}
		for _, c := range e.Conditions() {
			c.Field, c.Edge = c.Field.Current(), c.Edge.Current()
			e.conditions[c.Name] = c
		}
		for _, o := range e.Orders() {
			e.orders[o.Name] = o.current(e)
		}
		e.groups = e.buildGroups()
	}
	return s
}

// lead lets the entity's edges lead to what they are named after.
func (s *Schema) lead(e *Entity) {
	for _, ed := range e.Edges {
		if ed.Target = s.byName[ed.To]; ed.Target == nil {
			panic("model: " + e.Name + "." + ed.Name + " leads to the unknown entity " + ed.To)
		}
		if ed.Back != "" {
			ed.Inverse = ed.Target.EntEdge(ed.Back)
		}
		ed.Source = e
		if ed.Through {
			ed.By = s.Table(ed.Table)
		}
	}
}

// index lets the entity's fields, edges and keys be found by their names.
func (e *Entity) index() {
	e.fields, e.edges, e.keys, e.ent = map[string]*Field{}, map[string]*Edge{}, map[string]*Key{}, map[string]*Field{}
	for _, f := range append([]*Field{e.ID}, e.ShownFields()...) {
		e.fields[f.GraphQL] = f
	}
	for _, f := range append([]*Field{e.ID}, e.Fields...) {
		e.ent[f.Name] = f
	}
	for _, ed := range e.ShownEdges() {
		e.edges[ed.GraphQL] = ed
	}
	for _, k := range e.ShownKeys() {
		if !k.IsID() {
			e.keys[k.Name] = k
		}
		k.Parts = nil
		for _, name := range k.Of {
			k.Parts = append(k.Parts, Part{Field: e.fields[name], Edge: e.edges[name]})
		}
	}
	for _, k := range e.KeptKeys {
		k.Now = e.keys[k.For]
	}
}

// Entity returns the entity of a GraphQL type name, or nil.
func (s *Schema) Entity(name string) *Entity { return s.byName[name] }

// Table returns the entity stored in a table, or nil.
func (s *Schema) Table(name string) *Entity { return s.byTable[name] }
