// Command generate builds the typed client and the GraphQL API from the
// schemas in ent/schema. Run it with `go generate ./...`.
package main

import (
	"fmt"
	"os"

	"coppice/core/codegen"
)

func main() {
	if err := codegen.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
