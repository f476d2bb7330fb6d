package codegen

import (
	"testing"

	"entgo.io/ent/dialect/sql/schema"

	blog "coppice/core/internal/fixture/blog/ent"
	blogtables "coppice/core/internal/fixture/blog/ent/migrate"
	grove "coppice/core/internal/fixture/grove/ent"
	grovetables "coppice/core/internal/fixture/grove/ent/migrate"
	rule "coppice/core/internal/fixture/rule/ent"
	ruletables "coppice/core/internal/fixture/rule/ent/migrate"
	"coppice/core/model"
)

// Edges say of a delete what the foreign keys do that ent makes.
func TestEdgesSayWhatForeignKeysDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model  *model.Schema
		tables []*schema.Table
	}{
		"blog":  {blog.Coppice().Model, blogtables.Tables},
		"rule":  {rule.Coppice().Model, ruletables.Tables},
		"grove": {grove.Coppice().Model, grovetables.Tables},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			actions := map[[2]string]model.Action{}
			for _, table := range c.tables {
				for _, key := range table.ForeignKeys {
					actions[[2]string{table.Name, key.Columns[0].Name}] = map[schema.ReferenceOption]model.Action{
						schema.NoAction: model.NoAction, schema.Restrict: model.Restrict, schema.Cascade: model.Cascade,
						schema.SetNull: model.SetNull, schema.SetDefault: model.SetDefault,
					}[key.OnDelete]
				}
			}
			for _, e := range c.model.Entities {
				for _, ed := range e.Edges {
					key := map[model.Storage][2]string{
						model.Own: {e.Table, ed.Column}, model.Other: {ed.Target.Table, ed.Column}, model.Join: {ed.Table, ed.From},
					}[ed.Storage]
					if action, ok := actions[key]; !ok || action != ed.OnDelete {
						t.Errorf("%s.%s says %s, its key %v does %s (%t)", e.Name, ed.Name, ed.OnDelete.Words(), key, action.Words(), ok)
					}
				}
			}
		})
	}
}
