// Package seeder is the program of a project's cmd/seed: it loads records from
// files into the database, before a server ever ran, beside running ones, and
// beside other seeders. --help lists its flags.
package seeder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"coppice/core/engine"
	"coppice/core/fault"
	"coppice/core/seed"
)

// The exit codes of the contract, section 7.
const (
	exitDone  = 0
	exitError = 1 // of the data, a file or the database
	exitUsage = 2
)

// How memory is traded for time, where GOGC and GOMEMLIMIT do not say it: little
// of the heap is alive, but a large set's keys may be.
const (
	gcPercent   = 400
	memoryLimit = 256 << 20
)

// Run is the whole command: it reads args and the environment, works until it is
// done or a signal ends it, and returns the exit code, which is 0 when all is
// done, 1 for an error of the data, a file or the database, and 2 for wrong
// usage.
func Run[C any](ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string, a App[C]) int {
	limitMemory(getenv)
	return run(ctx, args, stdin, stdout, stderr, getenv, a.untyped())
}

// limitMemory applies gcPercent and memoryLimit, unless the environment says
// otherwise.
func limitMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string, a app) int {
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
	j := &job{options: o, app: a, stdin: stdin, stdout: stdout, stderr: stderr, display: newDisplay(o, stderr)}
	defer j.display.end()
	if err := j.do(ctx); err != nil {
		j.display.end()
		return explain(ctx, stderr, err)
	}
	return exitDone
}

// explain tells a person what came in between, and returns the exit code.
func explain(ctx context.Context, stderr io.Writer, err error) int {
	var wrong *seed.Errors
	var locked *fault.Locked
	var unknown *seed.UnknownSet
	var partial *seed.Partial
	rest := "nothing was written"
	if errors.As(err, &partial) {
		rest = fmt.Sprintf("%d records of the files are written; call it again to go on", partial.Records)
	}
	switch {
	case errors.Is(err, errUsage), errors.Is(err, engine.ErrURL), errors.Is(err, seed.ErrFake), errors.As(err, &unknown):
		fmt.Fprintf(stderr, "seed: %v\n", err)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "seed: interrupted; %s\n", rest)
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "%v\n%s.\n", wrong, strings.ToUpper(rest[:1])+rest[1:])
	case errors.As(err, &locked):
		fmt.Fprintf(stderr, "seed: %v; %s. Try again, or wait longer with --lock-wait.\n", locked, rest)
	case errors.As(err, new(*fault.Full)):
		fmt.Fprintf(stderr, "seed: the disk that holds the database is full; %s\n", rest)
	default:
		fmt.Fprintf(stderr, "%v; %s\n", err, rest)
	}
	return exitError
}
