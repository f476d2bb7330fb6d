package seed

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/seed/internal/ledger"
	"coppice/core/seed/internal/store"
)

const people = "- { username: ann, email: ann@example.org }\n- { username: bob, email: bob@example.org }\n"

// hold takes the lease for somebody else.
func hold(t *testing.T, c *ent.Client, pid int, host string, beat time.Time) {
	t.Helper()
	if err := ledger.Make(t.Context(), ent.Coppice().Of(c)); err != nil {
		t.Fatal(err)
	}
	err := store.Exec(t.Context(), ent.Coppice().Of(c), "INSERT INTO coppice_seed_lease (id, token, pid, host, since, beat) VALUES (1, 'other', ?, ?, 1000, ?)",
		[]any{pid, host, beat.UnixMilli()}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

// dead is the id of a process that there is none of.
func dead(t *testing.T) int {
	t.Helper()
	p, err := os.StartProcess(os.Args[0], []string{os.Args[0], "-test.run", "^$"}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Wait(); err != nil {
		t.Fatal(err)
	}
	return p.Pid
}

// A seeder that is gone stands in nobody's way.
func TestLeaseTaken(t *testing.T) {
	t.Parallel()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, test := range map[string]struct {
		pid  int
		host string
		beat time.Time
	}{
		"of a process that is gone":        {dead(t), host, now},
		"without a sign of life":           {os.Getpid(), host, now.Add(-2 * time.Minute)},
		"without one from another machine": {1, "elsewhere", now.Add(-2 * time.Minute)},
	} {
		for what, most := range map[string]int{"at once": 10, "in parts": 1} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				c := openNew(t)
				hold(t, c, test.pid, test.host, test.beat)
				o := Options{Waiting: func(h Holder) { t.Errorf("waits for %+v", h) }}
				if _, err := loadIn(t.Context(), c, most, o, write(t, map[string]string{"users.yaml": people})); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// A seeder waits for another that is alive, says so once, and then goes on; or
// it gives up waiting when its context ends.
func TestLeaseHeld(t *testing.T) {
	t.Parallel()
	for what, most := range map[string]int{"at once": 10, "in parts": 1} {
		for end, release := range map[string]bool{"given back": true, "interrupted": false} {
			t.Run(what+" "+end, func(t *testing.T) {
				t.Parallel()
				c := openNew(t)
				hold(t, c, os.Getpid(), "elsewhere", time.Now())
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				announced := 0
				o := Options{Waiting: func(h Holder) {
					announced++
					if h.PID != os.Getpid() || h.Host != "elsewhere" || h.Since.UnixMilli() != 1000 {
						t.Errorf("waits for %+v", h)
					}
					if release {
						if err := ent.Coppice().Driver(c).Exec(ctx, "DELETE FROM coppice_seed_lease", []any{}, nil); err != nil {
							t.Error(err)
						}
						return
					}
					cancel()
				}}
				_, err := loadIn(ctx, c, most, o, write(t, map[string]string{"users.yaml": people}))
				want := 2
				if !release {
					want = 0
				}
				if release && err != nil || !release && !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				if announced != 1 {
					t.Errorf("announced %d times", announced)
				}
				if n := c.User.Query().CountX(t.Context()); n != want {
					t.Errorf("%d users, want %d", n, want)
				}
			})
		}
	}
}

// Many load one set in parts at once: each record is created by one of them.
func TestPartsAtOnce(t *testing.T) {
	t.Parallel()
	c := openNew(t)
	sums := make(chan *Summary)
	for range 4 {
		go func() {
			s, err := loadIn(t.Context(), c, 5, Options{})
			if err != nil {
				t.Error(err)
				s = &Summary{}
			}
			sums <- s
		}()
	}
	created := map[string]int{}
	for range 4 {
		for table, n := range (<-sums).Entities {
			created[table] += n.Created
		}
	}
	if n := c.User.Query().CountX(t.Context()); n != created["users"] || n == 0 {
		t.Errorf("%d users, and %d were created", n, created["users"])
	}
	if n := c.Comment.Query().CountX(t.Context()); n != created["comments"] || n == 0 {
		t.Errorf("%d comments, and %d were created", n, created["comments"])
	}
}
