package schema

import (
	"errors"
	"math/big"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/field"

	"coppice/ent/schema/custom"
)

// Number has a field of each numeric kind.
type Number struct{ ent.Schema }

// Fields of Number.
func (Number) Fields() []ent.Field {
	return []ent.Field{
		field.Int("plain"),
		field.Int8("tiny").Optional(),
		field.Int16("short").Optional().Nillable(),
		field.Int32("medium").Default(7),
		field.Int64("long").Optional().Unique(),
		field.Uint("word").Optional(),
		field.Uint8("octet").Default(1),
		field.Uint16("port").Optional().Max(40000),
		field.Uint32("address").Optional(),
		field.Uint64("huge").Optional(),
		field.Float("ratio").Min(0).Max(1),
		field.Float32("weight").Optional().Positive(),
		field.Int("even").Optional().Validate(func(i int) error {
			if i%2 != 0 {
				return errors.New("odd")
			}
			return nil
		}),
		field.Int("level").GoType(custom.Level(0)).Optional(),
		field.Int64("span").GoType(custom.Span(0)).Optional().Nillable(),
		field.Float("price").SchemaType(map[string]string{dialect.MySQL: "decimal(6,2)", dialect.Postgres: "numeric"}).Optional(),
		field.Int("counter").Annotations(entsql.Default("5")).Optional(),
		field.Int("born").Annotations(entsql.DefaultExpr("1 + 1")),
		field.Other("amount", custom.Amount{}).SchemaType(map[string]string{dialect.MySQL: "decimal(6,2)", dialect.Postgres: "numeric"}).Optional(),
		field.Other("most", custom.Amount{}).SchemaType(map[string]string{dialect.SQLite: "decimal(10,2)"}).Optional(),
		field.Other("cents", custom.Amount{}).SchemaType(map[string]string{dialect.SQLite: "integer"}).Optional(),
		field.Other("cost", custom.Amount{}).SchemaType(map[string]string{dialect.SQLite: "real"}).Optional(),
		field.String("sum").GoType(&big.Int{}).ValueScanner(field.TextValueScanner[*big.Int]{}).Optional(),
	}
}
