package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Target is a database: a file, or one in memory.
type Target struct {
	name        string // as the URL gives it, for messages
	path        string // absolute; "" in memory
	synchronous string
	newer       bool // accept a file that a newer schema was applied to
	mayLose     bool // let a migration lose what the schema has no place for
}

// Memory reports a database in memory, which is private to its client.
func (t Target) Memory() bool { return t.path == "" }

// String is the name for messages.
func (t Target) String() string {
	if t.Memory() {
		return t.name
	}
	return t.path
}

// Parse reads what follows sqlite: in a URL. The name is taken as it is, up to a
// question mark: it is a file's, not a part of a URL.
func Parse(s string) (Target, error) {
	name, query, _ := strings.Cut(s, "?")
	t := Target{name: name, synchronous: "normal"}
	switch {
	case name == "":
		return t, fmt.Errorf("sqlite: names no file; write sqlite:FILE, or sqlite::memory: for none")
	case strings.HasPrefix(name, "//"):
		// Tools disagree on whether sqlite:///x.db is relative.
		return t, fmt.Errorf("sqlite:%s is ambiguous; write sqlite:FILE or sqlite:/absolute/FILE, without //", name)
	case name != ":memory:":
		path, err := filepath.Abs(name)
		if err != nil {
			return t, fmt.Errorf("find %s: %w", name, err)
		}
		t.path = path
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return t, fmt.Errorf("parameters of sqlite:%s: %w", name, err)
	}
	for key, value := range values {
		if err := t.set(key, value[len(value)-1]); err != nil {
			return t, err
		}
	}
	return t, nil
}

// set takes a parameter.
func (t *Target) set(key, value string) error {
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
		t.mayLose = value == "allow"
	default:
		return fmt.Errorf("the parameter %q is unknown; synchronous, newer and loss are accepted", key)
	}
	if !slices.Contains(allowed, value) {
		return fmt.Errorf("%s is %q; %s are accepted", key, value, strings.Join(allowed, " and "))
	}
	return nil
}

// Exists reports whether there is such a database; one in memory always is.
func (t Target) Exists() bool {
	if t.Memory() {
		return true
	}
	_, err := os.Stat(t.path)
	return !errors.Is(err, fs.ErrNotExist)
}
