package seed

import (
	"context"

	"coppice/core/record"
	"coppice/core/seed/internal/dump"
)

// ErrDump is what the refusal of a folder to dump to is wrapped in.
var ErrDump = dump.Err

// DumpOptions say what to dump.
type DumpOptions = dump.Options

// Dumped tells what was dumped.
type Dumped = dump.Result

// Dump writes the database's content into a folder as seed files that load to
// the same content: JSON Lines, a file for each table that is not empty. All of
// it is of one moment, whoever writes meanwhile; interceptors and policies do
// not hide anything from it. The folder is replaced at once, at the end; one
// that holds other files than a dump's is an ErrDump.
func Dump(ctx context.Context, client *record.Client, dir string, o DumpOptions) (*Dumped, error) {
	return dump.Write(allowed(ctx), client, dir, o)
}
