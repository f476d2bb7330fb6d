package codegen

import (
	"strings"

	"coppice/internal/model"
)

func aggregateArguments(e *model.Entity) string {
	var args []string
	if !e.Skip.Has(model.SkipWhere) {
		args = append(args, "where: "+e.Name+"WhereInput")
	}
	if len(e.Groups()) > 0 {
		args = append(args, "groupBy: ["+e.Name+"GroupBy!]")
	}
	return "(" + strings.Join(append(args, "first: Int"), ", ") + ")"
}

// aggregate prints what an entity's records can be counted and summed up as.
// A function without a field to work on is left out: an object type must have
// a field.
func (p *printer) aggregate(e *model.Entity) {
	groups := e.Groups()
	if len(groups) > 0 {
		p.line("enum %sGroupBy {", e.Name)
		for _, g := range groups {
			p.line("  %s", g.Name)
		}
		p.line("}\n\n\"What a row is grouped by; null for what it is not grouped by.\"\ntype %sGroupKey {", e.Name)
		for _, g := range groups {
			p.line("  %s: %s", g.Key, g.Type())
		}
		p.line("}\n")
	}
	p.line("\"The records of one group, or all of them.\"\ntype %sAggregate {", e.Name)
	if len(groups) > 0 {
		p.line("  key: %sGroupKey!", e.Name)
	}
	p.line("  count: Int!")
	for _, fn := range []string{"sum", "avg", "min", "max"} {
		if len(e.Aggregated(fn)) > 0 {
			p.line("  %s: %s!", fn, aggregateType(e, fn))
		}
	}
	p.line("}\n")
	for _, fn := range []string{"sum", "avg", "min", "max"} {
		if fields := e.Aggregated(fn); len(fields) > 0 {
			p.line("type %s {", aggregateType(e, fn))
			for _, f := range fields {
				p.line("  %s: %s", f.GraphQL, f.AggregateType(fn))
			}
			p.line("}\n")
		}
	}
}

func aggregateType(e *model.Entity, fn string) string {
	return e.Name + strings.ToUpper(fn[:1]) + fn[1:]
}
