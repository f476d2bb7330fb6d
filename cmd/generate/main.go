// Command generate builds the typed client and the GraphQL API from the
// schemas in ent/schema. Run it with `go generate ./...`.
package main

import (
	"fmt"
	"os"

	"coppice/core/codegen"
)

// layout is the shape that the hand-written files of cmd, internal/database, graph
// and seed have.
const layout = 1

func main() {
	if err := codegen.Run(layout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
