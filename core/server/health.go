package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"entgo.io/ent/dialect/sql"

	"coppice/core/internal/statement"
	"coppice/core/record"
)

// readyWithin is how long the database may take to show that it is ready.
const readyWithin = time.Second

// serveHealth answers as long as the process lives.
func serveHealth(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, "ok\n")
}

// readyHandler answers 200 when the database holds every table and column of the
// schema, else 503.
func readyHandler(client *record.Client, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(statement.Probe(r.Context()), readyWithin)
		defer cancel()
		// The reason is for the log: this path is open to everyone.
		if err := probeSchema(ctx, client); err != nil {
			log.WarnContext(ctx, "not ready", "error", err)
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
}

// probeSchema asks the database for no row of each table, by all its columns.
func probeSchema(ctx context.Context, client *record.Client) error {
	driver := client.Driver()
	for _, e := range client.Model.Entities {
		columns := []string{e.ID.Column}
		for _, f := range e.Fields {
			columns = append(columns, f.Column)
		}
		query, args := sql.Dialect(driver.Dialect()).Select(columns...).From(sql.Table(e.Table)).Limit(0).Query()
		rows := &sql.Rows{}
		if err := driver.Query(ctx, query, args, rows); err != nil {
			return fmt.Errorf("probe %s: %w", e.Table, err)
		}
		if err := rows.Close(); err != nil {
			return fmt.Errorf("probe %s: %w", e.Table, err)
		}
	}
	return nil
}
