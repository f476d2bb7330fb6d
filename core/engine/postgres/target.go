package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"coppice/core/fault"
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
	if err := checkParameters(u); err != nil {
		return Target{}, fmt.Errorf("its parameters cannot be used: %w", err)
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

// choices are the values that parameters of a URL take, where they are few.
func choices(name string) []string {
	switch name {
	case "sslmode":
		return []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
	case "sslcertmode":
		return []string{"disable", "allow", "require"}
	case "channel_binding":
		return []string{"disable", "prefer", "require"}
	case "target_session_attrs":
		return []string{"any", "read-write", "read-only", "primary", "standby", "prefer-standby"}
	case "default_query_exec_mode":
		return []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"}
	case "min_protocol_version", "max_protocol_version":
		return []string{"3.0", "3.2", "latest"}
	}
	return nil
}

// checkParameters tells what is wrong with the port and the parameters of a URL that the
// driver reads by itself, of which it does not say enough. What others are is for the
// server to say. A port is not repeated: it may be a part of a password.
func checkParameters(u *url.URL) error {
	query := u.Query()
	ports := query["port"]
	if u.Port() != "" {
		ports = append(ports, u.Port())
	}
	for _, list := range ports {
		for port := range strings.SplitSeq(list, ",") {
			if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
				return errors.New("the port must be a whole number from 1 to 65535")
			}
		}
	}
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range query[name] {
			if wanted := wantedOf(name, value); wanted != "" {
				return fmt.Errorf("%s is %s: write %s", name, fault.Quote(value), wanted)
			}
		}
	}
	return nil
}

// wantedOf is what a parameter takes, where that is not the value; else "".
func wantedOf(name, value string) string {
	least := int64(0)
	switch name {
	case "pool_max_conns":
		least = 1
		fallthrough
	case "pool_min_conns", "pool_min_idle_conns", "statement_cache_capacity", "description_cache_capacity":
		if n, err := strconv.ParseInt(value, 10, 32); err != nil || n < least {
			return fmt.Sprintf("a whole number from %d to %d", least, math.MaxInt32)
		}
	case "connect_timeout":
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 0 || n > math.MaxInt32 {
			return "a whole number of seconds, 0 for no bound"
		}
	case "pool_max_conn_lifetime", "pool_max_conn_idle_time", "pool_max_conn_lifetime_jitter", "pool_ping_timeout", "pool_health_check_period":
		if d, err := time.ParseDuration(value); err != nil || d < 0 || d == 0 && name == "pool_health_check_period" {
			return "a time with its unit, such as 30s, 5m or 1h"
		}
	}
	if of := choices(name); of != nil && value != "" && !slices.Contains(of, value) {
		return "one of " + strings.Join(of, ", ")
	}
	return ""
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
