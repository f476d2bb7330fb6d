package migrate

import (
	"database/sql"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	_ "modernc.org/sqlite" // the driver
)

// memory is a database for the SQL that this package writes.
func memory(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Each text that names one instant has one stored form; others have none.
func TestFormsOfTimes(t *testing.T) {
	t.Parallel()
	db := memory(t)
	f, _ := formOf(&schema.Column{Name: "v", Type: field.TypeTime})
	for in, want := range map[any]string{
		"2026-11-27 10:00:00":                                 "2026-11-27 10:00:00+00:00",
		"2026-11-27":                                          "2026-11-27 00:00:00+00:00",
		"2026-11-27 10:00":                                    "2026-11-27 10:00:00+00:00",
		"2026-11-27T10:00Z":                                   "2026-11-27 10:00:00+00:00",
		"2026-11-27T10:00:00Z":                                "2026-11-27 10:00:00+00:00",
		"2026-11-27T10:00:00.120Z":                            "2026-11-27 10:00:00.12+00:00",
		"2026-11-27t10:00:00.999999999z":                      "2026-11-27 10:00:00.999999+00:00",
		"2026-11-27T01:00:00.5+02:30":                         "2026-11-26 22:30:00.5+00:00",
		"2026-11-27 23:59:59.9999994-08:00":                   "2026-11-28 07:59:59.999999+00:00",
		"2026-11-27 10:00:00.500000+00:00":                    "2026-11-27 10:00:00.5+00:00",
		"2026-11-27 10:00:00.+00:00":                          "2026-11-27 10:00:00+00:00",
		"2026-11-27 10:00:00-00:00":                           "2026-11-27 10:00:00+00:00",
		"2026-11-27 10:00:00 +0000 UTC":                       "2026-11-27 10:00:00+00:00",
		"2026-11-27 10:00:00.123456789 +0100 CET m=+0.034512": "2026-11-27 09:00:00.123456+00:00",
		"2026-11-27 10:00:00.123456789 -0330 -0330":           "2026-11-27 13:30:00.123456+00:00",
		"2026-11-27 10:00:00 UTC":                             "2026-11-27 10:00:00+00:00",
		" 2026-11-27 10:00:00 ":                               "2026-11-27 10:00:00+00:00",
		"2024-02-29 23:00:00-02:00":                           "2024-03-01 01:00:00+00:00",
		"9999-12-31 23:59:59.999999":                          "9999-12-31 23:59:59.999999+00:00",
		"9999-12-31 23:59:59-02:00":                           "",
		"0000-01-01 00:00:00+02:00":                           "",
		"2026-02-30 10:00:00":                                 "",
		"2026-02-30 10:00:00+00:00":                           "",
		"2026-11-27 24:00:00":                                 "",
		"2026-11-27 10:00:00 CET":                             "",
		"2026-11-27 10:00:00+99:00":                           "",
		"2026-11-27X10:00:00":                                 "",
		"2026-11-27 10:00:00.12x+00:00":                       "",
		"2026-11-27 10:00:00.1 1+00:00":                       "",
		"27.11.2026":                                          "",
		"now":                                                 "",
		"10:00:00":                                            "",
		"":                                                    "",
		int64(1764237600):                                     "",
		2461371.5:                                             "",
	} {
		var odd bool
		var fixed sql.NullString
		query := "SELECT " + f.odd + ", " + f.fixed + " FROM (SELECT ? AS v)"
		err := db.QueryRow(query, in).Scan(&odd, &fixed)
		if err != nil || !odd || fixed.String != want {
			t.Errorf("%q: odd %t, fixed %q, want %q: %v", in, odd, fixed.String, want, err)
		}
	}
}

// What FormatTime writes is in our form: it stays as it is, whatever the time.
func TestStoredTimesKeepTheirForm(t *testing.T) {
	t.Parallel()
	db := memory(t)
	f, _ := formOf(&schema.Column{Name: "v", Type: field.TypeTime})
	form, err := db.Prepare("SELECT CASE WHEN " + f.odd + " THEN 'odd' ELSE " + f.fixed + " END FROM (SELECT ? AS v)")
	if err != nil {
		t.Fatal(err)
	}
	defer form.Close()
	at := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 300 {
		for _, digits := range []int{0, 1, 10, 123456, 999999, 500000, 120} {
			text := FormatTime(at.Add(time.Duration(digits) * time.Microsecond))
			var got sql.NullString
			if err := form.QueryRow(text).Scan(&got); err != nil || got.String != text {
				t.Fatalf("%q becomes %q: %v", text, got.String, err)
			}
		}
		at = at.AddDate(33, i%13, i%29).Add(time.Duration(i) * 7919 * time.Second)
		if at.Year() > 9998 {
			break
		}
	}
}
