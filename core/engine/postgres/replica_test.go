//go:build postgres

package postgres_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
)

// cluster is a server of PostgreSQL of its own, with replicas that follow it.
type cluster struct {
	testing.TB
	bin, dir string
	ports    []int // the primary's first
}

// newCluster starts a primary and some replicas.
func newCluster(t testing.TB, replicas int) *cluster {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		t.Fatal("there is no initdb of PostgreSQL on this machine: install the package postgresql")
	}
	dir, err := os.MkdirTemp("", "coppice-cluster-*") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{TB: t, bin: filepath.Dir(found[len(found)-1]), dir: dir}
	if os.Getuid() == 0 {
		c.run("chown", "postgres", dir)
	}
	t.Cleanup(func() {
		for i := range c.ports {
			c.stop(i)
		}
		_ = os.RemoveAll(dir)
	})
	c.server("initdb", "-D", c.data(0), "-A", "trust", "-U", "coppice", "-E", "UTF8", "--no-sync")
	c.start(0)
	for i := range replicas {
		c.server("pg_basebackup", "-D", c.data(i+1), "-R", "-X", "stream", "-c", "fast", "-h", "127.0.0.1", "-p", fmt.Sprint(c.ports[0]), "-U", "coppice")
		c.start(i + 1)
	}
	return c
}

func (c *cluster) data(i int) string { return filepath.Join(c.dir, fmt.Sprint(i)) }

// url is how a server of the cluster is reached.
func (c *cluster) url(i int) string {
	return fmt.Sprintf("postgres://coppice@127.0.0.1:%d/postgres", c.ports[i])
}

// start starts a server, on a port that it keeps.
func (c *cluster) start(i int) {
	c.Helper()
	for i >= len(c.ports) {
		c.ports = append(c.ports, freePort(c))
	}
	c.server("pg_ctl", "-D", c.data(i), "-w", "-s", "-l", filepath.Join(c.dir, fmt.Sprint("log", i)),
		"-o", fmt.Sprintf("-p %d -k %s -h 127.0.0.1 -c max_connections=200", c.ports[i], c.dir), "start")
}

// stop ends a server at once, as a machine that is lost does.
func (c *cluster) stop(i int) {
	_ = c.command("pg_ctl", "-D", c.data(i), "-m", "immediate", "-w", "-s", "stop").Run() // it may be stopped already
}

func (c *cluster) command(program string, args ...string) *exec.Cmd {
	args = append([]string{filepath.Join(c.bin, program)}, args...)
	if os.Getuid() == 0 { // as which PostgreSQL does not run
		args = append([]string{"runuser", "-u", "postgres", "--"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = c.dir
	return cmd
}

func (c *cluster) server(program string, args ...string) {
	c.Helper()
	if out, err := c.command(program, args...).CombinedOutput(); err != nil {
		c.Fatalf("%s: %v\n%s", program, err, out)
	}
}

func (c *cluster) run(program string, args ...string) {
	c.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		c.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// catchUp waits for a replica to have applied what the primary has written.
func (c *cluster) catchUp(replica int) {
	c.Helper()
	ask := func(i int, query string, into any, args ...any) {
		c.Helper()
		conn, err := pgx.Connect(c.Context(), c.url(i))
		if err != nil {
			c.Fatal(err)
		}
		defer conn.Close(c.Context())
		if err := conn.QueryRow(c.Context(), query, args...).Scan(into); err != nil {
			c.Fatal(err)
		}
	}
	var written string
	ask(0, "SELECT pg_current_wal_insert_lsn()::text", &written)
	for deadline, there := time.Now().Add(time.Minute), false; !there; {
		ask(replica, "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn", &there, written)
		if time.Now().After(deadline) {
			c.Fatal("the replica does not catch up")
		}
	}
}

// node is one server of the API.
type node struct {
	testing.TB
	handler http.Handler
}

func newNode(t testing.TB, url string, replicas ...string) *node {
	t.Helper()
	client, err := blog.Open(t.Context(), engine.Config{URL: url, Replicas: replicas, LockWait: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return &node{t, newHandler(t, client)}
}

// ask sends a request, with the tokens that are not "", and returns the answer and its
// token.
func (n *node) ask(query string, after ...string) (answer, written string) {
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		n.Error(err)
	}
	r := httptest.NewRequestWithContext(n.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for _, token := range after {
		if token != "" {
			r.Header.Add("X-Written", token)
		}
	}
	w := httptest.NewRecorder()
	n.handler.ServeHTTP(w, r)
	return strings.TrimSpace(w.Body.String()), w.Header().Get("X-Written")
}

// Whoever reads after a write sees it: by the server that wrote without a word, and by
// another one with the token; also while replicas lag, die and come back.
func TestReplicasShowWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2)
	writes := 2500
	if testing.Short() {
		writes = 60
	}
	writer := newNode(t, c.url(0), c.url(1), c.url(2))
	reader := newNode(t, c.url(0), c.url(2), c.url(1))
	if res, _ := writer.ask(`mutation { createUser(input: {username: "ada", email: "a@x.org"}) { id } }`, ""); !strings.Contains(res, `"User:1"`) {
		t.Fatal(res)
	}
	var group sync.WaitGroup
	for client := range 4 {
		group.Go(func() {
			for i := range writes {
				slug := fmt.Sprintf("%d-%d", client, i)
				res, token := writer.ask(fmt.Sprintf(`mutation { createPost(input: {slug: %q, title: "T", body: "b", author: {username: "ada"}}) { slug } }`, slug), "")
				if strings.Contains(res, "errors") || token == "" {
					t.Error(res, token)
					return
				}
				query, want := fmt.Sprintf(`{ postBySlug(slug: %q) { slug author { username } } }`, slug), fmt.Sprintf(`{"data":{"postBySlug":{"slug":%q,"author":{"username":"ada"}}}}`, slug)
				if res, _ := writer.ask(query, ""); res != want {
					t.Errorf("the writer's server: %s", res)
				}
				if res, _ := reader.ask(query, token); res != want {
					t.Errorf("another server, with the token: %s", res)
				}
			}
		})
	}
	replay := func(state string) {
		admin(t, c.url(1), "SELECT pg_wal_replay_"+state+"()")
	}
	replay("pause")
	replay("resume")
	replay("pause")
	c.stop(2)
	c.start(2)
	replay("resume")
	group.Wait()
	c.catchUp(1)
	for range 2 { // each replica in turn
		if res, _ := reader.ask(`{ posts { totalCount } }`, ""); !strings.Contains(res, fmt.Sprint(4*writes)) {
			t.Error(res)
		}
	}
	if n := reads(t, c.url(1)) + reads(t, c.url(2)); n == 0 {
		t.Error("no replica was read from")
	}
	if res, _ := reader.ask(`{ posts { totalCount } }`, "nonsense"); !strings.Contains(res, "BAD_REQUEST") || !strings.Contains(res, "X-Written") {
		t.Errorf("a token of nobody's: %s", res)
	}
}

// A replica that was promoted follows nobody: what it has is its own from then on, and
// nothing of that is told, also where the replica is known to have all that is asked for.
func TestAPromotedReplicaIsReadFromNoMore(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	n := newNode(t, c.url(0), c.url(1))
	const query = `{ userByUsername(username: "ada") { name } }`
	_, token := n.ask(`mutation { createUser(input: {username: "ada", email: "a@x.org", name: "one"}) { id } }`, "")
	c.catchUp(1)
	sees := func(when string) {
		t.Helper()
		for _, after := range []string{"", token} {
			if res, _ := n.ask(query, after); res != `{"data":{"userByUsername":{"name":"one"}}}` {
				t.Errorf("%s: %s", when, res)
			}
		}
	}
	sees("while it follows")
	c.server("pg_ctl", "-D", c.data(1), "-w", "-s", "promote")
	admin(t, c.url(1), "UPDATE users SET name = 'another'")
	sees("once it was promoted")
}

// A server that was given a standby, as after a failover the other way, reads, and is told
// that it cannot write for now.
func TestAStandbyTakesNoWrites(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	newNode(t, c.url(0)).ask(`mutation { createUser(input: {username: "ada", email: "a@x.org"}) { id } }`)
	c.catchUp(1)
	client, err := blog.Open(t.Context(), engine.Config{URL: c.url(1), LockWait: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	n := &node{t, newHandler(t, client)}
	if res, _ := n.ask(`{ users { totalCount } }`); res != `{"data":{"users":{"totalCount":1}}}` {
		t.Error(res)
	}
	for _, query := range []string{`mutation { createTag(input: {name: "a"}) { id } }`, `mutation { updateUser(id: "User:1", input: {name: "b"}) { id } }`} {
		if res, _ := n.ask(query); !strings.Contains(res, `"code":"UNAVAILABLE"`) {
			t.Errorf("%s: %s", query, res)
		}
	}
}

// A request that carries the tokens of several writes sees each of them.
func TestARequestWithSeveralTokensSeesAllOfThem(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	writer, reader := newNode(t, c.url(0)), newNode(t, c.url(0), c.url(1))
	_, first := writer.ask(`mutation { createUser(input: {username: "ada", email: "a@x.org", name: "one"}) { id } }`, "")
	c.catchUp(1)
	admin(t, c.url(1), "SELECT pg_wal_replay_pause()")
	_, second := writer.ask(`mutation { updateUser(id: "User:1", input: {name: "two"}) { id } }`, "")
	for _, tokens := range [][]string{{first, second}, {second, first}, {first + ", " + second}, {second + ", "}} {
		if res, _ := reader.ask(`{ userByUsername(username: "ada") { name } }`, tokens...); res != `{"data":{"userByUsername":{"name":"two"}}}` {
			t.Errorf("%q: %s", tokens, res)
		}
	}
	if res, _ := reader.ask(`{ users { totalCount } }`, first, "nonsense"); !strings.Contains(res, "BAD_REQUEST") {
		t.Errorf("one of nobody's beside one of ours: %s", res)
	}
	admin(t, c.url(1), "SELECT pg_wal_replay_resume()")
}

// A replica that cannot be opened costs nobody an error, and the log says why it is not
// read from.
func TestTheLogNamesAReplicaThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	at := enginetest.Postgres(t)
	missing := at + "_missing"
	var log bytes.Buffer
	client, err := blog.Open(t.Context(), engine.Config{URL: at, Replicas: []string{missing}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "has no such database") {
		t.Errorf("the log: %s", log.String())
	}
}

// A replica that was asked a moment ago is not asked again before each read, whether its
// server has written anything or not.
func TestAReplicaIsNotAskedBeforeEachRead(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	_ = open(t, c.url(0))
	c.catchUp(1)
	admin(t, c.url(1), "ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()")
	n := newNode(t, c.url(0), c.url(1))
	for range 200 {
		if res, _ := n.ask(`{ users { totalCount } }`, ""); res != `{"data":{"users":{"totalCount":0}}}` {
			t.Fatal(res)
		}
	}
	log, err := os.ReadFile(filepath.Join(c.dir, "log1"))
	if err != nil {
		t.Fatal(err)
	}
	asked, read := bytes.Count(log, []byte("pg_last_wal_replay_lsn")), bytes.Count(log, []byte(`FROM "users"`))
	if read < 100 || asked > read/4 {
		t.Errorf("it was asked %d times, and read from %d times", asked, read)
	}
}

// What the typed client writes outside of requests and transactions is seen by the next
// query, as well, while the replica lags.
func TestWhatTheTypedClientWroteIsSeenByTheNextQuery(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	client, err := blog.Open(t.Context(), engine.Config{URL: c.url(0), Replicas: []string{c.url(1)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	n := &node{t, newHandler(t, client)}
	sees := func(what, name string) {
		t.Helper()
		if res, _ := n.ask(`{ userByUsername(username: "ada") { name } }`, ""); res != `{"data":{"userByUsername":{"name":"`+name+`"}}}` {
			t.Errorf("after %s: %s", what, res)
		}
	}
	c.catchUp(1)
	admin(t, c.url(1), "SELECT pg_wal_replay_pause()")
	client.User.Create().SetUsername("ada").SetEmail("a@x.org").SetName("created").SaveX(t.Context())
	sees("a create", "created")
	client.User.Update().SetName("updated").SaveX(t.Context())
	sees("an update", "updated")
	if _, err := client.ExecContext(t.Context(), "UPDATE users SET name = 'by SQL'"); err != nil {
		t.Fatal(err)
	}
	sees("SQL of one's own", "by SQL")
	admin(t, c.url(1), "SELECT pg_wal_replay_resume()")
}

// reads is how often posts or users were read, by the server's own figures, which it
// writes once a second, and by what its sessions asked last.
func reads(t *testing.T, url string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), `SELECT coalesce(sum(idx_scan) + sum(seq_scan), 0) +
		(SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%"posts"%')
		FROM pg_stat_user_tables WHERE relname IN ('posts', 'users')`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
