// Package migrator is the program of a project's cmd/db: it shows what a change of the
// schemas does to a database, keeps such changes as SQL files, and applies them. --help
// lists its commands.
package migrator

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/record"
)

// App is a project as the main of its cmd/db puts it together.
type App struct {
	Project *record.Project
	// Migrations are the files that the binary carries; those of --dir, where it is
	// there, are used in their place.
	Migrations fs.FS
	// Schema holds the files of the API's schema, *.graphql; nil is for no API.
	Schema fs.FS
}

// The exit codes of the contract, sections 7 and 10.
const (
	exitDone  = 0
	exitError = 1
	exitUsage = 2
)

const help = `db shows what a change of the schemas does to a database, keeps such changes as SQL
files, and applies them.

usage: db COMMAND [flags]

  plan        show what a change of the schemas would do: to the tables, to the rows that
              are there, to the API's clients, and how to go back; changes nothing
  ddl         print the statements that make an empty database
  diff NAME   write what the files lack of the schemas as migrations/ENGINE/VERSION_NAME.sql
  up          apply the files that the database lacks
  status      say which files the database has, and which it lacks
  check       see that the files are whole, in order, lose nothing unsaid, and lead to
              the schemas
  backup FILE   copy the database beside running servers; into a folder, under a name of
              its own
  restore FILE  put such a copy in its place, and keep what was there

  --db URL          the database: sqlite:FILE, postgres://USER:PASSWORD@HOST:PORT/DATABASE
                    (DATABASE_URL; default sqlite:coppice.db)
  --dir DIR         the folder of the files (default migrations; where it is not there,
                    the files that the program carries)
  --dev URL         an empty database to try files on, for diff, ddl and check (default:
                    one in a temporary folder, or made beside that of --db)
  --json            with plan: for a program; --markdown: for a pull request
  --keep N          with backup: leave the newest N copies in the folder
  --rehash          with check: write atlas.sum anew, after a file was edited that no
                    database has yet
  --lock-wait TIME  how long others may stand in the way of a file (LOCK_WAIT; default
                    1m0s)
  --help            show this

It exits with 0 when all is done, with 1 when something failed or is not as it should
be, and with 2 for wrong usage. plan exits with 0 when there is nothing to do, with 3 when
what there is breaks and loses nothing, and with 4 when it does, or cannot be done.
`

var errUsage = errors.New("wrong usage")

// options are what the command line and the environment ask for.
type options struct {
	db, dir, dev string
	lockWait     time.Duration
	rehash       bool
	json         bool
	markdown     bool
	keep         int
	command      string
	args         []string
}

// command is one of the program's.
type command struct {
	name  string
	takes []string // what its arguments are called
	do    func(context.Context, *job) error
}

var commands = []command{
	{"plan", nil, plan},
	{"ddl", nil, ddl},
	{"diff", []string{"NAME"}, diff},
	{"up", nil, up},
	{"status", nil, status},
	{"check", nil, check},
	{"backup", []string{"FILE"}, backup},
	{"restore", []string{"FILE"}, restore},
}

// job is a command at work.
type job struct {
	options
	app            App
	engine         string // its name
	stdout, stderr io.Writer
}

// Run is the whole program. It returns the exit code.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string, a App) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	o, c, err := parse(args, getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help)
		return exitDone
	case err != nil:
		fmt.Fprintf(stderr, "db: %v\n", err)
		return exitUsage
	}
	j := &job{options: o, app: a, stdout: stdout, stderr: stderr}
	if j.engine, err = engine.Name(o.db); err == nil {
		err = c.do(ctx, j)
	}
	var exit exitCode
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		return int(exit)
	case errors.Is(err, errUsage), errors.Is(err, engine.ErrURL), errors.As(err, new(*engine.OwnToolsError)):
		fmt.Fprintf(stderr, "db: %v\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "db: %v\n", err)
	return exitError
}

// exitCode is the error of a command that has said all there is to say.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// parse reads the command line; flags may stand anywhere.
func parse(args []string, getenv func(string) string) (options, command, error) {
	o := options{lockWait: time.Minute}
	if text := getenv("LOCK_WAIT"); text != "" {
		wait, err := time.ParseDuration(text)
		if err != nil {
			return o, command{}, fmt.Errorf("%w: LOCK_WAIT is %q; give a time such as 90s", errUsage, text)
		}
		o.lockWait = wait
	}
	flags := flag.NewFlagSet("db", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.db, "db", cmp.Or(getenv("DATABASE_URL"), "sqlite:coppice.db"), "")
	flags.StringVar(&o.dir, "dir", "migrations", "")
	flags.StringVar(&o.dev, "dev", "", "")
	flags.BoolVar(&o.rehash, "rehash", false, "")
	flags.BoolVar(&o.json, "json", false, "")
	flags.BoolVar(&o.markdown, "markdown", false, "")
	flags.IntVar(&o.keep, "keep", 0, "")
	flags.DurationVar(&o.lockWait, "lock-wait", o.lockWait, "")
	for len(args) > 0 {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return o, command{}, err
		} else if err != nil {
			return o, command{}, fmt.Errorf("%w: %w; see --help", errUsage, err)
		}
		if args = flags.Args(); len(args) > 0 {
			o.args, args = append(o.args, args[0]), args[1:]
		}
	}
	if len(o.args) == 0 {
		return o, command{}, fmt.Errorf("%w: name a command, such as status; see --help", errUsage)
	}
	o.command, o.args = o.args[0], o.args[1:]
	for _, c := range commands {
		switch {
		case c.name != o.command:
		case len(o.args) != len(c.takes):
			return o, c, fmt.Errorf("%w: %s takes %d arguments %v; see --help", errUsage, c.name, len(c.takes), c.takes)
		case o.lockWait <= 0:
			return o, c, fmt.Errorf("%w: the lock wait is %s; give a time of more than 0", errUsage, o.lockWait)
		case (o.json || o.markdown) && c.name != "plan":
			return o, c, fmt.Errorf("%w: --json and --markdown go with plan only; see --help", errUsage)
		case o.json && o.markdown:
			return o, c, fmt.Errorf("%w: --json and --markdown do not go together; see --help", errUsage)
		case o.keep != 0 && c.name != "backup":
			return o, c, fmt.Errorf("%w: --keep goes with backup only; see --help", errUsage)
		case o.keep < 0:
			return o, c, fmt.Errorf("%w: --keep is %d; give a number of copies", errUsage, o.keep)
		case o.rehash && c.name != "check":
			return o, c, fmt.Errorf("%w: --rehash goes with check only; see --help", errUsage)
		default:
			return o, c, nil
		}
	}
	return o, command{}, fmt.Errorf("%w: there is no command %q; see --help", errUsage, o.command)
}

// files is the folder of migration files.
func (j *job) files() fs.FS {
	if _, err := os.Stat(j.dir); err != nil && j.app.Migrations != nil {
		return j.app.Migrations
	}
	return os.DirFS(j.dir)
}

// config is how a database is opened.
func (j *job) config(url string, mode migrate.Mode) engine.Config {
	return engine.Config{URL: url, LockWait: j.lockWait, Migrate: mode, Migrations: j.files(), Logger: slog.New(slog.NewTextHandler(j.stderr, nil)),
		Applied: func(name string, took time.Duration) {
			fmt.Fprintf(j.stdout, "applied %s (%s)\n", name, took.Round(time.Millisecond))
		}}
}

// develop makes an empty database to try files on.
func (j *job) develop(ctx context.Context) (url string, remove func(), err error) {
	if j.dev != "" {
		return j.dev, func() {}, nil
	}
	url, drop, err := engine.Develop(ctx, j.db)
	if err != nil {
		return "", nil, err
	}
	return url, func() {
		if err := drop(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintf(j.stderr, "db: remove the database that files were tried on: %v\n", err)
		}
	}, nil
}
