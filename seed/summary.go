package seed

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"coppice/internal/mutation"
)

// Count tells what became of an entity's records. Association rows, and what
// a record only connected to, do not count.
type Count struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Removed   int `json:"removed,omitempty"` // by a reset that is planned, or an undo
	Kept      int `json:"kept,omitempty"`    // by an undo, though the set created it
}

// Summary tells what a load did.
type Summary struct {
	Entities map[string]Count // by table
	Kept     []Kept           // what an undo left
	Took     time.Duration    // to read the files, wait for the right to write, and load
}

// MarshalJSON writes {"entities":{"users":{"created":3,"updated":0,"unchanged":9}},"ms":41}.
func (s *Summary) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Entities map[string]Count `json:"entities"`
		Kept     []Kept           `json:"kept,omitempty"`
		MS       int64            `json:"ms"`
	}{s.Entities, s.Kept, s.Took.Milliseconds()})
}

// Print writes the summary as a table, its last line being the sums. What was
// removed or kept has a column where there is any.
func (s *Summary) Print(w io.Writer) error {
	var sum Count
	total := fmt.Sprintf("in %d ms", s.Took.Milliseconds())
	width := len(total)
	for table, c := range s.Entities {
		width = max(width, len(table))
		sum = Count{sum.Created + c.Created, sum.Updated + c.Updated, sum.Unchanged + c.Unchanged, sum.Removed + c.Removed, sum.Kept + c.Kept}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s %9s %9s %9s", width, "", "created", "updated", "unchanged")
	if sum.Removed > 0 {
		fmt.Fprintf(&b, " %9s", "removed")
	}
	if sum.Kept > 0 {
		fmt.Fprintf(&b, " %9s", "kept")
	}
	row := func(name string, c Count) {
		fmt.Fprintf(&b, "\n%-*s %9d %9d %9d", width, name, c.Created, c.Updated, c.Unchanged)
		if sum.Removed > 0 {
			fmt.Fprintf(&b, " %9d", c.Removed)
		}
		if sum.Kept > 0 {
			fmt.Fprintf(&b, " %9d", c.Kept)
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
	case n.Connects():
		return
	default:
		c.Unchanged++
	}
	s.Entities[n.Entity.Table] = c
}
