package schema

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

type driverValue = driver.Value

// Version of firmware.
type Version struct{ Major, Minor int }

func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

func parseVersion(s string) (v Version, err error) {
	if s == "" {
		return v, nil
	}
	_, err = fmt.Sscanf(s, "%d.%d", &v.Major, &v.Minor)
	return v, err
}

// State of a device.
type State int

// States.
const (
	StateOff State = iota
	StateOn
)

// Bool is a flag.
type Bool bool

// Point on a map.
type Point struct {
	Lat, Lon float64
	Alt      *float64 `json:",omitempty"`
}

// Mode is a number in Go and a word in the database.
type Mode int

// Values of Mode.
func (Mode) Values() []string { return []string{"AUTO", "MANUAL", "OFF"} }

// Value implements driver.Valuer.
func (m Mode) Value() (driver.Value, error) {
	if int(m) >= len(m.Values()) {
		return nil, fmt.Errorf("no mode %d", m)
	}
	return m.Values()[m], nil
}

// Scan implements sql.Scanner.
func (m *Mode) Scan(v any) error {
	s := fmt.Sprint(v)
	if b, ok := v.([]byte); ok {
		s = string(b)
	}
	for i, w := range m.Values() {
		if w == s {
			*m = Mode(i)
			return nil
		}
	}
	return fmt.Errorf("no mode %q", s)
}

// Money is cents and a currency.
type Money struct {
	Cents    int64
	Currency string
}

func (m Money) String() string { return fmt.Sprintf("%d %s", m.Cents, m.Currency) }

// Value implements driver.Valuer.
func (m Money) Value() (driver.Value, error) { return m.String(), nil }

// Scan implements sql.Scanner.
func (m *Money) Scan(v any) error {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	default:
		return fmt.Errorf("unexpected %T", v)
	}
	cents, currency, _ := strings.Cut(s, " ")
	n, err := strconv.ParseInt(cents, 10, 64)
	if err != nil {
		return fmt.Errorf("money looks like 1299 EUR, got %q", s)
	}
	m.Cents, m.Currency = n, currency
	return nil
}

// MarshalGQL writes it.
func (m Money) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(m.String())) }

// UnmarshalGQL reads it.
func (m *Money) UnmarshalGQL(v any) error { return m.Scan(v) }

// Link is an address.
type Link struct{ Host, Path string }

// Scan implements sql.Scanner.
func (l *Link) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), l)
	case []byte:
		return json.Unmarshal(v, l)
	}
	return fmt.Errorf("unexpected %T", v)
}

// Value implements driver.Valuer.
func (l *Link) Value() (driver.Value, error) {
	if l == nil {
		return nil, nil
	}
	b, err := json.Marshal(l)
	return string(b), err
}

func (m Mode) String() string { return m.Values()[m] }
