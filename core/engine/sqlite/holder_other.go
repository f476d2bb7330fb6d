//go:build !linux

package sqlite

import "fmt"

// fileHolder knows nothing: only on Linux does it find out who holds a lock.
func fileHolder(string) (pid int, ok bool) { return 0, false }

// processName describes a process by its id.
func processName(pid int) string { return fmt.Sprintf("process %d", pid) }
