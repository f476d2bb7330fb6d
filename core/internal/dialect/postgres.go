package dialect

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/cases"

	"coppice/core/model"
)

// Postgres is the dialect of PostgreSQL 14 and later. Its planner knows how many rows
// there are by itself, so no statement says by which index a table is read.
//
// Folding is by ICU, whose upper and lower case know where one letter becomes several,
// and is brought to agree with Unicode's (section 3.13 of the standard): a final sigma
// is one like others, a dotless i stays apart, for which a character that is none
// stands meanwhile, and a capital sharp s is two letters. Cherokee it folds to small
// letters, where Unicode has capital ones.
var Postgres = sync.OnceValue(func() *Dialect {
	return &Dialect{
		Name:      "postgres",
		Fold:      "translate(lower(upper(translate({1}, 'ıẞ', '\ufdd0ß') COLLATE \"und-x-icu\")), 'ς\ufdd0', 'σı') COLLATE \"C\"",
		Folded:    foldCherokeeDown,
		Contains:  "strpos({1}, {2}) > 0",
		HasPrefix: "starts_with({1}, {2})",
		HasSuffix: "right({1}, length({2})) = {2}",
		Same:      "{1} IS NOT DISTINCT FROM {2}",
		Equal:     "{1} = {2}",
		Text:      `({1}::text COLLATE "C")`,
		Items:     "LATERAL (SELECT value, place - 1 AS key FROM unnest((SELECT {1}::{2}[])) WITH ORDINALITY AS _item (value, place))",
		High:      "sum({1} / {2})::bigint",
		Low:       "sum({1} % {2})::bigint",
		Number:    "to_char({1}, 'FM999999999999999999000000000')",
		Greatest:  "GREATEST({1}, {2})",
		Hash:      "(('x' || substr(md5(ROW({1})::text), 1, 16))::bit(64)::bigint & 9223372036854775807)",

		// The years before the first, of which there is one, have no sign of their own.
		Day:   "CASE WHEN {1} < '0001-01-01Z' THEN '0000' || to_char({1} AT TIME ZONE 'UTC', '-MM-DD') ELSE to_char({1} AT TIME ZONE 'UTC', 'YYYY-MM-DD') END",
		Month: "CASE WHEN {1} < '0001-01-01Z' THEN '0000' || to_char({1} AT TIME ZONE 'UTC', '-MM') ELSE to_char({1} AT TIME ZONE 'UTC', 'YYYY-MM') END",
		Year:  "CASE WHEN {1} < '0001-01-01Z' THEN '0000' ELSE to_char({1} AT TIME ZONE 'UTC', 'YYYY') END",
		// The exact sum, which may need more than 64 bits, and divided as a float.
		Sum: "sum({2})", Avg: "sum({2})::double precision / nullif(count({2}), 0)",
		FloatSum: "sum({2}::double precision)", FloatAvg: "sum({2}::double precision) / nullif(count({2}), 0)",
		Extreme: "{1}({2})",
		ExtremeOf: map[model.Kind]Form{
			model.Bool: "{1}({2}::int)::boolean",
			model.UUID: `{1}({2}::text COLLATE "C")::uuid`,
		},

		NullsFirst: " NULLS FIRST", NullsLast: " NULLS LAST", NullsLargest: true,
		Join: " JOIN ", Lateral: true, WeighsLimit: true, Remote: true, Numbered: true, Concurrent: true,
		Types: map[model.Kind]string{
			model.String: "text", model.Enum: "text", model.Bool: "boolean", model.Int: "bigint", model.BigInt: "bigint",
			model.Float: "double precision", model.Time: "timestamptz", model.UUID: "uuid", model.Bytes: "bytea",
		},

		// A serializable transaction that looks a row up by an index locks a page of that,
		// on which others make theirs: each would stand in the other's way.
		Place: "ctid", PlaceType: "tid",
		Making: "WITH {2} AS ({1} RETURNING *) ",
		Within: "CASE WHEN {1} <= {2} THEN TRUE ELSE ('too long: ' || {1})::boolean END",
		Length: "COALESCE(octet_length({1}), 0)",

		References: `SELECT t.relname, a.attname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.confrelid = to_regclass(quote_ident($1)) AND c.confdeltype IN ('a', 'r') ORDER BY t.relname`,
		Tables: "SELECT COUNT(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname IN ({1})",

		Analyze:   "ANALYZE {1}",
		Word:      `VARCHAR(255) COLLATE "C"`,
		MakeAlone: "SELECT pg_advisory_xact_lock(hashtextextended('coppice ' || current_schema(), 0))",
		Lock:      "LOCK TABLE {1} IN SHARE ROW EXCLUSIVE MODE",
		Behind:    "SELECT 1 FROM " + sequenceOf + " WHERE COALESCE(pg_sequence_last_value(sequence), 0) < CAST(? AS bigint)",
		Advance:   "SELECT setval(sequence, highest) FROM " + sequenceOf + ", CAST(? AS bigint) AS highest WHERE COALESCE(pg_sequence_last_value(sequence), 0) < highest",
		Cursor:    "DECLARE {1} NO SCROLL CURSOR FOR {2}", Fetch: "FETCH {2} FROM {1}",
	}
})

// sequenceOf is the rows of the sequence that counts the column 2 of the table 1: one,
// or none where no sequence does.
const sequenceOf = "(SELECT pg_get_serial_sequence(quote_ident({1}), {2})::regclass AS sequence) AS counted"

// foldCherokeeDown folds a text as Fold does.
func foldCherokeeDown(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'Ꭰ' && r <= 'Ᏽ' || r >= 'ꭰ' && r <= 'ꮿ' || r >= 'ᏸ' && r <= 'ᏽ':
			return unicode.ToLower(r)
		case r == '\ufdd0':
			return 'ı'
		}
		return r
	}, foldCase(s))
}

// foldCase is Unicode's full case folding.
func foldCase(s string) string { return cases.Fold().String(s) }
