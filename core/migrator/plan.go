package migrator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/engine/revision"
	"coppice/core/internal/sdl"
	"coppice/core/migrator/internal/apidiff"
)

// The exit codes of a plan, apart from those of all commands.
const (
	exitSafe   = 3 // there is something to do, which breaks and loses nothing
	exitBreaks = 4 // something breaks, is lost to sight, or stands in the way
)

// report is what a change of the schemas does. Its JSON is for programs: names stay.
type report struct {
	Database   string      `json:"database"`
	Files      bool        `json:"files"` // the change goes by a migration file
	Exit       int         `json:"exit"`
	Verdict    string      `json:"verdict"`
	InTheWay   []obstacle  `json:"inTheWay"`
	Statements []statement `json:"statements"`
	TookMs     float64     `json:"tookMs,omitempty"` // on a copy
	OutOfSight []string    `json:"outOfSight"`
	API        apiReport   `json:"api"`
	Back       wayBack     `json:"back"`
}

// obstacle is a reason for which the change cannot be made as things are.
type obstacle struct {
	Reason   string   `json:"reason"`
	Table    string   `json:"table,omitempty"`
	Rows     int      `json:"rows,omitempty"`
	Examples []string `json:"examples,omitempty"`
	Mend     string   `json:"mend,omitempty"` // a statement
}

// statement is one that would be run.
type statement struct {
	SQL string `json:"sql"`
	// Repeats is how many more there are of it, each for another row.
	Repeats int `json:"repeats,omitempty"`
	migrate.Effect
}

// apiReport is what changes for clients.
type apiReport struct {
	Since   string           `json:"since,omitempty"`   // when the API that clients know was first served
	Unknown string           `json:"unknown,omitempty"` // why nothing is known of it
	Changes []apidiff.Change `json:"changes"`
}

// wayBack is how to go back once it is done.
type wayBack struct {
	Statements []string `json:"statements"`    // in the order to run them
	Not        string   `json:"not,omitempty"` // the statement that none takes back
	Copy       string   `json:"copy,omitempty"`
	Restore    string   `json:"restore,omitempty"`
}

// program is how the program is called in a project, for lines to run.
const program = "go run ./cmd/db"

// plan tells what bringing the database to the schemas would do, and changes nothing.
func plan(ctx context.Context, j *job) error {
	r, err := j.plan(ctx)
	if err != nil {
		return err
	}
	switch {
	case j.json:
		enc := json.NewEncoder(j.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	case j.markdown:
		_, err = io.WriteString(j.stdout, r.markdown())
	default:
		_, err = io.WriteString(j.stdout, r.text())
	}
	if err == nil && r.Exit != exitDone {
		err = exitCode(r.Exit)
	}
	return err
}

func (j *job) plan(ctx context.Context) (*report, error) {
	r := &report{InTheWay: []obstacle{}, Statements: []statement{}, OutOfSight: []string{}, Back: wayBack{Statements: []string{}}}
	cfg, files, err := j.planned()
	if err != nil {
		return nil, err
	}
	r.Files = files
	if r.Database, err = engine.Describe(cfg); err != nil {
		return nil, err
	}
	change, err := engine.Change(ctx, j.app.Project, cfg)
	if err != nil {
		return nil, err
	}
	effects, err := engine.Effects(ctx, cfg, change.Statements)
	if err != nil {
		return nil, err
	}
	lost := change.Notes
	for _, x := range describe(change.Statements, effects) {
		r.Statements = append(r.Statements, x)
		if x.Loses && len(change.Notes) == 0 {
			lost = append(lost, "what it holds is lost by "+x.SQL)
		}
	}
	r.OutOfSight = append(r.OutOfSight, lost...)
	for _, f := range change.Refusals {
		r.InTheWay = append(r.InTheWay, obstacle{Reason: f.Reason, Table: f.Rows.Table, Rows: f.Rows.Count, Examples: f.Rows.Examples, Mend: f.Statement})
	}
	r.TookMs = float64(change.Took.Microseconds()) / 1000
	if r.API, err = j.planAPI(ctx, cfg); err != nil {
		return nil, err
	}
	if err := r.goBack(cfg); err != nil {
		return nil, err
	}
	r.judge()
	return r, nil
}

// describe puts statements and their effects together. What is done to a table that the
// change itself makes stops nobody, and goes with it.
func describe(statements []string, effects []migrate.Effect) (list []statement) {
	made := map[string]bool{}
	for i, e := range effects {
		switch creates := strings.HasPrefix(statements[i], "CREATE TABLE"); {
		case made[e.Table]:
			e = migrate.Effect{Table: e.Table, Moot: true}
		case creates && e.Table != "":
			made[e.Table] = true
			e = migrate.Effect{Table: e.Table, Back: e.Back}
		}
		row := forRow(statements[i])
		if n := len(list); n > 0 && row != "" && row == forRow(list[n-1].SQL) {
			list[n-1].Repeats++
			continue
		}
		list = append(list, statement{SQL: statements[i], Effect: e})
	}
	return list
}

// oneRow is a statement that gives one row values of its own.
var oneRow = regexp.MustCompile(`^(UPDATE .*? SET .*?) = .* WHERE _rowid_ = -?\d+$`)

// forRow is what such statements have in common, or "".
func forRow(sql string) string {
	if m := oneRow.FindStringSubmatch(sql); m != nil {
		return m[1]
	}
	return ""
}

// planned is the database that a plan is for. Where there are migration files, the change
// is what the next one of them would say, which drops what the schemas no longer have.
func (j *job) planned() (cfg engine.Config, files bool, err error) {
	folder, err := revision.Read(j.files(), j.engine)
	if err != nil {
		return cfg, false, err
	}
	files = len(folder.Files) > 0
	return engine.Config{URL: j.db, LockWait: j.lockWait, Complete: files, Logger: slog.New(slog.DiscardHandler)}, files, nil
}

// planAPI compares the API with the one that was last served.
func (j *job) planAPI(ctx context.Context, cfg engine.Config) (apiReport, error) {
	r := apiReport{Changes: []apidiff.Change{}}
	if j.app.Schema == nil {
		r.Unknown = "this program knows of no API"
		return r, nil
	}
	to, err := sdl.Load(j.app.Schema)
	if err != nil {
		return r, err
	}
	served, err := engine.Served(ctx, cfg)
	switch {
	case errors.Is(err, sdl.ErrNone):
		r.Unknown = "no API was served from this database yet"
		return r, nil
	case err != nil:
		return r, err
	}
	from, err := sdl.Parse(served.Text)
	if err != nil {
		r.Unknown = fmt.Sprintf("the one that was served from %s cannot be read: %v", served.At.Format(time.RFC3339), err)
		return r, nil
	}
	r.Since = served.At.UTC().Format(time.RFC3339)
	sdl.Tell(from)
	sdl.Tell(to)
	r.Changes = apidiff.Tell(apidiff.Diff(from, to))
	return r, nil
}

// goBack finds what takes the statements back, the last first.
func (r *report) goBack(cfg engine.Config) (err error) {
	if len(r.Statements) == 0 {
		return nil
	}
	for i := len(r.Statements) - 1; i >= 0; i-- {
		switch x := r.Statements[i]; {
		case x.Moot:
		case x.Back != "":
			r.Back.Statements = append(r.Back.Statements, x.Back)
		case r.Back.Not == "" || x.Rewrites:
			r.Back.Not = x.SQL
		}
	}
	if r.Back.Not != "" {
		r.Back.Statements = []string{}
	}
	r.Back.Copy, r.Back.Restore, err = engine.CopyLines(cfg, program)
	return err
}

// judge sums the report up.
func (r *report) judge() {
	breaking, dangerous := r.count(apidiff.Breaking), r.count(apidiff.Dangerous)
	switch {
	case len(r.InTheWay) > 0:
		r.Exit, r.Verdict = exitBreaks, "It cannot be done as things are: "+number(len(r.InTheWay), "reason", "reasons")+"."
	case breaking > 0 && len(r.OutOfSight) > 0:
		r.Exit, r.Verdict = exitBreaks, "It can be done, breaks clients, and "+r.loses()+"."
	case breaking > 0:
		r.Exit, r.Verdict = exitBreaks, "It can be done, loses nothing, and breaks clients."
	case len(r.OutOfSight) > 0:
		r.Exit, r.Verdict = exitBreaks, "It can be done, and "+r.loses()+"."
	case len(r.Statements) > 0 || len(r.API.Changes) > 0:
		r.Exit, r.Verdict = exitSafe, "It can be done, loses nothing, and breaks no client that is known of."
		if dangerous > 0 {
			r.Verdict = "It can be done, and loses nothing; clients may be answered as they were not before."
		}
	default:
		r.Verdict = "There is nothing to do: the database is what the schemas say."
	}
}

// loses says what becomes of data that the schemas no longer have.
func (r *report) loses() string {
	if r.Files {
		return "loses data"
	}
	return "puts data out of sight"
}

// count is how many changes of the API are of a level.
func (r *report) count(level apidiff.Level) (n int) {
	for _, c := range r.API.Changes {
		if c.Level == level {
			n++
		}
	}
	return n
}

// number is a count of things.
func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
