package codegen

import (
	"strings"

	"coppice/core/model"
)

// inputs prints what an entity is written by: its create and update inputs,
// the reference that names or makes one, and its composite keys.
func (p *printer) inputs(e *model.Entity) {
	if !e.Skip.Has(model.SkipCreate) {
		p.createInput(e)
	}
	if e.Updates() {
		p.updateInput(e)
	}
	p.line("\"One %s: exactly one of these says which is meant, or makes it.\"\ninput %sRef @oneOf {", e.Name, e.Name)
	p.references(e)
	p.line("}\n")
	for _, ed := range e.Edges {
		if len(ed.Fields) > 0 && !ed.Target.Skip.Has(model.SkipType) {
			p.associated(ed)
		}
	}
	p.keys(e)
}

// associated prints what an edge with fields of its own is written by.
func (p *printer) associated(ed *model.Edge) {
	p.line("\"One %s: exactly one of id, a unique key, create and connectOrCreate says which is meant, or makes it; the rest is of the relation.\"\ninput %sRef {",
		ed.To, ed.List())
	p.references(ed.Target)
	for _, f := range ed.Fields {
		if !f.Skip.Has(model.SkipCreate) {
			p.saying(f.Comment, "The "+f.GraphQL+" of the relation.", "%s: %s%s", f.GraphQL, f.Type, deprecated(f.Reason))
		}
	}
	p.line("}\n")
}

// references prints the ways to refer to a record of an entity.
func (p *printer) references(e *model.Entity) {
	p.described("", "The one of this id.", "id: ID")
	for _, k := range e.ShownKeys() {
		if k.IsID() {
			continue
		}
		p.described("", "The one with this "+strings.Join(k.Of, " and ")+".", "%s: %s%s", k.Name, keyType(e, k), keyReason(k))
	}
	if !e.Skip.Has(model.SkipCreate) {
		p.line("  \"Makes a new one.\"\n  create: Create%sInput", e.Name)
		if len(e.Keys) > 0 {
			p.line("  \"The one with the same unique key, or else a new one.\"\n  connectOrCreate: Create%sInput", e.Name)
		}
	}
}

// keys prints an entity's unique keys: what upserts and references name.
func (p *printer) keys(e *model.Entity) {
	if e.Upserts() {
		p.line("\"A unique key of %s.\"\nenum %sKey {", e.Name, e.Name)
		for _, k := range e.ShownKeys() {
			p.described("", "By "+strings.Join(k.Of, " and ")+".", "%s%s", k.Enum, keyReason(k))
		}
		p.line("}\n")
	}
	for _, k := range e.ShownKeys() {
		if len(k.Parts) > 1 {
			p.line("\"A unique key of %s.\"\ninput %s {", e.Name, keyType(e, k))
			for _, part := range k.Parts {
				p.described("", "Its "+part.Name()+".", "%s: %s!", part.Name(), partType(part))
			}
			p.line("}\n")
		}
	}
}

// keyReason deprecates an older name of a key.
func keyReason(k *model.Key) string {
	if k.Now == nil {
		return ""
	}
	return deprecated(renamedTo(k.For))
}

func keyType(e *model.Entity, k *model.Key) string {
	if len(k.Parts) == 1 {
		return partType(k.Parts[0])
	}
	return e.Name + strings.ToUpper(k.Name[:1]) + k.Name[1:]
}

func partType(part model.Part) string {
	if part.Field != nil {
		return part.Field.Type
	}
	return part.Edge.To + "Ref"
}

func (p *printer) createInput(e *model.Entity) {
	var b printer
	if e.UserID {
		b.described("", "Its id as it is stored, without the name of its type.", "id: %s%s", idType(e), bang(!e.Counted && !e.ID.Default))
	}
	for _, f := range e.ShownFields() {
		if !f.Skip.Has(model.SkipCreate) {
			text := "Its " + f.GraphQL + either(f.Default, "; unless given, a default.", ".")
			b.saying(f.Comment, text, "%s: %s%s%s", f.GraphQL, f.Type, bang(needed(f)), reasonOf(f))
		}
	}
	for _, ed := range e.ShownEdges() {
		if !ed.Skip.Has(model.SkipCreate) && !ed.Target.View {
			b.saying(ed.Comment, "Its "+ed.GraphQL+".", "%s: %s%s", ed.GraphQL, refType(ed), deprecated(ed.Reason))
		}
	}
	p.describe("", either(e.CreateComment != "", e.CreateComment, "What a new "+e.Name+" is to have."))
	p.line("input Create%sInput {\n%s}\n", e.Name, orPlaceholder(b.String()))
}

// reasonOf leaves a required input undeprecated: the specification forbids a
// deprecation that nobody could follow.
func reasonOf(f *model.Field) string {
	if needed(f) {
		return ""
	}
	return deprecated(f.Reason)
}

// needed reports whether a create input cannot do without the field: one that has an
// older name may be given by that.
func needed(f *model.Field) bool {
	return !f.Nullable && !f.Default && f.Now == nil && len(f.Kept) == 0
}

func (p *printer) updateInput(e *model.Entity) {
	var b printer
	for _, f := range e.ShownFields() {
		if f.Immutable || f.Skip.Has(model.SkipUpdate) {
			continue
		}
		b.saying(f.Comment, "Its new "+f.GraphQL+either(f.Nullable, "; null clears it.", "."), "%s: %s%s", f.GraphQL, f.Type, deprecated(f.Reason))
		if f.Appends {
			b.line("  \"Adds to the end of %s.\"\n  %s: %s%s", f.GraphQL, f.Prefixed("append"), f.Type, either(f.Now != nil, deprecated(f.Reason), ""))
		}
	}
	for _, ed := range e.ShownEdges() {
		if ed.Immutable || ed.Skip.Has(model.SkipUpdate) || ed.Target.View {
			continue
		}
		old := deprecated(ed.Reason)
		if ed.Unique {
			b.saying(ed.Comment, "Its new "+ed.GraphQL+either(ed.Required, ".", "; null clears it."), "%s: %s%s", ed.GraphQL, refType(ed), old)
		} else {
			b.described(ed.Comment, "Replaces all that there are.", "%s: %s%s", ed.GraphQL, refType(ed), old)
			b.described("", "Adds these to "+ed.GraphQL+".", "%s: %s%s", ed.Prefixed("add"), refType(ed), old)
			b.described("", "Takes these from "+ed.GraphQL+".", "%s: [%sRef!]%s", ed.Prefixed("remove"), ed.To, old)
		}
	}
	p.describe("", either(e.UpdateComment != "", e.UpdateComment, "What is to change of "+model.An(e.Name)+"; what is not given stays."))
	p.line("input Update%sInput {\n%s}\n", e.Name, orPlaceholder(b.String()))
}

func refType(ed *model.Edge) string {
	if ed.Unique {
		return ed.To + "Ref"
	}
	return "[" + ed.List() + "Ref!]"
}

// idType is the type of an id that the writer chooses: the id's own value,
// not the global id made of it.
func idType(e *model.Entity) string {
	switch e.ID.Kind {
	case model.Int:
		return "Int"
	case model.BigInt:
		return "BigInt"
	case model.UUID:
		return "UUID"
	default:
		return "String"
	}
}

// orPlaceholder keeps an input with nothing to set legal: an input object
// must have a field.
func orPlaceholder(fields string) string {
	if fields == "" {
		return "  \"There is nothing to set.\"\n  _: Boolean\n"
	}
	return fields
}
