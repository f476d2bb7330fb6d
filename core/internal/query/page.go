package query

import (
	"encoding/json"

	"coppice/core/fault"
)

// Limits bounds what an operation answers with.
type Limits struct {
	PageSize int // records on a page when neither first nor last is given
	PageMax  int // records on a page at most
	Answer   int // bytes of an answer at most
}

// PageRows reads the number of records that an argument named first or last
// asks for, given as any integer, and checks it against the largest page.
func PageRows(argument string, v any, pageMax int) (int, error) {
	var n int64
	switch v := v.(type) {
	case int:
		n = int64(v)
	case int64:
		n = v
	case json.Number:
		var err error
		if n, err = v.Int64(); err != nil {
			return 0, fault.Input(argument, "%s must be a whole number from 0 to %d.", argument, pageMax)
		}
	case float64:
		n = int64(v)
	}
	if n < 0 {
		return 0, fault.Input(argument, "%s is %d, and a page cannot hold less than 0 records.", argument, n)
	}
	if n > int64(pageMax) {
		return 0, fault.Input(argument, "%s is %d, and a page holds at most %d records. Ask for less, and page on with a cursor.", argument, n, pageMax)
	}
	return int(n), nil
}
