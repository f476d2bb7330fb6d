package seeder

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"coppice/core/seed"
)

const (
	// few records are there before a bar could be read.
	few = 2000
	// redraw is how often a bar changes.
	redraw = 100 * time.Millisecond
	// steps is in how many lines a log tells of a file.
	steps = 20
)

// display shows how far the files are: as bars on a terminal, as lines in a
// log, where only what takes its time is told.
type display struct {
	w      io.Writer
	quiet  bool
	person bool // sits at a terminal
	bar    *progressbar.ProgressBar
	file   string
	step   seed.Step
	shown  int // lines of the file in the log
}

func newDisplay(o options, w io.Writer) *display {
	return &display{w: w, quiet: o.quiet || o.json, person: terminal(w)}
}

// progress is what is to hear of progress, or nil.
func (d *display) progress() func(seed.Progress) {
	switch {
	case d.quiet:
		return nil
	case d.person:
		return d.draw
	default:
		return d.log
	}
}

// line tells something in between.
func (d *display) line(format string, args ...any) {
	d.end()
	fmt.Fprintf(d.w, format+"\n", args...)
}

// end takes the bar away.
func (d *display) end() {
	if d.bar != nil {
		_ = d.bar.Clear() // it is only for the eye
		d.bar = nil
	}
}

func verb(s seed.Step) string {
	if s == seed.Loading {
		return "loaded"
	}
	return "read"
}

// draw moves the bar of a file.
func (d *display) draw(p seed.Progress) {
	if p.File != d.file || p.Step != d.step {
		d.end()
		d.file, d.step = p.File, p.Step
	}
	if p.Done {
		d.line("%s: %d %s", p.File, p.Records, verb(p.Step))
		return
	}
	if p.Records < few || p.Part == 0 {
		return
	}
	whole := int64(float64(p.Records) / p.Part)
	if d.bar == nil {
		d.bar = progressbar.NewOptions64(whole, progressbar.OptionSetWriter(d.w), progressbar.OptionSetDescription(p.File),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("records"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(redraw), progressbar.OptionSetWidth(24))
	}
	d.bar.ChangeMax64(max(whole, int64(p.Records)+1))
	_ = d.bar.Set64(int64(p.Records)) // it is only for the eye
}

// log writes a line now and then.
func (d *display) log(p seed.Progress) {
	if p.File != d.file || p.Step != d.step {
		d.file, d.step, d.shown = p.File, p.Step, 0
	}
	due := int(p.Part * steps)
	switch {
	case p.Step != seed.Loading, due <= d.shown && !p.Done:
		return
	case p.Done:
		fmt.Fprintf(d.w, "%s: %d loaded\n", p.File, p.Records)
	case due < steps:
		fmt.Fprintf(d.w, "%s: %d loaded, %d %%\n", p.File, p.Records, due*100/steps)
	}
	d.shown = due
}
