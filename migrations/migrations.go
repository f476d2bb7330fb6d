// Package migrations holds the files that bring a database to the schemas, one folder an
// engine, for the binaries to carry. go run ./cmd/db diff NAME writes them; without any,
// the database follows the schemas by itself.
package migrations

import (
	"embed"
	"io/fs"
)

// Whatever is here, so that it builds without any files, too.
//
//go:embed *
var files embed.FS

// Files is the folder, as it was when the program was built.
func Files() fs.FS { return files }
