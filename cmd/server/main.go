// Command server serves the GraphQL API of the schemas in ent/schema, over a
// database that it opens and makes ready by itself. Its flags, each of which
// is also an environment variable, are listed by --help.
package main

import (
	"context"
	"embed"
	"io"
	"os"

	"coppice/core/record"
	"coppice/core/server"
	"coppice/ent"
	"coppice/graph"
	"coppice/internal/database"
)

// pages is what cmd/pages builds of the playground and the data browser.
//
//go:embed all:pages
var pages embed.FS

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the whole command. It returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	return server.Run(ctx, args, getenv, stdout, stderr, server.App[*ent.Client]{
		Open: database.Open,
		API: func(client *ent.Client) record.API {
			return graph.API(client, graph.Config{Resolvers: &graph.Resolver{}})
		},
		Pages: pages,
	})
}
