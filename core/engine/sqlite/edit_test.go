package sqlite

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/record"
)

// openLogging opens a file with a schema, and tells what was logged.
func openLogging(t *testing.T, url string, tables []*schema.Table, renames ...record.Rename) (*ent.Client, string, error) {
	t.Helper()
	target, err := parseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	h, err := openTables(t.Context(), target, options{lockWait: DefaultLockWait, tables: tables, renames: renames, log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		return nil, log.String(), err
	}
	return ent.NewClient(ent.Driver(h)), log.String(), nil
}

// A start after any edit of any schema over any rows either goes through, and
// then all that was there reads as before, or is refused in words with nothing
// changed; doing what the refusal proposes then leads to a start.
func TestRandomSchemaEdits(t *testing.T) {
	t.Parallel()
	n := 60
	if testing.Short() {
		n = 8
	}
	if os.Getenv("COPPICE_SCALE") != "" {
		n = 1000
	}
	for i := range n {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(11, uint64(i)))
			run := &edited{t: t, r: r, url: fileURL(t), plan: newPlan(r)}
			run.start()
			for range 5 {
				if !run.edit() {
					return
				}
			}
		})
	}
}

// edited is a file whose schema is being edited.
type edited struct {
	t    *testing.T
	r    *rand.Rand
	url  string
	plan planned
	did  []string
}

func (d *edited) failf(format string, args ...any) bool {
	d.t.Helper()
	d.t.Errorf("after %s:\n%s", strings.Join(d.did, "; "), fmt.Sprintf(format, args...))
	return false
}

// start makes the file, with some rows.
func (d *edited) start() {
	client, _, err := openLogging(d.t, d.url, d.plan.tables())
	if err != nil {
		d.t.Fatal(err)
	}
	for range 2 {
		stir(d.t, d.r, client, d.plan)
	}
	shut(d.t, client)
}

// edit makes one change, and reports whether the file can go on with it.
func (d *edited) edit() bool {
	next := d.plan.clone()
	d.did = append(d.did, edit(d.r, &next))
	before := contentOf(d.t, d.url)
	client, log, err := openLogging(d.t, d.url, next.tables())
	if err == nil {
		shut(d.t, client)
		return d.accepted(before, next, log) && d.went(next)
	}
	if !d.refused(before, next, err) {
		return false
	}
	d.plan = next
	client, _, err = openLogging(d.t, d.url, next.tables())
	if err != nil {
		return false // only another schema helps
	}
	stir(d.t, d.r, client, next)
	shut(d.t, client)
	return true
}

// went goes on with the new schema: more rows, whose ids follow the old.
func (d *edited) went(next planned) bool {
	last := map[string]int64{}
	db := rawly(d.t, d.url)
	for _, e := range next.entities {
		if e.id.Integer() {
			last[e.table] = one[int64](d.t, db, "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0)", e.table)
		}
	}
	shut(d.t, db)
	client, log, err := openLogging(d.t, d.url, next.tables())
	if err != nil {
		return d.failf("the second start: %v", err)
	}
	defer shut(d.t, client)
	if log != "" {
		return d.failf("it is logged at each start: %s", log)
	}
	tables := len(all[string](d.t, client, "SELECT name FROM sqlite_master"))
	stir(d.t, d.r, client, next)
	if tables != len(all[string](d.t, client, "SELECT name FROM sqlite_master")) {
		return d.failf("tables changed")
	}
	d.plan = next
	return true
}

// accepted holds that all that was there is there, and reads as before.
func (d *edited) accepted(before content, next planned, log string) bool {
	after := contentOf(d.t, d.url)
	for table, rows := range before.values {
		if table == "sqlite_sequence" {
			if !d.sequences(before, after) {
				return false
			}
			continue
		}
		e := next.entity(sameName(next, table))
		if e == nil { // an edge's, or out of sight
			now := after.rows[table]
			if len(before.rows[table]) != len(now) {
				return d.failf("%s has %d rows, and had %d", table, len(now), len(before.rows[table]))
			}
			kept := slices.ContainsFunc(next.joins, func(j plannedJoin) bool { return j.table == table })
			if !kept && len(rows) > 0 && len(d.did) == 1 && !strings.Contains(log, table) {
				return d.failf("%s went out of sight without a word: %s", table, log)
			}
			continue
		}
		if !d.rowsKept(next, *e, d.plan.entity(oldName(d.plan, table)), rows, after.values[e.table], log) {
			return false
		}
	}
	return d.asFresh(next)
}

// sameName is an entity's table in a schema, as that writes it.
func sameName(p planned, table string) string {
	for _, e := range p.entities {
		if strings.EqualFold(e.table, table) {
			return e.table
		}
	}
	return table
}

func oldName(p planned, table string) string { return sameName(p, table) }

func (d *edited) sequences(before, after content) bool {
	for _, row := range before.values["sqlite_sequence"] {
		kept := slices.ContainsFunc(after.values["sqlite_sequence"], func(now map[string]any) bool {
			return strings.EqualFold(now["name"].(string), row["name"].(string)) && now["seq"].(int64) >= row["seq"].(int64)
		})
		if !kept {
			return d.failf("the ids of %s start over: %v, not %v", row["name"], after.values["sqlite_sequence"], row["seq"])
		}
	}
	return true
}

// rowsKept compares the rows of an entity with what they were.
func (d *edited) rowsKept(next planned, e plannedEntity, old *plannedEntity, before, after []map[string]any, log string) bool {
	if len(before) != len(after) {
		return d.failf("%s has %d rows, and had %d", e.table, len(after), len(before))
	}
	for i, was := range before {
		now := map[string]any{}
		for name, v := range after[i] {
			now[strings.ToLower(name)] = v
		}
		for name, v := range was {
			w, there := now[strings.ToLower(name)]
			from, known := d.plan.typeOf(old, name)
			to, seen := next.typeIn(e, name)
			switch {
			case !there && v == nil:
			case !there:
				return d.failf("%s.%s is gone with %v", e.table, name, v)
			case !seen || !known:
				if fmt.Sprint(v) != fmt.Sprint(w) {
					return d.failf("%s.%s, out of sight, is %#v, not %#v", e.table, name, w, v)
				}
				if known && v != nil && !strings.Contains(log, name) {
					return d.failf("%s.%s went out of sight without a word: %s", e.table, name, log)
				}
			case !reads(from, v, to, w):
				return d.failf("%s.%s is %#v as %s, and was %#v as %s", e.table, name, w, to, v, from)
			case !storedRight(to, w):
				return d.failf("%s.%s, a %s, is stored as %#v", e.table, name, to, w)
			}
		}
	}
	return true
}

// foreign is what no refusal says: the engine's own texts.
var foreign = regexp.MustCompile(`constraint failed|SQL logic error|no such (table|column)|mismatch|[a-z] \(\d+\)$|…`)

// proposal finds a statement that a refusal proposes.
var proposal = regexp.MustCompile("run ((?:UPDATE|DELETE|DROP|ALTER) .*?)(?:; |$)")

// refused holds that nothing was changed, and does what is proposed.
func (d *edited) refused(before content, next planned, err error) bool {
	if diff := before.difference(contentOf(d.t, d.url)); diff != "" {
		return d.failf("refused, and changed: %v\n%s", err, diff)
	}
	d.losing(next)
	if !exempt.MatchString(err.Error()) && d.holds(before, next) {
		return d.failf("refused for nothing: %v", err)
	}
	for range 40 {
		if !strings.Contains(err.Error(), "nothing was changed") || foreign.MatchString(err.Error()) {
			return d.failf("refused so: %v", err)
		}
		proposed := proposal.FindAllStringSubmatch(err.Error(), -1)
		if len(proposed) == 0 {
			return otherwise.MatchString(err.Error()) || d.failf("no way out: %v", err)
		}
		db := rawly(d.t, d.url)
		for _, p := range proposed {
			if _, failed := db.ExecContext(d.t.Context(), p[1]); failed != nil {
				return d.failf("%v\nproposes what fails: %s: %v", err, p[1], failed)
			}
		}
		shut(d.t, db)
		client, _, again := openLogging(d.t, d.url, next.tables())
		if again == nil {
			shut(d.t, client)
			return true
		}
		if again.Error() == err.Error() {
			return d.failf("what is proposed does not help: %v", err)
		}
		err = again
	}
	return d.failf("there is no end to it: %v", err)
}

// exempt are refusals of what the rows would fit: for what is to come, or for
// what they would mean; and of other types, which are another test's.
var exempt = regexp.MustCompile("no longer in the schema|did not mean|would not stay|that is no [A-Z]|schema is newer")

// holds reports whether a new file of a schema takes the rows there are.
func (d *edited) holds(before content, next planned) bool {
	url := fileURL(d.t)
	client, _, err := openLogging(d.t, url, next.tables())
	if err != nil {
		d.t.Fatal(err)
	}
	shut(d.t, client)
	db := rawly(d.t, url)
	defer shut(d.t, db)
	for _, t := range next.tables() {
		for table, rows := range before.values {
			if !strings.EqualFold(table, t.Name) {
				continue
			}
			for _, row := range rows {
				var columns []string
				var values []any
				for name, v := range row {
					if b, ok := v.([]byte); ok && len(b) == 0 {
						return false // the driver makes null of it
					}
					if slices.ContainsFunc(t.Columns, func(c *schema.Column) bool { return strings.EqualFold(c.Name, name) }) {
						columns, values = append(columns, quote(name)), append(values, v)
					}
				}
				query := fmt.Sprintf("INSERT INTO %s (%s) VALUES (?%s)", quote(t.Name), strings.Join(columns, ", "), strings.Repeat(", ?", len(columns)-1))
				if _, err := db.ExecContext(d.t.Context(), query, values...); err != nil {
					return false
				}
			}
		}
	}
	for _, t := range next.tables() { // enums and narrow types are not the database's
		for _, c := range t.Columns {
			for _, row := range before.values[t.Name] {
				if s, ok := row[c.Name].(string); ok && len(c.Enums) > 0 && !slices.Contains(c.Enums, s) {
					return false
				}
			}
		}
	}
	return one[int](d.t, db, "SELECT COUNT(*) FROM pragma_foreign_key_check") == 0
}

// otherwise is a way out that is a change of the schema.
var otherwise = regexp.MustCompile(`put the (field|edge|type|value|entity)|another name|the id's type|make the (field|edge) Optional|\?(loss|newer)=allow`)

// losing starts a copy with ?loss=allow: that is refused, too, or ends in rows
// that are as before, or null.
func (d *edited) losing(next planned) {
	copied := fileURL(d.t)
	data, err := os.ReadFile(strings.TrimPrefix(d.url, "sqlite:"))
	if err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(strings.TrimPrefix(copied, "sqlite:"), data, 0o600); err != nil {
		d.t.Fatal(err)
	}
	before := contentOf(d.t, copied)
	client, _, err := openLogging(d.t, copied+"?loss=allow", next.tables())
	if err != nil {
		if foreign.MatchString(err.Error()) {
			d.failf("with loss=allow refused so: %v", err)
		}
		return
	}
	shut(d.t, client)
	after := contentOf(d.t, copied)
	for _, e := range next.entities {
		rows, now := before.values[oldName(d.plan, e.table)], after.values[e.table]
		if len(rows) != 0 && len(rows) != len(now) {
			d.failf("with loss=allow %s has %d rows, and had %d", e.table, len(now), len(rows))
			return
		}
		for _, row := range now {
			for name, v := range row {
				if to, ok := next.typeIn(e, name); ok && !storedRight(to, v) {
					d.failf("with loss=allow %s.%s, a %s, is stored as %#v", e.table, name, to, v)
				}
			}
		}
	}
}
