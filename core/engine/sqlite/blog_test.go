package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"

	"coppice/core/engine/migrate"
	"coppice/core/internal/fixture/blog/ent"
	_ "coppice/core/internal/fixture/blog/ent/runtime" // the schemas' hooks, interceptors and policies
	"coppice/core/record"
)

// Config says which database the tests' project opens.
type Config struct {
	URL      string
	LockWait time.Duration
}

func parseURL(url string) (Target, error) { return Parse(strings.TrimPrefix(url, "sqlite:")) }

// openBlog is the constructor of the tests' project.
func openBlog(ctx context.Context, cfg Config) (*ent.Client, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	d, err := Open(ctx, t, Options{LockWait: cfg.LockWait, Schema: migrate.SchemaOf(ent.Coppice())})
	if err != nil {
		return nil, err
	}
	return ent.NewClient(ent.Driver(d)), nil
}

func draftBlog(ctx context.Context, cfg Config) (*ent.Client, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	d, err := Draft(ctx, t, Options{LockWait: cfg.LockWait, Schema: migrate.SchemaOf(ent.Coppice())})
	if err != nil {
		return nil, err
	}
	return ent.NewClient(ent.Driver(d)), nil
}

func dbOf(c *ent.Client) (*sql.DB, error) {
	h, ok := ent.Coppice().Driver(c).(*entDriver)
	if !ok {
		return nil, errors.New("this is the client of a transaction")
	}
	return h.DB(), nil
}

// options are those of a database with tables that are no project's.
type options struct {
	lockWait time.Duration
	log      *slog.Logger
	tables   []*schema.Table
	views    []record.View
	renames  []record.Rename
	secrets  map[string][]string
	defaults func(table string) ([]*sqlgraph.FieldSpec, error)
}

func openTables(ctx context.Context, t Target, o options) (*entDriver, error) {
	return openDriver(ctx, t, Options{LockWait: o.lockWait, Log: o.log,
		Schema: migrate.Schema{Tables: o.tables, Views: o.views, Renames: o.renames, Secrets: o.secrets, Defaults: o.defaults}})
}
