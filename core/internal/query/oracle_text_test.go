package query_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// text is JSON that is being written.
type text struct {
	bytes.Buffer
	path []any
}

func (w *text) object(fields []*gathered, value func(*gathered)) {
	w.WriteByte('{')
	for i, f := range fields {
		if i > 0 {
			w.WriteByte(',')
		}
		w.string(f.alias)
		w.WriteByte(':')
		w.path = append(w.path, f.alias)
		value(f)
		w.path = w.path[:len(w.path)-1]
	}
	w.WriteByte('}')
}

func (w *text) list(n int, value func(i int)) {
	w.WriteByte('[')
	for i := range n {
		if i > 0 {
			w.WriteByte(',')
		}
		w.path = append(w.path, float64(i))
		value(i)
		w.path = w.path[:len(w.path)-1]
	}
	w.WriteByte(']')
}

func (w *text) string(s string) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err)
	}
	w.Write(bytes.TrimSpace(buf.Bytes()))
}

func (w *text) value(v any) {
	switch v := v.(type) {
	case string:
		w.string(v)
	case time.Time:
		w.string(v.UTC().Format("2006-01-02T15:04:05.999999Z"))
	case float64:
		w.WriteString(strconv.FormatFloat(v, 'g', -1, 64)) // as gqlgen does
	case []string:
		w.list(len(v), func(i int) { w.string(v[i]) })
	default:
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		w.Write(b)
	}
}
