package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql/playground"

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

// firstQuery is what the playground opens with.
const firstQuery = `# Press Ctrl-Enter to run this. The header X-Explain: plan shows the SQL behind it.
query LatestPosts {
  posts(
    first: 5
    where: { status: PUBLISHED }
    orderBy: [{ field: PUBLISHED_AT, direction: DESC }]
  ) {
    totalCount
    edges {
      node {
        title
        publishedAt
        author { username name }
        tags { edges { node { name } } }
        comments(first: 2) {
          totalCount
          edges { node { body author { username } } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`

// playgroundPage is gqlgen's playground, opened with firstQuery. The page
// takes its query from the address and from nowhere else, so that one is put
// there when the address has none.
func playgroundPage() (http.Handler, error) {
	page := &pageBuffer{header: http.Header{}}
	serve := playground.Handler("Coppice", "/graphql", playground.WithGraphiqlPersistStateInURL(true))
	serve(page, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/"}})
	preload := `<script>if (!location.search) history.replaceState(null, '', '?query=` + url.QueryEscape(firstQuery) + `')</script>`
	before, after, ok := bytes.Cut(page.Bytes(), []byte("</head>"))
	if !ok {
		return nil, errors.New("gqlgen's playground has no head to put the first query in")
	}
	html := slices.Concat(before, []byte(preload+"</head>"), after)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Content-Security-Policy", "frame-ancestors 'none'")
		_, _ = w.Write(html)
	}), nil
}

// pageBuffer is a ResponseWriter that keeps what is written.
type pageBuffer struct {
	bytes.Buffer
	header http.Header
}

// Header is not kept.
func (p *pageBuffer) Header() http.Header { return p.header }

// WriteHeader keeps nothing: the page is always found.
func (p *pageBuffer) WriteHeader(int) {}
