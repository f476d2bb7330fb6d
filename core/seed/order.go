package seed

import (
	"context"
	"strconv"

	"coppice/core/record"
	"coppice/core/seed/internal/crowd"
)

// ErrFake is what an order for made-up records that cannot be met is wrapped
// in.
var ErrFake = crowd.Err

// Fake is an order for made-up records. The same order makes the same records.
type Fake struct {
	order  *crowd.Order
	random uint64
}

// ParseFake reads an order for made-up records: tables, and how many records
// each is to get, as in users=1000,posts=20000. Other numbers for random give
// other records. The error is an ErrFake.
func ParseFake(project *record.Project, order string, random uint64) (*Fake, error) {
	parsed, err := crowd.Parse(project, order, random)
	return &Fake{parsed, random}, err
}

// Unmade says of which entities that were ordered no records are made, since
// nothing is known that their validators let through: each error names the
// field that is at fault, and the way out. Read may add to them.
func (f *Fake) Unmade() []error { return f.order.Unmade() }

// Read makes the records and checks them, as Read does those of files. Where
// they need records of tables that nothing was ordered of, those of the client's
// database are taken; that there are none is an ErrFake. progress may be nil.
func (f *Fake) Read(ctx context.Context, client *record.Client, progress func(Progress)) (*Set, error) {
	ctx = allowed(ctx)
	files, err := f.order.Files(ctx, client)
	if err != nil {
		return nil, err
	}
	c := newSource(client.Project)
	c.Files, c.checked = files, true
	return c.read(ctx, "fake-"+strconv.FormatUint(f.random, 10), progress)
}
