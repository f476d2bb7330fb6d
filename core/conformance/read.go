package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"coppice/core/model"
)

func jsonNumber(v any) json.Number { return json.Number(fmt.Sprint(v)) }

// keys looks each record up by each of its unique keys, and by its id in every
// way that there is.
func (w *world) keys(e *model.Entity) {
	w.Helper()
	for _, r := range w.all(e) {
		w.read(e, r)
		for _, k := range e.ShownKeys() {
			if k.IsID() {
				continue
			}
			args := object{}
			for i, p := range k.Parts {
				v := r.out[k.Current().Parts[i].Name()]
				if o, ok := v.(object); ok {
					v = o["id"]
				}
				if v != nil {
					args[p.Name()] = v
				}
			}
			if len(args) < len(k.Parts) {
				continue // a key with a null in it names nothing
			}
			if found, _ := w.query(k.Query, args, "{ id }").(object); found["id"] != r.id {
				w.Errorf("%s(%v) finds %v, not %s", k.Query, args, found, r.id)
			}
		}
		var data struct {
			Node  object
			Nodes []object
		}
		w.into(&data, "query($id: ID!) { node(id: $id) { id __typename } nodes(ids: [$id, \"Nothing:1\", $id]) { id } }", object{"id": r.id})
		w.driven["node"], w.driven["nodes"] = true, true
		if data.Node["id"] != r.id || data.Node["__typename"] != e.Name || len(data.Nodes) != 3 || data.Nodes[0]["id"] != r.id || data.Nodes[1] != nil {
			w.Errorf("node and nodes of %s: %v", r.id, data)
		}
	}
}

// filters asks for each condition of the where input, with values that some
// records have, and compares with a look at every record.
func (w *world) filters(e *model.Entity) {
	w.Helper()
	where := w.types[e.Name+"WhereInput"]
	all := w.all(e)
	for _, c := range e.Conditions() {
		if !where.input(c.Name) {
			w.Errorf("%s has no condition %s", e.Name, c.Name)
			continue
		}
		if f := c.Field; f != nil && !w.types[e.Name].field(f.Current().GraphQL) {
			continue // what is not shown cannot be compared
		}
		for _, v := range w.operands(c, all) {
			var want []string
			for _, r := range all {
				if meets(c, v, r) {
					want = append(want, r.id)
				}
			}
			page := w.query(e.Plural, object{"first": 1000, "where": object{c.Name: v}}, "{ totalCount edges { node { id } } }").(object)
			var got []string
			for _, edge := range page["edges"].([]any) {
				got = append(got, edge.(object)["node"].(object)["id"].(string))
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				w.Errorf("%s(where: {%s: %v}) is %v, not %v", e.Plural, c.Name, v, got, want)
			}
		}
	}
}

// operands are values to compare with: two that records have.
func (w *world) operands(c model.Condition, all []*entry) []any {
	if c.Edge != nil && c.With {
		ids := []any{}
		for _, r := range all {
			for _, id := range ends(r, c.Edge)[:min(1, len(ends(r, c.Edge)))] {
				ids = append(ids, id)
			}
		}
		return []any{[]any{object{"idIn": ids[:min(2, len(ids))]}}, []any{}}
	}
	if c.Edge != nil || c.Op.Niladic() {
		return []any{true, false}
	}
	values := []any{}
	for _, r := range all {
		if v := valueOf(c.Field, r); v != nil {
			values = append(values, v)
		}
	}
	values = values[:min(2, len(values))]
	switch {
	case c.Op.List():
		return []any{values, []any{}}
	case c.Op == model.Contains || c.Op == model.ContainsFold || c.Op == model.HasPrefix || c.Op == model.HasSuffix || c.Op == model.EqualFold:
		for i, v := range values {
			s := []rune(v.(string))
			switch c.Op {
			case model.HasPrefix:
				values[i] = string(s[:(len(s)+1)/2])
			case model.HasSuffix:
				values[i] = string(s[len(s)/2:])
			case model.EqualFold:
				values[i] = strings.ToUpper(string(s))
			default:
				values[i] = string(s[len(s)/3 : (len(s)+1)*2/3])
			}
		}
	}
	return values
}

// valueOf is what a record shows of a field.
func valueOf(f *model.Field, r *entry) any { return r.out[f.Current().GraphQL] }

// meets evaluates a condition on a record as the contract has it.
func meets(c model.Condition, v any, r *entry) bool {
	if c.Edge != nil {
		led := ends(r, c.Edge)
		if !c.With {
			return (len(led) > 0) == v.(bool)
		}
		if len(v.([]any)) == 0 {
			return len(led) > 0
		}
		return slices.ContainsFunc(led, func(id string) bool { return slices.Contains(v.([]any)[0].(object)["idIn"].([]any), any(id)) })
	}
	f := c.Field
	have := valueOf(f, r)
	if c.Op.Niladic() {
		return (have == nil) == (v.(bool) == (c.Op == model.IsNil))
	}
	if l, ok := v.([]any); ok {
		in := slices.ContainsFunc(l, func(x any) bool { return have != nil && equal(f, have, x) })
		return c.Op == model.In && in || c.Op == model.NotIn && !in && (have != nil || len(l) == 0)
	}
	if have == nil {
		return false
	}
	switch c.Op {
	case model.EQ:
		return equal(f, have, v)
	case model.NEQ:
		return !equal(f, have, v)
	case model.GT:
		return order(f, have, v) > 0
	case model.GTE:
		return order(f, have, v) >= 0
	case model.LT:
		return order(f, have, v) < 0
	case model.LTE:
		return order(f, have, v) <= 0
	}
	a, b := have.(string), v.(string)
	switch c.Op {
	case model.Contains:
		return strings.Contains(a, b)
	case model.HasPrefix:
		return strings.HasPrefix(a, b)
	case model.HasSuffix:
		return strings.HasSuffix(a, b)
	case model.EqualFold:
		return strings.EqualFold(a, b)
	default:
		return strings.Contains(strings.ToLower(a), strings.ToLower(b))
	}
}

func equal(f *model.Field, a, b any) bool { return order(f, a, b) == 0 }

// order compares two values that the API showed.
func order(f *model.Field, a, b any) int {
	if f.Type == "ID" {
		_, a, _ := strings.Cut(a.(string), ":")
		_, b, _ := strings.Cut(b.(string), ":")
		if f.Kind == model.Int || f.Kind == model.BigInt {
			return compare(&model.Field{Kind: model.BigInt, Bits: 64}, a, b)
		}
		return strings.Compare(a, b)
	}
	return compare(f, a, b)
}

// orders pages through everything in each order, forwards and backwards.
func (w *world) orders(e *model.Entity) {
	w.Helper()
	total := len(w.all(e))
	w.pages(e, nil, nil, total)
	for _, o := range e.Orders() {
		if e.Skip.Has(model.SkipOrder) {
			break
		}
		for _, direction := range []string{"ASC", "DESC"} {
			w.pages(e, &o, object{"field": o.Name, "direction": direction}, total)
		}
	}
}

func (w *world) pages(e *model.Entity, o *model.Order, by object, total int) {
	w.Helper()
	var walks [2][]*entry
	for i, dir := range []struct{ size, from, more, at string }{
		{"first", "after", "hasNextPage", "endCursor"}, {"last", "before", "hasPreviousPage", "startCursor"},
	} {
		args := object{dir.size: 2}
		if by != nil {
			args["orderBy"] = []any{by}
		}
		for range total + 1 {
			page := w.query(e.Plural, args, "{ pageInfo { "+dir.more+" "+dir.at+" } edges { node "+w.selection(e, true)+" } }").(object)
			var part []*entry
			for _, edge := range page["edges"].([]any) {
				node := edge.(object)["node"].(object)
				part = append(part, &entry{id: node["id"].(string), out: node})
			}
			if i == 1 {
				slices.Reverse(part)
			}
			walks[i] = append(walks[i], part...)
			info := page["pageInfo"].(object)
			if info[dir.more] != true {
				break
			}
			args[dir.from] = info[dir.at]
		}
	}
	slices.Reverse(walks[1])
	if ids(walks[0]) != ids(walks[1]) || len(walks[0]) != total {
		w.Errorf("%s by %v: %d of %d forwards (%s), and backwards %s", e.Plural, by, len(walks[0]), total, ids(walks[0]), ids(walks[1]))
	}
	for i := 1; o != nil && i < len(walks[0]); i++ {
		c := orderOf(o, walks[0][i-1], walks[0][i])
		if by["direction"] == "DESC" {
			c = -c
		}
		if c > 0 {
			w.Errorf("%s by %v: %s comes before %s", e.Plural, by, walks[0][i-1].id, walks[0][i].id)
		}
	}
}

func ids(list []*entry) string {
	var b strings.Builder
	for _, r := range list {
		b.WriteString(r.id + " ")
	}
	return b.String()
}

// orderOf compares two records, as far as what they show tells.
func orderOf(o *model.Order, a, b *entry) int {
	if o.Field == nil {
		return len(ends(a, o.Edge)) - len(ends(b, o.Edge))
	}
	var values [2]any
	for i, out := range []object{a.out, b.out} {
		if o.Edge != nil {
			out, _ = out[o.Edge.Current().GraphQL].(object)
			if _, shown := a.out[o.Edge.Current().GraphQL]; !shown {
				return 0
			}
		}
		v, shown := out[o.Field.Current().GraphQL]
		if out != nil && !shown {
			return 0
		}
		values[i] = v
	}
	switch {
	case values[0] == nil && values[1] == nil:
		return 0
	case values[0] == nil:
		return -1
	case values[1] == nil:
		return 1
	default:
		return order(o.Field, values[0], values[1])
	}
}
