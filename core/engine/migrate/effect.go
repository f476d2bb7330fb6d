package migrate

import (
	"regexp"
	"strings"
)

// Effect is what a statement does to those who use a database meanwhile, and after it.
type Effect struct {
	// Table is the one that it is about, as its schema calls it; "" for none.
	Table string `json:"table,omitempty"`
	// Lock is what the engine calls the lock that it takes; "" where it takes none of
	// its own.
	Lock string `json:"lock,omitempty"`
	// Waits says in words who waits for it.
	Waits string `json:"waits,omitempty"`
	// Rewrites tells that all rows of the table are written anew; Reads, that all are
	// read: either takes the longer, the more there are.
	Rewrites bool `json:"rewrites"`
	Reads    bool `json:"reads"`
	// Loses tells that what it drops is lost.
	Loses bool `json:"loses"`
	// Rows is how many there are, about, where all are read or written.
	Rows int64 `json:"rows,omitempty"`
	// Back is the statement that takes it back; Moot tells that it needs none.
	Back string `json:"back,omitempty"`
	Moot bool   `json:"-"`
}

// oneTransaction is what holds for all of a change on SQLite.
const oneTransaction = "who writes to the database waits until all of it is done; who reads goes on with what was there"

// sqliteName is a name as statements for SQLite have it.
const sqliteName = "[`\"]((?:[^`\"]|``|\"\")+)[`\"]"

// sqliteFact is what SQLite does with statements of a form (https://www.sqlite.org/lang_altertable.html):
// the first group is the table, or what is made.
type sqliteFact struct {
	form            *regexp.Regexp
	rewrites, reads bool
	back            string // with $1 and so on
	moot            bool
}

// sqliteFacts is in the order in which forms are tried.
var sqliteFacts = []sqliteFact{
	{form: regexp.MustCompile(`^PRAGMA |^(?:INSERT INTO|DELETE FROM|UPDATE) sqlite_(?:sequence|master|schema)\b`), moot: true},
	{form: regexp.MustCompile("^CREATE TABLE (?:IF NOT EXISTS )?[`\"]?(" + temporary + ")\\b")},
	{form: regexp.MustCompile("^CREATE TABLE (?:IF NOT EXISTS )?" + sqliteName), back: "DROP TABLE `$1`"},
	{form: regexp.MustCompile("^INSERT INTO " + temporary + " .* FROM " + sqliteName + " ORDER BY _rowid_$"), rewrites: true},
	{form: regexp.MustCompile("^ALTER TABLE " + temporary + " RENAME TO " + sqliteName)},
	{form: regexp.MustCompile("^ALTER TABLE " + sqliteName + " ADD COLUMN " + sqliteName), back: "ALTER TABLE `$1` DROP COLUMN `$2`"},
	{form: regexp.MustCompile("^ALTER TABLE " + sqliteName + " RENAME TO " + sqliteName), back: "ALTER TABLE `$2` RENAME TO `$1`"},
	{form: regexp.MustCompile("^ALTER TABLE " + sqliteName + " RENAME COLUMN " + sqliteName + " TO " + sqliteName), back: "ALTER TABLE `$1` RENAME COLUMN `$3` TO `$2`"},
	{form: regexp.MustCompile("^ALTER TABLE " + sqliteName + " DROP COLUMN"), rewrites: true},
	{form: regexp.MustCompile("^CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?" + sqliteName), reads: true, back: "DROP INDEX `$1`"},
	{form: regexp.MustCompile("^CREATE TRIGGER " + sqliteName), back: "DROP TRIGGER `$1`"},
	{form: regexp.MustCompile("^CREATE VIEW " + sqliteName), back: "DROP VIEW `$1`"},
	{form: regexp.MustCompile("^DROP (?:TRIGGER|VIEW|INDEX) (?:IF EXISTS )?" + sqliteName)},
	{form: regexp.MustCompile("^DROP TABLE (?:IF EXISTS )?" + sqliteName)},
	{form: regexp.MustCompile("^UPDATE " + sqliteName + ` .* WHERE _rowid_ = -?\d+$`)},
	{form: regexp.MustCompile("^(?:UPDATE|DELETE FROM|INSERT INTO) " + sqliteName), reads: true},
}

var (
	indexOn   = regexp.MustCompile("^CREATE (?:UNIQUE )?INDEX .*? ON " + sqliteName)
	triggerOn = regexp.MustCompile("^CREATE TRIGGER .*? ON " + sqliteName)
)

// EffectOf is what a statement of a migration does on SQLite, where all of them are one
// transaction.
func EffectOf(statement string) Effect {
	e := Effect{Waits: oneTransaction}
	for _, f := range sqliteFacts {
		m := f.form.FindStringSubmatchIndex(statement)
		if m == nil {
			continue
		}
		e.Rewrites, e.Reads, e.Moot = f.rewrites, f.reads, f.moot
		e.Back = string(f.form.ExpandString(nil, f.back, statement, m))
		if len(m) > 2 && m[2] >= 0 {
			e.Table = statement[m[2]:m[3]]
		}
		break
	}
	for _, on := range []*regexp.Regexp{indexOn, triggerOn} {
		if m := on.FindStringSubmatch(statement); m != nil {
			e.Table = m[1]
		}
	}
	if e.Table == temporary || strings.HasPrefix(statement, "DROP INDEX") || strings.HasPrefix(statement, "DROP TRIGGER") {
		e.Table = "" // it is about the table that is made anew, which the next ones name
	}
	return e
}
