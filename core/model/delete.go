package model

// Action is what the database does with the rows whose foreign key refers to a
// row that is deleted: a referential action of SQL.
type Action uint8

// The referential actions. Restrict differs from NoAction where the rows that refer
// are deleted by the same statement: Restrict may refuse it all the same.
const (
	NoAction   Action = iota // they keep it from being deleted
	Restrict                 // they keep it from being deleted, at once
	Cascade                  // they are deleted, too
	SetNull                  // their foreign key is cleared
	SetDefault               // their foreign key gets its default
)

// Words are the action's name in a Referrer.
func (a Action) Words() string {
	return [...]string{"noAction", "restrict", "cascade", "setNull", "setDefault"}[a]
}

// Keeps reports whether rows that refer keep the row that they refer to.
func (a Action) Keeps() bool { return a == NoAction || a == Restrict }

// What a Referrer says besides the actions of foreign keys.
const (
	Unlink = "unlink" // the association goes, what it leads to stays
	Needed = "needed" // it is required by the record that it belongs to, which keeps it
)

// Referrer is a kind of record that is affected when one of another entity is
// deleted. A name is "" where the schema has none.
type Referrer struct {
	Of     string `json:"of,omitempty"`   // its entity
	Edge   string `json:"edge,omitempty"` // its edge to what is deleted, in the API
	Back   string `json:"back,omitempty"` // the edge to it from what is deleted, in the API
	Action string `json:"action"`         // what becomes of it: an Action's Words, Unlink or Needed
}

// Referrers lists who is affected by deleting records of e, and how, each foreign key
// once.
func (s *Schema) Referrers(e *Entity) []Referrer {
	list := []Referrer{}
	for _, other := range s.Entities {
		for _, ed := range other.Edges {
			if ed.Storage == Own && ed.Target == e && !other.View {
				list = append(list, Referrer{other.Name, ed.GraphQL, ed.inverseName(), ed.OnDelete.Words()})
			}
		}
	}
	for _, ed := range e.Edges {
		switch {
		case ed.Target.View:
		case ed.Storage == Other && ed.Inverse == nil:
			list = append(list, Referrer{ed.To, "", ed.GraphQL, ed.OnDelete.Words()})
		case ed.Storage == Own && ed.Inverse != nil && ed.Inverse.Unique && ed.Inverse.Required && !ed.Required:
			list = append(list, Referrer{ed.To, ed.inverseName(), ed.GraphQL, Needed})
		case ed.Storage == Join && ed.By == nil && ed.OnDelete == Cascade:
			list = append(list, Referrer{ed.To, ed.inverseName(), ed.GraphQL, Unlink})
		case ed.Storage == Join && ed.By == nil:
			list = append(list, Referrer{ed.To, ed.inverseName(), ed.GraphQL, ed.OnDelete.Words()})
		}
	}
	return list
}

// inverseName is the API's name of the inverse, or "".
func (ed *Edge) inverseName() string {
	if ed.Inverse == nil {
		return ""
	}
	return ed.Inverse.GraphQL
}
