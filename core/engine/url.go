package engine

import (
	"errors"
	"fmt"
	"strings"

	"coppice/core/engine/postgres"
	"coppice/core/engine/sqlite"
)

// ErrURL is the error of a database URL that cannot be used: wrong usage,
// rather than a database that fails.
var ErrURL = errors.New("database URL")

const accepted = "sqlite:FILE, sqlite:/absolute/FILE, sqlite::memory: and postgres://USER@HOST:PORT/DATABASE are"

// target is a database of one of the engines.
type target struct {
	sqlite   sqlite.Target
	postgres *postgres.Target // nil but of PostgreSQL
}

// parseURL reads a database URL. It never repeats one in an error, save a bare
// name: it may hold a password.
func parseURL(s string) (target, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	switch {
	case strings.TrimSpace(s) == "":
		return target{}, fmt.Errorf("%w: it is empty; %s accepted", ErrURL, accepted)
	case !ok && strings.Contains(s, "="): // as of PostgreSQL's programs, which may hold a password
		return target{}, fmt.Errorf("%w: it has no scheme; %s accepted", ErrURL, accepted)
	case !ok:
		return target{}, fmt.Errorf("%w: %q has no scheme; for a file of that name write sqlite:%s", ErrURL, s, s)
	}
	switch scheme {
	case "sqlite":
		t, err := sqlite.Parse(rest)
		if err != nil {
			return target{}, fmt.Errorf("%w: %w", ErrURL, err)
		}
		return target{sqlite: t}, nil
	case "postgres", "postgresql":
		t, err := postgres.Parse(s)
		if err != nil {
			return target{}, fmt.Errorf("%w: %s: %w", ErrURL, scheme, err)
		}
		return target{postgres: &t}, nil
	case "mysql", "mariadb":
		return target{}, fmt.Errorf("%w: %s is not supported yet; %s accepted", ErrURL, scheme, accepted)
	}
	return target{}, fmt.Errorf("%w: the scheme %q is unknown; %s accepted", ErrURL, scheme, accepted)
}
