//go:build unix

package dbfile

import "syscall"

// mayWrite asks without opening the file: closing it again would drop the
// locks that this process holds on it.
func mayWrite(path string) error {
	const write = 2 // W_OK of access(2)
	return syscall.Access(path, write)
}

// ID tells a file from each other one, whatever their names.
type ID struct{ device, inode uint64 }

// Identify returns the file that has a name; false where there is none.
func Identify(path string) (ID, bool) {
	var s syscall.Stat_t
	if err := syscall.Stat(path, &s); err != nil {
		return ID{}, false
	}
	return ID{uint64(s.Dev), s.Ino}, true //nolint:unconvert // it is of another type elsewhere
}

// Same reports whether a name is still a file's.
func Same(path string, want ID) bool {
	id, ok := Identify(path)
	return ok && id == want
}
