package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"coppice/core/internal/query"
	"coppice/core/internal/sdl"
	"coppice/core/internal/statement"
	"coppice/core/model"
	"coppice/core/record"
)

// Options says what the handler allows. Every number is a largest allowed
// value, and at least 1.
type Options struct {
	PageSize      int           // records on a page that names no size
	PageMax       int           // records on a page
	MaxDepth      int           // levels of fields
	MaxComplexity int           // records that an operation could return
	MaxAliases    int           // renamed fields
	MaxTokens     int           // lexical tokens of a document
	MaxBody       int           // bytes of a request
	MaxInputDepth int           // input objects within each other
	MaxInputs     int           // input objects of a request
	MaxAnswer     int           // bytes of an answer's data
	Timeout       time.Duration // of a request, or 0 for none

	// Hosts are the names, addresses and ranges of addresses that the Host header
	// may have; none of them stands for any.
	Hosts []string
	// Origins are those of other sites, such as https://app.example.com, whose pages
	// may use the API: none, or "*" alone for any, which then sends no cookies.
	Origins []string

	// Persisted says how documents may be named instead of sent: "auto" by Apollo's
	// automatic persisted queries; "only:" and a folder, by the operations in
	// that, which are then all that is answered; "off", or "", not at all.
	Persisted string
	// Compress sends answers of more than 1 KiB in gzip to clients that take it.
	Compress bool

	// Routes adds routes beside those of the API, unless it is nil.
	Routes func(*http.ServeMux)
	// Middleware goes around all routes; the first is the outermost.
	Middleware []func(http.Handler) http.Handler
	// Jobs run beside the server, each until its context ends; where one returns an
	// error, the server ends. Only Run starts them.
	Jobs []func(context.Context) error

	// Extensions are gqlgen's; the first is the outermost. Interceptors of fields see
	// those that are written by hand.
	Extensions []graphql.HandlerExtension
	// ErrorPresenter has the last word on each error of an execution, unless it is
	// nil. What it is given wraps the error, and says what clients would be told.
	ErrorPresenter graphql.ErrorPresenterFunc

	// Pages is what cmd/pages built, in a folder "pages"; nil for the small
	// playground alone. It is served in dev mode.
	Pages fs.FS

	Dev           bool         // serve the pages and the SQL view
	Introspection bool         // answer __schema and __type
	Logger        *slog.Logger // of what clients are not told; nil for slog's default
}

// Defaults returns the contract's limits and forms of requests, with everything
// else off.
func Defaults() Options {
	return Options{
		PageSize: 50, PageMax: 1000,
		MaxDepth: 15, MaxComplexity: 20_000, MaxAliases: 50, MaxTokens: 10_000, MaxBody: 1 << 20,
		MaxInputDepth: 20, MaxInputs: 5000,
		MaxAnswer: 16 << 20, Timeout: 10 * time.Second,
		Persisted: persistedAuto, Compress: true,
	}
}

// Parsed documents are kept, but not so many or such long ones that clients
// could fill the memory with them: a token takes some 300 bytes once parsed,
// which makes 150 MB at the very most.
const (
	keptDocuments = 500
	keptTokens    = 1000
	keptLength    = 8 << 10 // bytes
)

// httpHandler answers GraphQL requests.
type httpHandler struct {
	opts      Options
	schema    *ast.Schema
	project   *record.Project
	model     *model.Schema // the project's
	documents *lru.Cache[documentKey, *validOperation]
	rules     []validator.Rule
	// plainRules are the rules without suggestions of what was meant.
	plainRules []validator.Rule
	overlap    validator.Rule
	names      *suggester // nil without introspection
	sites      *siteGuard
	persisted  persisted
	extensions *extensionSet
	headers    map[string][]string // shared by all responses
	execute    func(context.Context, *graphql.OperationContext, *query.Plans) *graphql.Response
	inspect    func(context.Context, *graphql.OperationContext) gqlerror.List
	log        *slog.Logger
}

// New returns the server's routes: /graphql, /healthz, /readyz, in dev mode the
// pages, which are the playground at / and the data browser at /data, and in dev
// mode or with introspection /schema.graphql.
func New(api record.API, opts Options) (http.Handler, error) {
	schema, err := loadSchema(api.Schema)
	if err != nil {
		return nil, err
	}
	custom := api.Custom(schema)
	if len(custom.Unimplemented) > 0 {
		return nil, fmt.Errorf("server: the directive @%s has no implementation: give graph.Config, where the API is made, its Directives", strings.Join(custom.Unimplemented, " and @"))
	}
	engine := query.New(api.Client, schema, query.Limits{PageSize: opts.PageSize, PageMax: opts.PageMax, Answer: opts.MaxAnswer}, custom)
	h, err := newHandler(api.Client.Project, schema, opts)
	if err != nil {
		return nil, err
	}
	if h.extensions, err = newExtensions(opts.Extensions, custom.Executable); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	engine.RootFields = len(h.extensions.roots) > 0
	h.execute, h.inspect = engine.Execute, engine.Inspect // fields, so that tests can stand in for them
	mux := http.NewServeMux()
	mux.Handle("/graphql", h)
	mux.HandleFunc("GET /healthz", serveHealth)
	mux.Handle("GET /readyz", readyHandler(api.Client, h.log))
	if opts.Dev || opts.Introspection {
		mux.Handle("GET /schema.graphql", h.schemaHandler(api.Schema))
	}
	if opts.Routes != nil {
		opts.Routes(mux)
	}
	if opts.Dev {
		if err := h.addPages(mux); err != nil {
			return nil, err
		}
	}
	routes := http.Handler(mux)
	for _, wrap := range slices.Backward(opts.Middleware) {
		routes = wrap(routes)
	}
	return h.sites.sharing(routes, "/graphql", "/schema.graphql"), nil
}

// newHandler returns a handler that lacks but what executes.
func newHandler(project *record.Project, schema *ast.Schema, opts Options) (*httpHandler, error) {
	documents, err := lru.New[documentKey, *validOperation](keptDocuments)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	sites, err := newSiteGuard(opts.Hosts, opts.Origins)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	h := &httpHandler{
		opts: opts, sites: sites, extensions: &extensionSet{}, schema: schema, project: project, model: project.Model, documents: documents, log: opts.Logger,
		headers: map[string][]string{
			"Cache-Control":          {"no-store"},
			"X-Content-Type-Options": {"nosniff"},
			"Vary":                   {"Accept-Encoding"},
			"Content-Encoding":       {"gzip"},
		},
	}
	for _, media := range []string{mediaJSON, mediaGraphQL} {
		h.headers[media] = []string{media + "; charset=utf-8"}
	}
	if h.log == nil { // asked late, when a program has set its default
		h.log = slog.Default()
	}
	if opts.Introspection { // else they would tell the schema bit by bit
		h.names = &suggester{h.model}
	}
	secrets := secretNamesOf(h.model)
	h.rules, h.overlap = validationRules(opts.Introspection, true, secrets, h.names)
	h.plainRules, _ = validationRules(opts.Introspection, false, secrets, nil)
	return h, h.persist(opts.Persisted)
}

// persist makes ready for documents that are named. What a folder holds is
// judged by the rules of the handler, which are there by now.
func (h *httpHandler) persist(mode string) (err error) {
	if err := CheckPersisted(mode); err != nil {
		return fmt.Errorf("server: --persisted %s: %w", mode, err)
	}
	if dir, only := strings.CutPrefix(mode, persistedOnly); only {
		h.persisted.operations, err = h.readOperations(dir)
	} else if mode == persistedAuto {
		h.persisted.texts, err = newTextStore()
	}
	return err
}

// loadSchema parses the API's schema from all its files.
func loadSchema(files fs.FS) (*ast.Schema, error) {
	schema, err := sdl.Load(files)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	return schema, nil
}

// readyWithin is how long the database may take to show that it is ready.
const readyWithin = time.Second

// serveHealth answers as long as the process lives.
func serveHealth(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, "ok\n")
}

// readyHandler answers 200 when the database holds every table and column of the
// schema, else 503.
func readyHandler(client *record.Client, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(statement.Probe(r.Context()), readyWithin)
		defer cancel()
		// What fails is for the log: this path is open to everyone.
		if pending, err := pendingChange(ctx, client); err == nil && pending != "" {
			http.Error(w, "not ready: "+pending+": run cmd/db up, or start with --migrate auto", http.StatusServiceUnavailable)
			return
		}
		if err := probeSchema(ctx, client); err != nil {
			log.WarnContext(ctx, "not ready", "error", err)
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
}

// pendingChange says what the database lacks of the schema, where it does not come to it
// by itself.
func pendingChange(ctx context.Context, client *record.Client) (string, error) {
	d, ok := client.Driver().(interface {
		Pending(context.Context) (string, error)
	})
	if !ok {
		return "", nil
	}
	return d.Pending(ctx)
}

// probeSchema asks the database for no row of each table, by all its columns.
func probeSchema(ctx context.Context, client *record.Client) error {
	driver := client.Driver()
	for _, e := range client.Model.Entities {
		columns := []string{e.ID.Column}
		for _, f := range e.Fields {
			columns = append(columns, f.Column)
		}
		query, args := sql.Dialect(driver.Dialect()).Select(columns...).From(sql.Table(e.Table)).Limit(0).Query()
		rows := &sql.Rows{}
		if err := driver.Query(ctx, query, args, rows); err != nil {
			return fmt.Errorf("probe %s: %w", e.Table, err)
		}
		for rows.Next() { // there is none, but some engines say only here what is wrong
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return fmt.Errorf("probe %s: %w", e.Table, err)
		}
	}
	return nil
}
