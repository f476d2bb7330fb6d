// Command new writes a project of one's own, with the rooms that this one has: an
// entity to begin with, the generated client and API, a server, a seeder.
//
//	go run ./cmd/new -module example.com/lending DIR
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/mod/module"

	"coppice"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `Writes a project of your own into a folder that is new or empty.

usage: new -module PATH [-library DIR] FOLDER

  -module   the project's module path, such as example.com/lending
  -library  the folder of Coppice that the project is to require (default: where the module coppice lies)
`

// errUsage is the error of flags that cannot be used.
var errUsage = errors.New("wrong usage")

// run is the whole command. It returns the exit code: 0 when the project stands,
// 1 when something fails, 2 for wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	p, err := parse(ctx, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case err == nil:
		err = p.write(ctx, coppice.Files())
	}
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "new: %v\nnew -help lists the flags.\n", err)
		return 2
	case err != nil:
		fmt.Fprintf(stderr, "new: %v\n", err)
		return 1
	}
	fmt.Fprintf(stdout, "The project %s is in %s. Its README.md says how to go on:\n\n  cd %[2]s\n  make run\n", p.module, p.dir)
	return 0
}

// parse reads the command line.
func parse(ctx context.Context, args []string) (*project, error) {
	p := &project{}
	fs := flag.NewFlagSet("new", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&p.module, "module", "", "")
	fs.StringVar(&p.library, "library", "", "")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	switch {
	case p.module == "":
		return nil, fmt.Errorf("%w: -module is missing: name the project's module path, such as example.com/lending", errUsage)
	case fs.NArg() != 1:
		return nil, fmt.Errorf("%w: there must be one folder, after the flags, and there are %d", errUsage, fs.NArg())
	case p.module == library || strings.HasPrefix(p.module, library+"/"):
		return nil, fmt.Errorf("%w: the module path %s is Coppice's own: choose another", errUsage, p.module)
	}
	if err := module.CheckImportPath(p.module); err != nil {
		return nil, fmt.Errorf("%w: -module: %w", errUsage, err)
	}
	p.dir = fs.Arg(0)
	if p.library == "" {
		out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", library).Output()
		if p.library = strings.TrimSpace(string(out)); err != nil || p.library == "" {
			return nil, fmt.Errorf("where Coppice lies is not known here: run this in its folder, or name that with -library DIR")
		}
	}
	return p, nil
}
