package query_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"coppice/core/internal/fixture/blog"
)

// Times that other programs write beside the server, in whatever form, page in
// both directions, and are found by the value just read.
func TestTimesOfOtherProgramsPageAndAreFound(t *testing.T) {
	t.Parallel()
	a := openSQLite(t).blog()
	handle, err := blog.DB(a.client)
	if err != nil {
		t.Fatal(err)
	}
	var file string
	if err := handle.QueryRow("SELECT file FROM pragma_database_list").Scan(&file); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for i, at := range []string{"2026-11-27 10:00:00", "2026-11-27T10:00:00Z", "2026-11-27T11:00:00.5+01:00", "2026-11-27 10:00:01.25 +0000 UTC m=+0.1",
		"2026-11-27 10:00", "2026-11-27", "2026-11-27 10:00:00.500000+00:00"} {
		_, err := other.Exec("INSERT INTO posts (slug, title, body, status, created_at, updated_at, view_count, user_posts) SELECT ?, 'T', 'B', 'DRAFT', ?, datetime('now'), 0, min(id) FROM users", fmt.Sprint("other", i), at)
		if err != nil {
			t.Fatal(at, err)
		}
	}
	var want []string
	for _, direction := range []string{"ASC", "DESC"} {
		order := "orderBy: {field: CREATED_AT, direction: " + direction + "}"
		want = a.page("", "("+order+", first: 100)").ids()
		forward, backward := []string{}, []string{}
		for after := ""; ; {
			p := a.page("", "("+order+", first: 2"+after+")")
			forward = append(forward, p.ids()...)
			if !p.PageInfo.HasNextPage || len(forward) > len(want) {
				break
			}
			after = fmt.Sprintf(", after: %q", p.PageInfo.EndCursor)
		}
		for before := ""; ; {
			p := a.page("", "("+order+", last: 2"+before+")")
			backward = append(p.ids(), backward...)
			if !p.PageInfo.HasPreviousPage || len(backward) > len(want) {
				break
			}
			before = fmt.Sprintf(", before: %q", p.PageInfo.StartCursor)
		}
		if len(want) != 13 || !slices.Equal(forward, want) || !slices.Equal(backward, want) {
			t.Errorf("%s: in one page %v\nforward %v\nbackward %v", direction, want, forward, backward)
		}
	}
	for _, id := range want {
		var data struct{ Post struct{ CreatedAt string } }
		if err := json.Unmarshal(a.ok(`{ post(id: "`+id+`") { createdAt } }`, nil).Data, &data); err != nil {
			t.Fatal(err)
		}
		if p := a.page("", `(where: {createdAt: "`+data.Post.CreatedAt+`"})`); !slices.Contains(p.ids(), id) {
			t.Errorf("%s is not found by %s", id, data.Post.CreatedAt)
		}
	}
}
