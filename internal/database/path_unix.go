//go:build unix

package database

import "syscall"

// mayWrite asks without opening the file: closing it again would drop the
// locks that this process holds on it.
func mayWrite(path string) error {
	const write = 2 // W_OK of access(2)
	return syscall.Access(path, write)
}
