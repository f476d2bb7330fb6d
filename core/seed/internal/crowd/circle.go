package crowd

import (
	"fmt"
	"strings"

	"coppice/core/model"
)

// impossible is an Err where records of an entity need others that need
// them in their turn, so that none of them can be the first one; within reports
// which entities have no records yet.
func impossible(e *model.Entity, within func(*model.Entity) bool) error {
	round := circle(e, e, within, map[*model.Entity]bool{})
	if round == nil {
		return nil
	}
	var names, needs []string
	for _, ed := range round {
		names = append(names, ed.Source.Name+"."+ed.Name)
		needs = append(needs, fmt.Sprintf("needs %s as its %s", model.An(ed.Target.Name), ed.Name))
	}
	return fmt.Errorf("%w: each %s %s; so there can be no first one, made up or in a file; make %s optional in ent/schema",
		Err, e.Name, strings.Join(needs, ", which "), strings.Join(names, " or "))
}

// circle is required edges that lead from one entity to another, or nil.
func circle(from, to *model.Entity, within func(*model.Entity) bool, seen map[*model.Entity]bool) []*model.Edge {
	seen[from] = true
	for _, ed := range from.Edges {
		switch {
		case !ed.Required || !within(ed.Target):
		case ed.Target == to:
			return []*model.Edge{ed}
		case !seen[ed.Target]:
			if rest := circle(ed.Target, to, within, seen); rest != nil {
				return append([]*model.Edge{ed}, rest...)
			}
		}
	}
	return nil
}
