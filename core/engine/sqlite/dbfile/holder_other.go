//go:build !linux

package dbfile

import "fmt"

// Holder knows nothing: only on Linux does it find out who holds a lock.
func Holder(string) (pid int, ok bool) { return 0, false }

// ProcessName describes a process by its id.
func ProcessName(pid int) string { return fmt.Sprintf("process %d", pid) }
