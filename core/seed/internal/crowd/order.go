// Package crowd makes records up: as many of each table as are ordered, with
// values that their fields take, keys that no two of them share, and edges to each
// other as real data has them. The same order makes the same records, and each of
// them can be made alone, from its number.
package crowd

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"slices"
	"strconv"
	"strings"

	"coppice/core/internal/fake"
	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/file"
	"coppice/core/seed/internal/store"
)

// Err is what an order for made-up records that cannot be met is wrapped
// in.
var Err = errors.New("wrong --fake")

// Order is an order for made-up records. The same order makes the same records.
type Order struct {
	schema  *model.Schema
	project *record.Project
	check   func(*model.Entity) func(*model.Field, any) error // fake.Check of the project
	random  uint64
	wanted  map[*model.Entity]int // how many records of each
	unmade  []error
	crowds  []*crowd // in the order of their making
}

// Parse reads an order for made-up records: tables, and how many records
// each is to get, as in users=1000,posts=20000. Other numbers for random give
// other records. The error is an Err.
func Parse(project *record.Project, order string, random uint64) (*Order, error) {
	check := func(e *model.Entity) func(*model.Field, any) error { return fake.Check(project, e) }
	f := &Order{schema: project.Model, project: project, check: check, random: random}
	return f, f.parse(order)
}

func (f *Order) parse(order string) error {
	f.wanted = map[*model.Entity]int{}
	for _, part := range strings.Split(order, ",") {
		table, number, found := strings.Cut(part, "=")
		table, number = strings.TrimSpace(table), strings.TrimSpace(number)
		e := f.schema.Table(table)
		count, err := strconv.Atoi(number)
		switch {
		case !found:
			return fmt.Errorf("%w: %q is no table and number; give them as in users=1000,posts=20000", Err, part)
		case e == nil:
			return fmt.Errorf("%w: there is no table %s; there are %s", Err, table, file.Tables(f.schema))
		case e.View:
			return fmt.Errorf("%w: %s is a view, and cannot be written; order records of the tables that it reads", Err, table)
		case f.wanted[e] > 0:
			return fmt.Errorf("%w: %s stands twice", Err, table)
		case err != nil || count < 1 || count > maxCount:
			return fmt.Errorf("%w: %s=%s; give a number of records from 1 to %d", Err, table, number, maxCount)
		}
		f.wanted[e] = count
	}
	return f.arrange()
}

// maxCount is how many records of a table can be ordered.
const maxCount = 1_000_000_000

// Files are the records as if they stood in files, each made when it is read.
// Where they need records of tables that nothing was ordered of, those of the
// client's database are taken; that there are none is an Err.
func (f *Order) Files(ctx context.Context, client *record.Client) ([]*file.File, error) {
	for {
		f.leaveHiding(ctx, client)
		err := f.lookUp(ctx, client)
		if err == nil {
			err = f.meet(ctx, client)
		}
		if err == nil {
			break
		}
		if !f.withdraw(err) {
			return nil, f.all(err)
		}
		if err := f.arrange(); err != nil {
			return nil, err
		}
	}
	return f.files(), nil
}

// leaveHiding leaves alone the fields by whose values records are hidden, as far as
// they may be absent.
func (f *Order) leaveHiding(ctx context.Context, client *record.Client) {
	for _, c := range f.crowds {
		hiding := mutation.Hiding(ctx, client, c.entity)
		c.slots = slices.DeleteFunc(c.slots, func(s *slot) bool {
			return slices.Contains(hiding, s.field) && (s.field.Nullable || s.field.Default) && (c.key == nil || !slices.ContainsFunc(c.key.Parts, func(p model.Part) bool {
				return p.Field == s.field
			}))
		})
	}
}

// files are those of the crowds, in the order of their making.
func (f *Order) files() []*file.File {
	files := make([]*file.File, len(f.crowds))
	for i, c := range f.crowds {
		files[i] = file.Virtual(fmt.Sprintf("--fake %s=%d", c.entity.Table, c.count), c.entity, i+1, c.count, c.inputs())
	}
	return files
}

// inputs makes the crowd's records from the first one on.
func (c *crowd) inputs() iter.Seq[map[string]any] {
	return func(yield func(map[string]any) bool) {
		d := newDice()
		for i := range c.count {
			if !yield(c.input(d, i)) {
				return
			}
		}
	}
}

// plan finds out how to make the fields and edges of what was ordered, and in
// which order.
func (f *Order) plan(byEntity map[*model.Entity]*crowd) error {
	for _, c := range f.crowds {
		c.edges(byEntity)
	}
	for _, c := range f.crowds {
		if err := impossible(c.entity, func(e *model.Entity) bool { return byEntity[e] != nil && byEntity[e].ordered }); err != nil {
			return err
		}
	}
	for _, c := range f.crowds {
		if err := c.fields(); err != nil {
			return err
		}
	}
	for more := true; more; {
		more = false
		for _, c := range f.crowds {
			more = c.settle() || more
		}
	}
	f.crowds = arranged(f.crowds)
	return nil
}

// arranged orders crowds so that each comes after those that it refers to: where
// they refer to each other, after those that it requires.
func arranged(crowds []*crowd) []*crowd {
	var order []*crowd
	seen := map[*crowd]bool{}
	var visit func(*crowd)
	visit = func(c *crowd) {
		if seen[c] || !c.ordered {
			return
		}
		seen[c] = true
		for _, b := range c.bonds {
			if b.edge.Required {
				visit(b.target)
			}
		}
		for _, b := range c.bonds {
			visit(b.target)
		}
		order = append(order, c)
	}
	for _, c := range crowds {
		visit(c)
	}
	return order
}

// lookUp reads which records there are of what was not ordered and is needed.
func (f *Order) lookUp(ctx context.Context, client *record.Client) error {
	met := map[*crowd]bool{}
	for _, c := range f.crowds {
		for _, b := range c.bonds {
			if b.target.ordered || met[b.target] {
				continue
			}
			met[b.target] = true
			if err := b.target.lookUp(ctx, client); err != nil {
				return err
			}
			if b.target.count > 0 {
				continue
			}
			if f.withdrawn(b.target.entity) {
				return fmt.Errorf("%w: %w", Err, &fake.Error{Entity: c.entity.Name, Field: b.edge.GraphQL,
					Reason: "Each needs " + model.An(b.target.entity.Name) + ", of which none can be made up. Write some into a file, and load that first."})
			}
			if err := impossible(c.entity, func(*model.Entity) bool { return true }); err != nil {
				return err
			}
			return fmt.Errorf("%w: each %s needs %s, and there are none; add some to the order, as in %s=10",
				Err, c.entity.Name, model.An(b.target.entity.Name), b.target.entity.Table)
		}
	}
	for _, c := range f.crowds {
		for _, b := range c.bonds {
			if err := b.enough(c); err != nil {
				return err
			}
		}
		if err := c.spread(); err != nil {
			return err
		}
	}
	return nil
}

// meet sees to the checks of the database.
func (f *Order) meet(ctx context.Context, client *record.Client) error {
	for _, c := range f.crowds {
		if err := c.meet(ctx, client); err != nil {
			return err
		}
	}
	return nil
}

// maxExisting is how many records of a table that nothing was ordered of are
// referred to.
const maxExisting = 100_000

// lookUp reads the ids of the records that there are.
func (c *crowd) lookUp(ctx context.Context, client *record.Client) error {
	c.existing, c.count = nil, 0
	id := store.Quote(c.entity.ID.Column)
	var stored any
	var ids []any
	err := store.Rows(ctx, client, "SELECT "+id+" FROM "+store.Quote(c.entity.Table)+" ORDER BY "+id+" LIMIT "+strconv.Itoa(maxExisting), []any{}, func() error {
		own, err := c.entity.TypedID(stored)
		ids = append(ids, own)
		return err
	}, &stored)
	if err != nil {
		return err
	}
	hidden, err := mutation.Hidden(ctx, client, c.entity, ids)
	for _, own := range ids {
		if !hidden[own] {
			c.existing = append(c.existing, map[string]any{"id": c.entity.GlobalID(fmt.Sprint(own))})
		}
	}
	c.count = len(c.existing)
	return err
}

func hashed(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // it cannot fail
	return h.Sum64()
}

// mixed is a permutation of the numbers that leaves no pattern (the last step
// of SplitMix64).
func mixed(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
