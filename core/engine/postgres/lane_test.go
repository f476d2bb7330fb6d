//go:build postgres

package postgres_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"coppice/core/internal/enginetest"
)

// Forty that wait for the database keep none that costs little from its turn, whether
// they are of one statement or several, read or write.
func TestFortyThatTakeLongKeepNobodyFromItsTurn(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	handler := newHandler(t, open(t, url))
	ask := func(ctx context.Context, query string) string {
		body, err := json.Marshal(map[string]any{"query": query})
		if err != nil {
			t.Error(err)
		}
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Body.String()
	}
	for _, dear := range []string{
		`{ comments(first: 5) { edges { node { body } } } }`,
		`{ users(first: 1) { edges { node { id comments { totalCount edges { node { id } } } } } } }`,
		`mutation { updateComments(where: {bodyContains: "x"}, input: {body: "y"}) }`,
	} {
		holder, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := holder.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ask(t.Context(), `mutation { upsertUser(by: USERNAME, input: {username: "ada", email: "ada@x.org"}) { id } }`)
		if _, err := tx.Exec(t.Context(), "LOCK TABLE comments IN ACCESS EXCLUSIVE MODE"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range 40 {
			group.Go(func() {
				if got := ask(ctx, dear); ctx.Err() == nil {
					t.Errorf("%s did not wait: %s", dear, got)
				}
			})
		}
		waiting := 0
		for waiting < 8 && !t.Failed() { // until as many hang as are let in
			if err := holder.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'comments'::regclass").Scan(&waiting); err != nil {
				t.Fatal(err)
			}
		}
		for range 50 {
			if got := ask(t.Context(), `{ userByUsername(username: "ada") { username } }`); got != `{"data":{"userByUsername":{"username":"ada"}}}` {
				t.Errorf("%s: %s", dear, got)
			}
		}
		cancel()
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
		group.Wait()
		if err := holder.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
