package dialect

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
)

// Open and Close begin and end a list of values that a statement takes as one
// argument, with commas between them: a JSON array (RFC 8259, section 5), or an array
// as PostgreSQL writes it (section 8.15.2 of its manual).
func (d *Dialect) Open() byte {
	if d.Types == nil {
		return '['
	}
	return '{'
}

// Close is the end of what Open begins.
func (d *Dialect) Close() byte {
	if d.Types == nil {
		return ']'
	}
	return '}'
}

// AppendItem writes a value, as a driver gives it, into such a list.
func (d *Dialect) AppendItem(buf []byte, v any) []byte {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(buf, v, 10)
	case string:
		if d.Types != nil {
			return appendElement(buf, v)
		}
	case []byte:
		if d.Types != nil {
			return append(hex.AppendEncode(append(buf, `"\\x`...), v), '"')
		}
	case fmt.Stringer:
		return d.AppendItem(buf, v.String())
	}
	b, err := json.Marshal(v)
	if err != nil {
		return append(buf, "null"...)
	}
	return append(buf, b...)
}

// appendElement writes a text as an element of an array, in quotes.
func appendElement(buf []byte, s string) []byte {
	buf = append(buf, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			buf = append(buf, '\\')
		}
		buf = append(buf, s[i])
	}
	return append(buf, '"')
}
