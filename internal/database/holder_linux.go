package database

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// fileHolder returns the process that holds the write lock of a database file,
// where that can be told. It opens none of the database's files: to close one
// would drop the locks that this process holds on it.
func fileHolder(path string) (pid int, ok bool) {
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return 0, false
	}
	for _, place := range []struct {
		file        string
		first, last int64
	}{{path + "-shm", walWriteLock, walWriteLock}, {path, pendingByte, lastLockByte}} {
		info, err := os.Stat(place.file)
		if err != nil {
			continue
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			continue
		}
		if pid, ok := lockOwner(bytes.NewReader(locks), stat.Ino, place.first, place.last); ok {
			return pid, true
		}
	}
	return 0, false
}

func processName(pid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Sprintf("process %d", pid)
	}
	return fmt.Sprintf("process %d (%s)", pid, strings.TrimSpace(string(name)))
}
