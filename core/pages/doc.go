// Package pages builds the playground and the data browser, and reads what was
// built. A build is a folder of files, each gzipped once, and a manifest that
// names them; an application embeds the folder, and a server serves it.
package pages
