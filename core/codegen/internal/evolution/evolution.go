// Package evolution works out what the schemas' annotations of package evolve mean: by
// which names a database may know what there is today, and which of them cannot be.
package evolution

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"entgo.io/ent/entc/gen"

	"coppice/core/evolve"
)

// Of is what the annotations of an entity, a field or an edge say of its names.
func Of(as gen.Annotations) (a evolve.Annotation, err error) {
	said, ok := as[evolve.AnnotationName]
	if !ok {
		return a, nil
	}
	text, err := json.Marshal(said)
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		return a, fmt.Errorf("the annotation of package evolve cannot be read: %w", err)
	}
	return a, nil
}

var inGraphQL = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

// Named is what has had other names.
type Named struct {
	evolve.Annotation
	what string // for people: Post.title
	name string
}

// Check finds names that something is said to have had and that something else has
// today, unless that was renamed itself, and values of enums that are not.
func Check(g *gen.Graph) error {
	entities, err := entitiesOf(g)
	if err != nil {
		return err
	}
	if i, err := apart(entities, "entity"); err != nil {
		return at(g.Nodes[i], err)
	}
	for i, t := range g.Nodes {
		if err := entities[i].noValues(); err != nil {
			return at(t, err)
		}
		if err := members(t); err != nil {
			return at(t, err)
		}
	}
	return nil
}

func at(t *gen.Type, err error) error {
	return fmt.Errorf("ent/schema/%s: %w", filepath.Base(t.Pos()), err)
}

func entitiesOf(g *gen.Graph) (list []Named, err error) {
	for _, t := range g.Nodes {
		a, err := Of(t.Annotations)
		if err != nil {
			return nil, at(t, fmt.Errorf("%s: %w", t.Name, err))
		}
		list = append(list, Named{a, t.Name, t.Name})
	}
	return list, nil
}

// members checks the names of an entity's fields and edges.
func members(t *gen.Type) error {
	var list []Named
	for _, f := range t.Fields {
		a, err := Of(f.Annotations)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t.Name, f.Name, err)
		}
		n := Named{a, t.Name + "." + f.Name, f.Name}
		if f.IsEnum() {
			err = values(n, f)
		} else {
			err = n.noValues()
		}
		if err != nil {
			return err
		}
		if t.HasCompositeID() && len(a.Keep)+len(a.KeepValues) > 0 {
			return fmt.Errorf("%s: what an edge's own schema holds cannot be kept under an older name in the API: take evolve.KeepAs and evolve.KeepValue out", n.what)
		}
		if f.IsEdgeField() && len(a.Keep) > 0 {
			return fmt.Errorf("%s: this is the foreign key of an edge, which the API has instead of it: put evolve.KeepAs among the edge's annotations", n.what)
		}
		list = append(list, n)
	}
	for _, ed := range t.Edges {
		a, err := Of(ed.Annotations)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t.Name, ed.Name, err)
		}
		n := Named{a, t.Name + "." + ed.Name, ed.Name}
		if err := n.noValues(); err != nil {
			return err
		}
		list = append(list, n)
	}
	_, err := apart(list, "field or edge")
	return err
}

// apart finds an older name that another has today, or that two have had: it tells of
// which.
func apart(list []Named, kind string) (int, error) {
	had := map[string]string{}
	for at, n := range list {
		for _, from := range n.From {
			if from == n.name {
				return at, fmt.Errorf("%s: it is renamed from %s, which is its name today: take evolve.RenamedFrom(%q) out, or correct it", n.what, from, from)
			}
			i := slices.IndexFunc(list, func(o Named) bool { return o.name == from })
			if i >= 0 && len(list[i].From) == 0 {
				return at, fmt.Errorf("%s: it is renamed from %s, and there is another %s of that name today, %s: write evolve.RenamedFrom(…) on that, too, "+
					"if it was renamed as well, else give it another name, or take evolve.RenamedFrom(%q) out", n.what, from, kind, list[i].what, from)
			}
			if other, twice := had[from]; twice && other != n.what {
				return at, fmt.Errorf("%s: it is renamed from %s, and so is %s: only one of them can have been called so: take evolve.RenamedFrom(%q) out of the other", n.what, from, other, from)
			}
			had[from] = n.what
		}
		for _, old := range n.Keep {
			if !inGraphQL.MatchString(old) {
				return at, fmt.Errorf("%s: it is kept as %q, which is no name in GraphQL: take evolve.KeepAs(%[2]q) out, or correct it", n.what, old)
			}
			if i := slices.IndexFunc(list, func(o Named) bool { return o.name == old }); i >= 0 {
				return at, fmt.Errorf("%s: it is kept as %s, and another %s has that name today, %s: take evolve.KeepAs(%q) out, for the API cannot have both", n.what, old, kind, list[i].what, old)
			}
		}
	}
	return 0, nil
}

func (n Named) noValues() error {
	if len(n.Values)+len(n.KeepValues) > 0 {
		return fmt.Errorf("%s: evolve.RenamedValue and evolve.KeepValue are for enum fields, and this is none: take them out", n.what)
	}
	return nil
}

// values checks those that an enum field is said to have had.
func values(n Named, f *gen.Field) error {
	now := func(v string) bool {
		return slices.ContainsFunc(f.Enums, func(e gen.Enum) bool { return e.Value == v })
	}
	for _, v := range slices.Concat(n.Values, n.KeepValues) {
		if !now(v.To) {
			return fmt.Errorf("%s: its value %s is said to be %s today, which is none of its values: correct the annotation, or add the value", n.what, v.From, v.To)
		}
	}
	for _, v := range n.Values {
		if now(v.From) && !slices.ContainsFunc(n.Values, func(o evolve.Value) bool { return o.To == v.From }) {
			return fmt.Errorf("%s: its value %s is renamed from %s, which is a value today: take that out of Values, or take evolve.RenamedValue(%q, %q) out",
				n.what, v.To, v.From, v.From, v.To)
		}
	}
	for _, v := range n.KeepValues {
		if now(v.From) {
			return fmt.Errorf("%s: its value %s is kept as %s, which is a value today: take evolve.KeepValue(%q, %q) out, for the API cannot have both", n.what, v.To, v.From, v.From, v.To)
		}
	}
	return nil
}
