package postgres

import "entgo.io/ent/dialect/sql/schema"

// relationsOf are the names of tables, and of the indexes that they have.
func relationsOf(tables []*schema.Table) (names []string) {
	for _, t := range tables {
		names = append(names, t.Name)
		for _, c := range t.Columns {
			if c.Unique {
				names = append(names, t.Name+"_"+c.Name+"_key")
			}
		}
		for _, x := range t.Indexes {
			names = append(names, x.Name)
		}
	}
	return names
}
