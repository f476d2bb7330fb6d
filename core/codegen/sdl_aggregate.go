package codegen

import (
	"strings"

	"coppice/core/model"
)

func aggregateArguments(e *model.Entity) string {
	var args []string
	if !e.Skip.Has(model.SkipWhere) {
		args = append(args, argument(whereText, "where: "+e.Name+"WhereInput"))
	}
	if len(e.Groups()) > 0 {
		args = append(args, argument("A row for each combination of these.", "groupBy: ["+e.Name+"GroupBy!]"))
	}
	return "(" + strings.Join(append(args, argument("So many rows.", "first: Int")), ", ") + ")"
}

// aggregate prints what an entity's records can be counted and summed up as.
// A function without a field to work on is left out: an object type must have
// a field.
func (p *printer) aggregate(e *model.Entity) {
	groups := e.Groups()
	if len(groups) > 0 {
		p.line("\"What %s records can be grouped by.\"\nenum %[1]sGroupBy {", e.Name)
		for _, g := range groups {
			p.described("", groupText(g, "By "), "%s", g.Name)
		}
		p.line("}\n\n\"What a row is grouped by; null for what it is not grouped by.\"\ntype %sGroupKey {", e.Name)
		for _, g := range groups {
			p.described("", groupText(g, "The group's "), "%s: %s", g.Key, g.Type())
		}
		p.line("}\n")
	}
	p.line("\"The records of one group, or all of them.\"\ntype %sAggregate {", e.Name)
	if len(groups) > 0 {
		p.described("", "What the row is grouped by.", "key: %sGroupKey!", e.Name)
	}
	p.described("", "How many records.", "count: Int!")
	for _, fn := range []string{"sum", "avg", "min", "max"} {
		if len(e.Aggregated(fn)) > 0 {
			p.described("", aggregateTexts[fn]+" of each field; null of no values.", "%s: %s!", fn, aggregateType(e, fn))
		}
	}
	p.line("}\n")
	for _, fn := range []string{"sum", "avg", "min", "max"} {
		if fields := e.Aggregated(fn); len(fields) > 0 {
			p.line("\"%s of each field of %s records.\"\ntype %s {", aggregateTexts[fn], e.Name, aggregateType(e, fn))
			for _, f := range fields {
				p.described("", aggregateTexts[fn]+" of "+f.GraphQL+".", "%s: %s", f.GraphQL, f.AggregateType(fn))
			}
			p.line("}\n")
		}
	}
}

func aggregateType(e *model.Entity, fn string) string {
	return e.Name + strings.ToUpper(fn[:1]) + fn[1:]
}
