package codegen

import (
	"slices"

	"coppice/core/model"
)

// hide takes out of the API what leads to entities that are not in it: edges,
// the keys that such an edge is part of, and the creates of what cannot be
// without one. The seeder knows all entities, and writes these edges as well.
func hide(all []*entity) {
	hidden := map[string]bool{}
	for _, e := range all {
		hidden[e.Name] = e.Skip.Has(model.SkipType)
	}
	for _, e := range all {
		for _, ed := range e.Entity.Edges {
			if !hidden[ed.To] {
				continue
			}
			ed.Skip = model.SkipType | model.SkipOrder | model.SkipWhere | model.SkipCreate | model.SkipUpdate
			if ed.Required {
				e.Skip |= model.SkipCreate
			}
		}
		e.Keys = slices.DeleteFunc(e.Keys, func(k *model.Key) bool {
			return slices.ContainsFunc(k.Parts, func(p model.Part) bool { return p.Edge != nil && hidden[p.Edge.To] })
		})
	}
}
