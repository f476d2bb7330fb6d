// Command db shows what a change of the schemas does to a database, keeps such changes as
// SQL files, and applies them. Run it with --help for its commands.
package main

import (
	"context"
	"io"
	"os"

	"coppice/core/migrator"
	"coppice/ent"
	"coppice/graph"
	"coppice/migrations"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, os.Getenv))
}

// run is the whole command. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	return migrator.Run(ctx, args, stdout, stderr, getenv, migrator.App{
		Project: ent.Coppice(), Migrations: migrations.Files(), Schema: graph.API(nil, graph.Config{}).Schema,
	})
}
