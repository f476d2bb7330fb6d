package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"
)

// report is what a run found.
type report struct {
	aim      func(work) float64
	works    []row
	scale    []row
	start    time.Duration
	resident float64 // MiB, after the load
	later    []float64
	asked    int // requests between resident and the last of later
}

// The markers that the table of an engine stands between.
const (
	begin = "<!-- make %s: begin -->\n"
	end   = "<!-- make %s: end -->"
)

// ratio is the median over pairs of turns, so that what slows the machine down
// for a while slows down both.
func (r row) ratio() float64 {
	var list []float64
	for i := range r.a.rates {
		list = append(list, r.a.rates[i]/r.b.rates[i])
	}
	return median(list)
}

// table is the report as Markdown.
func (r *report) table() string {
	var b strings.Builder
	b.WriteString("| work | Coppice, requests/s | by hand | ratio | aim | Coppice p50, p99, processor | by hand p50, p99, processor |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, w := range r.works {
		w.line(&b, r.aim(w.work))
	}
	if len(r.scale) > 0 {
		b.WriteString("\n| Coppice against itself | requests/s | against | ratio | aim | p50, p99, processor | against |\n| --- | --- | --- | --- | --- | --- | --- |\n")
		for _, w := range r.scale {
			w.line(&b, w.reach)
		}
	}
	fmt.Fprintf(&b, "\nFrom the start of the process to its first healthy answer, on an existing file: %s (aim: 150 ms).\n", millis(r.start))
	if len(r.later) > 0 {
		fmt.Fprintf(&b, "Resident memory after the load: %.0f MiB (aim: 100); after %d more requests, each new: ", r.resident, r.asked)
		for i, m := range r.later {
			fmt.Fprintf(&b, "%s%.0f", map[bool]string{true: ", "}[i > 0], m)
		}
		b.WriteString(" MiB.\n")
	}
	return b.String()
}

func (r row) line(b *strings.Builder, aim float64) {
	fmt.Fprintf(b, "| %s: %s | %s | %s | %.2f | %.2f | %s | %s |\n", r.work, r.about, count(median(r.a.rates)), count(median(r.b.rates)),
		r.ratio(), aim, r.a.latency(), r.b.latency())
}

func (s side) latency() string {
	each := s.spent / time.Duration(max(1, len(s.times)))
	return millis(quantile(s.times, 0.5)) + ", " + millis(quantile(s.times, 0.99)) + ", " + millis(each)
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// count is a number with its thousands apart.
func count(f float64) string {
	n := int(f + 0.5)
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// insert puts a text between the markers of a file.
func insert(path, engine, text string) error {
	begin, end := fmt.Sprintf(begin, engine), fmt.Sprintf(end, engine)
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, opened := bytes.Cut(old, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !opened || !closed {
		return fmt.Errorf("%s has no markers to put the table between", path)
	}
	return os.WriteFile(path, []byte(string(before)+begin+text+end+string(after)), 0o644)
}
