package fake

import (
	"coppice/core/model"
	"coppice/core/record"
)

// Relation makes values for what an edge's own schema holds, for so many
// relations; as New, with the edge in the place of the entity.
func Relation(project *record.Project, ed *model.Edge, count int) (*Maker, error) {
	relation := &model.Entity{Name: ed.Source.Name + "." + ed.GraphQL, ID: ed.Target.ID, Fields: ed.Fields}
	return New(relation, count, func(f *model.Field, v any) error {
		parsed, err := f.Parse(v)
		if err != nil {
			return err
		}
		typed, err := f.Go(parsed)
		if err != nil {
			return err
		}
		if err := project.ValidateRelation(ed.Table, f.Name, typed); err != nil {
			return err
		}
		return changed(parsed, typed)
	})
}
