package seeder

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/mattn/go-isatty"
)

// terminal reports whether a stream is a terminal that a person sits at.
func terminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && isatty.IsTerminal(f.Fd())
}

// confirm asks the person at the terminal whether to empty the database. No
// error is the answer yes.
func confirm(ctx context.Context, o options, stdin io.Reader, stderr io.Writer) error {
	if !terminal(stdin) {
		return fmt.Errorf("%w: --reset empties all tables, and nobody is there to be asked; add --yes to confirm it", errUsage)
	}
	fmt.Fprintf(stderr, "Empty all tables of %s? [y/N] ", redact(o.db))
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(stdin).ReadString('\n') // an end is no answer
		answer <- line
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(stderr)
		return ctx.Err()
	case line := <-answer:
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		}
		return fmt.Errorf("%w: the reset was not confirmed; nothing was written", errUsage)
	}
}

// redact leaves out the password of a URL.
func redact(db string) string {
	u, err := url.Parse(db)
	if err != nil {
		return "the database"
	}
	return u.Redacted()
}
