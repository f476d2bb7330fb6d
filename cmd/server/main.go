// Command server serves the GraphQL API of the schemas in ent/schema, over a
// database that it opens and makes ready by itself. Its flags, each of which
// is also an environment variable, are listed by --help.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}
