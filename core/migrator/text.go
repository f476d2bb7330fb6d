package migrator

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"coppice/core/migrator/internal/apidiff"
)

// What a person reads in a minute; the rest is in the JSON.
const (
	shownStatements = 20
	shownSafe       = 5
	shownWidth      = 160 // of a statement, in characters
)

// text is the report for a terminal.
func (r *report) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Plan for the %s\n\n  %s\n", r.Database, r.Verdict)
	if r.Exit == 0 {
		return b.String()
	}
	if len(r.InTheWay) > 0 {
		b.WriteString("\nIN THE WAY\n")
	}
	for _, o := range r.InTheWay {
		fmt.Fprintf(&b, "  %s\n", o.Reason)
		if o.Rows > 0 {
			fmt.Fprintf(&b, "    rows: %s of %s, such as %s\n", thousands(int64(o.Rows)), o.Table, strings.Join(o.Examples, "; "))
		}
		if o.Mend != "" {
			fmt.Fprintf(&b, "    mend: %s;\n", o.Mend)
		}
	}
	if len(r.OutOfSight) > 0 {
		b.WriteString("\n" + strings.ToUpper(r.lost()) + "\n")
	}
	for _, note := range r.OutOfSight {
		fmt.Fprintf(&b, "  %s\n", note)
	}
	r.textAPI(&b)
	r.textStatements(&b)
	r.textBack(&b)
	b.WriteString("\nNothing was changed.\n")
	return b.String()
}

func (r *report) textStatements(b *strings.Builder) {
	if len(r.Statements) == 0 {
		return
	}
	b.WriteString("\nDATABASE")
	switch took := time.Duration(r.TookMs * float64(time.Millisecond)).Round(100 * time.Millisecond); {
	case len(r.InTheWay) > 0:
		b.WriteString(", as far as it came")
	case took > 0:
		fmt.Fprintf(b, ", which took %s on a copy", took)
	}
	b.WriteString("\n")
	common := r.common()
	if common != "" {
		fmt.Fprintf(b, "  In one transaction: %s.\n", common)
	}
	for i, s := range r.Statements {
		if i == shownStatements {
			fmt.Fprintf(b, "  … and %s more, which --json lists\n", number(len(r.Statements)-i, "statement", "statements"))
			break
		}
		fmt.Fprintf(b, "  %s;\n", short(s.SQL))
		if said := s.effects(common); said != "" {
			fmt.Fprintf(b, "    %s\n", said)
		}
	}
}

// common is who waits, where that is the same for all statements and no lock has a name;
// else "".
func (r *report) common() (waits string) {
	for _, s := range r.Statements {
		if s.Lock != "" {
			return ""
		}
		if s.Waits != "" {
			waits = s.Waits
		}
	}
	return waits
}

// effects says in words what a statement does meanwhile, but for what was said of all.
func (s statement) effects(common string) string {
	var said []string
	if s.Repeats > 0 {
		said = append(said, "and so for "+rows(int64(s.Repeats))+" more")
	}
	switch {
	case s.Rewrites:
		said = append(said, fmt.Sprintf("writes all of %s anew: %s", s.Table, rows(s.Rows)))
	case s.Reads && s.Table != "":
		said = append(said, fmt.Sprintf("reads all of %s: %s", s.Table, rows(s.Rows)))
	}
	if s.Lock != "" {
		said = append(said, s.Lock+": "+s.Waits)
	} else if s.Waits != common && !s.Moot {
		said = append(said, s.Waits)
	}
	return strings.Join(said, "; ")
}

func rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return thousands(n) + " rows"
}

// thousands is a number with commas.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// short is as much of a statement as a person reads.
func short(sql string) string {
	sql = strings.Join(strings.Fields(sql), " ")
	if utf8.RuneCountInString(sql) <= shownWidth {
		return sql
	}
	return string([]rune(sql)[:shownWidth-1]) + "…"
}

// lost is what data is that the schemas no longer have.
func (r *report) lost() string {
	if r.Files {
		return "Lost"
	}
	return "Out of sight"
}

func (r *report) textAPI(b *strings.Builder) {
	switch {
	case r.API.Unknown != "":
		fmt.Fprintf(b, "\nAPI\n  Nothing is known of its clients: %s.\n", r.API.Unknown)
		return
	case len(r.API.Changes) == 0:
		b.WriteString("\nAPI\n  It stays as it is.\n")
		return
	}
	fmt.Fprintf(b, "\nAPI, against the one that was served from %s on\n", r.API.Since)
	told := r.API.told()
	width := 0
	for _, c := range told {
		width = max(width, len(c.Path))
	}
	for _, c := range told {
		fmt.Fprintf(b, "  %-9s  %-*s  %s\n", c.Level, min(width, 40), c.Path, c.Message)
	}
	if more := len(r.API.Changes) - len(told); more > 0 {
		fmt.Fprintf(b, "  … and %d more that are safe, which --json lists\n", more)
	}
}

// told are the changes that a person reads: all but many that are safe.
func (a apiReport) told() []apidiff.Change {
	safe := 0
	for i, c := range a.Changes {
		if c.Level == apidiff.Safe {
			if safe++; safe > shownSafe {
				return a.Changes[:i]
			}
		}
	}
	return a.Changes
}

func (r *report) textBack(b *strings.Builder) {
	if len(r.Statements) == 0 || len(r.InTheWay) > 0 {
		return
	}
	b.WriteString("\nTHE WAY BACK\n")
	if r.Back.Not != "" {
		fmt.Fprintf(b, "  No statement takes this one back: %s\n", short(r.Back.Not))
	} else if len(r.Back.Statements) > 0 {
		b.WriteString("  By statements, which lose what was written into what is new; then start the version before:\n")
		for i, s := range r.Back.Statements {
			if i == shownStatements {
				fmt.Fprintf(b, "    … and %d more, which --json lists\n", len(r.Back.Statements)-i)
				break
			}
			fmt.Fprintf(b, "    %s;\n", short(s))
		}
	}
	fmt.Fprintf(b, "  By a copy, which loses what was written since:\n    %s\n    %s\n", r.Back.Copy, r.Back.Restore)
}
