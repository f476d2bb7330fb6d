package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
)

// bench is one run.
type bench struct {
	options
	progress io.Writer
	program  string
	servers  []*process
	ours     *process
	old      *process // Coppice, on a file whose statistics are old
	large    *process // Coppice, on many records
	guarded  *process // Coppice's handler, with interceptors
	hand     *process
	next     atomic.Int64
}

// side is what one server did with a work, over all of its turns.
type side struct {
	rates []float64
	times []time.Duration
	spent time.Duration // of the processors, by the server alone
}

// row is a line of the table: two sides that took turns.
type row struct {
	work
	a, b side
}

// startUp is how long Coppice takes to its first healthy answer.
func (b *bench) startUp(ctx context.Context, file string) (time.Duration, error) {
	var times []time.Duration
	for range 9 {
		start := time.Now()
		s, err := b.launch(ctx, b.program, coppice(file)...)
		if err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
		s.end()
	}
	return median(times), nil
}

// measure fills in the report.
func (b *bench) measure(ctx context.Context, r *report, file string) error {
	chosen := strings.Split(b.run, ",")
	for _, w := range works() {
		if b.run != "" && !slices.Contains(chosen, w.name) || w.postgres && b.postgres == "" {
			continue
		}
		ours := b.ours
		if w.guarded {
			ours = b.guarded
		}
		if err := b.same(ctx, w, ours, file); err != nil {
			return err
		}
		line, err := b.alternate(ctx, w, ours, w, b.hand)
		if err != nil {
			return err
		}
		r.works = append(r.works, line)
	}
	if isPostgres(file) { // of the updates rows are left that nobody sees, and everybody reads past
		if err := execute(ctx, file, "VACUUM FULL", "VACUUM "+analyze); err != nil {
			return err
		}
	}
	if err := b.compare(ctx, r, chosen); err != nil {
		return err
	}
	if err := b.againstPeer(ctx, r, file); err != nil {
		return err
	}
	if b.run != "" {
		return nil
	}
	if err := b.scale(ctx, r); err != nil {
		return err
	}
	return b.memory(ctx, r)
}

// compare measures Coppice against itself: on a file whose statistics are old,
// and where interceptors listen.
func (b *bench) compare(ctx context.Context, r *report, chosen []string) error {
	for _, w := range works() {
		if w.clients != connections || b.run != "" && !slices.Contains(chosen, w.name) {
			continue
		}
		plain, other := w, b.old
		switch {
		case w.guarded:
			plain, other = works()[0], b.guarded
			w.name, w.about, w.reach = "i1 beside q1", "q1 with an interceptor on both entities, against q1 without", 1/1.15
		case w.writes:
			continue
		default:
			w.name, w.about, w.reach = w.name+" of old", w.name+" with statistics of 30 rows, against none", 0.95
		}
		line, err := b.alternate(ctx, w, other, plain, b.ours)
		if err != nil {
			return err
		}
		r.scale = append(r.scale, line)
	}
	return nil
}

// same sees that both servers answer a work byte for byte alike.
func (b *bench) same(ctx context.Context, w work, s *process, file string) error {
	for i := range 20 {
		request, err := w.request(1<<30 + i)
		if err != nil {
			return err
		}
		ours, err := answer(s, request)
		if err != nil {
			return err
		}
		if w.makes {
			if err := forget(ctx, file, ours); err != nil {
				return err
			}
		}
		theirs, err := answer(b.hand, request)
		if err != nil {
			return err
		}
		if w.makes {
			if err := forget(ctx, file, theirs); err != nil {
				return err
			}
			ours, theirs = withoutTime(ours), withoutTime(theirs)
		}
		if !bytes.Equal(ours, theirs) {
			return fmt.Errorf("%s is answered in two ways:\n%s\n%s", w.name, ours, theirs)
		}
	}
	return nil
}

func answer(s *process, request []byte) ([]byte, error) {
	c, err := dial(s.addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	return c.ask(request)
}

// forget takes a record back that a work made, and its id, so that the next
// server can make the same one.
func forget(ctx context.Context, file string, made []byte) (err error) {
	var a struct {
		Data struct {
			CreatePost struct{ Slug string }
		}
	}
	if err := json.Unmarshal(made, &a); err != nil {
		return err
	}
	if isPostgres(file) {
		return forgetIn(ctx, file, a.Data.CreatePost.Slug)
	}
	client, err := blog.Open(ctx, engine.Config{URL: "sqlite:" + file})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	var db *sql.DB
	if db, err = blog.DB(client); err != nil {
		return err
	}
	if _, err = db.ExecContext(ctx, "DELETE FROM posts WHERE slug = ?", a.Data.CreatePost.Slug); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "UPDATE sqlite_sequence SET seq = (SELECT max(id) FROM posts) WHERE name = 'posts'")
	return err
}

// withoutTime blanks the digits of the time at which a record was made.
func withoutTime(body []byte) []byte {
	key := []byte(`"createdAt":"`)
	at := bytes.Index(body, key)
	if at < 0 {
		return body
	}
	end := bytes.IndexByte(body[at+len(key):], '"')
	return slices.Concat(body[:at+len(key)], body[at+len(key)+end:])
}

// alternate lets two servers take turns, after one each that does not count.
func (b *bench) alternate(ctx context.Context, w work, s *process, other work, t *process) (row, error) {
	fmt.Fprintf(b.progress, "%s\n", w)
	r := row{work: w}
	for i := -1; i < b.rounds; i++ {
		counts := i >= 0
		if err := b.sample(ctx, w, s, &r.a, counts); err != nil {
			return r, err
		}
		if err := b.sample(ctx, other, t, &r.b, counts); err != nil {
			return r, err
		}
	}
	return r, nil
}

// sample lets one server work, and notes what it did where that counts.
func (b *bench) sample(ctx context.Context, w work, s *process, to *side, counts bool) error {
	before, err := s.processor()
	if err != nil {
		return err
	}
	done, err := drive(ctx, s.addr, w, b.length, &b.next)
	if err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	after, err := s.processor()
	if err != nil || !counts {
		return err
	}
	to.rates = append(to.rates, done.rate)
	to.times = append(to.times, done.times...)
	to.spent += after - before
	return nil
}

// scale measures what many records cost.
func (b *bench) scale(ctx context.Context, r *report) error {
	first := works()[0]
	grown := first
	grown.name, grown.about, grown.reach = "q1 of 1,000,000", "q1 with 1,000,000 posts, against 10,000", 0.8
	line, err := b.alternate(ctx, grown, b.large, first, b.ours)
	if err != nil {
		return err
	}
	r.scale = append(r.scale, line)
	cursor, err := middle(b.large)
	if err != nil {
		return err
	}
	grown.name, grown.about, grown.query = "q1 in the middle", "q1 after 500,000 of 1,000,000 posts, against the first page of 10,000", queryAfter
	grown.variables = func(int) map[string]any { return map[string]any{"after": cursor} }
	if line, err = b.alternate(ctx, grown, b.large, first, b.ours); err != nil {
		return err
	}
	r.scale = append(r.scale, line)
	return nil
}

// middle pages to the cursor of the post in the middle.
func middle(s *process) (cursor any, err error) {
	for range many / 2 / 1000 {
		w := work{query: `query($after: Cursor) { posts(first: 1000, after: $after, orderBy: [{field: CREATED_AT, direction: DESC}]) { pageInfo { endCursor } } }`}
		w.variables = func(int) map[string]any { return map[string]any{"after": cursor} }
		request, err := w.request(0)
		if err != nil {
			return nil, err
		}
		body, err := answer(s, request)
		if err != nil {
			return nil, err
		}
		var a struct {
			Data struct {
				Posts struct{ PageInfo struct{ EndCursor string } }
			}
		}
		if err := json.Unmarshal(body, &a); err != nil {
			return nil, err
		}
		cursor = a.Data.Posts.PageInfo.EndCursor
	}
	return cursor, nil
}

// memory measures what the load left behind, and whether requests that each
// are new leave more.
func (b *bench) memory(ctx context.Context, r *report) error {
	var err error
	if r.resident, err = b.ours.resident(); err != nil {
		return err
	}
	w := work{writes: true, query: works()[2].query, clients: connections}
	w.variables = func(i int) map[string]any {
		return map[string]any{"u": username(1 + i%users), "unused" + fmt.Sprint(i): i}
	}
	for range 3 {
		for range 4 {
			t, err := drive(ctx, b.ours.addr, w, b.length, &b.next)
			if err != nil {
				return err
			}
			r.asked += len(t.times)
		}
		mib, err := b.ours.resident()
		if err != nil {
			return err
		}
		r.later = append(r.later, mib)
	}
	return nil
}

func median[T int | float64 | time.Duration](list []T) T { return quantile(list, 0.5) }

func quantile[T int | float64 | time.Duration](list []T, q float64) T {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
