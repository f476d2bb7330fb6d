package migrate

import (
	"errors"
	"fmt"
	"strings"
)

// Mode says how a program brings a database to its schemas.
type Mode string

// The modes.
const (
	// Auto changes the database by itself, as long as nothing can be lost.
	Auto Mode = "auto"
	// Versioned applies the files of the migration folder, and nothing else.
	Versioned Mode = "versioned"
	// Off changes nothing.
	Off Mode = "off"
)

// ErrMode is the error of a mode that is none.
var ErrMode = errors.New("must be auto, versioned or off")

// Set implements flag.Value.
func (m *Mode) Set(s string) error {
	switch Mode(s) {
	case Auto, Versioned, Off:
		*m = Mode(s)
		return nil
	}
	return ErrMode
}

// String implements flag.Value.
func (m *Mode) String() string { return string(*m) }

// BehindError is why a database is not what a program's schemas say, in versioned mode:
// the files of the migration folder do not lead there.
type BehindError struct{ Statements []string }

func (e *BehindError) Error() string {
	const shown = 3
	list := e.Statements
	more := ""
	if len(list) > shown {
		list, more = list[:shown], fmt.Sprintf(" and %d more", len(e.Statements)-shown)
	}
	return fmt.Sprintf("the migration files do not lead to the schemas: %d statements are missing (%s%s). Write them with: go run ./cmd/db diff NAME",
		len(e.Statements), strings.Join(list, "; "), more)
}
