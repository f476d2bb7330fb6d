package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Target is a database of a PostgreSQL server.
type Target struct {
	config *pgxpool.Config
	sized  bool // the URL says how many connections there may be
}

// Parse reads a URL such as postgres://user:password@host:5432/database, with the
// parameters that pgx takes (https://pkg.go.dev/github.com/jackc/pgx/v5/pgxpool#ParseConfig).
// What is not given comes from the environment of PostgreSQL's own programs, PGHOST
// and so on. No error repeats any of it but names.
func Parse(s string) (Target, error) {
	u, err := url.Parse(s)
	if err != nil {
		var wrong *url.Error
		if errors.As(err, &wrong) {
			err = wrong.Err
		}
		if strings.Contains(err.Error(), "userinfo") || strings.Contains(err.Error(), "port") {
			// What was taken for a port may be a part of a password.
			return Target{}, errors.New("its host, port or password cannot be read: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with % and two digits for what is no letter or digit in the password")
		}
		return Target{}, errors.New("it cannot be read: write postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	if strings.Trim(u.Path, "/") == "" && u.Query().Get("dbname") == "" && os.Getenv("PGDATABASE") == "" {
		return Target{}, errors.New("names no database: write postgres://USER@HOST:PORT/DATABASE")
	}
	config, err := pgxpool.ParseConfig(s)
	if err != nil {
		var wrong *pgconn.ParseConfigError
		if errors.As(err, &wrong) && wrong.Unwrap() != nil {
			return Target{}, fmt.Errorf("its parameters cannot be used: %w", wrong.Unwrap())
		}
		return Target{}, errors.New("its parameters cannot be used")
	}
	return Target{config: config, sized: u.Query().Has("pool_max_conns")}, nil
}

// String is the name for messages: where the database is, and as whom it is opened.
func (t Target) String() string {
	c := t.config.ConnConfig
	return fmt.Sprintf("PostgreSQL database %q at %s:%d as %q", c.Database, c.Host, c.Port, c.User)
}

// set gives each connection what the session is to be like, where the URL says nothing
// of it. A pooler hands these on, or ignores them.
func (t Target) set(c *pgx.ConnConfig) {
	for name, value := range map[string]string{
		"application_name": "coppice",
		// The text of a value, which hashes and messages are made of, depends on them.
		"timezone": "UTC",
	} {
		if _, given := c.RuntimeParams[name]; !given {
			c.RuntimeParams[name] = value
		}
	}
}

// Exists reports whether a database has a schema that one of our programs made.
func Exists(ctx context.Context, t Target) (there bool, err error) {
	config := t.config.ConnConfig.Copy()
	t.set(config)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, t.refused(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it was only read
	if err := conn.QueryRow(ctx, findHistory).Scan(&there); err != nil {
		return false, t.refused(err)
	}
	return there, nil
}
