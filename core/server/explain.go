package server

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"coppice/core/internal/statement"
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
func (h *httpHandler) explainMode(header http.Header) (explainMode, error) {
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
		return explainNothing, badRequest("The header %s takes sql or plan.", explainHeader)
	}
}

// view describes the statements that were recorded for an operation.
func (h *httpHandler) view(r *statement.Recorder, op *graphql.OperationContext) sqlView {
	list := r.Statements()
	advice := adviseOn(list, h.project, op)
	v := sqlView{Statements: make([]sqlStatement, len(list))}
	var total time.Duration // of what is shown, so that it adds up
	for i, s := range list {
		total += s.Duration.Round(time.Microsecond)
		v.Statements[i] = sqlStatement{
			SQL: s.SQL, Args: viewArgs(s.Args), DurationMs: milliseconds(s.Duration), Rows: s.Rows,
			Path: append([]any{}, s.Path...), Plan: s.Plan, Advice: advice[i],
		}
	}
	v.TotalMs = milliseconds(total)
	return v
}

// milliseconds are a time in the view's unit, to the microsecond.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond).Microseconds()) / 1000
}

// viewArgs are a statement's arguments as JSON can hold them.
func viewArgs(list []any) []any {
	args := make([]any, len(list))
	for i, arg := range list {
		args[i] = viewArg(arg)
	}
	return args
}

// viewArg is one argument: times as RFC 3339, bytes in Base64, and what JSON
// has no form for as text.
func viewArg(arg any) any {
	switch arg := arg.(type) {
	case nil, bool, string, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return arg
	case float64:
		if math.IsNaN(arg) || math.IsInf(arg, 0) {
			return fmt.Sprint(arg)
		}
		return arg
	case []byte:
		return base64.StdEncoding.EncodeToString(arg)
	case time.Time:
		return arg.Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(arg)
	}
}
