package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
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

const unreadable = "its host, port or password cannot be read: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with % and two digits for what is no letter or digit in the password"

// authority is what a URL has between its scheme and its path.
func authority(s string) string {
	_, rest, _ := strings.Cut(s, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return rest
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
			return Target{}, errors.New(unreadable)
		}
		return Target{}, errors.New("it cannot be read: write postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	if strings.Count(authority(s), "@") > 1 {
		// The driver ends the password at the first @, and takes the rest of it for the host.
		return Target{}, errors.New(unreadable)
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

// set gives each connection what the session is to be like: what values are read and
// written by always, the rest where the URL says nothing of it. A pooler hands these
// on, or ignores them.
func (t Target) set(c *pgx.ConnConfig) {
	for name, value := range map[string]string{
		"application_name": "coppice",
		// The text of a value, which hashes and messages are made of, depends on them.
		"timezone": "UTC",
	} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(c.RuntimeParams)), func(given string) bool { return strings.EqualFold(given, name) }) {
			c.RuntimeParams[name] = value
		}
	}
	for name, value := range map[string]string{
		// The driver sends and reads UTF-8 whatever the server takes it for.
		"client_encoding":             "UTF8",
		"standard_conforming_strings": "on",
		"datestyle":                   "ISO",
	} {
		maps.DeleteFunc(c.RuntimeParams, func(given, _ string) bool { return strings.EqualFold(given, name) })
		c.RuntimeParams[name] = value
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
