package revision

import (
	"context"
	"errors"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"coppice/core/internal/lexer"
)

// Losses says what rows lose by the statements of a file, in words that go on from it.
func Losses(f *atlas.LocalFile) (list []string) {
	all, err := statements(f)
	if err != nil {
		return nil
	}
	for i, s := range all {
		if why := loses(s.Text, all[i+1:]); why != "" {
			list = append(list, why)
		}
	}
	return list
}

// loses says what rows lose by a statement, or nothing. A table that is made anew under
// another name beside it, and takes its place in what comes after, loses nothing by that alone.
func loses(statement string, after []*atlas.Stmt) string {
	s := parse(statement)
	switch {
	case s.at(0, "DROP"):
		return s.drops(after)
	case s.at(0, "TRUNCATE"):
		return "empties a table"
	case s.at(0, "ALTER", "TABLE"):
		for i := range s {
			if s.at(i, "DROP") && !slices.ContainsFunc([]string{"CONSTRAINT", "DEFAULT", "NOT", "IDENTITY", "EXPRESSION"}, func(word string) bool { return s.at(i+1, word) }) {
				return "drops a column of " + s.name(2)
			}
		}
	case s.at(0, "ALTER", "TYPE") && s.find("DROP", "ATTRIBUTE") >= 0:
		return "drops a part of the type " + s.name(2)
	case s.at(0, "MERGE") && s.find("THEN", "DELETE") >= 0:
		return "deletes rows"
	case s.at(0, "DELETE"), s.at(0, "WITH"), s.at(0, "DO"):
		if i := s.find("DELETE", "FROM"); i >= 0 && !strings.EqualFold(s.name(i+2), "sqlite_sequence") {
			return "deletes rows of " + s.name(i+2)
		}
		if s.at(0, "DO") {
			for i := range s {
				if s.at(i, "DROP", "TABLE") || s.at(i, "DROP", "COLUMN") || s.at(i, "TRUNCATE") {
					return "drops or empties a table, or a column of one"
				}
			}
		}
	}
	return ""
}

// drops says what is lost by a statement that begins with DROP.
func (s tokens) drops(after []*atlas.Stmt) string {
	switch {
	case s.at(1, "TABLE"):
		var lost []string
		for _, name := range s.dropped() {
			if !remade(name, after) {
				lost = append(lost, name)
			}
		}
		if len(lost) > 0 {
			return "drops the table " + strings.Join(lost, ", ")
		}
	case s.at(1, "SCHEMA"), s.at(1, "DATABASE"), s.at(1, "OWNED"):
		return "drops a " + strings.ToLower(s[1].Text)
	case s.find("CASCADE") > 0 && !s.at(1, "VIEW") && !s.at(1, "INDEX") && !s.at(1, "TRIGGER"):
		return "drops, with CASCADE, the columns that need it"
	}
	return ""
}

// dropped are the names of the tables that a statement drops.
func (s tokens) dropped() (names []string) {
	rest := s[2:]
	if rest.at(0, "IF", "EXISTS") {
		rest = rest[2:]
	}
	for i, t := range rest {
		if (t.Kind == lexer.Word || t.Kind == lexer.Quoted) && !rest.at(i, "CASCADE") && !rest.at(i, "RESTRICT") && (i+1 == len(rest) || !rest[i+1].Is(".")) {
			names = append(names, t.Text)
		}
	}
	return names
}

// remade reports that another table takes the name of one that is dropped.
func remade(name string, after []*atlas.Stmt) bool {
	for _, s := range after {
		t := parse(s.Text)
		if i := t.find("RENAME", "TO"); t.at(0, "ALTER", "TABLE") && i > 0 && strings.EqualFold(t.name(i+2), name) {
			return true
		}
	}
	return false
}

// tokens are those of a statement.
type tokens []lexer.Token

func parse(statement string) (list tokens) {
	sc := lexer.Scanner{SQL: statement}
	for t := sc.Next(); t.Kind != lexer.End; t = sc.Next() {
		list = append(list, t)
	}
	return list
}

// at reports that keywords stand at a place.
func (s tokens) at(i int, words ...string) bool {
	for k, word := range words {
		if i+k >= len(s) || s[i+k].Kind != lexer.Word || !s[i+k].Is(word) {
			return false
		}
	}
	return true
}

// find is the place of keywords that follow each other; -1 where they do not.
func (s tokens) find(words ...string) int {
	return slices.IndexFunc(s, func() func(lexer.Token) bool {
		i := -1
		return func(lexer.Token) bool { i++; return s.at(i, words...) }
	}())
}

// name is the name of a table at a place, without its schema.
func (s tokens) name(i int) string {
	for s.at(i, "ONLY") || s.at(i, "IF") || s.at(i, "EXISTS") {
		i++
	}
	for i+2 < len(s) && s[i+1].Is(".") {
		i += 2
	}
	if i < len(s) {
		return s[i].Text
	}
	return "a table"
}

// words are the words and the quoted names of a statement, the latter without quotes.
func words(statement string) []string {
	var list []string
	for _, t := range parse(statement) {
		if t.Kind == lexer.Word || t.Kind == lexer.Quoted {
			list = append(list, t.Text)
		}
	}
	return list
}

// shrunk are the columns that tables lost by being made anew in a file.
func shrunk(statements []*atlas.Stmt, before, after *schema.Schema) (list []string) {
	renamed := map[string]bool{}
	for _, s := range statements {
		if w := words(s.Text); len(w) > 5 && strings.EqualFold(w[0], "ALTER") && strings.EqualFold(w[3], "RENAME") && strings.EqualFold(w[4], "COLUMN") {
			renamed[w[2]+"."+w[5]] = true
		}
	}
	for _, t := range before.Tables {
		now, ok := after.Table(t.Name)
		if !ok || !remade(t.Name, statements) {
			continue
		}
		for _, c := range t.Columns {
			if _, ok := now.Column(c.Name); !ok && !renamed[t.Name+"."+c.Name] {
				list = append(list, t.Name+"."+c.Name)
			}
		}
	}
	return list
}

// sizes counts the rows of the tables that a file makes anew.
func sizes(ctx context.Context, q schema.ExecQuerier, statements []*atlas.Stmt, tables *schema.Schema) (map[string]int, error) {
	counts := map[string]int{}
	for _, t := range tables.Tables {
		if !remade(t.Name, statements) {
			continue
		}
		n, err := count(ctx, q, t.Name)
		if err != nil {
			return nil, err
		}
		counts[t.Name] = n
	}
	return counts, nil
}

func count(ctx context.Context, q schema.ExecQuerier, table string) (n int, err error) {
	rows, err := q.QueryContext(ctx, `SELECT COUNT(*) FROM "`+strings.ReplaceAll(table, `"`, `""`)+`"`)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}
