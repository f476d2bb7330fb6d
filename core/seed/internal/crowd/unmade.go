package crowd

import (
	"errors"
	"slices"

	"coppice/core/internal/fake"
	"coppice/core/model"
)

// Unmade says of which entities that were ordered no records are made, since
// nothing is known that their validators let through: each error names the
// field that is at fault, and the way out. Files may add to them.
func (f *Order) Unmade() []error { return f.unmade }

// arrange plans what is wanted, without what turns out not to be possible.
func (f *Order) arrange() error {
	for {
		f.crowds = nil
		byEntity := map[*model.Entity]*crowd{}
		for _, e := range f.schema.Entities {
			if count := f.wanted[e]; count > 0 {
				byEntity[e] = &crowd{entity: e, count: count, ordered: true, order: f, salt: mixed(f.random ^ hashed(e.Table))}
				f.crowds = append(f.crowds, byEntity[e])
			}
		}
		err := f.plan(byEntity)
		if err == nil || !f.withdraw(err) {
			return f.all(err)
		}
	}
}

// withdraw takes the entity back of which an error says that none of its
// records can be made, and reports whether it did: others must be left.
func (f *Order) withdraw(err error) bool {
	var failed *fake.Error
	if !errors.As(err, &failed) || failed.Room > 0 || len(f.wanted) == 1 {
		return false
	}
	delete(f.wanted, f.schema.Entity(failed.Entity))
	f.unmade = append(f.unmade, failed)
	return true
}

// withdrawn reports whether records of an entity were ordered and cannot be
// made.
func (f *Order) withdrawn(e *model.Entity) bool {
	return slices.ContainsFunc(f.unmade, func(err error) bool {
		var failed *fake.Error
		return errors.As(err, &failed) && failed.Entity == e.Name
	})
}

// all is an error together with what was found before it.
func (f *Order) all(err error) error {
	if err == nil || len(f.unmade) == 0 {
		return err
	}
	return errors.Join(append([]error{err}, f.unmade...)...)
}
