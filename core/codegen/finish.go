package codegen

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// copied is how many lines a function has at the most that the compiler may
// copy to where it is called.
const copied = 12

// finish changes what ent made of the typed client where no template of ent's
// own has a place for it. It comes after each of ent's runs: one of them, from
// the last schemas, precedes an error in the present ones.
func finish(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return fmt.Errorf("codegen: %w", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("codegen: %w", err)
		}
		if err := write(name, []byte(outlined(appending(string(b))))); err != nil {
			return fmt.Errorf("codegen: %w", err)
		}
	}
	return nil
}

// appending has lists appended to by appendJSON.
func appending(source string) string {
	const theirs = "\t\t\tsqljson.Append(u, "
	if !strings.Contains(source, theirs) {
		return source
	}
	source = strings.ReplaceAll(source, theirs, "\t\t\tappendJSON(u, ")
	return strings.Replace(source, "\t\"entgo.io/ent/dialect/sql/sqljson\"\n", "", 1)
}

// outlined marks the small functions of a file to be called rather than copied
// to where they are called from, and leaves it formatted. They are many and call
// each other: the copies are a fifth of what the compiler works on, and none
// saves more than a nanosecond of the statement that it leads to.
func outlined(source string) string {
	lines := slices.Collect(strings.Lines(source))
	var b strings.Builder
	b.Grow(len(source) + len(source)/8)
	before := ""
	for i, line := range lines {
		if small(lines[i:]) && !strings.HasPrefix(before, "//go:") {
			switch {
			case strings.HasPrefix(before, "//"):
				b.WriteString("//\n")
			case before != "\n":
				b.WriteString("\n")
			}
			b.WriteString("//go:noinline\n")
		}
		b.WriteString(line)
		before = line
	}
	return b.String()
}

// small reports whether a small function begins with the first line.
func small(lines []string) bool {
	if !strings.HasPrefix(lines[0], "func ") {
		return false
	}
	for i, line := range lines[:min(copied, len(lines))] {
		if i > 0 && line == "}\n" || i == 0 && strings.HasSuffix(line, "}\n") {
			return true
		}
	}
	return false
}
