//go:build postgres

package postgres_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// load writes and reads with several clients until it is stopped, and notes what was
// acknowledged.
type load struct {
	nodes  []*node
	stop   atomic.Bool
	group  sync.WaitGroup
	mu     sync.Mutex
	more   *sync.Cond // when another write is acknowledged
	acked  []string
	failed map[string]int // answers to writes that are errors, by code
}

func (l *load) start(clients int) {
	l.failed, l.more = map[string]int{}, sync.NewCond(&l.mu)
	for client := range clients {
		l.group.Go(func() {
			n := l.nodes[client%len(l.nodes)]
			for i := 0; !l.stop.Load(); i++ {
				slug := fmt.Sprintf("%d-%d", client, i)
				res, _ := n.ask(fmt.Sprintf(`mutation { createPost(input: {slug: %q, title: "T", body: "b", author: {username: "ada"}}) { slug } }`, slug), "")
				l.note(slug, res)
				if res, _ := n.ask(`{ users { edges { node { username posts(first: 1) { totalCount } } } } }`, ""); strings.Contains(res, "errors") {
					n.Errorf("a read: %s", res)
				}
			}
		})
	}
}

func (l *load) note(slug, res string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !strings.Contains(res, "errors"):
		l.acked = append(l.acked, slug)
		l.more.Broadcast()
	case strings.Contains(res, "UNAVAILABLE"):
		l.failed["UNAVAILABLE"]++
	default:
		l.failed[res]++
	}
}

// await waits for some more writes to be acknowledged.
func (l *load) await(more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for want := len(l.acked) + more; len(l.acked) < want; {
		l.more.Wait()
	}
}

// end stops the load and holds that all that was acknowledged is there, and that
// nothing failed but for want of a server.
func (l *load) end(t *testing.T, url string) {
	t.Helper()
	l.stop.Store(true)
	l.group.Wait()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), "SELECT slug FROM posts")
	if err != nil {
		t.Fatal(err)
	}
	slugs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, s := range slugs {
		there[s] = true
	}
	for _, s := range l.acked {
		if !there[s] {
			t.Errorf("%s was acknowledged and is lost", s)
		}
	}
	for code, n := range l.failed {
		if code != "UNAVAILABLE" {
			t.Errorf("%d writes: %s", n, code)
		}
	}
	t.Logf("%d writes were acknowledged, %v failed", len(l.acked), l.failed)
}

// A server of PostgreSQL that dies under load and starts again has all that was
// acknowledged, every server of the API goes on without a restart, and who only reads
// hears nothing of it.
func TestACrashOfTheServerLosesNothing(t *testing.T) {
	t.Parallel()
	crashes := 20
	if testing.Short() {
		crashes = 3
	}
	c := newCluster(t, 0)
	l := &load{nodes: []*node{newNode(t, c.url(0)), newNode(t, c.url(0))}}
	if res, _ := l.nodes[0].ask(`mutation { createUser(input: {username: "ada", email: "a@x.org"}) { id } }`, ""); !strings.Contains(res, `"User:1"`) {
		t.Fatal(res)
	}
	l.start(6)
	for range crashes {
		l.await(40)
		c.stop(0)
		c.start(0)
	}
	l.await(40)
	l.end(t, c.url(0))
}

// Writes go on with the replica that takes over from a primary that dies, and with
// synchronous replication nothing that was acknowledged is lost.
func TestAReplicaTakesOver(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	admin(t, c.url(0), "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
	both := (&url.URL{Scheme: "postgres", User: url.User("coppice"), Path: "/postgres", RawQuery: "target_session_attrs=read-write"}).String()
	both = strings.Replace(both, "coppice@", fmt.Sprintf("coppice@127.0.0.1:%d,127.0.0.1:%d", c.ports[0], c.ports[1]), 1)
	l := &load{nodes: []*node{newNode(t, both), newNode(t, both, c.url(1))}}
	if res, _ := l.nodes[0].ask(`mutation { createUser(input: {username: "ada", email: "a@x.org"}) { id } }`, ""); !strings.Contains(res, `"User:1"`) {
		t.Fatal(res)
	}
	l.start(4)
	l.await(40)
	c.stop(0)
	c.server("pg_ctl", "-D", c.data(1), "-w", "-s", "promote")
	admin(t, c.url(1), "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
	l.await(40)
	l.end(t, c.url(1))
}
