package codegen

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"entgo.io/contrib/entgql"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/model"
)

// entity is an entity of the model with what only the generator needs: ent's
// own type, and for each field and edge the Go side of it.
type entity struct {
	*model.Entity
	Type  *gen.Type
	Go    map[*model.Field]*gen.Field
	Edges map[*model.Edge]*gen.Edge
	// associated are the schemas of the edges that have fields of their own.
	associated map[*model.Edge]*entity
}

// build translates ent's graph to the model, in ent's order.
func build(g *gen.Graph) (*model.Schema, []*entity, error) {
	var all []*entity
	var plain []*model.Entity
	through, err := associations(g)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range g.Nodes {
		if t.HasCompositeID() {
			continue
		}
		a, err := annotation(t.Annotations)
		if err != nil {
			return nil, nil, placed(t, fmt.Errorf("%s: %w", t.Name, err))
		}
		e, err := buildEntity(t, a, through)
		if err != nil {
			return nil, nil, placed(t, err)
		}
		all, plain = append(all, e), append(plain, e.Entity)
	}
	hide(all)
	return model.New(plain...), all, nil
}

func buildEntity(t *gen.Type, a *entgql.Annotation, through map[string]*entity) (*entity, error) {
	e := &entity{
		Entity: &model.Entity{
			Name: typeName(t.Name, a), Table: t.Table(), Comment: comment(t.Annotations), View: t.IsView(), Skip: skip(a),
			Directive: directives(a.Directives), Implement: a.Implements,
		},
		Type: t, Go: map[*model.Field]*gen.Field{}, Edges: map[*model.Edge]*gen.Edge{}, associated: map[*model.Edge]*entity{},
	}
	e.named()
	annotate(e.Entity, a)
	own, err := idField(t)
	if err != nil {
		return nil, err
	}
	id, err := buildField(e, own)
	if err != nil {
		return nil, err
	}
	id.GraphQL, id.Type = "id", "ID"
	e.ID, e.UserID, e.Go[id] = id, own.UserDefined, own
	e.Counted = own.UserDefined && counts(own)
	for _, f := range t.Fields {
		if f.IsEdgeField() || f == own {
			continue
		}
		mf, err := buildField(e, f)
		if err != nil {
			return nil, err
		}
		e.Fields = append(e.Fields, mf)
		e.Go[mf] = f
	}
	for _, ed := range t.Edges {
		if ed.Type.HasCompositeID() {
			continue
		}
		me, err := buildEdge(t, ed)
		if err != nil {
			return nil, err
		}
		e.associate(ed, me, through)
		e.Entity.Edges = append(e.Entity.Edges, me)
		e.Edges[me] = ed
	}
	e.Keys = buildKeys(e)
	return e, e.former(a.Type)
}

// idField is the field by which an entity's records are told apart. ent gives
// a view none of its own.
func idField(t *gen.Type) (*gen.Field, error) {
	if t.ID != nil {
		return t.ID, nil
	}
	for _, f := range t.Fields {
		if f.Name == "id" {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s: the API tells records apart, orders and pages them by an id, and this view has none: "+
		"give it a field named id, with a value of its own in each row", t.Name)
}

// counts reports whether the database counts up an id that is not given.
func counts(id *gen.Field) bool {
	if a := id.EntSQL(); a != nil && a.Incremental != nil {
		return *a.Incremental
	}
	return id.Type.Type.Integer()
}

// IDType is the Go type of the entity's ids.
func (e *entity) IDType() string { return e.Go[e.ID].Type.String() }

// typeName is the GraphQL type of an entity.
func typeName(name string, a *entgql.Annotation) string {
	if a.Type != "" {
		return a.Type
	}
	return name
}

// annotate reads what an entity's annotations say of its root fields and
// inputs.
func annotate(e *model.Entity, a *entgql.Annotation) {
	if q := a.QueryField; q != nil {
		e.ListComment, e.ListDirective = q.Description, directives(q.Directives)
		if q.Name != "" && q.Name != e.Plural {
			if e.Several == "" {
				e.Several = e.Plural
			}
			e.Plural = q.Name
		}
	}
	for _, c := range a.MutationInputs {
		if c.IsCreate {
			e.CreateComment = c.Description
		} else {
			e.UpdateComment = c.Description
		}
	}
	if len(a.MutationInputs) > 0 {
		e.Skip |= unwanted(a.MutationInputs)
	}
}

// unwanted is what a list of the inputs that are wanted leaves out.
func unwanted(inputs []entgql.MutationConfig) model.Skip {
	s := model.SkipCreate | model.SkipUpdate
	for _, c := range inputs {
		if c.IsCreate {
			s &^= model.SkipCreate
		} else {
			s &^= model.SkipUpdate
		}
	}
	return s
}

func buildField(e *entity, f *gen.Field) (*model.Field, error) {
	a, err := annotation(f.Annotations)
	if err != nil {
		return nil, fmt.Errorf("%s.%s: %w", e.Type.Name, f.Name, err)
	}
	m := &model.Field{
		Name: f.Name, GraphQL: camel(f.Name), Column: f.StorageKey(), Comment: f.Comment(),
		Nullable: f.Optional, Default: f.Default, DatabaseDefault: hasDatabaseDefault(f.Annotations), Immutable: f.Immutable,
		Sensitive: f.Sensitive(), Unique: f.Unique, Skip: skip(a), Directive: directives(a.Directives),
		Order: a.OrderField, Appends: appends(f),
	}
	if len(a.Mapping) > 0 {
		m.GraphQL = a.Mapping[0]
	}
	if f.IsDeprecated() {
		m.Reason = f.DeprecationReason()
		if m.Reason == "" {
			m.Reason = "No longer supported"
		}
	}
	if err := setKind(e, f, m); err != nil {
		return nil, err
	}
	if m.Was, m.Kept, err = earlier(f.Annotations); err != nil {
		return nil, fmt.Errorf("%s.%s: %w", e.Type.Name, f.Name, err)
	}
	if a.Type != "" {
		m.Type = a.Type
		if k, ok := counting[a.Type]; ok && (m.Kind == model.Int || m.Kind == model.BigInt) {
			m.Kind = k
		}
	}
	m.OwnStorage = m.Kind == model.String && own(f, m.Kind)
	return m, nil
}

// appends reports whether a field is a JSON list. A Go slice that has a form of
// its own in JSON, as bytes have, need not be one.
func appends(f *gen.Field) bool {
	if !f.SupportsMutationAppend() || f.Type.RType.Ident == "[]uint8" {
		return false
	}
	_, ownJSON := f.Type.RType.Methods["MarshalJSON"]
	_, ownText := f.Type.RType.Methods["MarshalText"]
	return !ownJSON && !ownText
}

func setKind(e *entity, f *gen.Field, m *model.Field) error {
	switch k := f.Type.Type; {
	case k == field.TypeBool:
		m.Kind, m.Type = model.Bool, "Boolean"
	case k == field.TypeInt64 || k == field.TypeUint32 || k == field.TypeUint64 || k == field.TypeUint:
		m.Kind, m.Type = model.BigInt, "BigInt"
	case k.Integer():
		m.Kind, m.Type = model.Int, "Int"
	case k.Float():
		m.Kind, m.Type = model.Float, "Float"
	case k == field.TypeString, k == field.TypeOther:
		m.Kind, m.Type = model.String, "String"
	case k == field.TypeEnum:
		m.Kind, m.Type = model.Enum, e.Name+pascal(f.Name)
		var err error
		if m.Enums, err = enumValues(e, f); err != nil {
			return err
		}
	case k == field.TypeTime:
		m.Kind, m.Type = model.Time, "Time"
	case k == field.TypeUUID:
		m.Kind, m.Type = model.UUID, "UUID"
	case k == field.TypeBytes:
		m.Kind, m.Type = model.Bytes, "Base64"
	case k == field.TypeJSON:
		m.Kind, m.Type = model.JSON, "JSON"
		if r := f.Type.RType; r != nil && r.Kind == reflect.Slice {
			switch r.Ident {
			case "[]string":
				m.Kind, m.Type = model.Strings, "[String!]"
			case "[]int":
				m.Kind, m.Type = model.Ints, "[Int!]"
			}
		}
	default:
		return fmt.Errorf("%s.%s: a field of type %s has no place in the API: give it a GoType of a basic kind, "+
			"or take it out with entgql.Skip", e.Type.Name, f.Name, f.Type)
	}
	if k := f.Type.Type; k.Integer() {
		m.Unsigned = strings.HasPrefix(k.String(), "uint")
		m.Bits = map[string]int{"int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int32": 32, "uint32": 32,
			"int": 64, "int64": 64, "uint": 64, "uint64": 64}[k.String()]
	}
	if f.Type.Type == field.TypeFloat32 {
		m.Bits = 32
	}
	return nil
}

func buildEdge(t *gen.Type, ed *gen.Edge) (*model.Edge, error) {
	a, err := annotation(ed.Annotations)
	if err != nil {
		return nil, fmt.Errorf("%s.%s: %w", t.Name, ed.Name, err)
	}
	to, err := annotation(ed.Type.Annotations)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ed.Type.Name, err)
	}
	m := &model.Edge{
		Name: ed.Name, GraphQL: camel(ed.Name), Comment: ed.Comment(), To: typeName(ed.Type.Name, to), Unique: ed.Unique,
		Required: !ed.Optional, Immutable: ed.Immutable, Skip: skip(a), Directive: directives(a.Directives),
	}
	if len(a.Mapping) > 0 {
		m.GraphQL = a.Mapping[0]
	}
	if ed.Ref != nil {
		m.Back = ed.Ref.Name
	} else if ed.Bidi {
		m.Back = ed.Name
	}
	switch {
	case ed.M2M():
		m.Storage, m.Table = model.Join, ed.Rel.Table
		m.From, m.Ref, m.Through = ed.Rel.Columns[0], ed.Rel.Columns[1], ed.Through != nil
		if ed.IsInverse() {
			m.From, m.Ref = m.Ref, m.From
		}
	case ed.OwnFK():
		m.Storage, m.Column = model.Own, ed.Rel.Column()
		f := ed.Field()
		m.Default = f != nil && (f.Default || hasDatabaseDefault(f.Annotations))
	default:
		m.Storage, m.Column = model.Other, ed.Rel.Column()
	}
	m.OnDelete = onDelete(ed, m)
	m.Was, m.Kept, err = earlier(ed.Annotations)
	return m, err
}

func annotation(as gen.Annotations) (*entgql.Annotation, error) {
	a := &entgql.Annotation{}
	if as != nil && as[a.Name()] != nil {
		if err := a.Decode(as[a.Name()]); err != nil {
			return nil, fmt.Errorf("the entgql annotation cannot be read: %w", err)
		}
	}
	return a, nil
}

func skip(a *entgql.Annotation) model.Skip {
	var s model.Skip
	for mode, place := range map[entgql.SkipMode]model.Skip{
		entgql.SkipType: model.SkipType, entgql.SkipOrderField: model.SkipOrder, entgql.SkipWhereInput: model.SkipWhere,
		entgql.SkipMutationCreateInput: model.SkipCreate, entgql.SkipMutationUpdateInput: model.SkipUpdate,
	} {
		if a.Skip.Is(mode) {
			s |= place
		}
	}
	return s
}

func directives(ds []entgql.Directive) string {
	var b strings.Builder
	for _, d := range ds {
		b.WriteString(" @" + d.Name)
		var args []string
		for _, a := range d.Arguments {
			args = append(args, a.Name+": "+printValue(a.Value))
		}
		if len(args) > 0 {
			b.WriteString("(" + strings.Join(args, ", ") + ")")
		}
	}
	return b.String()
}

func printValue(v *ast.Value) string { return v.String() }

func comment(as gen.Annotations) string {
	m, _ := as["Comment"].(map[string]any)
	s, _ := m["Text"].(string)
	return s
}

func hasDatabaseDefault(as gen.Annotations) bool {
	m, _ := as[entsql.Annotation{}.Name()].(map[string]any)
	return m["default"] != nil || m["default_expr"] != nil || m["default_exprs"] != nil
}

// hide takes out of the API what leads to entities that are not in it: edges,
// the keys that such an edge is part of, and the creates of what cannot be
// without one. The seeder knows all entities, and writes these edges as well.
func hide(all []*entity) {
	hidden := map[string]bool{}
	for _, e := range all {
		hidden[e.Name] = e.Skip.Has(model.SkipType)
	}
	for _, e := range all {
		for _, ed := range e.Entity.Edges {
			if !hidden[ed.To] {
				continue
			}
			ed.Skip = model.SkipType | model.SkipOrder | model.SkipWhere | model.SkipCreate | model.SkipUpdate
			if ed.Required {
				e.Skip |= model.SkipCreate
			}
		}
		e.Keys = slices.DeleteFunc(e.Keys, func(k *model.Key) bool {
			return slices.ContainsFunc(k.Parts, func(p model.Part) bool { return p.Edge != nil && hidden[p.Edge.To] })
		})
		e.KeptKeys = slices.DeleteFunc(e.KeptKeys, func(k *model.Key) bool {
			return !slices.ContainsFunc(e.Keys, func(now *model.Key) bool { return now.Name == k.For })
		})
	}
}
