package query

import (
	"coppice/internal/model"
)

// arms are the objects of a list of where inputs, each with its place there.
type arms struct {
	list   []object
	places []int
}

func (a arms) half(first bool) arms {
	n := len(a.list) / 2
	if first {
		return arms{a.list[:n], a.places[:n]}
	}
	return arms{a.list[n:], a.places[n:]}
}

func armsOf(os []object) arms {
	a := arms{os, make([]int, len(os))}
	for i := range os {
		a.places[i] = i
	}
	return a
}

// alternatives reads the list of an or. Those that ask for values of one field,
// and nothing else, become one.
func (b *builder) alternatives(e *model.Entity, v any, path string) (arms, error) {
	if a, ok := b.merged[path]; ok {
		return a, nil
	}
	os, err := b.r.objects(v, path)
	if err != nil {
		return arms{}, err
	}
	var a arms
	at := map[*model.Field]*sameField{}
	for i, o := range os {
		f, values := b.sought(e, o)
		have, ok := at[f]
		if f == nil || !ok || len(have.values)+len(values) > maxPlaceholders {
			if f != nil {
				at[f] = &sameField{len(a.list), values}
			}
			a.list, a.places = append(a.list, o), append(a.places, i)
			continue
		}
		have.values = append(have.values, values...)
		a.list[have.arm] = object{{f.GraphQL + model.In.Suffix(), have.values}}
	}
	b.merged[path] = a
	return a, nil
}

// sameField is what alternatives ask of one field: which of them does, and for
// what values.
type sameField struct {
	arm    int
	values list
}

// sought is the field that an object asks for certain values of, and the values;
// nil where it asks for something else, or is wrong.
func (b *builder) sought(e *model.Entity, o object) (*model.Field, list) {
	if len(o) != 1 {
		return nil, nil
	}
	c, ok := e.Condition(o[0].name)
	if !ok || c.Field == nil || c.Op != model.EQ && c.Op != model.In {
		return nil, nil
	}
	if in, ok := e.Condition(c.Field.GraphQL + model.In.Suffix()); !ok || in.Field != c.Field {
		return nil, nil
	}
	values, ok := o[0].value.(list)
	if !ok {
		values = list{o[0].value}
	}
	for _, v := range values {
		if _, variable := v.(slot); variable || v == nil || model.IsUnfit(v) {
			return nil, nil
		}
		if c.Field == e.ID {
			continue
		}
		if _, err := parseValue(c.Field, v, ""); err != nil {
			return nil, nil
		}
	}
	return c.Field, values[:len(values):len(values)]
}

// maxAlternatives is how many alternatives a statement may hold of which any is
// looked up by itself, and maxConjuncts how many conditions a table may be read
// by: what the engine weighs takes it long to compile, in which nothing can
// interrupt it. What is beyond is asked of each record.
const (
	maxAlternatives = 256
	maxConjuncts    = 64
)

// countAlternatives counts those in a where input, nested ones included.
func (b *builder) countAlternatives(e *model.Entity, where object, path string) (n int) {
	all := func(e *model.Entity, a arms, path string) {
		for i, o := range a.list {
			n += b.countAlternatives(e, o, at(path, a.places[i]))
		}
	}
	for _, p := range where {
		path := join(path, p.name)
		switch p.name {
		case "not":
			if o, ok := b.r.value(p.value).(object); ok {
				n += b.countAlternatives(e, o, path)
			}
		case "and":
			os, _ := b.r.objects(p.value, path)
			all(e, armsOf(os), path)
		case "or":
			a, _ := b.alternatives(e, p.value, path)
			n += len(a.list)
			all(e, a, path)
		default:
			if c, ok := e.Condition(p.name); ok && c.With {
				os, _ := b.r.objects(p.value, path)
				all(c.Edge.Target, armsOf(os), path)
			}
		}
	}
	return n
}

// asks is the where input of a level.
func (l *level) asks() object {
	switch {
	case l == nil:
		return nil
	case l.page != nil:
		return l.page.where
	case l.aggregate != nil:
		return l.aggregate.where
	default:
		return l.where
	}
}
