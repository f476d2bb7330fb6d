package engine

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// ErrURL is the error of a database URL that cannot be used: wrong usage,
// rather than a database that fails.
var ErrURL = errors.New("database URL")

const accepted = "sqlite:FILE, sqlite:/absolute/FILE and sqlite::memory: are"

// target is a parsed URL.
type target struct {
	name        string // as the URL gives it, for messages
	path        string // absolute; "" in memory
	synchronous string
	newer       bool // accept a file that a newer schema was applied to
	loss        bool // let a migration lose what the schema has no place for
}

func (t target) memory() bool { return t.path == "" }

// String is the name for messages.
func (t target) String() string {
	if t.memory() {
		return t.name
	}
	return t.path
}

// parseURL reads a database URL. It never repeats one in an error, save a bare
// name: it may hold a password.
func parseURL(s string) (target, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	switch {
	case strings.TrimSpace(s) == "":
		return target{}, fmt.Errorf("%w: it is empty; %s accepted", ErrURL, accepted)
	case !ok:
		return target{}, fmt.Errorf("%w: %q has no scheme; for a file of that name write sqlite:%s", ErrURL, s, s)
	}
	switch scheme {
	case "sqlite":
		return parseSQLite(rest)
	case "postgres", "postgresql", "mysql", "mariadb":
		return target{}, fmt.Errorf("%w: %s is not supported yet; %s accepted", ErrURL, scheme, accepted)
	}
	return target{}, fmt.Errorf("%w: the scheme %q is unknown; %s accepted", ErrURL, scheme, accepted)
}

// parseSQLite reads what follows sqlite:. The name is taken as it is, up to a
// question mark: it is a file's, not a part of a URL.
func parseSQLite(s string) (target, error) {
	name, query, _ := strings.Cut(s, "?")
	t := target{name: name, synchronous: "normal"}
	switch {
	case name == "":
		return t, fmt.Errorf("%w: sqlite: names no file; write sqlite:FILE, or sqlite::memory: for none", ErrURL)
	case strings.HasPrefix(name, "//"):
		// Tools disagree on whether sqlite:///x.db is relative.
		return t, fmt.Errorf("%w: sqlite:%s is ambiguous; write sqlite:FILE or sqlite:/absolute/FILE, without //", ErrURL, name)
	case name != ":memory:":
		path, err := filepath.Abs(name)
		if err != nil {
			return t, fmt.Errorf("%w: find %s: %w", ErrURL, name, err)
		}
		t.path = path
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return t, fmt.Errorf("%w: parameters of sqlite:%s: %w", ErrURL, name, err)
	}
	for key, value := range values {
		if err := t.set(key, value[len(value)-1]); err != nil {
			return t, err
		}
	}
	return t, nil
}

// set takes a parameter.
func (t *target) set(key, value string) error {
	var allowed []string
	switch key {
	case "synchronous":
		allowed = []string{"normal", "full"}
		t.synchronous = value
	case "newer":
		allowed = []string{"allow", "refuse"}
		t.newer = value == "allow"
	case "loss":
		allowed = []string{"allow", "refuse"}
		t.loss = value == "allow"
	default:
		return fmt.Errorf("%w: the parameter %q is unknown; synchronous, newer and loss are accepted", ErrURL, key)
	}
	if !slices.Contains(allowed, value) {
		return fmt.Errorf("%w: %s is %q; %s are accepted", ErrURL, key, value, strings.Join(allowed, " and "))
	}
	return nil
}
