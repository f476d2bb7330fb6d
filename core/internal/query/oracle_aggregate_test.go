package query_test

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// groupKey is one expression that records are grouped by.
type groupKey struct {
	name  string // in the key's type
	value func(*rec) any
}

// groupKeys are what records of a kind can be grouped by.
func groupKeys(kind string) map[string]groupKey {
	m := map[string]groupKey{}
	for f, k := range kinds[kind].fields {
		switch k {
		case "time":
			for bucket, layout := range map[string]string{"Day": "2006-01-02", "Month": "2006-01", "Year": "2006"} {
				m[constant(f+bucket)] = groupKey{f + bucket, func(r *rec) any {
					t, ok := r.fields[f].(time.Time)
					if !ok {
						return nil
					}
					return t.UTC().Format(layout)
				}}
			}
		case "text", "enum", "int":
			m[constant(f)] = groupKey{f, func(r *rec) any { return comparable1(r.fields[f]) }}
		}
	}
	for e := range kinds[kind].one {
		m[constant(e)] = groupKey{e, func(r *rec) any {
			if r.one[e] == nil {
				return nil
			}
			return int64(r.one[e].id)
		}}
	}
	return m
}

// bunch is the records of one group.
type bunch struct {
	key  []any
	recs []*rec
}

func compareKeys(a, b []any) int {
	for i := range a {
		switch {
		case a[i] == nil && b[i] == nil:
			continue
		case a[i] == nil:
			return -1
		case b[i] == nil:
			return 1
		}
		if c := order(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

func (o *oracle) aggregate(w *text, kind string, f *gathered, args map[string]any) {
	meets := all(nil)
	o.named = []string{kind}
	if args["where"] != nil {
		meets = o.where(kind, args["where"], "where")
	}
	names, ok := args["groupBy"].([]any)
	if !ok && args["groupBy"] != nil {
		names = []any{args["groupBy"]}
	}
	var keys []groupKey
	for i, name := range names {
		if !slices.Contains(names[:i], name) {
			keys = append(keys, groupKeys(kind)[name.(string)])
			o.named = append(o.named, kinds[kind].one[keys[len(keys)-1].name])
		}
	}
	o.ask(w, o.named...)
	var bunches []*bunch
	if len(keys) == 0 {
		bunches = []*bunch{{}}
	}
	for _, r := range o.world[kind] {
		if meets(r) != yes {
			continue
		}
		var key []any
		for _, k := range keys {
			key = append(key, k.value(r))
		}
		i, found := slices.BinarySearchFunc(bunches, key, func(b *bunch, key []any) int { return compareKeys(b.key, key) })
		if !found {
			bunches = slices.Insert(bunches, i, &bunch{key: key})
		}
		bunches[i].recs = append(bunches[i].recs, r)
	}
	if n, ok := args["first"].(int64); ok && int(n) < len(bunches) {
		bunches = bunches[:n]
	}
	w.list(len(bunches), func(i int) {
		w.object(o.collect(f.sets, kind+"Aggregate"), func(f *gathered) { o.column(w, kind, f, keys, bunches[i]) })
	})
}

func (o *oracle) column(w *text, kind string, f *gathered, keys []groupKey, b *bunch) {
	switch fn := f.field.Name; fn {
	case "__typename":
		w.string(kind + "Aggregate")
	case "count":
		w.value(len(b.recs))
	case "key":
		w.object(o.collect(f.sets, kind+"GroupKey"), func(f *gathered) {
			name := f.field.Name
			if name == "__typename" {
				w.string(kind + "GroupKey")
				return
			}
			i := slices.IndexFunc(keys, func(k groupKey) bool { return k.name == name })
			target := kinds[kind].one[name]
			switch {
			case i < 0 || b.key[i] == nil:
				w.value(nil)
			case target != "":
				w.string(target + ":" + strconv.FormatInt(b.key[i].(int64), 10))
			default:
				w.value(b.key[i])
			}
		})
	default:
		title := strings.ToUpper(fn[:1]) + fn[1:]
		w.object(o.collect(f.sets, kind+title), func(f *gathered) {
			if f.field.Name == "__typename" {
				w.string(kind + title)
				return
			}
			w.value(function(fn, f.field.Name, b.recs))
		})
	}
}

// function is an aggregate function of a field; nil over no values.
func function(fn, field string, recs []*rec) any {
	var values []any
	sum, whole := 0.0, int64(0)
	for _, r := range recs {
		v := comparable1(r.fields[field])
		if v == nil {
			continue
		}
		values = append(values, v)
		switch v := v.(type) {
		case int64:
			whole += v
			sum += float64(v)
		case float64:
			sum += v
		}
	}
	if len(values) == 0 {
		return nil
	}
	switch fn {
	case "min":
		return slices.MinFunc(values, order)
	case "max":
		return slices.MaxFunc(values, order)
	case "avg":
		return sum / float64(len(values))
	}
	if _, integers := values[0].(int64); integers {
		return strconv.FormatInt(whole, 10)
	}
	return sum
}
