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
}

// Summary tells what a load did.
type Summary struct {
	Entities map[string]Count // by table
	Took     time.Duration    // to read the files, wait for the right to write, and load
}

// MarshalJSON writes {"entities":{"users":{"created":3,"updated":0,"unchanged":9}},"ms":41}.
func (s *Summary) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Entities map[string]Count `json:"entities"`
		MS       int64            `json:"ms"`
	}{s.Entities, s.Took.Milliseconds()})
}

// Print writes the summary as a table, its last line being the sums.
func (s *Summary) Print(w io.Writer) error {
	total := fmt.Sprintf("in %d ms", s.Took.Milliseconds())
	width := len(total)
	for table := range s.Entities {
		width = max(width, len(table))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s %9s %9s %9s\n", width, "", "created", "updated", "unchanged")
	row := func(name string, c Count) {
		fmt.Fprintf(&b, "%-*s %9d %9d %9d\n", width, name, c.Created, c.Updated, c.Unchanged)
	}
	var sum Count
	for _, table := range slices.Sorted(maps.Keys(s.Entities)) {
		c := s.Entities[table]
		row(table, c)
		sum = Count{sum.Created + c.Created, sum.Updated + c.Updated, sum.Unchanged + c.Unchanged}
	}
	row(total, sum)
	_, err := io.WriteString(w, b.String())
	return err
}

func summarize(nodes []*mutation.Node, took time.Duration) *Summary {
	s := &Summary{Entities: map[string]Count{}, Took: took}
	for _, n := range nodes {
		c := s.Entities[n.Entity.Table]
		switch {
		case n.Created:
			c.Created++
		case n.Updated:
			c.Updated++
		case n.Connects():
			continue
		default:
			c.Unchanged++
		}
		s.Entities[n.Entity.Table] = c
	}
	return s
}
