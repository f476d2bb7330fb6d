package seeder

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/internal/retry"
	"coppice/core/record"
	"coppice/core/seed"
)

// job is what the command line asks for.
type job struct {
	options
	app            app
	stdin          io.Reader
	stdout, stderr io.Writer
	display        *display
	changes        []seed.Change // of a plan
	more           int           // changes that are too many to be shown
}

// mostChanges is how many changes a plan shows: all of what is written at once.
const mostChanges = 10_000

func (j *job) do(ctx context.Context) error {
	switch {
	case j.undo != "":
		return j.remove(ctx)
	case j.dump != "":
		return j.writeOut(ctx)
	case j.fake != "":
		return j.makeUp(ctx)
	default:
		return j.load(ctx)
	}
}

// load loads files. They are read before the database is opened: data that is
// wrong leaves no trace.
func (j *job) load(ctx context.Context) error {
	set, err := j.read(ctx)
	if set == nil {
		return err
	}
	if err := j.verify(ctx, set, err); err != nil {
		return err
	}
	return j.write(ctx, func(ctx context.Context, _ *record.Client) (*seed.Set, error) {
		if set == nil { // it was loaded in vain, and is read anew for another try
			return j.read(ctx)
		}
		once := set
		set = nil
		return once, nil
	}, j.set)
}

// read reads the files, or without any the data set that the program carries.
func (j *job) read(ctx context.Context) (*seed.Set, error) {
	if len(j.paths) == 0 {
		return seed.ReadEmbedded(ctx, j.app.project, j.app.data, j.display.progress())
	}
	return seed.Read(ctx, j.app.project, j.display.progress(), j.paths...)
}

// verify tells all that is wrong with a set of which wrong may tell a part; and
// what is wrong with one that is to be loaded into a new database, before that is
// made.
func (j *job) verify(ctx context.Context, set *seed.Set, wrong error) error {
	there, err := engine.Exists(ctx, j.db)
	switch {
	case err != nil:
		return cmp.Or(wrong, err)
	case there && wrong == nil:
		return nil
	}
	err = j.on(ctx, j.plan || !there, func(client *record.Client, draft bool) error {
		more := set.Verify(ctx, client, seed.Options{Reset: j.reset, Draft: draft})
		if wrong == nil || errors.As(more, new(*seed.Errors)) {
			return more
		}
		return wrong
	})
	if wrong != nil && !errors.As(err, new(*seed.Errors)) {
		return wrong // it could not be opened
	}
	return err
}

// on opens the database, or a draft of it, and runs a function on that; once more where
// others stood in its way.
func (j *job) on(ctx context.Context, draft bool, run func(client *record.Client, draft bool) error) (err error) {
	ended := retry.Run(ctx, j.lockWait, func(try int) bool {
		open := j.app.open
		if draft {
			open = j.app.draft
		}
		var client *record.Client
		if client, err = open(ctx, j.config()); err == nil {
			if err = j.behind(ctx, client); err == nil {
				err = run(client, draft)
			}
			j.close(client)
		}
		return draft && retry.Refused(err, try)
	})
	return cmp.Or(err, ended)
}

// config is how the database is opened.
func (j *job) config() engine.Config {
	return engine.Config{URL: j.db, LockWait: j.lockWait, Migrate: j.migrate, Applied: func(name string, took time.Duration) {
		j.display.line("seed: applied %s (%s)", name, took.Round(time.Millisecond))
	}}
}

// behind is the error of a database that is not to be brought to the schemas, and lacks
// something of them.
func (j *job) behind(ctx context.Context, client *record.Client) error {
	d, ok := client.Driver().(interface {
		Pending(context.Context) (string, error)
	})
	if !ok || j.migrate != migrate.Off {
		return nil
	}
	pending, err := d.Pending(ctx)
	if err == nil && pending != "" {
		err = fmt.Errorf("seed: %s: run cmd/db up, or leave out --migrate off", pending)
	}
	return err
}

// makeUp loads made-up records.
func (j *job) makeUp(ctx context.Context) error {
	order, err := seed.ParseFake(j.app.project, j.fake, j.rand)
	if err != nil {
		return err
	}
	return j.write(ctx, func(ctx context.Context, client *record.Client) (*seed.Set, error) {
		set, err := order.Read(ctx, client, j.display.progress())
		if err == nil {
			for _, unmade := range order.Unmade() {
				j.display.line("seed: left out of --fake: %v", unmade)
			}
		}
		return set, err
	}, cmp.Or(j.set, "fake"))
}

// write loads a set, or tries it out.
func (j *job) write(ctx context.Context, read func(context.Context, *record.Client) (*seed.Set, error), name string) error {
	if j.reset && !j.yes && !j.plan {
		if err := confirm(ctx, j.options, j.stdin, j.stderr); err != nil {
			return err
		}
	}
	return j.with(ctx, func(client *record.Client) error {
		set, err := read(ctx, client)
		if err != nil {
			return err
		}
		o := j.seeding()
		o.Name, o.Reset, o.Progress = name, j.reset, j.display.progress()
		summary, err := set.Load(ctx, client, o)
		if err != nil {
			return err
		}
		return j.show(summary)
	})
}

// remove takes a set away.
func (j *job) remove(ctx context.Context) error {
	return j.with(ctx, func(client *record.Client) error {
		o := j.seeding()
		o.Name = j.undo
		summary, err := seed.Undo(ctx, client, o)
		if err != nil {
			return err
		}
		return j.show(summary)
	})
}

// writeOut dumps the database.
func (j *job) writeOut(ctx context.Context) error {
	return j.with(ctx, func(client *record.Client) error {
		done, err := seed.Dump(ctx, client, j.dump, seed.DumpOptions{IncludeSensitive: j.sensitive})
		if err != nil {
			return err
		}
		return j.show(done)
	})
}

// with opens the database, or for a plan a copy of it; also where there is none,
// and none is to be made.
func (j *job) with(ctx context.Context, run func(*record.Client) error) error {
	there, err := engine.Exists(ctx, j.db)
	if err != nil {
		return err
	}
	return j.on(ctx, j.plan || !there && j.undo+j.dump != "", func(client *record.Client, _ bool) error {
		j.changes, j.more = nil, 0 // of a try that was refused
		return run(client)
	})
}

// close closes the database. What was committed stays so, whatever that meets.
func (j *job) close(client *record.Client) {
	if err := client.Close(); err != nil {
		fmt.Fprintf(j.stderr, "seed: close the database: %v\n", err)
	}
}

// seeding is what all work on the database has in common.
func (j *job) seeding() seed.Options {
	o := seed.Options{Draft: j.plan, Waiting: func(h seed.Holder) {
		j.display.line("seed: process %d on %s has been seeding this database since %s; waiting for it",
			h.PID, h.Host, h.Since.Format("15:04:05"))
	}}
	if j.plan {
		o.Changes = func(c seed.Change) {
			if len(j.changes) < mostChanges {
				j.changes = append(j.changes, c)
			} else {
				j.more++
			}
		}
	}
	return o
}

// result is what a job did: for a program as JSON, for a person in words.
type result interface {
	json.Marshaler
	Print(io.Writer) error
}

// show ends the job with its result. What is done stays done where that cannot
// be shown.
func (j *job) show(r result) error {
	j.display.end()
	write := j.table
	if j.json {
		write = j.document
	}
	if err := write(r); err != nil {
		fmt.Fprintf(j.stderr, "seed: everything is done, but the summary cannot be shown: %v\n", err)
	}
	return nil
}

// document is the summary for a program.
func (j *job) document(r result) error {
	if !j.plan {
		return json.NewEncoder(j.stdout).Encode(r)
	}
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	changes, err := json.Marshal(slices.Concat([]seed.Change{}, j.changes))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.stdout, "%s,\"plan\":true,\"changes\":%s,\"more\":%d}\n", strings.TrimSuffix(string(b), "}"), changes, j.more)
	return err
}

// table is the summary for a person.
func (j *job) table(r result) error {
	var b strings.Builder
	for _, c := range j.changes {
		verb := "update"
		if c.Created {
			verb = "create"
		}
		fmt.Fprintf(&b, "%s %s %s\n", verb, c.Entity, c.Key)
		for _, d := range c.Fields {
			fmt.Fprintf(&b, "    %s: %s → %s\n", d.Name, d.Old, d.New)
		}
	}
	if j.more > 0 {
		fmt.Fprintf(&b, "… and %d more.\n", j.more)
	}
	if s, ok := r.(*seed.Summary); ok {
		for _, k := range s.Kept {
			fmt.Fprintf(&b, "keep %s %s: %s\n", k.Entity, k.Key, k.Reason)
		}
		for _, h := range s.Hidden {
			fmt.Fprintf(&b, "%s %s exists and is hidden; it was left as it is.\n", h.Entity, h.Key)
		}
	}
	if j.plan {
		b.WriteString("This is a plan; nothing was changed.\n")
	}
	if _, err := io.WriteString(j.stdout, b.String()); err != nil {
		return err
	}
	var t strings.Builder
	if err := r.Print(&t); err != nil {
		return err
	}
	text := t.String()
	if j.colour && terminal(j.stdout) {
		head, rest, _ := strings.Cut(text, "\n")
		text = bold(head) + "\n" + rest
	}
	_, err := io.WriteString(j.stdout, text)
	return err
}

func bold(text string) string { return "\x1b[1m" + text + "\x1b[0m" }
