package query_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

var byID = regexp.MustCompile(`^ *SEARCH \S+ USING (INTEGER PRIMARY KEY \(rowid=\?\)|(COVERING )?INDEX \S+ \(id=\?\))`)

// excused reports whether a step of a plan that reads in full, or sorts, is what
// was asked for: it reads a list that the statement was given or made, walks a
// table as far as a page goes, groups by an index, or sorts the records of a page
// that was chosen already.
func excused(sql string, plan []string, i int) bool {
	line := strings.TrimSpace(plan[i])
	name := strings.Fields(line)[1]
	if strings.Contains(line, "VIRTUAL TABLE") || name == "CONSTANT" || strings.HasPrefix(name, "(") || strings.HasPrefix(name, "_") {
		return true
	}
	if strings.HasPrefix(line, "SCAN ") {
		sorts := strings.Contains(strings.Join(plan, "\n"), "USE TEMP B-TREE")
		return strings.Contains(sql, " LIMIT ") && (!strings.Contains(sql, " WHERE ") || strings.Contains(line, "USING")) && !sorts || strings.Contains(line, "USING") && strings.Contains(sql, "GROUP BY")
	}
	depth := len(plan[i]) - len(line)
	for j := i - 1; j >= 0; j-- {
		at := len(plan[j]) - len(strings.TrimLeft(plan[j], " "))
		if at < depth {
			break
		}
		read := strings.HasPrefix(strings.TrimSpace(plan[j]), "SCAN ") || strings.HasPrefix(strings.TrimSpace(plan[j]), "SEARCH ")
		if at == depth && read && !byID.MatchString(plan[j]) && !strings.Contains(plan[j], "VIRTUAL TABLE") && !strings.HasPrefix(strings.Fields(plan[j])[1], "_parent") {
			return false
		}
	}
	return true
}

// Whatever is asked, a step that reads all of a table or sorts what it found
// comes with a word on what would spare it.
func TestEveryScanHasAdvice(t *testing.T) {
	t.Parallel()
	a := openSQLite(t)
	populate(t.Context(), t, a.client, rand.New(rand.NewPCG(differentialSeed, 0)))
	w, schema := loadWorld(t.Context(), t, a.client), schemaOf(t)
	scans, reported := 0, 0
	for i := range 300 {
		doc, vars := operation(rand.New(rand.NewPCG(differentialSeed, uint64(i+1))), w, schema)
		seen := map[string]bool{}
		for _, s := range a.do(doc, vars).Extensions.SQL.Statements {
			if seen[s.SQL] {
				continue
			}
			seen[s.SQL] = true
			for j, line := range s.Plan {
				if trimmed := strings.TrimSpace(line); !strings.HasPrefix(trimmed, "SCAN ") && !strings.HasPrefix(trimmed, "USE TEMP B-TREE") {
					continue
				}
				scans++
				if len(s.Advice) > 0 {
					reported++
				} else if !excused(s.SQL, s.Plan, j) {
					t.Errorf("operation %d has no advice on %s:\n%s\nplan\n%s\n%s", i, line, s.SQL, strings.Join(s.Plan, "\n"), doc)
				}
			}
		}
	}
	if reported < 100 || reported == scans {
		t.Errorf("%d of %d steps have advice: the operations do not try it", reported, scans)
	}
}
