package seeder

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"time"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
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
table: users.yaml, posts.json, comments.jsonl, tags.csv, each also packed, as
posts.jsonl.gz. Up to 10,000 records, or 64 MiB, are written all or none; more
are written in parts, beside servers at work, and after a break the same call
completes them.

  --db URL             the database: sqlite:FILE, sqlite:/absolute/FILE,
                       postgres://USER:PASSWORD@HOST:PORT/DATABASE
                       (DATABASE_URL; default sqlite:coppice.db)
  --plan               say what would be created, updated and left; change
                       nothing, and create no file
  --fake TABLE=N,…     load made-up records instead, as users=1000,posts=20000
  --rand N             make up others: the same number, the same records
                       (default 42)
  --set NAME           the name under which to remember what is loaded (default
                       embedded, fake, or the names of the files)
  --undo NAME          remove what a set created, but for what was changed since
                       or is needed by others
  --reset              empty all tables first; asks on a terminal, else needs --yes
  --yes                do not ask
  --dump DIR           write the database out as files that can be loaded
  --include-sensitive  dump sensitive fields, too
  --quiet              no progress
  --json               no progress, and the summary as JSON
  --lock-wait TIME     how long to wait for others that write
                       (LOCK_WAIT; default 1m0s)
  --migrate MODE       how the database is brought to the schemas: auto, versioned or
                       off (MIGRATE; default versioned where migrations has files)
  --help               show this

It exits with 0 when everything is done, with 1 when an error in the data or the
database came in between, and with 2 for wrong usage.
`

var (
	errHelp  = flag.ErrHelp
	errUsage = errors.New("wrong usage")
)

// options are what the command line and the environment ask for.
type options struct {
	db        string
	lockWait  time.Duration
	migrate   migrate.Mode
	plan      bool
	fake      string
	rand      uint64
	set       string
	undo      string
	reset     bool
	yes       bool
	dump      string
	sensitive bool
	quiet     bool
	json      bool
	colour    bool
	paths     []string
}

// parse reads the command line; flags may stand behind files.
func parse(args []string, getenv func(string) string) (options, error) {
	// https://no-color.org
	o := options{lockWait: defaultLockWait, colour: getenv("NO_COLOR") == ""}
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
	if text := getenv("MIGRATE"); text != "" {
		if err := o.migrate.Set(text); err != nil {
			return o, fmt.Errorf("%w: MIGRATE is %q; it %w", errUsage, text, err)
		}
	}
	flags.Var(&o.migrate, "migrate", "")
	flags.BoolVar(&o.plan, "plan", false, "")
	flags.StringVar(&o.fake, "fake", "", "")
	flags.Uint64Var(&o.rand, "rand", 42, "")
	flags.StringVar(&o.set, "set", "", "")
	flags.StringVar(&o.undo, "undo", "", "")
	flags.StringVar(&o.dump, "dump", "", "")
	flags.BoolVar(&o.sensitive, "include-sensitive", false, "")
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
	if err := o.agree(flags); err != nil {
		return o, err
	}
	// A URL that cannot be used is found before a file is opened.
	return o, engine.Config{URL: o.db}.Check()
}

// agree refuses flags that do not go together.
func (o options) agree(flags *flag.FlagSet) error {
	given := map[string]bool{"a file": len(o.paths) > 0}
	flags.Visit(func(f *flag.Flag) { given["--"+f.Name] = true })
	for _, rule := range []struct {
		flag   string
		refuse []string
	}{
		{"--undo", []string{"a file", "--fake", "--set", "--reset", "--dump"}},
		{"--dump", []string{"a file", "--fake", "--set", "--reset", "--plan"}},
		{"--fake", []string{"a file"}},
	} {
		for _, other := range rule.refuse {
			if given[rule.flag] && given[other] {
				return fmt.Errorf("%w: %s and %s do not go together; see --help", errUsage, rule.flag, other)
			}
		}
	}
	for flag, needed := range map[string]string{"--rand": "--fake", "--include-sensitive": "--dump"} {
		if given[flag] && !given[needed] {
			return fmt.Errorf("%w: %s goes with %s only; see --help", errUsage, flag, needed)
		}
	}
	for _, f := range []string{"undo", "dump", "fake", "set"} {
		if given["--"+f] && flags.Lookup(f).Value.String() == "" {
			return fmt.Errorf("%w: --%s is empty; see --help", errUsage, f)
		}
	}
	return nil
}
