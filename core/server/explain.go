package server

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"github.com/99designs/gqlgen/graphql"

	"coppice/core/internal/statement"
	"coppice/core/model"
	"coppice/core/record"
)

// repeatedFrom is how often a statement runs in one request before that is
// worth a word.
const repeatedFrom = 3

// adviseOn says, for each of an operation's statements, what could make it
// faster; nil where there is nothing to say. A repeated statement is told of
// where it first stands.
func adviseOn(list []statement.Statement, project *record.Project, op *graphql.OperationContext) [][]string {
	advice := make([][]string, len(list))
	first, times := map[string]int{}, map[string]int{}
	for i, s := range list {
		if _, seen := first[s.SQL]; !seen {
			first[s.SQL] = i
			advice[i] = (&adviser{project: project, needs: needsAt(project.Model, op, s.Path), tables: tablesIn(s.SQL)}).advise(s)
		}
		times[s.SQL]++
	}
	for text, i := range first {
		if n := times[text]; n >= repeatedFrom && !controlsTransaction(text) {
			advice[i] = append(advice[i], fmt.Sprintf("runs %d times in this request: ask for what it reads by one list field or one nested selection, "+
				"or answer the field that runs it for all records at once", n))
		}
	}
	return advice
}

// controlsTransaction reports whether a statement is the frame of others.
func controlsTransaction(text string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return slices.Contains([]string{"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA"}, strings.ToUpper(strings.TrimSuffix(word, ";")))
}

// adviser reads the plan of one statement.
type adviser struct {
	project *record.Project
	needs   needs
	tables  map[string]string // by alias
	said    []string
}

// tableName finds the tables of a statement, and what they are called there.
var tableName = regexp.MustCompile("(?i)\\b(?:FROM|JOIN|UPDATE|INTO|,)\\s+[`\"](\\w+)[`\"](?:\\s+AS\\s+[`\"]?(\\w+)[`\"]?)?")

func tablesIn(text string) map[string]string {
	tables := map[string]string{}
	for _, m := range tableName.FindAllStringSubmatch(text, -1) {
		if m[2] != "" {
			tables[m[2]] = m[1]
		}
	}
	return tables
}

// advise gives advice on each step that reads all of a table or sorts, unless it
// is what was asked for.
func (a *adviser) advise(s statement.Statement) []string {
	text := strings.ToUpper(s.SQL)
	ordered := strings.Contains(text, " ORDER BY ")
	paged := ordered && strings.Contains(text, " LIMIT ") && !strings.Contains(text, " GROUP BY ")
	if !ordered { // a count beside the page
		a.needs = a.needs.unordered()
	}
	for i, st := range s.Steps {
		switch {
		case st.Scans && !st.Built:
			a.scan(st, paged)
		case st.Sorts != "" && !sortsPage(s.Steps, i):
			a.sort(st, sorted(s.Steps, i))
		}
	}
	return a.said
}

// sorted are the steps that a sorter takes its rows from: those before it of
// the same depth.
func sorted(steps []statement.Step, i int) []statement.Step {
	var from []statement.Step
	for j := i - 1; j >= 0 && steps[j].Depth >= steps[i].Depth; j-- {
		if steps[j].Depth == steps[i].Depth && (steps[j].Scans || steps[j].Searches) {
			from = append(from, steps[j])
		}
	}
	return from
}

// sortsPage reports whether a sorter is given no more than what was chosen
// already: records that are found by their ids, one by one.
func sortsPage(steps []statement.Step, i int) bool {
	from := sorted(steps, i)
	return len(from) > 0 && !slices.ContainsFunc(from, func(s statement.Step) bool {
		return !s.ByID && !s.Built && !strings.HasPrefix(s.Table, "_parent")
	})
}

// say gives a piece of advice: what happens, and what to do about it. What to do
// is said once: an index often spares both the scan and the sorting.
func (a *adviser) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	_, todo, _ := strings.Cut(text, ": ")
	if !slices.ContainsFunc(a.said, func(said string) bool { return strings.HasSuffix(said, ": "+todo) }) {
		a.said = append(a.said, text)
	}
}

// entity is that of a table or alias in the plan; nil where it is none.
func (a *adviser) entity(name string) (e *model.Entity, table string) {
	table = name
	if t, ok := a.tables[name]; ok {
		table = t
	}
	return a.project.Model.Table(table), table
}

func (a *adviser) scan(st statement.Step, paged bool) {
	e, table := a.entity(st.Table)
	if e == nil {
		// What a WITH or a subquery made goes by a name that is no table's.
		if slices.ContainsFunc(a.project.Tables, func(t *schema.Table) bool { return t.Name == table }) {
			a.say("full scan of %s: narrow what is asked by a condition on one of the records that it joins", table)
		}
		return
	}
	asked := a.needs[e]
	if len(asked) == 0 {
		if !paged || !st.Index {
			a.say("full scan of %s: not for a condition of this operation, but for a hand-written field, an interceptor or a policy; "+
				"give what that compares an index, in Indexes() in %s", table, file(e))
		}
		return
	}
	for _, n := range asked {
		a.serve(n, st, paged)
	}
}

// serve advises on a scan that is made for a need.
func (a *adviser) serve(n *need, st statement.Step, paged bool) {
	e := n.entity
	columns := n.columns()
	switch {
	case len(columns) > 0 && !a.indexed(e, columns):
		a.say("full scan of %s: %s", e.Table, n.line(columns))
	case n.arms():
		for _, arm := range n.alternatives {
			if columns := arm.columns(); len(columns) > 0 && !a.indexed(e, columns) {
				a.say("full scan of %s: %s", e.Table, n.line(columns))
			}
		}
	case len(n.unserved) > 0 || len(n.alternatives) > 0:
		what := "each side of or"
		if len(n.unserved) > 0 {
			what = strings.Join(n.unserved, " and ")
		}
		a.say("full scan of %s: no index can serve %s; add a condition that one can, such as an equality", e.Table, what)
	case n.exists != "" && len(columns) == 0:
		a.say("full scan of %s, by an index: %s asks for any at all; add a condition that narrows", e.Table, n.exists)
	case len(columns) > 0:
		if !st.Index {
			a.say("full scan of %s, although it has an index on %s: the engine holds the table for small, or most of it for asked", e.Table, strings.Join(columns, ", "))
		}
	case n.unordered != "":
		a.say("full scan of %s: no index gives this order, since %s", e.Table, n.unordered)
	case n.ungrouped != "":
		a.say("full scan of %s: no index gives these groups, since %s", e.Table, n.ungrouped)
	case len(n.group) > 0:
		if !a.indexed(e, n.group) {
			a.say("full scan of %s: %s", e.Table, n.line(n.group))
		}
	case len(n.order) > 0:
		if !a.indexed(e, n.order) {
			a.say("full scan of %s: %s", e.Table, n.line(n.order))
		}
	case !paged:
		a.say("full scan of %s: nothing narrows what is counted; leave out totalCount or the aggregate where it is not needed, or give a where", e.Table)
	}
}

// sort advises on rows that are sorted after they were read.
func (a *adviser) sort(st statement.Step, from []statement.Step) {
	for _, f := range from {
		e, _ := a.entity(f.Table)
		for _, n := range a.needs[e] {
			if strings.HasSuffix(st.Sorts, "GROUP BY") {
				a.grouping(n)
			} else if strings.HasSuffix(st.Sorts, "ORDER BY") {
				a.ordering(n)
			}
		}
	}
	if len(a.said) == 0 {
		a.say("sorts what it found (%s): ask for less of it, by a where", strings.ToLower(st.Sorts))
	}
}

func (a *adviser) grouping(n *need) {
	switch columns := append(slices.Clone(n.equal), n.group...); {
	case n.ungrouped != "":
		a.say("sorts %s to group it: no index gives these groups, since %s", n.entity.Table, n.ungrouped)
	case len(n.group) == 0 || len(n.among)+len(n.between) > 0:
		a.say("sorts what it found of %s to group it: ask for less of it, by a where", n.entity.Table)
	case !a.indexed(n.entity, columns):
		a.say("sorts %s to group it: %s", n.entity.Table, n.line(columns))
	}
}

func (a *adviser) ordering(n *need) {
	e, columns := n.entity, append(slices.Clone(n.equal), n.order...)
	switch {
	case len(n.group) > 0 || n.ungrouped != "":
		a.grouping(n)
	case n.unordered != "":
		a.say("sorts %s: no index gives this order, since %s", e.Table, n.unordered)
	case len(n.among) > 0 || len(n.between) > 0 || len(n.alternatives) > 0:
		a.say("sorts what it found of %s: an index gives an order only where each condition asks for one value", e.Table)
	case n.parent && n.edge == "":
		a.say("sorts what it found of %s for each parent: an index of %s cannot hold what the edge leads from", e.Table, e.Table)
	case n.parent && len(columns) > 0:
		a.say("sorts what it found of %s for each parent: %s", e.Table, childLine(e, n.edge, columns))
	case len(columns) == 0:
		a.say("sorts what it found of %s by its id", e.Table)
	case !a.indexed(e, columns):
		a.say("sorts %s: %s", e.Table, n.line(columns))
	default:
		a.say("sorts %s, although it has an index on %s: an index runs one way, and puts nulls first ascending and last descending, so that "+
			"terms of two directions, or nulls elsewhere, cannot be read from it", e.Table, strings.Join(columns, ", "))
	}
}

// explainHeader asks for the SQL view: sql, or plan for the plans as well.
const explainHeader = "X-Explain"

// sqlView is the SQL view's part of a response.
type sqlView struct {
	TotalMs    float64        `json:"totalMs"` // in statements
	Statements []sqlStatement `json:"statements"`
}

type sqlStatement struct {
	SQL        string   `json:"sql"`
	Args       []any    `json:"args"`
	DurationMs float64  `json:"durationMs"`
	Rows       int      `json:"rows"`
	Path       []any    `json:"path"`
	Plan       []string `json:"plan,omitempty"`
	Advice     []string `json:"advice,omitempty"`
}

// explainMode is what a request asks to see.
type explainMode uint8

const (
	explainNothing explainMode = iota
	explainSQL
	explainPlan
)

// explainMode reads what a request asks to see, and may.
func (h *httpHandler) explainMode(header http.Header) (explainMode, error) {
	asked := header[explainHeader]
	if len(asked) == 0 || !h.opts.Dev {
		return explainNothing, nil
	}
	switch asked[0] {
	case "sql":
		return explainSQL, nil
	case "plan":
		return explainPlan, nil
	default:
		return explainNothing, badRequest("The header %s takes sql or plan.", explainHeader)
	}
}

// view describes the statements that were recorded for an operation.
func (h *httpHandler) view(r *statement.Recorder, op *graphql.OperationContext) sqlView {
	list := r.Statements()
	advice := adviseOn(list, h.project, op)
	v := sqlView{Statements: make([]sqlStatement, len(list))}
	var total time.Duration // of what is shown, so that it adds up
	for i, s := range list {
		total += s.Duration.Round(time.Microsecond)
		v.Statements[i] = sqlStatement{
			SQL: s.SQL, Args: viewArgs(s.Args), DurationMs: milliseconds(s.Duration), Rows: s.Rows,
			Path: append([]any{}, s.Path...), Plan: s.Plan, Advice: advice[i],
		}
	}
	v.TotalMs = milliseconds(total)
	return v
}

// milliseconds are a time in the view's unit, to the microsecond.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond).Microseconds()) / 1000
}

// viewArgs are a statement's arguments as JSON can hold them.
func viewArgs(list []any) []any {
	args := make([]any, len(list))
	for i, arg := range list {
		args[i] = viewArg(arg)
	}
	return args
}

// viewArg is one argument: times as RFC 3339, bytes in Base64, and what JSON
// has no form for as text.
func viewArg(arg any) any {
	switch arg := arg.(type) {
	case nil, bool, string, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return arg
	case float64:
		if math.IsNaN(arg) || math.IsInf(arg, 0) {
			return fmt.Sprint(arg)
		}
		return arg
	case []byte:
		return base64.StdEncoding.EncodeToString(arg)
	case time.Time:
		return arg.Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(arg)
	}
}
