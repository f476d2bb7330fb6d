//go:build postgres

package seeder

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"coppice/core/internal/enginetest"
)

// Of an empty database nothing is made by what does not load.
func TestNoSchemaIsMadeWithoutALoad(t *testing.T) {
	t.Parallel()
	wrong := write(t, "users.yaml", "- { username: ada, email: nonsense }\n")
	for name, test := range map[string]struct {
		args []string
		code int
	}{
		"wrong data": {[]string{wrong}, 1},
		"plan":       {[]string{"--plan"}, 0},
		"undo":       {[]string{"--undo", "embedded"}, 2},
		"dump":       {[]string{"--dump", t.TempDir() + "/out"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := enginetest.Postgres(t)
			if got := try(t, nil, append([]string{"--db", url}, test.args...)...); got.code != test.code {
				t.Errorf("%+v", got)
			}
			if left := enginetest.Content(t, url); left != "" {
				t.Errorf("there is %s", left)
			}
		})
	}
}

// A plan that is refused, since what it would change was changed meanwhile, is made
// again.
func TestAPlanIsMadeAgainWhereOthersStoodInItsWay(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	if got := try(t, nil, "--db", url); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "UPDATE users SET name = 'changed' WHERE username = 'ada'"); err != nil {
		t.Fatal(err)
	}
	users := write(t, "users.yaml", "- { username: ada, email: ada@new.org }\n")
	planned := make(chan outcome)
	go func() { planned <- try(t, nil, "--db", url, "--plan", users) }()
	for waiting := 0; waiting == 0; {
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if got := <-planned; got.code != 0 || !strings.HasPrefix(got.stdout, "update User username \"ada\"\n    email: ") {
		t.Errorf("%+v", got)
	}
}
