package query_test

import (
	"strings"
	"testing"
)

// TestDroppedIndex holds that a list is read without an index that somebody has
// dropped under the server.
func TestDroppedIndex(t *testing.T) {
	t.Parallel()
	a := openSQLite(t).embedded()
	const query = `{ posts(first: 3, orderBy: [{field: CREATED_AT}]) { edges { node { slug author { username } } } } }`
	before := a.ok(query, nil)
	if !strings.Contains(before.statements()[0], "INDEXED BY `post_created_at`") {
		t.Fatal(before.statements())
	}
	if _, err := a.client.ExecContext(t.Context(), "DROP INDEX post_created_at"); err != nil {
		t.Fatal(err)
	}
	if after := a.ok(query, nil); string(after.Data) != string(before.Data) {
		t.Errorf("got %s\nwant %s", after.Data, before.Data)
	}
}
