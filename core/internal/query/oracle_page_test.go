package query_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
)

// by is one expression of an order.
type by struct {
	name     string
	value    func(*rec) any
	kind     string
	nullable bool
	edge     bool   // a field of what a to-one edge leads to
	target   string // where an edge leads
	desc     bool
	last     bool
}

var nullable = map[string]bool{"User.name": true, "Post.publishedAt": true, "Post.rating": true, "Profile.bio": true, "Profile.location": true,
	"Profile.website": true, "User.profile": true, "Comment.parent": true}

// constant is a field's name as an enum has it.
func constant(name string) string {
	var b strings.Builder
	for _, c := range name {
		if unicode.IsUpper(c) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(c))
	}
	return b.String()
}

// orders are the expressions that records of a kind can be ordered by.
func orders(kind string) map[string]by {
	m := map[string]by{"ID": {kind: "int", value: func(r *rec) any { return int64(r.id) }}}
	for f, k := range kinds[kind].fields {
		if k != "list" {
			m[constant(f)] = by{kind: k, nullable: nullable[kind+"."+f], value: func(r *rec) any { return comparable1(r.fields[f]) }}
		}
	}
	for e, target := range kinds[kind].many {
		m[constant(e)+"_COUNT"] = by{kind: "int", target: target, value: func(r *rec) any { return int64(len(r.many[e])) }}
	}
	for e, target := range kinds[kind].one {
		through := func(get func(*rec) any) func(*rec) any {
			return func(r *rec) any {
				if r.one[e] == nil {
					return nil
				}
				return get(r.one[e])
			}
		}
		m[constant(e)+"_ID"] = by{kind: "int", edge: true, target: target, nullable: nullable[kind+"."+e], value: through(func(r *rec) any { return int64(r.id) })}
		for f, k := range kinds[target].fields {
			if k != "list" {
				m[constant(e)+"_"+constant(f)] = by{kind: k, edge: true, target: target, nullable: nullable[kind+"."+e] || nullable[target+"."+f], value: through(func(r *rec) any { return comparable1(r.fields[f]) })}
			}
		}
	}
	for name, b := range m {
		b.name = name
		m[name] = b
	}
	return m
}

// terms read an orderBy argument.
func terms(kind string, v any) []by {
	list, ok := v.([]any)
	if !ok && v != nil {
		list = []any{v}
	}
	known := orders(kind)
	var ts []by
	for _, v := range list {
		m := v.(map[string]any)
		t := known[m["field"].(string)]
		t.desc = m["direction"] == "DESC"
		t.last = t.desc
		if m["nulls"] != nil {
			t.last = m["nulls"] == "LAST"
		}
		if slices.ContainsFunc(ts, func(have by) bool { return have.name == t.name }) {
			continue
		}
		ts = append(ts, t)
		if t.name == "ID" {
			return ts
		}
	}
	id := known["ID"]
	id.desc = len(ts) > 0 && ts[len(ts)-1].desc
	return append(ts, id)
}

func valuesOf(ts []by, r *rec) []any {
	values := make([]any, len(ts))
	for i, t := range ts {
		values[i] = t.value(r)
	}
	return values
}

func compareBy(ts []by, a, b []any) int {
	for i, t := range ts {
		c := 0
		switch {
		case a[i] == nil && b[i] == nil:
		case a[i] == nil:
			c = map[bool]int{true: 1, false: -1}[t.last]
		case b[i] == nil:
			c = map[bool]int{true: -1, false: 1}[t.last]
		default:
			if c = order(a[i], b[i]); t.desc {
				c = -c
			}
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// cursorText is a cursor as the package's comment has it.
func cursorText(kind string, ts []by, values []any) string {
	w := &text{}
	w.list(len(ts)+1, func(i int) {
		if i == 0 {
			w.string(signed(kind, ts))
			return
		}
		w.value(values[i-1])
	})
	return base64.RawURLEncoding.EncodeToString(w.Bytes())
}

func signed(kind string, ts []by) string {
	h := fnv.New32a()
	h.Write([]byte(kind))
	for _, t := range ts {
		fmt.Fprintf(h, "|%s %v %v", t.name, t.desc, (t.nullable || t.edge) && t.last)
	}
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// positionOf reads a cursor.
func positionOf(kind string, ts []by, v any, field string) []any {
	raw, err := base64.RawURLEncoding.DecodeString(v.(string))
	var list []any
	if err != nil || json.Unmarshal(raw, &list) != nil || len(list) != len(ts)+1 || list[0] != signed(kind, ts) {
		fail(field)
	}
	values := list[1:]
	for i, t := range ts {
		switch v := values[i].(type) {
		case float64:
			if t.kind == "int" {
				values[i] = int64(v)
			}
		case string:
			if t.kind == "time" {
				values[i], _ = time.Parse(time.RFC3339, v)
			}
		}
	}
	return values
}

// pager is the part of a list that is asked for.
type pager struct {
	kind          string
	terms         []by
	where         condition
	named         []string // the kinds that the condition asks for
	after, before []any
	size          int
	backward      bool
}

func (o *oracle) page(kind string, f *ast.Field) *pager {
	args := o.args(f)
	p := &pager{kind: kind, size: 50, terms: terms(kind, args["orderBy"]), where: all(nil)}
	first, last := args["first"], args["last"]
	switch {
	case first != nil && last != nil:
		fail("last")
	case first != nil:
		p.size = int(first.(int64))
	case last != nil:
		p.size, p.backward = int(last.(int64)), true
	}
	if v := args["where"]; v != nil {
		o.named = nil
		p.where = o.where(kind, v, "where")
		p.named = o.named
	}
	if v := args["after"]; v != nil {
		p.after = positionOf(kind, p.terms, v, "after")
	}
	if v := args["before"]; v != nil {
		p.before = positionOf(kind, p.terms, v, "before")
	}
	return p
}

// cut is the page of a list, whether there is more beyond it, and how many
// there are on all pages.
func (p *pager) cut(list []*rec) (page []*rec, more bool, total int) {
	for _, r := range list {
		if p.where(r) != yes {
			continue
		}
		total++
		values := valuesOf(p.terms, r)
		if (p.after == nil || compareBy(p.terms, values, p.after) > 0) && (p.before == nil || compareBy(p.terms, values, p.before) < 0) {
			page = append(page, r)
		}
	}
	slices.SortFunc(page, func(a, b *rec) int { return compareBy(p.terms, valuesOf(p.terms, a), valuesOf(p.terms, b)) })
	if n := len(page); n > p.size {
		more = true
		page = page[:p.size]
		if p.backward {
			page = page[:n][n-p.size:]
		}
	}
	return page, more, total
}

func (o *oracle) connection(w *text, kind string, f *gathered, list []*rec) {
	p := o.page(kind, f.field)
	o.askPage(w, p, f)
	page, more, total := p.cut(list)
	cursor := func(r *rec) { w.string(cursorText(kind, p.terms, valuesOf(p.terms, r))) }
	w.object(o.collect(f.sets, kind+"Connection"), func(f *gathered) {
		switch f.field.Name {
		case "__typename":
			w.string(kind + "Connection")
		case "totalCount":
			w.value(total)
		case "edges":
			fields := o.collect(f.sets, kind+"Edge")
			w.list(len(page), func(i int) {
				w.object(fields, func(f *gathered) {
					switch f.field.Name {
					case "__typename":
						w.string(kind + "Edge")
					case "cursor":
						cursor(page[i])
					default:
						o.nullable(w, func() { o.record(w, page[i], f.sets) })
					}
				})
			})
		default:
			w.object(o.collect(f.sets, "PageInfo"), func(f *gathered) {
				switch name := f.field.Name; {
				case name == "__typename":
					w.string("PageInfo")
				case name == "hasNextPage":
					w.value(more && !p.backward || p.backward && p.before != nil)
				case name == "hasPreviousPage":
					w.value(more && p.backward || !p.backward && p.after != nil)
				case len(page) == 0:
					w.value(nil)
				case name == "startCursor":
					cursor(page[0])
				default:
					cursor(page[len(page)-1])
				}
			})
		}
	})
}
