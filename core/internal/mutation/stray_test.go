package mutation_test

import (
	"context"
	"strings"
	"testing"
)

// A table that the schemas no longer have, and whose rows keep a record from
// being deleted, is named.
func TestAConflictNamesATableOfNoSchema(t *testing.T) {
	t.Parallel()
	a := open(t, file(t))
	ctx := context.Background()
	for _, name := range []string{"ada", "bob", "cyd"} {
		a.client.User.Create().SetUsername(name).SetEmail(name + "@example.org").SaveX(ctx)
	}
	for _, query := range []string{
		"CREATE TABLE bookings (member INTEGER NOT NULL REFERENCES USERS(id))",
		"CREATE TABLE seats (member INTEGER REFERENCES users(id) ON DELETE SET NULL)",
		"INSERT INTO bookings (member) VALUES (1), (1), (2)", "INSERT INTO seats VALUES (1), (3)",
	} {
		if _, err := a.client.ExecContext(ctx, query); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		`mutation { deleteUser(id: "User:1") }`:                         "Table bookings, which the schemas no longer have, still has 2 rows that refer to it, by member.",
		`mutation { deleteUsers(where: {usernameIn: ["ada", "bob"]}) }`: "Table bookings, which the schemas no longer have, still has 3 rows that refer to it, by member.",
	} {
		got := a.do(query, nil)
		if len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "CONFLICT" || !strings.Contains(got.Errors[0].Message, want) ||
			!strings.Contains(got.Errors[0].Message, "?loss=allow") {
			t.Errorf("%s: %+v", query, got.Errors)
		}
	}
	if got := a.do(`mutation { deleteUser(id: "User:3") }`, nil); len(got.Errors) > 0 {
		t.Errorf("what nothing keeps is kept: %+v", got.Errors)
	}
}
