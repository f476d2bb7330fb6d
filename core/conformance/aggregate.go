package conformance

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"coppice/core/model"
)

// aggregates asks for everything about all records at once, and by each group,
// and compares with a look at every record.
func (w *world) aggregates(e *model.Entity) {
	w.Helper()
	all := w.all(e)
	field := e.Plural + "Aggregate"
	var b strings.Builder
	for _, fn := range []string{"sum", "avg", "min", "max"} {
		var names []string
		for _, f := range e.Aggregated(fn) {
			names = append(names, f.GraphQL)
		}
		if len(names) > 0 {
			b.WriteString(" " + fn + " { " + strings.Join(names, " ") + " }")
		}
	}
	rows := w.query(field, nil, "{ count"+b.String()+" }").([]any)
	if len(rows) != 1 {
		w.Fatalf("%s: %d rows", field, len(rows))
	}
	row := rows[0].(object)
	if row["count"].(json.Number).String() != strconv.Itoa(len(all)) {
		w.Errorf("%s counts %v of %d", field, row["count"], len(all))
	}
	for _, fn := range []string{"sum", "avg", "min", "max"} {
		for _, f := range e.Aggregated(fn) {
			got := row[fn].(object)[f.GraphQL]
			if want := aggregate(fn, f, all); !near(f, fn, got, want) {
				w.Errorf("%s %s of %s is %v, not %v", field, fn, f.GraphQL, got, want)
			}
		}
	}
	for _, g := range e.Groups() {
		w.group(e, g, all)
	}
}

// aggregate works a function out: nil over no values.
func aggregate(fn string, f *model.Field, all []*entry) any {
	var best any
	sum, n := 0.0, 0
	for _, r := range all {
		v := valueOf(f, r)
		if v == nil {
			continue
		}
		if c := 0; best != nil {
			c = order(f, v, best)
			if fn == "min" && c < 0 || fn == "max" && c > 0 {
				best = v
			}
		} else {
			best = v
		}
		if f.Kind.Numeric() {
			x, _ := strconv.ParseFloat(fmt.Sprint(v), 64)
			sum += x
		}
		n++
	}
	switch {
	case n == 0:
		return nil
	case fn == "sum":
		return sum
	case fn == "avg":
		return sum / float64(n)
	default:
		return best
	}
}

func near(f *model.Field, fn string, got, want any) bool {
	if got == nil || want == nil {
		return got == want
	}
	if fn == "min" || fn == "max" {
		return order(f, got, want) == 0
	}
	x, err := strconv.ParseFloat(fmt.Sprint(got), 64)
	return err == nil && math.Abs(x-want.(float64)) <= 1e-6*math.Max(1, math.Abs(want.(float64)))
}

// group counts the records of each value of a group.
func (w *world) group(e *model.Entity, g *model.Group, all []*entry) {
	w.Helper()
	want := map[string]int{}
	for _, r := range all {
		want[groupKey(g, r)]++
	}
	rows := w.query(e.Plural+"Aggregate", object{"groupBy": []any{g.Name}}, "{ key { "+g.Key+" } count }").([]any)
	for _, row := range rows {
		key := fmt.Sprint(row.(object)["key"].(object)[g.Key])
		if got := row.(object)["count"].(json.Number).String(); got != strconv.Itoa(want[key]) {
			w.Errorf("%s by %s: %s records with %s, not %d", e.Plural, g.Name, got, key, want[key])
		}
	}
	if len(rows) != len(want) {
		w.Errorf("%s by %s: %d groups, not %d", e.Plural, g.Name, len(rows), len(want))
	}
}

func groupKey(g *model.Group, r *entry) string {
	if g.Edge != nil {
		o, ok := r.out[g.Edge.Current().GraphQL].(object)
		if !ok {
			return fmt.Sprint(nil)
		}
		return fmt.Sprint(o["id"])
	}
	v := valueOf(g.Field, r)
	if v == nil {
		return fmt.Sprint(nil)
	}
	if s, ok := v.(string); ok && g.Bucket != model.NoBucket {
		return s[:map[model.Bucket]int{model.Day: 10, model.Month: 7, model.Year: 4}[g.Bucket]]
	}
	return fmt.Sprint(v)
}
