package query

import (
	"coppice/core/model"
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
	return b.merge(e, v, path, func(_ *model.Field, have, more list) (list, bool) {
		return append(have, more...), len(have)+len(more) <= maxPlaceholders
	})
}

// demands reads the list of an and, in which those become one as well.
func (b *builder) demands(e *model.Entity, v any, path string) (arms, error) {
	return b.merge(e, v, path, func(f *model.Field, have, more list) (list, bool) {
		return common(e, f, have, more)
	})
}

// common is what two lists of values for a field have in common; ok is false where
// that is not to be said by one list: of a null the two may be null, and none is not.
func common(e *model.Entity, f *model.Field, have, more list) (both list, ok bool) {
	stored := func(v any) (any, bool) {
		if f == e.ID {
			id, known := e.ParseID(v)
			v = id
			if !known { // equal to none
				return nil, true
			}
		} else {
			v, _ = parseValue(f, v, "") // sought has seen that it can be read
		}
		switch v.(type) {
		case string, int64, float64:
			return v, true
		}
		return nil, false
	}
	wanted := make(map[any]bool, len(more))
	for _, v := range more {
		s, ok := stored(v)
		if !ok {
			return nil, false
		}
		wanted[s] = s != nil
	}
	both = list{}
	for _, v := range have {
		s, ok := stored(v)
		if !ok {
			return nil, false
		}
		if wanted[s] {
			both = append(both, v)
			wanted[s] = false
		}
	}
	return both, len(both) > 0 || !f.Nullable
}

// merge reads a list of where inputs, of which those that ask for values of one field
// are joined, where they can be.
func (b *builder) merge(e *model.Entity, v any, path string, join func(f *model.Field, have, more list) (list, bool)) (arms, error) {
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
		var joined list
		if ok {
			joined, ok = join(f, have.values, values)
		}
		if !ok {
			if f != nil {
				at[f] = &sameField{len(a.list), values}
			}
			a.list, a.places = append(a.list, o), append(a.places, i)
			continue
		}
		have.values = joined
		a.list[have.arm] = object{{f.GraphQL + model.In.Suffix(), joined}}
		if len(joined) == 1 {
			a.list[have.arm] = object{{f.GraphQL, joined[0]}}
		}
	}
	b.merged[path] = a
	return a, nil
}

// sameField is what is asked of one field: by which of a list, and for what values.
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
			a, _ := b.demands(e, p.value, path)
			all(e, a, path)
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
