package query_test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// oracle answers operations field by field, by the contract alone, from records
// in memory. It shares no code with what it is compared with, and is as slow
// as it is plain.
type oracle struct {
	world    // what is not hidden
	veil     veil
	doc      *ast.QueryDocument
	vars     map[string]any
	problems []*problem
	named    []string // the kinds that arguments ask for, so far
	at       []any    // where in the answer it checks
}

// problem is an error that an operation has to be answered with.
type problem struct {
	code, field string
	path        []any
	request     bool // the operation is not even begun
}

// fail gives up the root field that is being answered.
func fail(field string) { panic(&problem{code: "BAD_USER_INPUT", field: field}) }

// answer is the data of the operation's response, and its errors; no data
// stands for a response without.
func (o *oracle) answer() (string, []*problem) {
	op := o.doc.Operations[0]
	if p := o.pages(op.SelectionSet, nil); p != nil {
		return "", []*problem{p}
	}
	w := &text{}
	dead := false
	w.object(o.collect([]ast.SelectionSet{op.SelectionSet}, "Query"), func(f *gathered) {
		var p *problem
		null := o.nullable(w, func() {
			o.at = []any{f.alias}
			if p = o.guard(func() { o.root(w, f) }); p != nil {
				p.path = o.at
				o.problems = append(o.problems, p)
				panic(nulled{})
			}
		})
		dead = dead || null && f.field.Definition.Type.NonNull
	})
	if dead {
		return "null", o.problems
	}
	return w.String(), o.problems
}

func (*oracle) guard(do func()) (p *problem) {
	defer func() {
		if v := recover(); v != nil {
			var ours bool
			if p, ours = v.(*problem); !ours {
				panic(v)
			}
		}
	}()
	do()
	return nil
}

// pages looks for a page that is too large or too small, anywhere.
func (o *oracle) pages(set ast.SelectionSet, at []any) *problem {
	for _, s := range set {
		var p *problem
		switch s := s.(type) {
		case *ast.Field:
			for _, a := range s.Arguments {
				if v, _ := o.read(a.Value); (a.Name == "first" || a.Name == "last") && v != nil && (v.(int64) < 0 || v.(int64) > 1000) {
					return &problem{code: "BAD_USER_INPUT", field: a.Name, path: append(slices.Clone(at), s.Alias), request: true}
				}
			}
			p = o.pages(s.SelectionSet, append(slices.Clone(at), s.Alias))
		case *ast.InlineFragment:
			p = o.pages(s.SelectionSet, at)
		case *ast.FragmentSpread:
			p = o.pages(s.Definition.SelectionSet, at)
		}
		if p != nil {
			return p
		}
	}
	return nil
}

// gathered is the fields that share a response key.
type gathered struct {
	alias string
	field *ast.Field
	sets  []ast.SelectionSet
}

// collect is CollectFields of the GraphQL specification, section 6.3.2.
func (o *oracle) collect(sets []ast.SelectionSet, types ...string) (list []*gathered) {
	var visit func(set ast.SelectionSet)
	visit = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if !o.wanted(s.Directives) {
					continue
				}
				i := slices.IndexFunc(list, func(g *gathered) bool { return g.alias == s.Alias })
				if i < 0 {
					i = len(list)
					list = append(list, &gathered{alias: s.Alias, field: s})
				}
				list[i].sets = append(list[i].sets, s.SelectionSet)
			case *ast.InlineFragment:
				if o.wanted(s.Directives) && (s.TypeCondition == "" || slices.Contains(types, s.TypeCondition)) {
					visit(s.SelectionSet)
				}
			case *ast.FragmentSpread:
				if o.wanted(s.Directives) && slices.Contains(types, s.Definition.TypeCondition) {
					visit(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		visit(set)
	}
	return list
}

func (o *oracle) wanted(ds ast.DirectiveList) bool {
	for _, d := range ds {
		if v, _ := o.read(d.Arguments.ForName("if").Value); v == (d.Name == "skip") {
			return false
		}
	}
	return true
}

// read evaluates a value; ok is false for a variable that is not given.
func (o *oracle) read(v *ast.Value) (value any, ok bool) {
	switch v.Kind {
	case ast.Variable:
		if given, ok := o.vars[v.Raw]; ok {
			return given, true
		}
		if d := o.doc.Operations[0].VariableDefinitions.ForName(v.Raw).DefaultValue; d != nil {
			return o.read(d)
		}
		return nil, false
	case ast.ObjectValue:
		m := map[string]any{}
		for _, c := range v.Children {
			if cv, ok := o.read(c.Value); ok {
				m[c.Name] = cv
			}
		}
		return m, true
	case ast.ListValue:
		l := []any{}
		for _, c := range v.Children {
			cv, _ := o.read(c.Value)
			l = append(l, cv)
		}
		return l, true
	default:
		value, err := v.Value(nil)
		if err != nil {
			panic(err)
		}
		return value, true
	}
}

// args are a field's arguments by name, defaults included.
func (o *oracle) args(f *ast.Field) map[string]any {
	m := map[string]any{}
	for _, d := range f.Definition.Arguments {
		if d.DefaultValue != nil {
			m[d.Name], _ = o.read(d.DefaultValue)
		}
	}
	for _, a := range f.Arguments {
		if v, ok := o.read(a.Value); ok {
			m[a.Name] = v
		}
	}
	return m
}

func (o *oracle) root(w *text, f *gathered) {
	args := o.args(f.field)
	name := f.field.Name
	kind := ""
	for k := range kinds {
		if singular := strings.ToLower(k); strings.HasPrefix(name, singular) {
			kind = k
		}
	}
	switch {
	case name == "__typename":
		w.string("Query")
	case name == "node":
		o.node(w, f, args["id"])
	case name == "nodes": // of which any may be null
		ids, ok := args["ids"].([]any)
		if !ok {
			ids = []any{args["ids"]}
		}
		w.list(len(ids), func(i int) { o.nullable(w, func() { o.node(w, f, ids[i]) }) })
	case strings.HasSuffix(name, "sAggregate"):
		o.aggregate(w, kind, f, args)
	case strings.HasSuffix(name, "s"):
		o.check(kind, f)
		o.connection(w, kind, f, o.world[kind])
	default:
		o.check(kind, f)
		o.ask(w, kind)
		if args["user"] != nil {
			o.ask(w, "User")
		}
		o.maybe(w, o.lookup(kind, name, args), f)
	}
}

// lookup finds the record with an id or another unique key.
func (o *oracle) lookup(kind, name string, args map[string]any) *rec {
	_, by, _ := strings.Cut(name, "By")
	for _, r := range o.world[kind] {
		key := strings.ToLower(by)
		switch {
		case by == "" && args["id"] == r.global(), by == "User" && r.one[key] != nil && args[key] == r.one[key].global(), by != "" && r.fields[key] == args[key] && args[key] != nil:
			return r
		}
	}
	return nil
}

func (r *rec) global() string { return r.kind + ":" + strconv.Itoa(r.id) }

func (o *oracle) node(w *text, f *gathered, id any) {
	kind, own, _ := strings.Cut(id.(string), ":")
	n, err := strconv.Atoi(own)
	if _, known := kinds[kind]; !known || err != nil {
		w.WriteString("null")
		return
	}
	o.check(kind, f)
	o.ask(w, kind)
	o.maybe(w, o.find(kind, n), f)
}

func (o *oracle) maybe(w *text, r *rec, f *gathered) {
	if r == nil {
		w.WriteString("null")
		return
	}
	o.record(w, r, f.sets)
}

// check looks at all arguments below a field, whether or not there is anything
// that they are asked of.
func (o *oracle) check(kind string, f *gathered) {
	if !strings.HasSuffix(f.field.Definition.Type.Name(), "Connection") {
		o.checkRecord(kind, f.sets)
		return
	}
	o.page(kind, f.field)
	for _, edges := range o.collect(f.sets, kind+"Connection") {
		for _, node := range o.collect(edges.sets, kind+"Edge") {
			if edges.field.Name == "edges" && node.field.Name == "node" {
				o.within(func() { o.checkRecord(kind, node.sets) }, edges.alias, node.alias)
			}
		}
	}
}

func (o *oracle) checkRecord(kind string, sets []ast.SelectionSet) {
	for _, f := range o.collect(sets, kind, "Node") {
		if target := kinds[kind].one[f.field.Name] + kinds[kind].many[f.field.Name]; target != "" {
			o.within(func() { o.check(target, f) }, f.alias)
		}
	}
}

// within checks below some fields of the answer. What fails leaves the path there.
func (o *oracle) within(check func(), names ...any) {
	depth := len(o.at)
	o.at = append(o.at, names...)
	check()
	o.at = o.at[:depth]
}

func (o *oracle) record(w *text, r *rec, sets []ast.SelectionSet) {
	w.object(o.collect(sets, r.kind, "Node"), func(f *gathered) {
		name := f.field.Name
		switch {
		case name == "__typename":
			w.string(r.kind)
		case name == "id":
			w.string(r.global())
		case name == "excerpt":
			w.string(excerpt(r.fields["body"].(string), o.args(f.field)["words"]))
		case kinds[r.kind].one[name] != "":
			if f.field.Definition.Type.NonNull {
				o.ask(w, kinds[r.kind].one[name])
				if r.one[name] == nil {
					o.forbid(w)
				}
				o.record(w, r.one[name], f.sets)
				return
			}
			o.nullable(w, func() {
				o.ask(w, kinds[r.kind].one[name])
				o.maybe(w, r.one[name], f)
			})
		case kinds[r.kind].many[name] != "":
			o.connection(w, kinds[r.kind].many[name], f, r.many[name])
		default:
			w.value(r.fields[name])
		}
	})
}

func excerpt(body string, words any) string {
	all := strings.Fields(body)
	if n, ok := words.(int64); ok && int(n) < len(all) {
		return strings.TrimSpace(strings.Join(all[:max(0, int(n))], " ") + " …")
	}
	return strings.Join(all, " ")
}
