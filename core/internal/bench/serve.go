package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"time"
)

// answers are what a handler written by hand answers, by the text of the work.
type answers map[string]func(ctx context.Context, vars map[string]any) (any, error)

// mux serves them, and says that it is there.
func (a answers) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("POST /graphql", a)
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	return mux
}

// ServeHTTP answers the works.
func (a answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var params struct {
		Query     string
		Variables map[string]any
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&params); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, found := a[params.Query]
	if !found {
		http.Error(w, "no such work", http.StatusBadRequest)
		return
	}
	data, err := answer(r.Context(), params.Variables)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body, err := json.Marshal(map[string]any{"data": data})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// collectRarely sets the garbage collector as Coppice's server does.
func collectRarely() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// listen serves at an address until ctx ends.
func listen(ctx context.Context, addr string, mux http.Handler) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func globalID(entity string, id int64) string { return entity + ":" + strconv.FormatInt(id, 10) }

// newestFirst is how Coppice signs a cursor of posts by CREATED_AT, descending.
const newestFirst = "1yhhs10"

func cursorOf(created time.Time, id int64) string {
	text := `["` + newestFirst + `","` + created.Format(time.RFC3339Nano) + `",` + strconv.FormatInt(id, 10) + `]`
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}
