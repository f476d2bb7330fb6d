package server

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/internal/dialect"
	"coppice/core/internal/sdl"
	"coppice/core/record"
)

const (
	// drainTime is how long running requests have to finish at shutdown.
	drainTime = 10 * time.Second
	// readTime is how long a client may take to send a request.
	readTime = 30 * time.Second
	// headerBytes is what a request may carry beside the query of its URL.
	headerBytes = 64 << 10
	// gcPercent is how far the heap may grow between collections, unless GOGC
	// says otherwise. What stays alive is a few megabytes, so that the usual
	// 100 collects a hundred times a second under load; this costs 12 MB and
	// gives a third more requests.
	gcPercent = 400
)

// App is a project as the main of its server puts it together; C is its typed
// client.
type App[C any] struct {
	// Open is the project's constructor, which its seeder uses as well.
	Open func(context.Context, engine.Config) (C, error)
	// API is what the generated package graph makes of a client.
	API func(C) record.API
	// Configure, unless it is nil, sets what no flag says: routes, middleware and
	// jobs of the project's own. It is called once, with the open client.
	Configure func(C, *Options)
	// Pages becomes Options.Pages.
	Pages fs.FS
}

// Run is the program: it serves until a signal or ctx ends it, and returns the
// exit code. That is 0 after a shutdown, 1 when something fails, 2 for wrong
// usage.
func Run[C any](ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer, a App[C]) int {
	cfg, err := configure(args, getenv)
	if errors.Is(err, flag.ErrHelp) {
		help(stdout)
		return 0
	}
	if err == nil {
		if getenv("GOGC") == "" {
			debug.SetGCPercent(gcPercent)
		}
		err = serve(ctx, cfg, stderr, a)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage) || errors.Is(err, engine.ErrURL):
		fmt.Fprintf(stderr, "server: %v\nserver --help lists the flags.\n", err)
		return 2
	default:
		// The program is called as the package is, whose errors say so already.
		fmt.Fprintf(stderr, "server: %s\n", strings.TrimPrefix(err.Error(), "server: "))
		return 1
	}
}

// serve listens, opens the database, and answers requests until a signal or
// the end of ctx; then it lets the running ones finish and closes everything.
func serve[C any](ctx context.Context, cfg config, stderr io.Writer, a App[C]) (err error) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(stderr, nil))
	cfg.graph.Logger, cfg.db.Logger = log, log

	ln, err := listen(ctx, cfg.addr)
	if err != nil {
		return err
	}
	defer func() { _ = ln.Close() }()
	client, err := a.Open(ctx, cfg.db)
	if ctx.Err() != nil && err != nil {
		return nil // told to stop before it was ready
	}
	if err != nil {
		return err
	}
	api := a.API(client)
	defer func() { err = errors.Join(err, api.Client.Close()) }()
	cfg.graph.Pages = a.Pages
	if a.Configure != nil {
		a.Configure(client, &cfg.graph)
	}
	routes, err := New(api, cfg.graph)
	if err != nil {
		return err
	}
	srv := &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       readTime,
		WriteTimeout:      2*readTime + cfg.graph.Timeout,
		MaxHeaderBytes:    cfg.graph.MaxBody + headerBytes, // a GET carries its request there
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	jobs := slices.Clone(cfg.graph.Jobs)
	if cfg.db.Migrate != migrate.Off { // which writes nothing of its own
		jobs = append(jobs, func(ctx context.Context) error {
			keepAPI(ctx, api, log)
			return nil
		})
	}
	failed := make(chan error, 1+len(jobs))
	go func() { failed <- srv.Serve(ln) }()
	working := work(ctx, jobs, failed)
	log.Info(fmt.Sprintf("listening on http://%s (%s)", ln.Addr(), mode(cfg.graph)))
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	// From here on a second signal ends the process at once.
	stop()
	return errors.Join(err, drain(srv, working, log))
}

// keepAPI keeps the schema that is served in the database, so that a plan of the next
// one knows what clients know. Nothing that is served depends on it.
func keepAPI(ctx context.Context, api record.API, log *slog.Logger) {
	text, err := sdl.Join(api.Schema)
	if err == nil {
		driver := api.Client.Driver()
		var db *sql.DB
		if db, err = engine.DB(driver); err == nil {
			err = sdl.Keep(ctx, db, dialect.Of(driver.Dialect()), text)
		}
	}
	if err != nil && ctx.Err() == nil {
		log.Warn("the schema of the API cannot be kept in the database: a plan will not tell what changes in it", "error", err)
	}
}

// work starts jobs. An error of one goes to failed; the channel that is returned
// is closed when all have ended.
func work(ctx context.Context, jobs []func(context.Context) error, failed chan<- error) <-chan struct{} {
	var running sync.WaitGroup
	for i, job := range jobs {
		running.Go(func() {
			if err := job(ctx); err != nil && ctx.Err() == nil {
				failed <- fmt.Errorf("job %d of Options.Jobs: %w", i, err)
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		running.Wait()
		close(ended)
	}()
	return ended
}

// drain stops accepting and waits for running requests and jobs. After drainTime
// it cuts requests off, and waits for jobs no longer.
func drain(srv *http.Server, jobs <-chan struct{}, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	err := srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("requests were cut off", "after", drainTime)
		err = srv.Close()
	}
	select {
	case <-jobs:
	case <-ctx.Done():
		log.Warn("jobs were left running", "after", drainTime)
	}
	return err
}

func mode(o Options) string {
	if o.Dev {
		return "dev mode, playground at /"
	}
	return "GraphQL at /graphql"
}

// listen takes an address. The error of one that is taken says by whom, where
// the kernel tells, and the way out.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
		return ln, err
	}
	by := "another process"
	if _, text, err := net.SplitHostPort(addr); err == nil {
		if port, err := net.LookupPort("tcp", text); err == nil {
			by = listenerOf(port, by)
		}
	}
	return nil, fmt.Errorf("the address %s is already in use by %s; choose another with --addr, of which port 0 picks a free one", addr, by)
}

// listenerOf names the process that listens on a port of this machine, as far as
// Linux tells; else it is unknown.
func listenerOf(port int, unknown string) string {
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(text), "\n") {
			if inode, ok := listening(strings.Fields(line), port); ok {
				sockets["socket:["+inode+"]"] = true
			}
		}
	}
	if len(sockets) == 0 {
		return unknown
	}
	// What belongs to other users cannot be read, and is passed over.
	descriptors, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, descriptor := range descriptors {
		if to, err := os.Readlink(descriptor); err != nil || !sockets[to] {
			continue
		}
		process := filepath.Dir(filepath.Dir(descriptor))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil {
			continue
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), filepath.Base(process))
	}
	return unknown
}

// listening reads a line of the kernel's table of sockets: the inode of one that
// listens on a port.
func listening(columns []string, port int) (inode string, ok bool) {
	const listens = "0A"
	if len(columns) < 10 || columns[3] != listens {
		return "", false
	}
	_, hex, _ := strings.Cut(columns[1], ":")
	n, err := strconv.ParseUint(hex, 16, 16)
	return columns[9], err == nil && int(n) == port
}
