// Package migrate brings the tables of a SQLite file to what a schema says, under one
// immediate transaction, safe beside any number of processes that do the same. It
// converts values that stay what they are, refuses what would lose or break
// something that is there, and drops nothing unless it is told to. What was applied
// is kept in the table coppice_schema, so that a file that is up to date costs one
// look, and what a schema once made is told from somebody's own.
package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strings"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"

	"coppice/core/model"
	"coppice/core/record"
)

// Target is the database to migrate.
type Target struct {
	Name   string // as its URL gives it
	Path   string // for the log
	Memory bool   // it is private to its connection
	Newer  bool   // accept one that a newer schema was applied to
	Loss   bool   // let go what the schema has no place for
	Rows   bool   // take it that each table has rows, of which nothing is known
}

// Schema is what a database is to hold.
type Schema struct {
	Tables []*schema.Table
	Views  []record.View
	// Renames are the older names by which a database may know what it is to hold.
	Renames []record.Rename
	// Secrets are the columns whose values no message may show, by table, both in
	// lower case.
	Secrets map[string][]string
	// OwnStorage are the columns of fields whose Go types store what they like, by table.
	Coded map[string][]string
	// Lists are the JSON columns that hold lists: see Lists.
	Lists map[string]string
	// Appends are the JSON columns that ent may add to, as table.column.
	Appends map[string]bool
	// Defaults are what Go gives a new record of a table.
	Defaults func(table string) ([]*sqlgraph.FieldSpec, error)

	// Renamed are the renamings that migration files did, as Renamings has them.
	Renamed []string
	// Settled says that migration files were to have led to the schema: what they
	// exchanged is so.
	Settled bool

	calls []call // what was renamed in the API
}

// Renamings are those of Renames, as text.
func (s Schema) Renamings() (list []string) {
	for _, n := range s.Renames {
		list = append(list, declared(n))
	}
	return list
}

// Declared are the renamings that the schema knows of, as the history of a database
// that it was applied to has them.
func (s Schema) Declared() (list []string) {
	list = s.Renamings()
	for _, c := range s.calls {
		list = append(list, c.declared())
	}
	return list
}

// Fingerprint is a hash of all that a migration to the schema goes by.
func (s Schema) Fingerprint() (string, error) {
	hash, err := Fingerprint(s.Tables, s.Views)
	if names := s.Declared(); err == nil && len(names) > 0 {
		sum := sha256.Sum256([]byte(hash + "\n" + strings.Join(names, "\n")))
		hash = hex.EncodeToString(sum[:8])
	}
	return hash, err
}

// SchemaOf is the schema of a project.
func SchemaOf(p *record.Project) Schema {
	return Schema{
		Tables: p.Tables, Views: p.Views, Renames: p.Renames, calls: callsOf(p), Secrets: secretsOf(p.Model), Coded: codedOf(p.Model), Lists: listsOf(p.Model), Appends: appendsOf(p.Model),
		Defaults: p.Defaults,
	}
}

// secretsOf returns the columns of a schema's sensitive fields.
func secretsOf(m *model.Schema) map[string][]string {
	s := map[string][]string{}
	for _, e := range m.Entities {
		for _, f := range e.Fields {
			if f.Sensitive {
				table := strings.ToLower(e.Table)
				s[table] = append(s[table], strings.ToLower(f.Column))
			}
		}
	}
	return s
}

func appendsOf(m *model.Schema) map[string]bool {
	columns := map[string]bool{}
	for _, e := range m.Entities {
		for _, f := range e.Fields {
			if f.Appends || f.Kind.List() {
				columns[e.Table+"."+f.Column] = true
			}
		}
	}
	return columns
}

func codedOf(m *model.Schema) map[string][]string {
	coded := map[string][]string{}
	for _, e := range m.Entities {
		for _, f := range e.Fields {
			if f.OwnStorage {
				coded[e.Table] = append(coded[e.Table], f.Column)
			}
		}
	}
	return coded
}

// Migration is the work on one database.
type Migration struct {
	target   Target
	tables   []*schema.Table
	want     string // the fingerprint of the schema that this program has
	views    []record.View
	schema   Schema
	formed   []formed // the tables whose values have forms to keep
	secrets  map[string][]string
	lists    lists
	defaults func(table string) ([]*sqlgraph.FieldSpec, error)
	explain  func(error) error
	log      *slog.Logger
	notes    []string          // what there is to log once it is done
	renamed  map[string]string // the tables that were renamed, by their older names
}

// New prepares the work. Explain says of an error of the database what it means to
// an operator; log is told what goes out of sight.
func New(t Target, s Schema, explain func(error) error, log *slog.Logger) (*Migration, error) {
	want, err := s.Fingerprint()
	if err != nil {
		return nil, err
	}
	formed := formedTables(s.Tables, s.Coded)
	if log == nil {
		log = slog.Default()
	}
	return &Migration{
		target: t, tables: s.Tables, want: withForms(want, formed), views: s.Views, schema: s, formed: formed, secrets: s.Secrets, lists: s.Lists,
		defaults: s.Defaults, explain: explain, log: log,
	}, nil
}

// Form is the form that the values of a column have.
type Form struct {
	Table, Column string
	Takes         string // what the column takes, in words
}

// Refusals are the columns whose values have a form, by what the database says of
// a value that has none.
func (m *Migration) Refusals() map[string]Form {
	list := map[string]Form{}
	for _, f := range m.formed {
		for _, c := range f.forms {
			list[f.refusal(c)] = Form{Table: f.table, Column: c.column, Takes: c.takes}
		}
	}
	return list
}
