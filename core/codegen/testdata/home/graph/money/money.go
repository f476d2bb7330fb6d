// Package money is a scalar of the project's own.
package money

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Money is a number of cents.
type Money int

// MarshalGQL implements graphql.Marshaler.
func (m Money) MarshalGQL(w io.Writer) {
	_, _ = io.WriteString(w, strconv.Quote(fmt.Sprintf("%d.%02d", m/100, m%100)))
}

// UnmarshalGQL implements graphql.Unmarshaler.
func (m *Money) UnmarshalGQL(v any) error {
	var euros, cents int
	s, ok := v.(string)
	if _, err := fmt.Sscanf(s, "%d.%02d", &euros, &cents); !ok || err != nil {
		return errors.New("money is written as 12.50")
	}
	*m = Money(100*euros + cents)
	return nil
}
