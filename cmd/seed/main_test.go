package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// The data set loads, and loading it once more changes nothing.
func TestDataSetLoadsTwice(t *testing.T) {
	t.Parallel()
	db := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	for _, round := range []string{"new", "again"} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"--db", db, "--json"}, strings.NewReader(""), &stdout, &stderr, func(string) string { return "" })
		var sum struct {
			Entities map[string]struct{ Created, Updated, Unchanged int }
		}
		if err := json.Unmarshal(stdout.Bytes(), &sum); code != 0 || err != nil {
			t.Fatalf("%s: exit code %d, %v\n%s%s", round, code, err, &stdout, &stderr)
		}
		for table, n := range sum.Entities {
			if round == "again" && n.Created+n.Updated > 0 {
				t.Errorf("%s: loading once more creates %d and updates %d", table, n.Created, n.Updated)
			}
		}
	}
}
