// Command seed loads records from files into the database: before a server
// ever ran, beside running ones, and beside other seeders. Run it with --help
// for its flags.
package main

import (
	"context"
	"io"
	"os"

	"coppice/core/seeder"
	"coppice/ent"
	"coppice/internal/database"
	"coppice/seed"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the whole command. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	return seeder.Run(ctx, args, stdin, stdout, stderr, getenv, seeder.App[*ent.Client]{
		Project: ent.Coppice(), Data: seed.Data(), Open: database.Open,
	})
}
