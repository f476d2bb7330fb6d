package seed

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"coppice/core/internal/mutation"
	"coppice/core/record"
	"coppice/core/seed/internal/file"
)

// Count tells what became of an entity's records. Association rows, and what
// a record only connected to, do not count.
type Count struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Removed   int `json:"removed,omitempty"` // by a reset that is planned, or an undo
	Kept      int `json:"kept,omitempty"`    // by an undo, though the set created it
	Hidden    int `json:"hidden,omitempty"`  // of what exists and is hidden, and was left as it is
}

// Summary tells what a load did.
type Summary struct {
	Entities map[string]Count // by table
	Kept     []Kept           // what an undo left
	Hidden   []Hidden         // the first 20 of those that were left since they are hidden
	Took     time.Duration    // to read the files, wait for the right to write, and load
}

// MarshalJSON writes {"entities":{"users":{"created":3,"updated":0,"unchanged":9}},"ms":41}.
func (s *Summary) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Entities map[string]Count `json:"entities"`
		Kept     []Kept           `json:"kept,omitempty"`
		Hidden   []Hidden         `json:"hidden,omitempty"`
		MS       int64            `json:"ms"`
	}{s.Entities, s.Kept, s.Hidden, s.Took.Milliseconds()})
}

// Hidden is a record that exists, is hidden by an interceptor, and was left as
// it is, as one that was deleted softly.
type Hidden struct {
	Entity string `json:"entity"`
	Key    string `json:"key"` // by which a person knows it
}

// noteHidden notes which records were left since they are hidden.
func (l *loader) noteHidden(ctx context.Context, client *record.Client, nodes []*mutation.Node, items []*item) error {
	for _, n := range nodes {
		if !n.Hidden || len(l.summary.Hidden) == file.Shown || items != nil && items[n.Top()].counted {
			continue
		}
		names, err := describeAll(ctx, client, n.Entity, []any{n.ID})
		if err != nil {
			return err
		}
		l.summary.Hidden = append(l.summary.Hidden, Hidden{n.Entity.Name, names[n.ID]})
	}
	return nil
}

// Print writes the summary as a table, its last line being the sums. What was
// removed or kept, or is hidden, has a column where there is any.
func (s *Summary) Print(w io.Writer) error {
	var sum Count
	total := fmt.Sprintf("in %d ms", s.Took.Milliseconds())
	width := len(total)
	for table, c := range s.Entities {
		width = max(width, len(table))
		sum = Count{
			sum.Created + c.Created, sum.Updated + c.Updated, sum.Unchanged + c.Unchanged, sum.Removed + c.Removed, sum.Kept + c.Kept, sum.Hidden + c.Hidden,
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s %9s %9s %9s", width, "", "created", "updated", "unchanged")
	if sum.Removed > 0 {
		fmt.Fprintf(&b, " %9s", "removed")
	}
	if sum.Kept > 0 {
		fmt.Fprintf(&b, " %9s", "kept")
	}
	if sum.Hidden > 0 {
		fmt.Fprintf(&b, " %9s", "hidden")
	}
	row := func(name string, c Count) {
		fmt.Fprintf(&b, "\n%-*s %9d %9d %9d", width, name, c.Created, c.Updated, c.Unchanged)
		if sum.Removed > 0 {
			fmt.Fprintf(&b, " %9d", c.Removed)
		}
		if sum.Kept > 0 {
			fmt.Fprintf(&b, " %9d", c.Kept)
		}
		if sum.Hidden > 0 {
			fmt.Fprintf(&b, " %9d", c.Hidden)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(s.Entities)) {
		row(table, s.Entities[table])
	}
	row(total, sum)
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

// count adds what became of a record.
func (s *Summary) count(n *mutation.Node) {
	c := s.Entities[n.Entity.Table]
	switch {
	case n.Created:
		c.Created++
	case n.Updated:
		c.Updated++
	case n.Hidden:
		c.Hidden++
	case n.Connects():
		return
	default:
		c.Unchanged++
	}
	s.Entities[n.Entity.Table] = c
}
