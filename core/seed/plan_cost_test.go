package seed_test

import (
	"regexp"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/statement"
	"coppice/core/seed"
)

// What a load, a plan or an undo asks the ledger of a record, it finds by that
// record: the cost of each grows as the set does.
func TestLedgerIsSearchedByRecord(t *testing.T) {
	t.Parallel()
	c := openURL(t, enginetest.SQLite(t)) // whose plans say by what they search
	var log statement.Recorder
	log.Plans = true
	ctx := statement.NewContext(t.Context(), &log)
	dir := folder(t, map[string]string{"users.yaml": circleOfTwo, "comments.yaml": remarks})
	for range 2 {
		set, err := seed.Read(ctx, ent.Coppice(), nil, dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := set.Load(ctx, ent.Coppice().Of(c), seed.Options{Name: "remarks", Changes: func(seed.Change) {}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := seed.Undo(ctx, ent.Coppice().Of(c), seed.Options{Name: "remarks"}); err != nil {
		t.Fatal(err)
	}
	wide := regexp.MustCompile(`(?:SEARCH|SCAN) (?:m|l|coppice_seed_(?:records|marks))\b[^(]*(?:$|\((?:entity=\?|seed_set=\?)\))`)
	seen := 0
	for _, s := range log.Statements() {
		// Once for the whole of an undo.
		if !strings.Contains(s.SQL, "coppice_seed_") || strings.Contains(s.SQL, "SELECT DISTINCT seed_set") || strings.Contains(s.SQL, "WHERE seed_set = ? AND created") ||
			strings.Contains(s.SQL, "COUNT(*)") || strings.Contains(s.SQL, "AND NOT created") {
			continue
		}
		for _, step := range s.Plan {
			seen++
			if wide.MatchString(step) {
				t.Errorf("%s\nin %s", step, s.SQL)
			}
		}
	}
	if seen == 0 {
		t.Fatal("no plan was recorded")
	}
}
