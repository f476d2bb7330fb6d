//go:build !linux

package dbfile

// Shared reports whether another process has a database file open, as far as that
// can be told.
func Shared(string) bool { return true }

// Sharer knows nothing: only on Linux does it find out who has a file open.
func Sharer(string) (pid int, ok bool) { return 0, false }
