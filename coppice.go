// Package coppice is a project that grows a data-backed service from Ent schemas,
// and the files that every other such project begins with. README.md says how it
// is used.
package coppice

import (
	"embed"
	"io/fs"
)

//go:embed go.mod go.sum gqlgen.yml cmd/server/main.go cmd/seed/main.go cmd/db/main.go cmd/generate/main.go
//go:embed cmd/server/main_test.go cmd/server/pages/.gitignore cmd/seed/main_test.go graph/resolver.go graph/api_test.go internal/database/database.go migrations/migrations.go seed/seed.go
var files embed.FS

// Files are those of this project that a project of one's own begins with as well,
// under the same names. cmd/new writes them.
func Files() fs.FS { return files }
