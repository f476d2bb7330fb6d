package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/record"
)

// CopyTables copies what a migration changes in its tables, which are shared.
func CopyTables(tables []*schema.Table) ([]*schema.Table, error) {
	copied, err := schema.CopyTables(tables)
	if err != nil {
		return nil, err
	}
	for i, t := range tables {
		copied[i].View, copied[i].Comment, copied[i].Schema, copied[i].Pos = t.View, t.Comment, t.Schema, t.Pos
	}
	counting(copied)
	return copied, nil
}

// Fingerprint is a hash of all that a migration goes by.
func Fingerprint(tables []*schema.Table, views []record.View) (string, error) {
	type index struct {
		Name       string
		Unique     bool
		Columns    []string
		Annotation *entsql.IndexAnnotation
	}
	type foreignKey struct {
		Symbol, Table, OnUpdate, OnDelete string
		Columns, RefColumns               []string
	}
	type table struct {
		Name        string
		View        bool
		Columns     []schema.Column
		PrimaryKey  []string
		Indexes     []index
		ForeignKeys []foreignKey
		Annotation  *entsql.Annotation
	}
	list := make([]table, len(tables))
	for i, t := range tables {
		f := table{Name: t.Name, View: t.View, PrimaryKey: names(t.PrimaryKey), Annotation: t.Annotation}
		for _, c := range t.Columns {
			c := *c
			c.Key, c.Comment = "", "" // set by the first migration; not stored
			f.Columns = append(f.Columns, c)
		}
		for _, x := range t.Indexes {
			f.Indexes = append(f.Indexes, index{x.Name, x.Unique, names(x.Columns), x.Annotation})
		}
		for _, k := range t.ForeignKeys {
			f.ForeignKeys = append(f.ForeignKeys, foreignKey{
				k.Symbol, k.RefTable.Name, string(k.OnUpdate), string(k.OnDelete), names(k.Columns), names(k.RefColumns),
			})
		}
		list[i] = f
	}
	text, err := json.Marshal(list)
	if err == nil && len(views) > 0 {
		var more []byte
		more, err = json.Marshal(views)
		text = append(text, more...)
	}
	if err != nil {
		return "", fmt.Errorf("database: fingerprint of the schema: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}

// names returns the names of columns.
func names(columns []*schema.Column) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return list
}
