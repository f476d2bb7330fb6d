package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"time"
)

const (
	defaultURL = "sqlite:coppice.db"
	// A load holds the right to write from its beginning to its end, and
	// nobody waits for its answer as for a request's: a seeder rather waits for
	// another one, and for the requests of a busy server, than give up.
	defaultLockWait = time.Minute
)

const help = `seed loads records from files into the database. Loading the same files again
changes nothing.

usage: seed [flags] [file or folder …]

Without files it loads the data set that it carries. A file is named after a
table: users.yaml, posts.json, comments.jsonl, tags.csv.

  --db URL          the database: sqlite:FILE, sqlite:/absolute/FILE
                    (DATABASE_URL; default sqlite:coppice.db)
  --reset           empty all tables first; asks on a terminal, else needs --yes
  --yes             do not ask
  --quiet           no progress
  --json            no progress, and the summary as JSON
  --lock-wait TIME  how long to wait for others that write
                    (LOCK_WAIT; default 1m0s)
  --help            show this

It exits with 0 when everything is loaded, with 1 when nothing was written
because of an error, and with 2 for wrong usage.
`

var (
	errHelp  = flag.ErrHelp
	errUsage = errors.New("wrong usage")
)

// options are what the command line and the environment ask for.
type options struct {
	db       string
	lockWait time.Duration
	reset    bool
	yes      bool
	quiet    bool
	json     bool
	paths    []string
}

// parse reads the command line; flags may stand behind files.
func parse(args []string, getenv func(string) string) (options, error) {
	o := options{lockWait: defaultLockWait}
	if text := getenv("LOCK_WAIT"); text != "" {
		wait, err := time.ParseDuration(text)
		if err != nil {
			return o, fmt.Errorf("%w: LOCK_WAIT is %q; give a time such as 90s", errUsage, text)
		}
		o.lockWait = wait
	}
	flags := flag.NewFlagSet("seed", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.db, "db", cmp.Or(getenv("DATABASE_URL"), defaultURL), "")
	flags.DurationVar(&o.lockWait, "lock-wait", o.lockWait, "")
	flags.BoolVar(&o.reset, "reset", false, "")
	flags.BoolVar(&o.yes, "yes", false, "")
	flags.BoolVar(&o.quiet, "quiet", false, "")
	flags.BoolVar(&o.json, "json", false, "")
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return o, errHelp
			}
			return o, fmt.Errorf("%w: %w; see --help", errUsage, err)
		}
		read := len(args) - flags.NArg()
		if read > 0 && args[read-1] == "--" {
			o.paths = slices.Concat(o.paths, flags.Args())
			break
		}
		if args = flags.Args(); len(args) > 0 {
			o.paths = append(o.paths, args[0])
			args = args[1:]
		}
	}
	if o.lockWait <= 0 {
		return o, fmt.Errorf("%w: the lock wait is %s; give a time of more than 0", errUsage, o.lockWait)
	}
	return o, nil
}
