package statement

import (
	"slices"
	"strconv"
	"strings"

	"coppice/core/internal/lexer"
)

// masked stands for a value that is not shown.
const masked = "***"

// Secrets are the columns whose values must not be shown, by table, both in
// lower case.
type Secrets map[string][]string

// Mask returns the arguments of a statement with those masked that are, or may
// be, values of a secret column.
func (s Secrets) Mask(query string, args []any) []any {
	values := slices.Clone(args)
	if values == nil {
		values = []any{}
	}
	if len(s) == 0 || len(args) == 0 {
		return values
	}
	m := s.scan(query)
	for i := range values {
		if m.loose || slices.Contains(m.hidden, i) {
			values[i] = masked
		}
	}
	return values
}

// masker reads an INSERT with a column list or an UPDATE, for the columns that
// its parameters are stored in.
type masker struct {
	secret []string // the secret columns of the tables named
	loose  bool     // a secret column is used in a way not understood
	hidden []int    // the parameters, from 0, that are stored in one

	insert  bool
	known   bool   // it is one of the two
	clause  string // COLUMNS, VALUES, SET, RETURNING, or "" for another
	depth   int
	columns []string
	slot    int    // the column within VALUES
	target  string // the column within SET, once it is known
	params  int
}

// scan reads a statement for the parameters that must not be shown.
func (s Secrets) scan(query string) *masker {
	var tokens []lexer.Token
	m := &masker{}
	for sc := (lexer.Scanner{SQL: query}); ; {
		t := sc.Next()
		if t.Kind == lexer.End {
			break
		}
		tokens = append(tokens, t)
		m.secret = append(m.secret, s[t.Name()]...)
	}
	if len(m.secret) == 0 {
		return m
	}
	m.insert = tokens[0].Is("INSERT") || tokens[0].Is("REPLACE")
	m.known = m.insert || tokens[0].Is("UPDATE")
	values := false
	for i, t := range tokens {
		m.token(t, tokens[i+1:])
		values = values || m.clause == "VALUES"
	}
	// Without a list, the order of the table's columns decides; without VALUES,
	// a SELECT does.
	if m.insert && (len(m.columns) == 0 || !values && m.hides(m.columns...)) {
		m.loose = true
	}
	return m
}

// hides reports whether one of the columns is secret.
func (m *masker) hides(columns ...string) bool {
	return slices.ContainsFunc(columns, func(c string) bool { return slices.Contains(m.secret, c) })
}

func (m *masker) token(t lexer.Token, after []lexer.Token) {
	switch {
	case t.Kind == lexer.Param:
		m.param(t)
	case t.Is("("):
		m.open()
	case t.Is(")"):
		m.depth--
		if m.depth == 0 && m.clause == "COLUMNS" {
			m.clause = ""
		}
	case t.Is(","):
		m.comma()
	case m.depth == 0 && m.keyword(t):
	case t.Name() != "":
		call := len(after) > 0 && after[0].Is("(")
		m.identifier(t.Name(), call || t.Is("NULL"))
	}
}

// param reads a parameter: it belongs to the column that is being given.
func (m *masker) param(t lexer.Token) {
	column, place, numbered := "", m.params, false
	if text, ok := strings.CutPrefix(t.Text, "$"); ok { // as PostgreSQL has them
		n, err := strconv.Atoi(text)
		place, numbered = n-1, err == nil
	}
	switch {
	case t.Text != "?" && !numbered:
		m.loose = true // named, or numbered as SQLite has them: any of them may come twice
	case m.clause == "VALUES" && m.slot < len(m.columns):
		column = m.columns[m.slot]
	case m.clause == "SET":
		column = m.target
	}
	if m.hides(column) {
		m.hidden = append(m.hidden, place)
	}
	m.params++
}

func (m *masker) open() {
	m.depth++
	switch {
	case m.depth == 1 && m.insert && m.clause == "" && m.columns == nil:
		m.clause = "COLUMNS"
	case m.depth == 1 && m.clause == "VALUES":
		m.slot = 0
	case m.depth == 1 && m.clause == "SET" && m.target == "":
		m.loose = true // SET (a, b) = (…)
	}
}

func (m *masker) comma() {
	switch {
	case m.clause == "VALUES" && m.depth == 1:
		m.slot++
	case m.clause == "SET" && m.depth == 0:
		m.target = ""
	}
}

// keyword reports whether t begins a clause.
func (m *masker) keyword(t lexer.Token) bool {
	for _, k := range []string{"VALUES", "SET", "RETURNING"} {
		if t.Is(k) {
			m.clause, m.target = k, ""
			return true
		}
	}
	for _, k := range []string{"WHERE", "FROM", "ON", "SELECT", "DO", "LIMIT", "ORDER"} {
		if t.Is(k) {
			m.clause = ""
			return true
		}
	}
	return false
}

// identifier reads a name, which plain says is that of no column.
func (m *masker) identifier(name string, plain bool) {
	switch {
	case m.clause == "COLUMNS":
		m.columns = append(m.columns, name)
	case m.clause == "SET" && m.depth == 0 && m.target == "":
		m.target = name
	case m.clause == "SET" && m.hides(m.target) && !plain:
		m.loose = true // the secret is what another column holds
	case m.clause == "RETURNING" && m.known:
	case m.hides(name):
		m.loose = true
	}
}
