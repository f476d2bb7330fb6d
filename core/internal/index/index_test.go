package index_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent/migrate"
	"coppice/core/internal/index"
)

// TestIndexesAreTheDatabases compares the indexes of every table with those that
// a new database has, partial ones left out.
func TestIndexesAreTheDatabases(t *testing.T) {
	t.Parallel()
	client, err := blog.Open(t.Context(), engine.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "test.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	for _, table := range migrate.Tables {
		var want, got []string
		rows, err := client.QueryContext(t.Context(), "SELECT l.name, l.[unique], group_concat(i.name) FROM pragma_index_list(?) l, pragma_index_info(l.name) i "+
			"WHERE NOT l.partial GROUP BY 1, 2", table.Name)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var name, columns string
			var unique bool
			if err := rows.Scan(&name, &unique, &columns); err != nil {
				t.Fatal(err)
			}
			want = append(want, fmt.Sprint(name, unique, " ", columns))
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		for _, idx := range index.New(migrate.Tables).Of(table.Name).Indexes {
			text := fmt.Sprint(idx.Name, idx.Unique, " ")
			for i, c := range idx.Columns {
				if i > 0 {
					text += ","
				}
				text += c
			}
			got = append(got, text)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s has the indexes %v, we know %v", table.Name, want, got)
		}
	}
}
