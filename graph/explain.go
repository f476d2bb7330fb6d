package graph

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"coppice/internal/model"
	"coppice/internal/statement"
)

// explainHeader asks for the SQL view: sql, or plan for the plans as well.
const explainHeader = "X-Explain"

// sqlView is the SQL view's part of a response.
type sqlView struct {
	TotalMs    float64        `json:"totalMs"` // in statements
	Statements []sqlStatement `json:"statements"`
}

type sqlStatement struct {
	SQL        string   `json:"sql"`
	Args       []any    `json:"args"`
	DurationMs float64  `json:"durationMs"`
	Rows       int      `json:"rows"`
	Path       []any    `json:"path"`
	Plan       []string `json:"plan,omitempty"`
	Advice     []string `json:"advice,omitempty"`
}

// explainMode is what a request asks to see.
type explainMode uint8

const (
	explainNothing explainMode = iota
	explainSQL
	explainPlan
)

// explainMode reads what a request asks to see, and may.
func (h *handler) explainMode(header http.Header) (explainMode, error) {
	asked := header[explainHeader]
	if len(asked) == 0 || !h.opts.Dev {
		return explainNothing, nil
	}
	switch asked[0] {
	case "sql":
		return explainSQL, nil
	case "plan":
		return explainPlan, nil
	default:
		return explainNothing, malformed("The header %s takes sql or plan.", explainHeader)
	}
}

// view describes the statements that were recorded.
func (h *handler) view(r *statement.Recorder) sqlView {
	list := r.Statements()
	advice := advise(list, h.model)
	v := sqlView{Statements: make([]sqlStatement, len(list))}
	var total time.Duration
	for i, s := range list {
		total += s.Duration.Round(time.Microsecond)
		v.Statements[i] = sqlStatement{
			SQL: s.SQL, Args: h.viewArgs(s), DurationMs: milliseconds(s.Duration), Rows: s.Rows,
			Path: append([]any{}, s.Path...), Plan: s.Plan, Advice: advice[i],
		}
	}
	v.TotalMs = milliseconds(total)
	return v
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond).Microseconds()) / 1000
}

// viewArgs are a statement's arguments as JSON can hold them. Where the
// statement names a sensitive column, no text is shown: which argument goes
// into which column cannot be told from outside.
func (h *handler) viewArgs(s statement.Statement) []any {
	mask := false
	for _, column := range h.sensitive {
		mask = mask || strings.Contains(s.SQL, column)
	}
	args := make([]any, len(s.Args))
	for i, arg := range s.Args {
		switch arg.(type) {
		case nil, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
			args[i] = arg
		default:
			args[i] = viewArg(arg)
			if mask {
				args[i] = "***"
			}
		}
	}
	return args
}

func viewArg(arg any) any {
	switch arg := arg.(type) {
	case float64:
		if math.IsNaN(arg) || math.IsInf(arg, 0) {
			return fmt.Sprint(arg)
		}
		return arg
	case string:
		return arg
	case []byte:
		return base64.StdEncoding.EncodeToString(arg)
	case time.Time:
		return arg.Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(arg)
	}
}

// sensitiveColumns are the columns that must not be told, quoted as each
// engine does.
func sensitiveColumns(s *model.Schema) []string {
	var quoted []string
	for _, e := range s.Entities {
		for _, f := range e.Fields {
			if f.Sensitive {
				quoted = append(quoted, "`"+f.Column+"`", `"`+f.Column+`"`)
			}
		}
	}
	return quoted
}
