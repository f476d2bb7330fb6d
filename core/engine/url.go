package engine

import (
	"errors"
	"fmt"
	"strings"

	"coppice/core/engine/sqlite"
)

// ErrURL is the error of a database URL that cannot be used: wrong usage,
// rather than a database that fails.
var ErrURL = errors.New("database URL")

const accepted = "sqlite:FILE, sqlite:/absolute/FILE and sqlite::memory: are"

// parseURL reads a database URL. It never repeats one in an error, save a bare
// name: it may hold a password.
func parseURL(s string) (sqlite.Target, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	switch {
	case strings.TrimSpace(s) == "":
		return sqlite.Target{}, fmt.Errorf("%w: it is empty; %s accepted", ErrURL, accepted)
	case !ok:
		return sqlite.Target{}, fmt.Errorf("%w: %q has no scheme; for a file of that name write sqlite:%s", ErrURL, s, s)
	}
	switch scheme {
	case "sqlite":
		t, err := sqlite.Parse(rest)
		if err != nil {
			return t, fmt.Errorf("%w: %w", ErrURL, err)
		}
		return t, nil
	case "postgres", "postgresql", "mysql", "mariadb":
		return sqlite.Target{}, fmt.Errorf("%w: %s is not supported yet; %s accepted", ErrURL, scheme, accepted)
	}
	return sqlite.Target{}, fmt.Errorf("%w: the scheme %q is unknown; %s accepted", ErrURL, scheme, accepted)
}
