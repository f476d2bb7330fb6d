package sqlite

import (
	"regexp"
	"slices"
	"strings"

	"coppice/core/internal/statement"
)

// idLookup matches what finds one row at a time.
var idLookup = regexp.MustCompile(`USING (INTEGER PRIMARY KEY \(rowid=\?\)|(COVERING )?INDEX \S+ \(id=\?\))`)

// stepsOf are the steps of a plan: https://www.sqlite.org/eqp.html.
func stepsOf(plan []string) []statement.Step {
	var steps []statement.Step
	for _, line := range plan {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		s := statement.Step{Depth: len(line) - len(strings.TrimLeft(line, " "))}
		switch words[0] {
		case "SCAN", "SEARCH":
			s.Scans, s.Searches = words[0] == "SCAN", words[0] == "SEARCH"
			s.Table = words[1]
			s.Index = strings.Contains(line, " COVERING INDEX ") || strings.Contains(line, " USING INDEX ") || strings.Contains(line, " AUTOMATIC ")
			s.Built = slices.Contains(words, "VIRTUAL") || s.Table == "CONSTANT" || strings.HasPrefix(s.Table, "(")
			s.ByID = idLookup.MatchString(line)
		case "USE":
			_, s.Sorts, _ = strings.Cut(line, "B-TREE FOR ")
		}
		steps = append(steps, s)
	}
	return steps
}
