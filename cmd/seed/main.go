// Command seed loads records from files into the database: before a server
// ever ran, beside running ones, and beside other seeders. Run it with --help
// for its flags.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"coppice/internal/database"
	"coppice/internal/fault"
	"coppice/seed"
)

// The exit codes of the contract, section 7.
const (
	exitDone  = 0
	exitError = 1 // nothing was written
	exitUsage = 2
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the whole command. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)

	o, err := parse(args, getenv)
	if errors.Is(err, errHelp) {
		fmt.Fprint(stdout, help)
		return exitDone
	}
	if err != nil {
		return explain(ctx, stderr, err)
	}
	summary, err := load(ctx, o, stdin, stderr)
	if err != nil {
		return explain(ctx, stderr, err)
	}
	if err := show(stdout, o, summary); err != nil {
		fmt.Fprintf(stderr, "seed: everything is loaded, but the summary cannot be shown: %v\n", err)
	}
	return exitDone
}

func load(ctx context.Context, o options, stdin io.Reader, stderr io.Writer) (_ *seed.Summary, err error) {
	var progress func(seed.File)
	if !o.quiet && !o.json && terminal(stderr) {
		progress = func(f seed.File) { fmt.Fprintf(stderr, "%s: %d read\n", f.Name, f.Records) }
	}
	set, err := seed.Read(ctx, progress, o.paths...)
	if err != nil {
		return nil, err
	}
	if o.reset && !o.yes {
		if err := confirm(ctx, o, stdin, stderr); err != nil {
			return nil, err
		}
	}
	client, err := database.Open(ctx, database.Config{URL: o.db, LockWait: o.lockWait})
	if err != nil {
		return nil, err
	}
	defer func() {
		// What was committed stays so, whatever closing meets.
		if cerr := client.Close(); cerr != nil {
			fmt.Fprintf(stderr, "seed: close the database: %v\n", cerr)
		}
	}()
	return set.Load(ctx, client, seed.Options{Reset: o.reset})
}

func show(stdout io.Writer, o options, s *seed.Summary) error {
	if o.json {
		return json.NewEncoder(stdout).Encode(s)
	}
	return s.Print(stdout)
}

// explain tells a person why nothing was written, and returns the exit code.
func explain(ctx context.Context, stderr io.Writer, err error) int {
	var wrong *seed.Errors
	var locked *fault.Locked
	switch {
	case errors.Is(err, errUsage), errors.Is(err, database.ErrURL):
		fmt.Fprintf(stderr, "seed: %v\n", err)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "seed: interrupted; nothing was written")
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "%v\nNothing was written.\n", wrong)
	case errors.As(err, &locked):
		fmt.Fprintf(stderr, "seed: %v; nothing was written. Try again, or wait longer with --lock-wait.\n", locked)
	default:
		fmt.Fprintf(stderr, "%v; nothing was written\n", err)
	}
	return exitError
}
