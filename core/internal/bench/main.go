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
	"path/filepath"
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
	fs.StringVar(&o.addr, "addr", "", "where to serve it")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	switch {
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
	r, err := measureAll(ctx, o, dir, stderr)
	if err != nil {
		return err
	}
	text := r.table()
	fmt.Fprint(stdout, text)
	if o.write == "" {
		return nil
	}
	return insert(o.write, text)
}

// measureAll makes the data, starts the servers and measures every work.
func measureAll(ctx context.Context, o options, dir string, progress io.Writer) (*report, error) {
	small, old, large := filepath.Join(dir, "small.db"), filepath.Join(dir, "old.db"), filepath.Join(dir, "large.db")
	fmt.Fprintln(progress, "making data")
	if err := fill(ctx, small, 10_000, 50_000, 20_000); err != nil {
		return nil, err
	}
	if err := age(ctx, small, old); err != nil {
		return nil, err
	}
	b := &bench{options: o, progress: progress}
	defer b.stop()
	var err error
	if b.program, err = build(ctx, dir); err != nil {
		return nil, err
	}
	r := &report{}
	if r.start, err = b.startUp(ctx, small); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for _, s := range []struct {
		to   **process
		name string
		args []string
	}{
		{&b.ours, b.program, coppice(small)},
		{&b.old, b.program, coppice(old)},
		{&b.guarded, self, []string{"-guard", small}},
		{&b.hand, self, []string{"-serve", small}},
	} {
		if *s.to, err = b.launch(ctx, s.name, s.args...); err != nil {
			return nil, err
		}
	}
	if b.run == "" {
		if err := fill(ctx, large, many, 0, 0); err != nil {
			return nil, err
		}
		if b.large, err = b.launch(ctx, b.program, coppice(large)...); err != nil {
			return nil, err
		}
	}
	if err := b.measure(ctx, r, small); err != nil {
		return nil, err
	}
	return r, nil
}
