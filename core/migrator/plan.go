package migrator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/internal/sdl"
	"coppice/core/migrator/internal/apidiff"
	"coppice/core/record"
)

// The exit codes of a plan, apart from those of all commands.
const (
	exitSafe   = 3 // there is something to do, which breaks and loses nothing
	exitBreaks = 4 // something breaks, is lost to sight, or stands in the way
)

// subject is what commands are about: a project, and its database.
type subject struct {
	project *record.Project
	api     fs.FS // the files of its API's schema
	config  engine.Config
	program string // how the program is called, for lines to run
}

// report is what a change of the schemas does. Its JSON is for programs: names stay.
type report struct {
	Database   string      `json:"database"`
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

// plan tells what bringing the database to the schemas would do, and changes nothing. It
// returns the exit code of what it told.
func plan(ctx context.Context, s subject, form string, w io.Writer) (int, error) {
	r, err := s.plan(ctx)
	if err != nil {
		return 0, err
	}
	switch form {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	case "markdown":
		_, err = io.WriteString(w, r.markdown())
	default:
		_, err = io.WriteString(w, r.text())
	}
	return r.Exit, err
}

func (s subject) plan(ctx context.Context) (*report, error) {
	r := &report{InTheWay: []obstacle{}, Statements: []statement{}, OutOfSight: []string{}, Back: wayBack{Statements: []string{}}}
	var err error
	if r.Database, err = engine.Name(s.config); err != nil {
		return nil, err
	}
	change, err := engine.Change(ctx, s.project, s.config)
	if err != nil {
		return nil, err
	}
	effects, err := engine.Effects(ctx, s.config, change.Statements)
	if err != nil {
		return nil, err
	}
	for i, e := range effects {
		r.Statements = append(r.Statements, statement{change.Statements[i], e})
	}
	for _, f := range change.Refusals {
		r.InTheWay = append(r.InTheWay, obstacle{Reason: f.Reason, Table: f.Rows.Table, Rows: f.Rows.Count, Examples: f.Rows.Examples, Mend: f.Statement})
	}
	r.OutOfSight = append(r.OutOfSight, change.Notes...)
	r.TookMs = float64(change.Took.Microseconds()) / 1000
	if r.API, err = s.planAPI(ctx); err != nil {
		return nil, err
	}
	if err := s.goBack(r); err != nil {
		return nil, err
	}
	r.judge()
	return r, nil
}

// planAPI compares the API with the one that was last served.
func (s subject) planAPI(ctx context.Context) (apiReport, error) {
	r := apiReport{Changes: []apidiff.Change{}}
	to, err := sdl.Load(s.api)
	if err != nil {
		return r, err
	}
	served, err := engine.Served(ctx, s.config)
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
func (s subject) goBack(r *report) (err error) {
	if len(r.Statements) == 0 {
		return nil
	}
	for i := len(r.Statements) - 1; i >= 0; i-- {
		switch x := r.Statements[i]; {
		case x.Moot:
		case x.Back == "":
			r.Back.Statements, r.Back.Not = []string{}, x.SQL
			i = 0
		default:
			r.Back.Statements = append(r.Back.Statements, x.Back)
		}
	}
	r.Back.Copy, r.Back.Restore, err = engine.CopyLines(s.config, s.program)
	return err
}

// judge sums the report up.
func (r *report) judge() {
	breaking, dangerous := r.count(apidiff.Breaking), r.count(apidiff.Dangerous)
	switch {
	case len(r.InTheWay) > 0:
		r.Exit, r.Verdict = exitBreaks, "It cannot be done as things are: "+number(len(r.InTheWay), "reason", "reasons")+"."
	case breaking > 0 && len(r.OutOfSight) > 0:
		r.Exit, r.Verdict = exitBreaks, "It can be done, breaks clients, and puts data out of sight."
	case breaking > 0:
		r.Exit, r.Verdict = exitBreaks, "It can be done, loses nothing, and breaks clients."
	case len(r.OutOfSight) > 0:
		r.Exit, r.Verdict = exitBreaks, "It can be done, and puts data out of sight."
	case len(r.Statements) > 0 || len(r.API.Changes) > 0:
		r.Exit, r.Verdict = exitSafe, "It can be done, loses nothing, and breaks no client that is known of."
		if dangerous > 0 {
			r.Verdict = "It can be done, and loses nothing; clients may be answered as they were not before."
		}
	default:
		r.Verdict = "There is nothing to do: the database is what the schemas say."
	}
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
