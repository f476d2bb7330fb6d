//go:build unix

package sqlite

import "syscall"

// mayWrite asks without opening the file: closing it again would drop the
// locks that this process holds on it.
func mayWrite(path string) error {
	const write = 2 // W_OK of access(2)
	return syscall.Access(path, write)
}

// fileID tells a file from each other one, whatever their names.
type fileID struct{ device, inode uint64 }

// identify returns the file that has a name; false where there is none.
func identify(path string) (fileID, bool) {
	var s syscall.Stat_t
	if err := syscall.Stat(path, &s); err != nil {
		return fileID{}, false
	}
	return fileID{uint64(s.Dev), s.Ino}, true //nolint:unconvert // it is of another type elsewhere
}

// same reports whether a name is still a file's.
func same(path string, want fileID) bool {
	id, ok := identify(path)
	return ok && id == want
}
