package migrator

import (
	"fmt"
	"strings"
)

// markdown is the report for a pull request.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Schema change\n\n**%s** (%s)\n", r.Verdict, inline(r.Database))
	if r.Exit == 0 {
		return b.String()
	}
	if len(r.InTheWay) > 0 {
		b.WriteString("\n### In the way\n\n")
	}
	for _, o := range r.InTheWay {
		fmt.Fprintf(&b, "- %s\n", plain(o.Reason))
		if o.Rows > 0 {
			fmt.Fprintf(&b, "  - %s of `%s`, such as %s\n", rows(int64(o.Rows)), o.Table, inline(strings.Join(o.Examples, "; ")))
		}
		if o.Mend != "" {
			fmt.Fprintf(&b, "\n%s\n", fence("sql", o.Mend+";", "  "))
		}
	}
	if len(r.OutOfSight) > 0 {
		fmt.Fprintf(&b, "\n### %s\n\n", r.lost())
	}
	for _, note := range r.OutOfSight {
		fmt.Fprintf(&b, "- %s\n", plain(note))
	}
	r.markdownAPI(&b)
	r.markdownStatements(&b)
	if len(r.Statements) > 0 && len(r.InTheWay) == 0 {
		b.WriteString("\n### The way back\n\n")
		if r.Back.Not != "" {
			fmt.Fprintf(&b, "No statement takes this one back: %s\n\n", inline(short(r.Back.Not)))
		} else if len(r.Back.Statements) > 0 {
			fmt.Fprintf(&b, "By statements, which lose what was written into what is new:\n\n%s\n", fence("sql", strings.Join(r.Back.Statements, ";\n")+";", ""))
		}
		fmt.Fprintf(&b, "By a copy, which loses what was written since:\n\n%s", fence("sh", r.Back.Copy+"\n"+r.Back.Restore, ""))
	}
	return b.String()
}

func (r *report) markdownAPI(b *strings.Builder) {
	b.WriteString("\n### API\n\n")
	switch {
	case r.API.Unknown != "":
		fmt.Fprintf(b, "Nothing is known of its clients: %s.\n", plain(r.API.Unknown))
		return
	case len(r.API.Changes) == 0:
		b.WriteString("It stays as it is.\n")
		return
	}
	b.WriteString("| | | |\n| --- | --- | --- |\n")
	told := r.API.told()
	for _, c := range told {
		fmt.Fprintf(b, "| %s | %s | %s |\n", c.Level, inline(c.Path), strings.ReplaceAll(plain(c.Message), "|", `\|`))
	}
	if more := len(r.API.Changes) - len(told); more > 0 {
		fmt.Fprintf(b, "\nand %d more that are safe.\n", more)
	}
}

func (r *report) markdownStatements(b *strings.Builder) {
	if len(r.Statements) == 0 {
		return
	}
	b.WriteString("\n### Database\n\n")
	common := r.common()
	if common != "" {
		fmt.Fprintf(b, "In one transaction: %s.\n\n", common)
	}
	var sql []string
	for _, s := range r.Statements {
		text := s.SQL + ";"
		if said := s.effects(common); said != "" {
			text += " -- " + said
		}
		sql = append(sql, text)
	}
	b.WriteString(fence("sql", strings.Join(sql, "\n"), ""))
}

// plain is a text without a meaning to Markdown.
func plain(text string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "#", `\#`, "\n", " ").Replace(text)
}

// inline is a text as code within a line.
func inline(text string) string {
	if text == "" {
		return ""
	}
	ticks := ticksFor(text, 1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return ticks + strings.ReplaceAll(text, "\n", " ") + ticks
}

// fence is a text as a block of code.
func fence(language, text, indent string) string {
	ticks := ticksFor(text, 3)
	lines := strings.Split(ticks+language+"\n"+text+"\n"+ticks, "\n")
	return indent + strings.Join(lines, "\n"+indent) + "\n"
}

// ticksFor are as many ticks as a text has nowhere in a row, and so many at least.
func ticksFor(text string, least int) string {
	ticks := strings.Repeat("`", least)
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	return ticks
}
