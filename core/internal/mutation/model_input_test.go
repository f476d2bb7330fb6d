package mutation_test

import "fmt"

// What the model reads in an input.

// node is one record that an input writes.
type node struct {
	e       *entity
	kind    string // create, update, upsert, connect
	path    string
	input   object
	up      *node // whose input this stands in, or nil
	via     *edge // the edge of up that leads here
	links   []*link
	faults  []fault
	lacks   []fault // what is missing, should the record have to be made
	mid     int     // its record, once it is known
	found   bool    // the record was there before
	same    *node   // stands for another node
	settled bool
}

// link is what an input says about an edge.
type link struct {
	ed   *edge
	mode string // set, add, remove
	path string
	refs []*ref
}

// ref names a record: by id, by a unique field, of a profile by its user, or
// by being it.
type ref struct {
	e     *entity
	path  string
	key   string
	value any
	user  *ref
	node  *node
}

const badInput = "BAD_USER_INPUT"

func (n *node) fault(code, path string) { n.faults = append(n.faults, fault{code, path}) }

// decode reads an input and everything nested in it.
func (ev *eval) decode(n *node) {
	for _, f := range n.e.fields {
		v, ok := n.input[f.name]
		switch {
		case ok && v == nil && !f.null, ok && v != nil && f.check != nil && !f.check(v):
			n.fault(badInput, n.path+"."+f.name)
		case ok && v != nil && f.unique:
			ev.note(n, keyText(n.e, f.name, v))
		}
	}
	for _, ed := range n.e.edges {
		ev.decodeEdge(n, ed)
	}
}

// note notes that a record with a key may be made.
func (ev *eval) note(n *node, text string) {
	sure := n.kind == "create" || n.kind == "upsert"
	switch {
	case n.shadowed():
		ev.shadows[text] = ev.shadows[text] || sure
	case sure && ev.made[text] == nil:
		ev.made[text] = n
	}
}

// shadowed reports whether a node may turn out not to be wanted.
func (n *node) shadowed() bool {
	for up := n.up; up != nil; up = up.up {
		if up.kind == "connect" {
			return true
		}
	}
	return false
}

func keyText(e *entity, key string, value any) string {
	return fmt.Sprint(e.name, "|", key, "|", value)
}

func (ev *eval) decodeEdge(n *node, ed *edge) {
	implied := n.via != nil && n.via.inverse() == ed
	given := false
	for _, mode := range []string{"set", "add", "remove"} {
		name := ed.name
		if mode != "set" {
			name = prefixed(mode, ed.name)
		}
		v, ok := n.input[name]
		if !ok || v == nil && mode != "set" {
			continue
		}
		given = true
		l := &link{ed: ed, mode: mode, path: n.path + "." + name}
		if implied && ed.one || v == nil && ed.must {
			n.fault(badInput, l.path)
			continue
		}
		if v == nil {
			v = []any{}
		}
		list, isList := v.([]any)
		if !isList {
			list = []any{v}
		}
		for i, v := range list {
			path := l.path
			if isList {
				path = fmt.Sprintf("%s.%d", l.path, i)
			}
			l.refs = append(l.refs, ev.decodeRef(n, l, v.(object), path))
		}
		n.links = append(n.links, l)
	}
	if ed.must && !given && !implied && n.kind != "update" {
		n.lacks = append(n.lacks, fault{badInput, n.path + "." + ed.name})
	}
}

func (ev *eval) decodeRef(n *node, l *link, v object, path string) *ref {
	r := &ref{e: entityOf(l.ed.to), path: path}
	for name, v := range v {
		switch name {
		case "create", "connectOrCreate":
			if l.mode == "remove" {
				n.fault(badInput, path+"."+name)
				return r
			}
			kind := map[string]string{"create": "create", "connectOrCreate": "connect"}[name]
			r.node = &node{e: r.e, kind: kind, path: path + "." + name, input: v.(object), up: n, via: l.ed}
			ev.within(r.node)
			ev.decode(r.node)
		case "user":
			r.key, r.user = name, ev.decodeRef(n, &link{ed: r.e.edge(name), mode: "remove"}, v.(object), path+"."+name)
		default:
			r.key, r.value = name, v
		}
	}
	return r
}

// within notes a connectOrCreate that stands within one of the same record.
func (ev *eval) within(n *node) {
	for up := n.up; up != nil && n.kind == "connect"; up = up.up {
		for _, f := range n.e.fields {
			if up.e == n.e && up.kind == "connect" && f.unique && up.input[f.name] == n.input[f.name] {
				ev.shape(bugConnectWithinItself)
			}
		}
	}
}
