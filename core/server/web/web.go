// Package web holds the source of the pages that a server shows in dev mode: the
// playground and the data browser, in TypeScript and React. coppice/core/pages
// builds them.
package web

import (
	"embed"
	"io/fs"
)

//go:embed package.json package-lock.json tsconfig.json vite.config.ts index.html data.html src
var source embed.FS

// Source is all that a build needs, under the names that it has here.
func Source() fs.FS { return source }
