// Package scalar marshals the API's own scalars for hand-written fields, as
// the generated fields print and read them.
package scalar

import (
	"encoding/base64"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"coppice/core/fault"
	"coppice/core/model"
)

// MarshalTime prints an instant in RFC 3339, in UTC, to the microsecond.
func MarshalTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(t.UTC().Truncate(time.Microsecond).Format("2006-01-02T15:04:05.999999Z07:00")))
	})
}

// UnmarshalTime reads an instant in RFC 3339 with any offset.
func UnmarshalTime(v any) (time.Time, error) { return parse[time.Time](model.Time, v) }

// MarshalBigInt prints a 64-bit integer as a decimal string.
func MarshalBigInt(n int64) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, `"`+strconv.FormatInt(n, 10)+`"`) })
}

// UnmarshalBigInt reads a 64-bit integer from a string or an integer.
func UnmarshalBigInt(v any) (int64, error) { return parse[int64](model.BigInt, v) }

// MarshalBase64 prints bytes in the standard encoding of RFC 4648.
func MarshalBase64(b []byte) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, `"`+base64.StdEncoding.EncodeToString(b)+`"`) })
}

// UnmarshalBase64 reads bytes in the standard encoding of RFC 4648.
func UnmarshalBase64(v any) ([]byte, error) { return parse[[]byte](model.Bytes, v) }

func parse[T any](k model.Kind, v any) (T, error) {
	parsed, err := (&model.Field{Kind: k, Bits: 64}).Parse(v)
	t, ok := parsed.(T)
	if err != nil || !ok {
		return t, fault.New(fault.BadUserInput, "This value %v.", err)
	}
	return t, nil
}
