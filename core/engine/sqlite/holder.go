package sqlite

import (
	"fmt"
	"time"
)

// holder is who has the only connection of a pool, for those who wait for it.
type holder struct {
	since time.Time
	path  []any  // the response path of the field that it works for, if any
	query string // its first statement that writes, if any
}

// String describes the holder for people, or is "" when there is none. It
// shows no SQL: clients see it.
func (h holder) String() string {
	if h.since.IsZero() {
		return ""
	}
	does := "write"
	switch {
	case len(h.path) > 0:
		does = fmt.Sprint(h.path[0])
	case h.query != "":
		does = deed(h.query)
	}
	return fmt.Sprintf("this process (%s, %s old)", does, time.Since(h.since).Round(time.Millisecond))
}
