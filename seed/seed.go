// Package seed carries the data set that cmd/seed loads: files below data, one or
// more a table, as YAML, JSON, JSON lines or CSV.
package seed

import (
	"embed"
	"io/fs"
)

// This package is the last that go generate comes to, when it has looked into
// all files that may go: those of entities that are no longer there.
//
//go:generate go run -C .. ./cmd/generate

//go:embed all:data
var embedded embed.FS

// Data returns the data set.
func Data() fs.FS {
	data, err := fs.Sub(embedded, "data")
	if err != nil {
		panic(err) // the name is a valid one
	}
	return data
}
