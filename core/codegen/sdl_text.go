package codegen

import (
	"strings"
	"unicode"

	"coppice/core/model"
)

// described prints a line of a type with its description: what the schema says of
// it, followed by what is true of any such line. The latter is short, and
// stands on the line itself: there are many.
func (p *printer) described(comment, text, format string, args ...any) {
	description := sentences(comment, text)
	if comment != "" {
		p.above(description, format, args...)
		return
	}
	p.line("  \"%s\" "+format, append([]any{description}, args...)...)
}

// saying prints a line of a type with what the schema says of it or, where that is
// nothing, with another description.
func (p *printer) saying(comment, otherwise, format string, args ...any) {
	if strings.TrimSpace(comment) != "" {
		p.above(comment, format, args...)
		return
	}
	p.described("", otherwise, format, args...)
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// valueText says what a value of an enum is: how it is stored, where that is not
// its name.
func valueText(v model.EnumValue) string {
	stored := v.Value != v.Name && v.Value != "" && len(v.Value) <= maxStored
	for _, r := range v.Value {
		stored = stored && unicode.IsPrint(r) && !strings.ContainsRune(`"\`, r)
	}
	if stored {
		return "Stored as " + v.Value + "."
	}
	words := strings.TrimSpace(strings.ToLower(strings.ReplaceAll(v.Name, "_", " ")))
	if words == "" {
		return "The value " + v.Name + "."
	}
	return capital(words) + "."
}

// maxStored is how many bytes of a value a description tells.
const maxStored = 60

// above prints a line of a type below its description.
func (p *printer) above(description, format string, args ...any) {
	p.describe("  ", description)
	p.line("  "+format, args...)
}

// sentences joins what a schema's author wrote with what is true anyway.
func sentences(comment, text string) string {
	comment = strings.TrimSpace(comment)
	switch {
	case comment == "" || text == "":
		return comment + text
	case strings.ContainsAny(comment[len(comment)-1:], ".!?:"):
		return comment + " " + text
	default:
		return comment + ". " + text
	}
}

// conditionText says what a field of a where input asks.
func conditionText(c model.Condition) string {
	switch {
	case c.With:
		return "One of them meets these conditions."
	case c.Edge != nil && c.Edge.Unique:
		return "Whether there is one."
	case c.Edge != nil:
		return "Whether there are any."
	}
	late := c.Field.Kind == model.Time
	switch c.Op {
	case model.EQ:
		return "Equal to this."
	case model.NEQ:
		return "Not equal to this."
	case model.In:
		return "One of these."
	case model.NotIn:
		return "None of these."
	case model.GT:
		return either(late, "Later than this.", "Greater than this.")
	case model.GTE:
		return either(late, "At this time or later.", "This or greater.")
	case model.LT:
		return either(late, "Earlier than this.", "Less than this.")
	case model.LTE:
		return either(late, "At this time or earlier.", "This or less.")
	case model.Contains:
		return "Contains this text."
	case model.HasPrefix:
		return "Begins with this text."
	case model.HasSuffix:
		return "Ends with this text."
	case model.IsNil:
		return "Whether it has no value."
	case model.NotNil:
		return "Whether it has a value."
	case model.EqualFold:
		return "Equal to this text, in upper or lower case."
	default:
		return "Contains this text, in upper or lower case."
	}
}

func either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// conditionComment is what the schema says of what a condition asks about: once
// for each field, at its first condition, and once for each edge.
func conditionComment(c model.Condition) string {
	switch {
	case c.Edge != nil && !c.With:
		return c.Edge.Comment
	case c.Edge == nil && c.Op == model.EQ:
		return c.Field.Comment
	default:
		return ""
	}
}

// orderText says what a value of an order enum orders by.
func orderText(o model.Order) string {
	switch {
	case o.Edge == nil:
		return "By " + o.Field.GraphQL + "."
	case o.Field == nil:
		return "By the number of " + o.Edge.GraphQL + "."
	default:
		return "By the " + o.Field.GraphQL + " of " + o.Edge.GraphQL + "."
	}
}

// groupText says what a group or its key is.
func groupText(g *model.Group, before string) string {
	name := ""
	if g.Edge != nil {
		name = g.Edge.GraphQL
	} else {
		name = g.Field.GraphQL
	}
	switch g.Bucket {
	case model.Day:
		return before + "the day of " + name + ", in UTC."
	case model.Month:
		return before + "the month of " + name + ", in UTC."
	case model.Year:
		return before + "the year of " + name + ", in UTC."
	default:
		return before + name + "."
	}
}

// aggregateTexts say what the functions of an aggregate give.
var aggregateTexts = map[string]string{
	"sum": "The sum", "avg": "The average", "min": "The least value", "max": "The greatest value",
}

// pageTexts describe what every list takes.
var pageTexts = []struct{ name, kind, text string }{
	{"after", "Cursor", "What comes after this edge."},
	{"first", "Int", "So many from the start."},
	{"before", "Cursor", "What comes before this edge."},
	{"last", "Int", "So many from the end."},
}

// keyArguments are the arguments of a query field that finds a record by a
// unique key.
func keyArguments(k *model.Key) string {
	args := make([]string, len(k.Parts))
	for i, part := range k.Parts {
		t, comment, text := "ID", "", "Its "+part.Name()+"."
		if part.Field != nil {
			t, comment = part.Field.Type, part.Field.Comment
		} else {
			comment = part.Edge.Comment
		}
		args[i] = argument(sentences(comment, either(comment == "", text, "")), part.Name()+": "+t+"!")
	}
	return strings.Join(args, ", ")
}

// argument prints an argument behind its description.
func argument(description, rest string) string {
	if strings.ContainsAny(description, "\n\"\\") {
		return `"""` + strings.ReplaceAll(description, `"""`, `\"""`) + "\n" + `""" ` + rest
	}
	return `"` + description + `" ` + rest
}

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
			p.described("", groupText(g, "By "), "%s%s", g.Name, deprecated(g.Reason()))
		}
		p.line("}\n\n\"What a row is grouped by; null for what it is not grouped by.\"\ntype %sGroupKey {", e.Name)
		for _, g := range groups {
			p.described("", groupText(g, "The group's "), "%s: %s%s", g.Key, g.Type(), deprecated(g.Reason()))
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
				p.described("", aggregateTexts[fn]+" of "+f.GraphQL+".", "%s: %s%s", f.GraphQL, f.AggregateType(fn), either(f.Now != nil, deprecated(f.Reason), ""))
			}
			p.line("}\n")
		}
	}
}

func aggregateType(e *model.Entity, fn string) string {
	return e.Name + strings.ToUpper(fn[:1]) + fn[1:]
}
