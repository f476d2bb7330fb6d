// Command bench measures Coppice against a handler written by hand for the
// same works, on the same file, in one run, and prints the ratios. With -write
// the table also goes into the project's ARCHITECTURE.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const (
	// connections is how many clients ask at once, unless a work says otherwise.
	connections = 8
	// many is how many posts the large file has.
	many = 1_000_000
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:forbidigo // a main is where the process ends
	}
}

// options are the flags.
type options struct {
	rounds int
	length time.Duration
	run    string
	write  string
	serve  string // the file to serve by hand, in a process of its own
	guard  string // the file to serve with interceptors, in a process of its own
	addr   string

	peers    string // the folder that a peer is installed in, or ""
	postgres string // the URL of a PostgreSQL server to measure on, instead of SQLite
}

// aim is the ratio that is aimed at, where SQLite's is another.
func (o *options) aim(w work) float64 {
	if o.postgres != "" && !w.writes || o.postgres != "" && w.makes {
		return 0.85
	}
	return w.reach
}

// engine names the table of the engine that is measured on.
func (o *options) engine() string {
	if o.postgres != "" {
		return "bench-postgres"
	}
	return "bench"
}

// address is how Coppice is told of a database.
func address(database string) string {
	if isPostgres(database) {
		return database
	}
	return "sqlite:" + database
}

// isPostgres reports whether a database is one of PostgreSQL, instead of a file.
func isPostgres(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

// run measures, or serves the handler that is measured against.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.IntVar(&o.rounds, "rounds", 10, "how many turns each server takes at a work")
	fs.DurationVar(&o.length, "length", 500*time.Millisecond, "how long a turn lasts")
	fs.StringVar(&o.run, "run", "", "measure these works only, such as q1,g1, and neither growth nor memory")
	fs.StringVar(&o.write, "write", "", "put the table between the markers of this file, too")
	fs.StringVar(&o.serve, "serve", "", "serve this database by hand")
	fs.StringVar(&o.guard, "guard", "", "serve this database with interceptors")
	fs.StringVar(&o.postgres, "postgres", "", "measure on databases of their own of this PostgreSQL server, whose user may create them, instead of SQLite")
	fs.StringVar(&o.peers, "peers", "", "on PostgreSQL, measure against what npm installed in this folder, core/internal/bench/peers, too")
	fs.StringVar(&o.addr, "addr", "", "where to serve it")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	switch {
	case isPostgres(o.serve):
		return servePostgresByHand(ctx, o.serve, o.addr)
	case o.serve != "":
		return serveByHand(ctx, o.serve, o.addr)
	case o.guard != "":
		return serveGuarded(ctx, o.guard, o.addr)
	}
	dir, err := os.MkdirTemp("", "coppice-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	measure := measureSQLite
	if o.postgres != "" {
		measure = measurePostgres
	}
	r, err := measure(ctx, o, dir, stderr)
	if err != nil {
		return err
	}
	text := r.table()
	fmt.Fprint(stdout, text)
	if o.write == "" {
		return nil
	}
	return insert(o.write, o.engine(), text)
}
