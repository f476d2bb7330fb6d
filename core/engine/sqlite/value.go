package sqlite

import (
	"database/sql/driver"
	"strings"
	"time"

	"coppice/core/engine/migrate"
	"coppice/core/fault"
	"coppice/core/internal/lexer"
)

// looksLikeTime reports whether text may be a stored time.
func looksLikeTime(s string) bool {
	return len(s) >= len("2006-01-02 15:04:05+00:00") && len(s) <= len("2006-01-02 15:04:05.000000+00:00") &&
		s[4] == '-' && s[7] == '-' && s[10] == ' ' && s[13] == ':' && s[len(s)-6:] == "+00:00"
}

// parseTime returns a stored time, or the text as it is.
func parseTime(s string) driver.Value {
	t, err := time.Parse(migrate.TimeLayout, s)
	if err != nil {
		return s
	}
	return t.UTC()
}

// selected tells for each expression of a SELECT whether it names one of the
// given columns.
func selected(query string, columns map[string]bool) []bool {
	sc := lexer.Scanner{SQL: query}
	if !sc.Next().Is("SELECT") {
		return nil
	}
	items := []bool{false}
	for depth := 0; ; {
		switch t := sc.Next(); {
		case t.Kind == lexer.End, depth == 0 && t.Is("FROM"):
			return items
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case depth == 0 && t.Is(","):
			items = append(items, false)
		case columns[t.Name()]:
			items[len(items)-1] = true
		}
	}
}

// CheckNamedValue implements driver.NamedValueChecker: it converts arguments
// to what is stored.
func (s *session) CheckNamedValue(nv *driver.NamedValue) error {
	switch v := nv.Value.(type) {
	case nil, int64, float64, bool, []byte:
		return nil
	case string:
		return checkText(v)
	case int:
		nv.Value = int64(v)
		return nil
	case time.Time:
		nv.Value = migrate.FormatTime(v)
		return nil
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(nv.Value)
	if err != nil {
		return err
	}
	// A pointer or a driver.Valuer may have hidden a time or a text.
	switch hidden := v.(type) {
	case time.Time:
		v = migrate.FormatTime(hidden)
	case string:
		if err := checkText(hidden); err != nil {
			return err
		}
	}
	nv.Value = v
	return nil
}

// checkText refuses a text that SQLite's functions would take for a shorter one.
func checkText(s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return fault.New(fault.BadUserInput, "A text must not contain the character NUL (U+0000).")
	}
	return nil
}
