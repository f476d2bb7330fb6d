package postgres

import (
	"regexp"
	"strings"

	"coppice/core/engine/migrate"
)

// The locks of tables that statements take, the weakest first, with who waits for each
// (https://www.postgresql.org/docs/current/explicit-locking.html).
var locks = []struct{ name, waits string }{
	{"ROW EXCLUSIVE", "nobody waits, but who writes to the same rows"},
	{"SHARE UPDATE EXCLUSIVE", "nobody waits"},
	{"SHARE", "who writes to the table waits; who reads goes on"},
	{"SHARE ROW EXCLUSIVE", "who writes to the table waits; who reads goes on"},
	{"ACCESS EXCLUSIVE", "who reads or writes the table waits"},
}

const (
	writesRows = iota
	concurrent
	blocksWrites
	blocksWritesAlone
	blocksAll
)

// name is a name as statements have it.
const name = `"((?:[^"]|"")+)"`

// fact is what PostgreSQL does with statements, or parts of an ALTER TABLE, of a form
// (https://www.postgresql.org/docs/current/sql-altertable.html, in its notes).
type fact struct {
	form            *regexp.Regexp
	lock            int
	rewrites, reads bool
	back            string // of a statement with its names; of a part, without ALTER TABLE
	moot            bool
}

// statements are facts of whole statements; the first group is what they are about.
var statements = []fact{
	{form: regexp.MustCompile(`^CREATE TABLE (?:IF NOT EXISTS )?` + name), lock: -1, back: `DROP TABLE "$1"`},
	{form: regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?` + name), lock: concurrent, reads: true, back: `DROP INDEX CONCURRENTLY "$1"`},
	{form: regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?` + name), lock: blocksWrites, reads: true, back: `DROP INDEX "$1"`},
	{form: regexp.MustCompile(`^DROP INDEX CONCURRENTLY`), lock: concurrent},
	{form: regexp.MustCompile(`^DROP INDEX`), lock: blocksAll},
	{form: regexp.MustCompile(`^DROP TABLE (?:IF EXISTS )?` + name), lock: blocksAll},
	{form: regexp.MustCompile(`^CREATE VIEW ` + name), lock: -1, back: `DROP VIEW "$1"`},
	{form: regexp.MustCompile(`^DROP VIEW IF EXISTS`), lock: -1, moot: true},
	{form: regexp.MustCompile(`^(?:UPDATE|INSERT INTO|DELETE FROM) ` + name), lock: writesRows, reads: true},
	{form: regexp.MustCompile(`^ALTER TABLE ` + name + ` RENAME TO ` + name), lock: blocksAll, back: `ALTER TABLE "$2" RENAME TO "$1"`},
	{form: regexp.MustCompile(`^ALTER TABLE ` + name + ` RENAME (?:COLUMN )?` + name + ` TO ` + name), lock: blocksAll, back: `ALTER TABLE "$1" RENAME COLUMN "$3" TO "$2"`},
	{form: regexp.MustCompile(`^ALTER TABLE ` + name + ` RENAME CONSTRAINT ` + name + ` TO ` + name), lock: blocksAll, back: `ALTER TABLE "$1" RENAME CONSTRAINT "$3" TO "$2"`},
	{form: regexp.MustCompile(`^ALTER INDEX ` + name + ` RENAME TO ` + name), lock: concurrent, back: `ALTER INDEX "$2" RENAME TO "$1"`},
	{form: regexp.MustCompile(`^ALTER SEQUENCE ` + name + ` RENAME TO ` + name), lock: -1, back: `ALTER SEQUENCE "$2" RENAME TO "$1"`},
	{form: regexp.MustCompile(`^COMMENT ON (?:TABLE|COLUMN) ` + name), lock: concurrent, moot: true},
}

// alterations are facts of the parts of an ALTER TABLE.
var alterations = []fact{
	// A default that differs by row, or a number from a sequence, is written into each.
	{form: regexp.MustCompile(`^ADD COLUMN ` + name + ` .*(?:IDENTITY|(?i:gen_random_uuid|random|clock_timestamp|nextval)\()`), lock: blocksAll, rewrites: true, back: `DROP COLUMN "$1"`},
	{form: regexp.MustCompile(`^ADD COLUMN ` + name), lock: blocksAll, back: `DROP COLUMN "$1"`},
	{form: regexp.MustCompile(`^DROP COLUMN`), lock: blocksAll},
	{form: regexp.MustCompile(`^ALTER COLUMN ` + name + ` TYPE (?:text|character varying|varchar)\b`), lock: blocksAll},
	{form: regexp.MustCompile(`^ALTER COLUMN ` + name + ` TYPE`), lock: blocksAll, rewrites: true},
	{form: regexp.MustCompile(`^ALTER COLUMN ` + name + ` SET NOT NULL`), lock: blocksAll, reads: true, back: `ALTER COLUMN "$1" DROP NOT NULL`},
	{form: regexp.MustCompile(`^ALTER COLUMN ` + name + ` DROP NOT NULL`), lock: blocksAll, back: `ALTER COLUMN "$1" SET NOT NULL`},
	{form: regexp.MustCompile(`^ALTER COLUMN ` + name + ` DROP DEFAULT`), lock: blocksAll, moot: true},
	{form: regexp.MustCompile(`^ALTER COLUMN ` + name + ` SET DEFAULT`), lock: blocksAll, back: `ALTER COLUMN "$1" DROP DEFAULT`},
	{form: regexp.MustCompile(`^ALTER COLUMN`), lock: blocksAll},
	{form: regexp.MustCompile(`^ADD CONSTRAINT ` + name + ` FOREIGN KEY .* NOT VALID$`), lock: blocksWritesAlone, back: `DROP CONSTRAINT "$1"`},
	{form: regexp.MustCompile(`^ADD CONSTRAINT ` + name + ` FOREIGN KEY`), lock: blocksWritesAlone, reads: true, back: `DROP CONSTRAINT "$1"`},
	{form: regexp.MustCompile(`^ADD CONSTRAINT ` + name + ` .* NOT VALID$`), lock: blocksAll, back: `DROP CONSTRAINT "$1"`},
	{form: regexp.MustCompile(`^ADD CONSTRAINT ` + name), lock: blocksAll, reads: true, back: `DROP CONSTRAINT "$1"`},
	{form: regexp.MustCompile(`^VALIDATE CONSTRAINT`), lock: concurrent, reads: true, moot: true},
	{form: regexp.MustCompile(`^DROP CONSTRAINT`), lock: blocksAll},
}

var (
	alters  = regexp.MustCompile(`^ALTER TABLE (?:ONLY )?` + name + ` (.*)$`)
	indexOn = regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX .*? ON (?:ONLY )?` + name)
)

// Effect is what a statement of a migration does on PostgreSQL.
func Effect(statement string) migrate.Effect {
	for _, f := range statements {
		if m := f.form.FindStringSubmatchIndex(statement); m != nil {
			e := f.effect()
			e.Back = string(f.form.ExpandString(nil, f.back, statement, m))
			if len(m) > 2 {
				e.Table = statement[m[2]:m[3]]
			}
			if on := indexOn.FindStringSubmatch(statement); on != nil {
				e.Table = on[1]
			} else if strings.HasPrefix(statement, "ALTER INDEX") || strings.HasPrefix(statement, "ALTER SEQUENCE") {
				e.Table = ""
			}
			e.Loses = strings.HasPrefix(statement, "DROP TABLE")
			return e
		}
	}
	if m := alters.FindStringSubmatch(statement); m != nil {
		return alteration(m[1], parts(m[2]))
	}
	return migrate.Effect{Waits: "it is not known who waits"}
}

func (f fact) effect() migrate.Effect {
	e := migrate.Effect{Rewrites: f.rewrites, Reads: f.reads, Moot: f.moot, Waits: "nobody waits"}
	if f.lock >= 0 {
		e.Lock, e.Waits = locks[f.lock].name, locks[f.lock].waits
	}
	return e
}

// alteration is the effect of all parts of an ALTER TABLE together: the strongest lock
// holds for all.
func alteration(table string, list []string) migrate.Effect {
	all := migrate.Effect{Table: table, Moot: true}
	strongest, known := -1, true
	var back []string
	for _, part := range list {
		f, m := find(part)
		if m == nil {
			f = fact{lock: blocksAll}
		}
		strongest = max(strongest, f.lock)
		all.Rewrites, all.Reads, all.Moot = all.Rewrites || f.rewrites, all.Reads || f.reads, all.Moot && f.moot
		all.Loses = all.Loses || strings.HasPrefix(part, "DROP COLUMN")
		switch {
		case f.moot:
		case f.back == "":
			known = false
		default:
			back = append([]string{string(f.form.ExpandString(nil, f.back, part, m))}, back...)
		}
	}
	all.Lock, all.Waits = locks[strongest].name, locks[strongest].waits
	if known && len(back) > 0 {
		all.Back = "ALTER TABLE " + quote(table) + " " + strings.Join(back, ", ")
	}
	return all
}

func find(part string) (fact, []int) {
	for _, f := range alterations {
		if m := f.form.FindStringSubmatchIndex(part); m != nil {
			return f, m
		}
	}
	return fact{}, nil
}

// parts splits an ALTER TABLE at the commas that are within nothing.
func parts(text string) (list []string) {
	depth, from := 0, 0
	var quoted rune
	for i, r := range text {
		switch {
		case quoted != 0:
			if r == quoted {
				quoted = 0
			}
		case r == '\'' || r == '"':
			quoted = r
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			list, from = append(list, strings.TrimSpace(text[from:i])), i+1
		}
	}
	return append(list, strings.TrimSpace(text[from:]))
}
