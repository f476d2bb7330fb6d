package server

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"coppice/core/engine"
)

// config is what the flags and the environment say.
type config struct {
	addr  string
	db    engine.Config
	graph Options
}

// errUsage is the error of flags or variables that cannot be used.
var errUsage = errors.New("wrong usage")

// configure reads the flags, and the environment for those not given. The
// error is flag.ErrHelp when help is asked for, else an errUsage or a
// engine.ErrURL.
func configure(args []string, getenv func(string) string) (config, error) {
	var cfg config
	fs := flags(&cfg)
	given := map[string]bool{}
	var err error
	fs.VisitAll(func(f *flag.Flag) {
		name := variable(f.Name)
		if v := getenv(name); v != "" && err == nil {
			given[f.Name] = true
			if e := fs.Set(f.Name, v); e != nil {
				err = fmt.Errorf("%w: invalid value %q for variable %s: %w", errUsage, v, name, e)
			}
		}
	})
	if err != nil {
		return cfg, err
	}
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return cfg, err
		}
		return cfg, fmt.Errorf("%w: %w", errUsage, err)
	}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if err := checkAddress(cfg.addr); err != nil {
		return cfg, fmt.Errorf("%w: invalid value %q for flag -addr: %w", errUsage, cfg.addr, err)
	}
	switch {
	case fs.NArg() > 0:
		return cfg, fmt.Errorf("%w: unexpected argument %q", errUsage, fs.Arg(0))
	case cfg.graph.PageSize > cfg.graph.PageMax:
		return cfg, fmt.Errorf("%w: --page-size is %d, more than the %d of --page-max", errUsage, cfg.graph.PageSize, cfg.graph.PageMax)
	}
	// A URL that cannot be used is found before an address is taken for it.
	if err := cfg.db.Check(); err != nil {
		return cfg, err
	}
	if !given["dev"] {
		cfg.graph.Dev = loopback(cfg.addr)
	}
	if !given["introspection"] {
		cfg.graph.Introspection = cfg.graph.Dev
	}
	if !given["hosts"] && cfg.graph.Dev {
		cfg.graph.Hosts = []string{"localhost", "127.0.0.0/8", "::1"}
	}
	return cfg, nil
}

// flags declares the flags, with the defaults already set in cfg. A word in
// back quotes is the unit that help shows.
func flags(cfg *config) *flag.FlagSet {
	o := &cfg.graph
	*o = Defaults()
	fs := flag.NewFlagSet("server", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&cfg.addr, "addr", "127.0.0.1:8080", "where to listen, `host:port`; port 0 picks one")
	fs.StringVar(&cfg.db.URL, "db", "sqlite:coppice.db", "the database's `URL`, such as sqlite:/abs/path.db or sqlite::memory:")
	fs.Var((*replicas)(&cfg.db.Replicas), "replicas", "`URLs` of read replicas, by spaces: PostgreSQL servers that follow that of --db (default: none)")
	fs.Var(&cfg.db.Migrate, "migrate", "how the database is brought to the schemas, a `mode`: auto, by itself as long as nothing is lost; versioned, by the files of migrations; off (default: versioned where there are files for the engine, else auto)")
	fs.BoolVar(&o.Dev, "dev", false, "serve the playground, the data browser and the SQL view (default: on where the address is loopback)")
	fs.BoolVar(&o.Introspection, "introspection", false, "answer questions about the schema (default: as --dev)")
	fs.BoolVar(&o.Compress, "compress", o.Compress, "send answers of more than 1KiB in gzip to clients that take it")
	fs.Var((*hosts)(&o.Hosts), "hosts", "`names` and addresses that the Host header may have, by commas; ranges as 10.0.0.0/8 (default: localhost and loopback addresses in dev mode, else any)")
	fs.Var((*origins)(&o.Origins), "cors-origins", "`origins` of other sites whose pages may use the API, by commas, such as https://app.example.com; * for any, without cookies (default: none)")
	fs.Var((*persistence)(&o.Persisted), "persisted", "how operations may be named instead of sent, a `mode`: auto, Apollo's automatic persisted queries; only:DIR, nothing but the operations in DIR; off")
	for _, n := range []struct {
		p           *int
		name, usage string
	}{
		{&o.PageSize, "page-size", "`records` on a page that names no size"},
		{&o.PageMax, "page-max", "`records` on a page at most"},
		{&o.MaxDepth, "max-depth", "`levels` of fields at most"},
		{&o.MaxComplexity, "max-complexity", "`records` that an operation could return at most"},
		{&o.MaxAliases, "max-aliases", "`aliases` of an operation at most"},
		{&o.MaxTokens, "max-tokens", "`tokens` of a document at most"},
		{&o.MaxInputDepth, "max-input-depth", "`levels` of input objects at most"},
		{&o.MaxInputs, "max-inputs", "input `objects` of a request at most"},
	} {
		fs.Var((*count)(n.p), n.name, n.usage)
	}
	fs.Var((*size)(&o.MaxBody), "max-body", "size of a request at most, in `bytes` or as 512KiB, 1MiB")
	fs.Var((*size)(&o.MaxAnswer), "max-answer", "size of an answer at most, in `bytes` or as 512KiB, 16MiB")
	cfg.db.LockWait = engine.DefaultLockWait
	fs.Var((*wait)(&o.Timeout), "timeout", "`time` that a request may take, such as 500ms, 10s or 1m")
	fs.Var((*wait)(&cfg.db.LockWait), "lock-wait", "`time` that a write waits for a lock before it is refused")
	return fs
}

// variable is the environment variable of a flag.
func variable(name string) string {
	switch name {
	case "db":
		return "DATABASE_URL"
	case "replicas":
		return "DATABASE_REPLICAS"
	}
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// help prints a table of the flags.
func help(w io.Writer) {
	fmt.Fprint(w, "Serves the GraphQL API. Flags go before variables.\n\nusage: server [flags]\n\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FLAG\tVARIABLE\tDEFAULT\tMEANING")
	flags(&config{}).VisitAll(func(f *flag.Flag) {
		unit, usage := flag.UnquoteUsage(f)
		name := "--" + f.Name
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); !ok || !b.IsBoolFlag() {
			name += " " + unit
		}
		def := f.DefValue
		if before, after, ok := strings.Cut(usage, " (default: "); ok {
			usage, def = before, strings.TrimSuffix(after, ")")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", name, variable(f.Name), def, usage)
	})
	table.Flush()
}

func checkAddress(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return errors.New("must be host:port, such as 127.0.0.1:8080 or :8080")
	}
	_, err = net.LookupPort("tcp", port)
	return err
}

// loopback reports whether an address is reached from this machine alone.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// count is a flag for a number of at least 1.
type count int

// String prints the number.
func (c *count) String() string { return strconv.Itoa(int(*c)) }

// Set reads the number.
func (c *count) Set(s string) error {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 {
		return errors.New("must be a whole number of at least 1")
	}
	*c = count(n)
	return nil
}

// size is a flag for a number of bytes.
type size int

// String prints the size in the largest unit that divides it.
func (s *size) String() string {
	n, unit := int(*s), ""
	for _, u := range units {
		if n > 0 && n%u.bytes == 0 {
			n, unit = n/u.bytes, u.name
			break
		}
	}
	return strconv.Itoa(n) + unit
}

// units of a size, the largest first.
var units = [...]struct {
	name  string
	bytes int
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// Set reads the size.
func (s *size) Set(text string) error {
	number, factor := text, 1
	for _, u := range units {
		if n, ok := strings.CutSuffix(text, u.name); ok {
			number, factor = strings.TrimSpace(n), u.bytes
		}
	}
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || n < 1 || n*int64(factor) > 1<<31 {
		return errors.New("must be a number of bytes of at least 1, or one with KiB or MiB")
	}
	*s = size(int(n) * factor)
	return nil
}

// wait is a flag for a time of more than nothing.
type wait time.Duration

// String prints the time.
func (w *wait) String() string { return time.Duration(*w).String() }

// Set reads the time.
func (w *wait) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return errors.New("must be a time such as 500ms, 10s or 1m")
	}
	*w = wait(d)
	return nil
}

// hosts is a flag for a list of hosts.
type hosts []string

// String prints the list.
func (h *hosts) String() string { return strings.Join(*h, ",") }

// Set reads the list.
func (h *hosts) Set(s string) error {
	*h = nil
	for _, host := range strings.Split(s, ",") {
		*h = append(*h, strings.TrimSpace(host))
	}
	return CheckHosts(*h)
}

// replicas is a flag for URLs, of which each may name several hosts by commas.
type replicas []string

// String prints nothing: a URL may hold a password.
func (r *replicas) String() string { return "" }

// Set reads the list.
func (r *replicas) Set(s string) error {
	*r = strings.Fields(strings.ReplaceAll(s, ",postgres", " postgres"))
	return nil
}

// origins is a flag for a list of origins.
type origins []string

// String prints the list.
func (o *origins) String() string { return strings.Join(*o, ",") }

// Set reads the list.
func (o *origins) Set(s string) error {
	*o = nil
	for _, origin := range strings.Split(s, ",") {
		*o = append(*o, strings.TrimSpace(origin))
	}
	return CheckOrigins(*o)
}

// persistence is a flag for how documents may be named.
type persistence string

// String prints the mode.
func (p *persistence) String() string { return string(*p) }

// Set reads the mode.
func (p *persistence) Set(s string) error {
	if s == "" {
		return errors.New("must be auto, off, or only: and a folder")
	}
	*p = persistence(s)
	return CheckPersisted(s)
}
