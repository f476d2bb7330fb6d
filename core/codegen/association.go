package codegen

import (
	"fmt"
	"slices"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/entc/gen"

	"coppice/core/model"
)

// associations describes the schemas of edges that have no id of their own: what
// they hold of a relation besides its two ends, by their names in ent.
func associations(g *gen.Graph) (map[string]*entity, error) {
	all := map[string]*entity{}
	for _, t := range g.Nodes {
		if !t.HasCompositeID() {
			continue
		}
		a, err := annotation(t.Annotations)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		e := &entity{
			Entity: &model.Entity{Name: typeName(t.Name, a), Table: t.Table(), Skip: skip(a)}, Type: t, Go: map[*model.Field]*gen.Field{},
		}
		for _, f := range t.Fields {
			if f.IsEdgeField() || slices.Contains(t.EdgeSchema.ID, f) {
				continue
			}
			m, err := buildField(e, f)
			if err != nil {
				return nil, err
			}
			e.Fields, e.Go[m] = append(e.Fields, m), f
		}
		all[t.Name] = e
	}
	return all, nil
}

// throughBoth has both edges of a relation go through its schema where only one
// says so: whoever adds to it from the other side needs the schema's defaults.
func throughBoth(g *gen.Graph) {
	for _, t := range g.Nodes {
		for _, ed := range t.Edges {
			if ed.Through == nil && ed.Ref != nil && ed.Ref.Through != nil {
				ed.Through = ed.Ref.Through
			}
		}
	}
}

// associate gives an edge the fields of its own schema.
func (e *entity) associate(ed *gen.Edge, me *model.Edge, all map[string]*entity) {
	if ed.Through == nil || me.Storage != model.Join {
		return
	}
	if a := all[ed.Through.Name]; a != nil {
		me.Fields, e.associated[me] = a.Fields, a
	}
}

// referenceClash finds fields of an edge's own schema that are named as the ways
// to refer to what the edge leads to, beside which they are written.
func referenceClash(all []*entity) error {
	for _, e := range all {
		for _, ed := range e.Entity.Edges {
			taken := []string{"id", "create", "connectOrCreate", "node", "cursor"}
			for _, k := range ed.Target.Keys {
				taken = append(taken, k.Name)
			}
			for _, f := range ed.Fields {
				if slices.Contains(taken, f.GraphQL) {
					return fmt.Errorf("%s: %s.%s is written beside the reference to %s, which has a %s of its own: "+
						"give the field another name in the API, as with entgql.MapsTo(%q) among its annotations",
						file(e.associated[ed].Type.Pos()), e.associated[ed].Name, f.Name, model.An(ed.To), f.GraphQL, camel(snake(e.associated[ed].Name))+pascal(f.Name))
				}
			}
		}
	}
	return nil
}

// withAssociations lists entities, and the schemas of the edges between them.
func withAssociations(all []*entity) []*entity {
	list := slices.Clone(all)
	for _, e := range all {
		for _, a := range e.associated {
			if !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	return list
}

// onDelete is what becomes of a foreign key's row when the record is deleted that it
// refers to, as ent's migration has it: what the side says that declares the edge, or
// else that the key is cleared where it may be null.
func onDelete(ed *gen.Edge, m *model.Edge) model.Action {
	if m.Storage == model.Join {
		return onDissociate(ed, m)
	}
	declared := ed
	if ed.IsInverse() {
		declared = ed.Ref
	}
	if a := declared.EntSQL(); a != nil && a.OnDelete != "" {
		return actions[a.OnDelete]
	}
	own := ed // the side whose table has the key
	if m.Storage == model.Other {
		own = ed.Ref
	}
	if own == nil || own.Optional || declared.Type == declared.Owner {
		return model.SetNull
	}
	return model.NoAction
}

// onDissociate is what becomes of an association's row when the record on this side
// is deleted. Where it is a record of a schema, that schema says so.
func onDissociate(ed *gen.Edge, m *model.Edge) model.Action {
	through := ed.Through
	if through == nil && ed.Ref != nil {
		through = ed.Ref.Through
	}
	if through == nil {
		return model.Cascade
	}
	for _, end := range through.Edges {
		if end.OwnFK() && end.Rel.Column() == m.From {
			return onDelete(end, &model.Edge{Storage: model.Own})
		}
	}
	return model.NoAction
}

// actions are the model's names of what schemas say.
var actions = map[entsql.ReferenceOption]model.Action{
	entsql.NoAction: model.NoAction, entsql.Restrict: model.Restrict, entsql.Cascade: model.Cascade,
	entsql.SetNull: model.SetNull, entsql.SetDefault: model.SetDefault,
}
