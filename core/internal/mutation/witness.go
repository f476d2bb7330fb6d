package mutation

import (
	"context"
	"errors"

	"entgo.io/ent"

	"coppice/core/fault"
	"coppice/core/record"
)

// witness finds out which record's hooks refuse, of records that are saved at once:
// ent runs the hooks of each within those of the one before.
type witness struct {
	below map[int]bool // whose hooks were given an error by what they called
	at    int          // the record whose hooks refused, or -1
}

// witness watches the hooks of records that are about to be saved; nil where the
// entity has none.
func (s *Set) witness(nodes []*Node, builders []record.Builder) *witness {
	if !s.hooked(nodes[0].Entity) {
		return nil
	}
	w := &witness{below: map[int]bool{}, at: -1}
	for i, b := range builders {
		b.Hook(w.hook(func(error) {
			if w.at < 0 && len(w.below) == 0 {
				w.at = i
			}
		}), w.hook(func(error) { w.below[i] = true }))
	}
	return w
}

// hook tells of errors that come past it.
func (w *witness) hook(tell func(error)) ent.Hook {
	return func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			v, err := next.Mutate(ctx, m)
			if err != nil {
				tell(err)
			}
			return v, err
		})
	}
}

// refused is the error of saving records for a client: that of a hook at its record.
// What a hook of a seed record returned is for whoever seeds, in its own words.
func (s *Set) refused(ctx context.Context, err error, nodes []*Node, w *witness) error {
	if w == nil || w.at < 0 {
		return s.explain(ctx, err, nodes)
	}
	n := nodes[w.at]
	var f *fault.Error
	var invalid record.Invalid
	switch {
	case errors.As(err, &invalid):
	case errors.As(err, &f) && f.Field == "":
		return f.At(n.Path.String())
	case !errors.As(err, &f) && s.findByName != nil && ctx.Err() == nil:
		return &fault.Error{Code: fault.Internal, Field: n.Path.String(), Message: err.Error(), Cause: err}
	}
	return s.explain(ctx, err, nodes[w.at:w.at+1])
}
