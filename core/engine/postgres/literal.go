package postgres

import (
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// literal is a text as it stands in a statement.
func literal(text string) string {
	if strings.ContainsRune(text, '\\') {
		return " E'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(text) + "'"
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// asLiteral is a value of a Go type as it stands in a statement; ok is false for what
// has no such form.
func asLiteral(v any) (text string, ok bool) {
	if valuer, ok := v.(driver.Valuer); ok {
		inner, err := valuer.Value()
		if err != nil {
			return "", false
		}
		v = inner
	}
	switch v := v.(type) {
	case nil:
		return "", false
	case time.Time:
		return literal(v.UTC().Format("2006-01-02 15:04:05.999999-07:00")), true
	case []byte:
		return literal(`\x` + hex.EncodeToString(v)), true
	case json.RawMessage:
		return literal(string(v)), true
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return literal(r.String()), true
	case reflect.Bool:
		return strconv.FormatBool(r.Bool()), true
	case reflect.Slice, reflect.Map, reflect.Struct:
		b, err := json.Marshal(v)
		return literal(string(b)), err == nil
	}
	return fmt.Sprint(v), true
}
