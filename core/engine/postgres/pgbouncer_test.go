//go:build postgres && pgbouncer

package postgres_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"coppice/core/internal/enginetest"
)

// Behind PgBouncer in transaction mode all of it works: the schema is made, writers
// beside each other lose nothing, and statements go from connection to connection.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	direct := enginetest.Postgres(t)
	behind := bounce(t, direct)
	api, other := serve(t, open(t, behind)), serve(t, open(t, behind))
	if res := api(`mutation { createUser(input: {username: "ada", email: "a@x.org"}) { id } }`); !strings.Contains(res, `"User:1"`) {
		t.Fatal(res)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			server := api
			if i%2 == 1 {
				server = other
			}
			for n := range 15 {
				res := server(fmt.Sprintf(`mutation { createPost(input: {slug: "%d-%d", title: "T", body: "b", author: {username: "ada"}, tags: [{connectOrCreate: {name: "t%d"}}]}) { slug } }`, i, n, n%3))
				if strings.Contains(res, "errors") {
					t.Error(res)
				}
				if res := server(`{ users { edges { node { posts(first: 2) { totalCount edges { node { slug tags { totalCount } } } } } } } }`); strings.Contains(res, "errors") {
					t.Error(res)
				}
			}
		})
	}
	group.Wait()
	if res := api(`{ posts { totalCount } tags { totalCount } }`); res != `{"data":{"posts":{"totalCount":120},"tags":{"totalCount":3}}}` {
		t.Error(res)
	}
}

// What PgBouncer says of a create that it waits for no more the server may do all the
// same: it is not run again.
func TestACreateThatPgBouncerGaveUpIsNotRunAgain(t *testing.T) {
	t.Parallel()
	direct := enginetest.Postgres(t)
	_ = open(t, direct) // the schema, whose statements take as long as they take
	api := serve(t, open(t, bounce(t, direct, "query_timeout = 2")))
	for _, query := range []string{
		`mutation { createUser(input: {username: "ada", email: "a@x.org"}) { id } }`,
		`mutation { createPost(input: {slug: "one", title: "T", body: "b", author: {id: "User:1"}}) { id } }`,
	} {
		if res := api(query); strings.Contains(res, "errors") {
			t.Fatal(res)
		}
	}
	conn, err := pgx.Connect(t.Context(), direct)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // it was only to hold
	for _, q := range []string{"BEGIN", "LOCK TABLE comments IN EXCLUSIVE MODE"} {
		if _, err := conn.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	answered := make(chan string, 1)
	go func() {
		answered <- api(`mutation { createComment(input: {body: "c", author: {id: "User:1"}, post: {id: "Post:1"}}) { id } }`)
	}()
	var res string
	select {
	case res = <-answered:
	case <-time.After(3500 * time.Millisecond): // run again, it waits on, and would be made when the lock goes
	}
	if _, err := conn.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if res == "" {
		res = <-answered
	}
	if !strings.Contains(res, `"UNAVAILABLE"`) {
		t.Error(res)
	}
}

// bounce starts a PgBouncer of its own before a database, with settings besides, and
// returns the URL to open that by.
func bounce(t *testing.T, direct string, settings ...string) string {
	t.Helper()
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	host, serverPort := u.Hostname(), u.Port()
	if serverPort == "" {
		serverPort = "5432"
	}
	file := filepath.Join(t.TempDir(), "pgbouncer.ini")
	config := fmt.Sprintf(`[databases]
* = host=%s port=%s user=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
auth_type = any
pool_mode = transaction
default_pool_size = 6
unix_socket_dir =
%s
`, host, serverPort, u.User.Username(), port, strings.Join(settings, "\n"))
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"-q", file}
	if os.Getuid() == 0 { // as which it does not run
		args = append([]string{"-u", "nobody"}, args...)
	}
	cmd := exec.Command("pgbouncer", args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for deadline := time.Now().Add(10 * time.Second); ; {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	u.Host = address
	u.RawQuery = url.Values{"default_query_exec_mode": {"cache_describe"}}.Encode()
	return u.String()
}
