package postgres

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"coppice/core/internal/statement"
)

// planNode is a node of a plan as EXPLAIN prints it
// (https://www.postgresql.org/docs/current/using-explain.html).
type planNode struct {
	indent   int
	text     string   // Seq Scan on posts
	details  []string // Index Cond: (id = $1)
	children []*planNode
}

// planTree reads the lines of a plan. A line below a node that begins none is a detail
// of it; SubPlan and InitPlan are nodes of their own.
func planTree(lines []string) *planNode {
	root := &planNode{indent: -1}
	path := []*planNode{root}
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		indent := len(line) - len(text)
		arrow := strings.HasPrefix(text, "->")
		if !arrow && i > 0 && !strings.HasPrefix(text, "SubPlan") && !strings.HasPrefix(text, "InitPlan") && !strings.HasPrefix(text, "CTE ") {
			last := path[len(path)-1]
			last.details = append(last.details, text)
			continue
		}
		n := &planNode{indent: indent, text: strings.TrimLeft(strings.TrimPrefix(text, "->"), " ")}
		for len(path) > 1 && path[len(path)-1].indent >= indent {
			path = path[:len(path)-1]
		}
		parent := path[len(path)-1]
		parent.children = append(parent.children, n)
		path = append(path, n)
	}
	return root
}

// scanOf matches a node that reads something: how, by which index, and what.
var scanOf = regexp.MustCompile(`^(?:Parallel )?(Seq|Index|Index Only|Bitmap Heap|Tid|Tid Range|Function|Values|CTE|WorkTable|Subquery|Foreign) Scan(?: Backward)?(?: using (?:"[^"]*"|\S+))? on "?([^ "]+)"?(?: "?([^ "]+)"?)?$`)

// byID matches the condition that finds one row at a time.
var byID = regexp.MustCompile(`^Index Cond: \(id = `)

// stepsOf are the steps of a plan that read or sort.
func stepsOf(lines []string) []statement.Step {
	var steps []statement.Step
	var names []string // what the table of each goes by in the plan; "" once a page was cut of it
	var walk func(n *planNode, depth int, above string)
	walk = func(n *planNode, depth int, above string) {
		if strings.HasPrefix(n.text, "SubPlan") || strings.HasPrefix(n.text, "InitPlan") || strings.HasPrefix(n.text, "CTE ") {
			depth++
		}
		from := len(steps)
		for _, c := range n.children {
			walk(c, depth, n.text)
		}
		if m := scanOf.FindStringSubmatch(n.text); m != nil {
			steps, names = append(steps, scanStep(m[1], m[2], n, depth)), append(names, cmp.Or(m[3], m[2]))
		}
		if n.text == "Limit" {
			for i := from; i < len(steps); i++ {
				names[i] = ""
			}
		}
		if n.text == "Sort" {
			keys := strings.Join(n.details, " ")
			for i := from; i < len(steps); i++ {
				if names[i] == "" || !strings.Contains(keys, names[i]+".") && !strings.Contains(keys, `"`+names[i]+`".`) {
					steps[i].Depth = depth + 1 // it is sorted by what another gives
				}
			}
			steps, names = append(steps, statement.Step{Depth: depth, Sorts: sortedFor(above)}), append(names, "")
		}
	}
	walk(planTree(lines), 0, "")
	return steps
}

func scanStep(how, table string, n *planNode, depth int) statement.Step {
	s := statement.Step{Depth: depth, Table: table}
	searches := slices.ContainsFunc(n.details, func(d string) bool { return strings.HasPrefix(d, "Index Cond:") })
	switch how {
	case "Seq", "Foreign":
		s.Scans = true
	case "Index", "Index Only":
		s.Index, s.Searches, s.Scans = true, searches, !searches
		s.ByID = slices.ContainsFunc(n.details, byID.MatchString)
	case "Bitmap Heap":
		s.Index, s.Searches = true, true
	case "Tid", "Tid Range":
		s.Searches, s.ByID = true, true
	default:
		s.Scans, s.Built = true, true
	}
	return s
}

// sortedFor is what a sort is for, by the node above it.
func sortedFor(above string) string {
	switch {
	case strings.HasPrefix(above, "GroupAggregate"), strings.HasPrefix(above, "Group"):
		return "GROUP BY"
	case strings.HasPrefix(above, "Unique"):
		return "DISTINCT"
	}
	return "ORDER BY"
}
