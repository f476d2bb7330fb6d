package fake_test

import (
	"strings"
	"testing"
	"time"

	"coppice/core/internal/fake"
	"coppice/core/internal/fixture/blog/ent"
)

// Records made one after the other have times that follow each other, so that
// an index of millions grows in one place at a time; all the same a few records
// are all over the years that many are.
func TestTimesRunWithTheRecords(t *testing.T) {
	t.Parallel()
	e := ent.Coppice().Model.Table("posts")
	m, err := fake.New(e, 1_000_000, fake.Check(ent.Coppice(), e))
	if err != nil {
		t.Fatal(err)
	}
	field := func(name string, from, n int) (list []time.Time) {
		t.Helper()
		for _, v := range values(m, e.Field(name), from+n)[from:] {
			at, err := time.Parse(time.RFC3339, v.(string))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, at)
		}
		return list
	}
	near := func(list []time.Time, first time.Time, within time.Duration) (n int) {
		for _, at := range list {
			if d := at.Sub(first); d >= 0 && d <= within {
				n++
			}
		}
		return n
	}
	const n, month = 2000, 30 * 24 * time.Hour
	created := field("createdAt", 1<<17, n)
	if got := near(created, created[0].Add(-time.Hour), month/2); got != n {
		t.Errorf("%d of %d records that follow each other were created within two weeks", got, n)
	}
	for _, name := range []string{"updatedAt", "publishedAt"} {
		later := field(name, 1<<17, n)
		if got := near(later, created[0].Add(-time.Hour), month); got < n*3/4 {
			t.Errorf("%s: %d of %d records are within a month", name, got, n)
		}
		for i := range later {
			if later[i].Before(created[i]) {
				t.Fatalf("%s: record %d has %v, and was created at %v", name, i, later[i], created[i])
			}
		}
	}
	for _, few := range []int{10, 100, 1000} {
		list := field("createdAt", 0, few)
		for quarter := range 4 {
			from := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(quarter) * 6 * month)
			if got := near(list, from, 6*month); got < few/6 {
				t.Errorf("%d of %d records were created in the six months from %v", got, few, from)
			}
		}
	}
}

// Unique texts of records made one after the other begin alike, for the same reason; a
// few records begin in as many ways all the same.
func TestUniqueTextsRunWithTheRecords(t *testing.T) {
	t.Parallel()
	e := ent.Coppice().Model.Table("posts")
	m, err := fake.New(e, 1_000_000, fake.Check(ent.Coppice(), e))
	if err != nil {
		t.Fatal(err)
	}
	beginnings := func(from, n int) int {
		different := map[string]bool{}
		for _, v := range values(m, e.Field("slug"), from+n)[from:] {
			word, _, _ := strings.Cut(v.(string), "-")
			different[word] = true
		}
		return len(different)
	}
	if got := beginnings(1<<17, 1000); got > 5 {
		t.Errorf("1,000 slugs that follow each other begin in %d ways", got)
	}
	if got := beginnings(0, 50); got < 25 {
		t.Errorf("the first 50 slugs begin in %d ways", got)
	}
}
