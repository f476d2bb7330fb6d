package query

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/fault"
	"coppice/core/internal/dialect"
	"coppice/core/model"
)

// builder writes one SQL statement. It is ent's, for its quoting and its
// placeholders; an argument may be a binding, filled in at each run.
type builder struct {
	sql.Builder
	words       *dialect.Dialect
	r           *reader
	view        *view
	level       *level // that is refused where a table may not be read
	asked       string // the argument for whose sake a table is named
	refused     map[*level]error
	aliases     int
	timeColumns []int
	// done are the paths of the conditions that hold by where a statement starts
	// from.
	done map[string]bool
	// byID has the aliases of tables that are read by what a condition says of
	// their ids. Elsewhere it says so of a record that is read already: where the
	// engine could take it to the end of an index, it would as it believes.
	byID map[string]bool
	// merged are the lists of alternatives that were read, and shut those of
	// conditions that the table is not read by, by their paths.
	merged     map[string]arms
	shut       map[string]bool
	alternates int  // in all of the level's where input
	placed     bool // records are read by where they lie
	negated    int  // how many conditions turn round what is being written
}

// binding is an argument that a variable supplies.
type binding struct {
	name   string
	path   string
	parse  func(any) (any, error)
	cursor *position // that the variable holds, or nil,
	term   int       // and which of its values this is
	limit  bool      // it is how many rows a page has
}

// prepared is a statement ready to run with any variables that fit its plan.
type prepared struct {
	text  string
	args  []any
	bound bool // not all args are known yet
	// timeColumns are the columns that hold times, read as they are stored.
	timeColumns []int
	// Where the engine weighs how many rows are asked for, the text before and behind
	// that argument, and its place; nil elsewhere.
	around *aroundLimit
}

// aroundLimit is a statement but for its limit, the argument at a place.
type aroundLimit struct {
	head, tail string
	place      int
}

// withoutLimit splits a statement at its one argument that is a limit; it is nil where
// there is none, or several.
func withoutLimit(text string, args []any) *aroundLimit {
	isLimit := func(a any) bool {
		b, ok := a.(*binding)
		return ok && b.limit
	}
	place := slices.IndexFunc(args, isLimit)
	if place < 0 || slices.ContainsFunc(args[place+1:], isLimit) {
		return nil
	}
	head, rest, ok := strings.Cut(text, " LIMIT $"+strconv.Itoa(place+1))
	if !ok {
		return nil
	}
	var tail strings.Builder
	for {
		i := strings.IndexAny(rest, `$'"`)
		if i < 0 {
			tail.WriteString(rest)
			return &aroundLimit{head + " LIMIT ", tail.String(), place}
		}
		tail.WriteString(rest[:i])
		end := i + 1
		if rest[i] == '$' { // what follows is one less
			for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
				end++
			}
			n, _ := strconv.Atoi(rest[i+1 : end])
			tail.WriteString("$" + strconv.Itoa(n-1))
		} else { // of a text or a name
			end += 1 + strings.IndexByte(rest[end:], rest[i])
			tail.WriteString(rest[i:end])
		}
		rest = rest[end:]
	}
}

// usual reports whether a page is of a length that is often asked for: each is a
// statement of its own, of which there are to be few.
func usual(n int) bool { return n <= 101 || n%50 <= 1 }

// parentList stands in a statement's arguments for the list of values that is known
// when it runs.
type parentList struct{}

func newBuilder(d *dialect.Dialect, r *reader, v *view, l *level) *builder {
	b := &builder{words: d, r: r, view: v, level: l, done: map[string]bool{}, byID: map[string]bool{}, merged: map[string]arms{}, shut: map[string]bool{}}
	b.SetDialect(d.Name)
	if where := l.asks(); len(where) > 0 {
		b.alternates = b.countAlternatives(l.entity, where, "where")
	}
	return b
}

func (b *builder) prepare() prepared {
	text, args := b.Query()
	if b.words.MaxConstants > 0 && len(args) > b.words.MaxConstants {
		text = apart(text)
	}
	p := prepared{text: text, args: args, timeColumns: b.timeColumns}
	for _, a := range args {
		switch a.(type) {
		case *binding, parentList, scopeArgument:
			p.bound = true
		}
	}
	if b.words.WeighsLimit {
		p.around = withoutLimit(text, args)
	}
	return p
}

// at is the statement's text and arguments with its limit as it stands, if that is a
// usual one.
func (p *prepared) at(args []any) (string, []any) {
	if p.around == nil {
		return p.text, args
	}
	n, ok := args[p.around.place].(int)
	if !ok || !usual(n) {
		return p.text, args
	}
	return p.around.head + strconv.Itoa(n) + p.around.tail, slices.Delete(args, p.around.place, p.around.place+1)
}

// bind fills in the variables, the list that is known when it runs, and the
// arguments of scopes.
func (p *prepared) bind(vars map[string]any, list any, v *view) ([]any, error) {
	if !p.bound {
		return p.args, nil
	}
	args := make([]any, len(p.args))
	var cursor *position // the last one, whose values stand in several places
	var values []any
	for i, a := range p.args {
		switch a := a.(type) {
		case *binding:
			if a.cursor != nil {
				if a.cursor != cursor {
					var err error
					if values, err = a.cursor.decode(vars[a.name]); err != nil {
						return nil, err
					}
					cursor = a.cursor
				}
				args[i] = values[a.term]
				continue
			}
			v, err := a.parse(vars[a.name])
			if err != nil {
				return nil, err
			}
			args[i] = v
		case parentList:
			args[i] = list
		case scopeArgument:
			args[i] = v.scopes[a.entity].Args[a.place]
		default:
			args[i] = a
		}
	}
	return args, nil
}

// alias is a table alias not used in the statement yet, and no table's name.
func (b *builder) alias() string {
	b.aliases++
	return "_" + strconv.Itoa(b.aliases)
}

func (b *builder) raw(parts ...string) *builder {
	for _, s := range parts {
		b.WriteString(s)
	}
	return b
}

// form writes SQL that engines say differently.
func (b *builder) form(f dialect.Form, operands ...func()) *builder {
	f.Write(func(s string) { b.raw(s) }, operands...)
	return b
}

// column writes a column of a table or alias.
func (b *builder) column(table, column string) *builder {
	b.Ident(table)
	b.WriteByte('.')
	b.Ident(column)
	return b
}

// every writes all columns of a table or alias. Where it is a subquery's, an engine
// reads those that are asked for.
func (b *builder) every(table string) *builder {
	b.Ident(table)
	return b.raw(".*")
}

// field writes what a field's values are compared, ordered and grouped by: its
// column, as text where the field's own Go type settles how it is stored.
func (b *builder) field(table string, f *model.Field) *builder {
	if !f.OwnStorage {
		return b.column(table, f.Column)
	}
	return b.form(b.words.Text, func() { b.column(table, f.Column) })
}

// parentList writes the list of values that is known when the statement runs, as
// rows of a key, their position, and a value of a field.
func (b *builder) parentValues(f *model.Field) {
	b.form(b.words.Items, func() { b.Arg(parentList{}) }, b.typeOf(f))
}

// typeOf writes the type of a field's values where they stand in a list.
func (b *builder) typeOf(f *model.Field) func() {
	return func() {
		switch {
		case b.placed && f == b.level.entity.ID:
			b.raw(b.words.PlaceType)
		case f.OwnStorage:
			b.raw(b.words.Types[model.String])
		default:
			b.raw(b.words.Types[f.Kind])
		}
	}
}

// argument writes a placeholder for a value given for field f, converted by
// conv where that is not nil.
func (b *builder) argument(f *model.Field, v any, path string, conv func(any) any) error {
	parse := func(v any) (any, error) {
		parsed, err := parseValue(f, v, path)
		if err == nil && conv != nil {
			parsed = conv(parsed)
		}
		return parsed, err
	}
	if s, ok := v.(slot); ok {
		b.Arg(&binding{name: s.name, path: path, parse: parse})
		return nil
	}
	parsed, err := parse(v)
	if err != nil {
		return err
	}
	b.Arg(parsed)
	return nil
}

// parseValue reads a value for a field, as an error that names the argument.
func parseValue(f *model.Field, v any, path string) (any, error) {
	if v == nil {
		return nil, fault.Input(path, "null is not a value to compare with. Ask with IsNil or NotNil, or leave the condition out.")
	}
	parsed, err := f.ParseOperand(unwrap(v))
	if reported := new(*fault.Error); errors.As(err, reported) { // the field's Go type made it for the client
		return nil, (*reported).At(path)
	}
	if err != nil {
		return nil, fault.Input(path, "%s %s.", label(f, path), err)
	}
	return parsed, nil
}

func label(f *model.Field, path string) string {
	if path != "" {
		return path
	}
	return f.GraphQL
}

func at(path string, i int) string { return path + "." + strconv.Itoa(i) }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// longList is the length of a list that SQLite takes as a whole.
const longList = 16

// apart writes each placeholder of a text as a subquery, but for those of long
// lists.
func apart(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		i := strings.IndexAny(text, "?'\"`")
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		text = text[i:]
		var n int
		if text[0] != '?' { // a name or a text
			n = 2 + strings.IndexByte(text[1:], text[0])
			b.WriteString(text[:n])
		} else if n = len("?") + 3*strings.Count(text[:listEnd(text)], ", ?"); n > longList*3 {
			b.WriteString(text[:n])
		} else {
			b.WriteString(strings.ReplaceAll(text[:n], "?", "(SELECT ?)"))
		}
		text = text[n:]
	}
	b.WriteString(text)
	return b.String()
}

// listEnd is where the list of placeholders at the start of a text ends.
func listEnd(text string) int {
	n := 1
	for strings.HasPrefix(text[n:], ", ?") {
		n += 3
	}
	return n
}
