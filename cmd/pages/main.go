// Command pages builds the playground and the data browser that the server shows in
// dev mode, where npm is there and they have changed:
//
//	go run ./cmd/pages
//
// In a project of one's own it is `go run coppice/cmd/pages`. Without a build, the
// server has a small playground.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"coppice/core/pages"
)

func main() {
	os.Exit(run(context.Background(), os.Stdout, os.Stderr))
}

// run is the whole command. It returns the exit code.
func run(ctx context.Context, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return pages.Run(ctx, stdout, stderr)
}
