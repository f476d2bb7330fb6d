package house

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// rows is how many posts are loaded beside a server at work.
func rows() int {
	if os.Getenv("COPPICE_SCALE") != "" {
		return 200_000
	}
	return 12_000
}

// client sends requests to a server until it is told to stop, and notes how
// long each write took.
type client struct {
	name  string
	took  []time.Duration
	wrong []string
}

func (c *client) run(t *testing.T, s *server, stop <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		start := time.Now()
		answer := s.query(t, fmt.Sprintf(`mutation { createUser(input: {username: "%s_%d", email: "%s_%d@example.org"}) { id } }`, c.name, i, c.name, i))
		c.took = append(c.took, time.Since(start))
		for _, a := range []string{answer, s.query(t, `{ posts(first: 20) { totalCount edges { node { title author { username } } } } }`)} {
			if !strings.HasPrefix(a, `{"data":`) || strings.Contains(a, `"errors"`) {
				c.wrong = append(c.wrong, a)
			}
		}
	}
}

// A server answers every request while a seeder writes far more than one
// transaction takes.
func TestServerBesideLoad(t *testing.T) {
	t.Parallel()
	bin, db := build(t), filepath.Join(t.TempDir(), "load.db")
	s := serve(t, bin, "sqlite:"+db)
	if s == nil {
		return
	}
	stop := make(chan struct{})
	clients := []*client{{name: "ann"}, {name: "bob"}, {name: "cid"}}
	var wg sync.WaitGroup
	for _, c := range clients {
		wg.Go(func() { c.run(t, s, stop) })
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "seed"), "--db", "sqlite:"+db, "--json", "--fake", fmt.Sprintf("users=500,posts=%d", rows()))
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	close(stop)
	wg.Wait()
	if err != nil {
		t.Fatalf("the seeder: %v\n%s", err, &stderr)
	}
	var sum summary
	if err := json.Unmarshal(out, &sum); err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	for _, c := range clients {
		took = append(took, c.took...)
		for _, w := range c.wrong {
			t.Errorf("%s was answered %s", c.name, w)
		}
	}
	slices.Sort(took)
	t.Logf("%d writes beside %d records; the 99th percentile took %s, the longest %s", len(took), rows(), took[len(took)*99/100], took[len(took)-1])
	got := s.query(t, `{ users { totalCount } posts { totalCount } }`)
	want := fmt.Sprintf(`{"data":{"users":{"totalCount":%d},"posts":{"totalCount":%d}}}`, len(took)+500, rows())
	if strings.TrimSpace(got) != want || sum.Entities["posts"].Created != rows() {
		t.Errorf("got %s, want %s, and the seeder says %+v", got, want, sum)
	}
	s.stop(t)
}
