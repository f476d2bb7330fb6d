package server

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/99designs/gqlgen/graphql/playground"
)

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
