package revision

import (
	"fmt"
	"strings"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"coppice/core/internal/lexer"
)

// Losses says what rows lose by the statements of a file, in words that go on from it.
func Losses(f *atlas.LocalFile) (list []string) {
	statements, err := f.StmtDecls()
	if err != nil {
		return nil
	}
	for _, s := range statements {
		if why := loses(s.Text, statements); why != "" {
			list = append(list, why)
		}
	}
	return list
}

// loses says what rows lose by a statement, or nothing. A table that is made anew under
// another name beside it, and takes its place, loses nothing by that alone.
func loses(statement string, all []*atlas.Stmt) string {
	words := words(statement)
	switch at := func(i int) string {
		if i < len(words) {
			return strings.ToUpper(words[i])
		}
		return ""
	}; {
	case at(0) == "DROP" && at(1) == "TABLE":
		name := words[len(words)-1]
		if at(2) != "IF" && len(words) > 2 {
			name = words[2]
		}
		if remade(name, all) {
			return ""
		}
		return "drops the table " + name
	case at(0) == "DROP" && (at(1) == "SCHEMA" || at(1) == "DATABASE"):
		return "drops a " + strings.ToLower(at(1))
	case at(0) == "TRUNCATE":
		return "empties a table"
	case at(0) == "DELETE" && at(1) == "FROM" && at(2) != "SQLITE_SEQUENCE":
		return "deletes rows of " + words[2]
	case at(0) == "ALTER" && at(1) == "TABLE":
		for i := range words {
			if at(i) == "DROP" && at(i+1) != "CONSTRAINT" && at(i+1) != "DEFAULT" && at(i+1) != "NOT" && at(i+1) != "IDENTITY" && at(i+1) != "EXPRESSION" {
				return fmt.Sprintf("drops a column of %s", words[2])
			}
		}
	}
	return ""
}

// remade reports that another table takes the name of one that is dropped.
func remade(name string, all []*atlas.Stmt) bool {
	for _, s := range all {
		w := words(s.Text)
		if len(w) > 5 && strings.EqualFold(w[0], "ALTER") && strings.EqualFold(w[3], "RENAME") && strings.EqualFold(w[4], "TO") && strings.EqualFold(w[5], name) {
			return true
		}
	}
	return false
}

// words are the words and the quoted names of a statement, the latter without quotes.
func words(statement string) []string {
	var list []string
	sc := lexer.Scanner{SQL: statement}
	for t := sc.Next(); t.Kind != lexer.End; t = sc.Next() {
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
