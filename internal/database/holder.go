package database

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// holder is who has the only connection of a pool, for those who wait for it.
type holder struct {
	since time.Time
	path  []any  // the response path of the field that it works for, if any
	query string // its first statement that writes, if any
}

// String describes the holder for people, or is "" when there is none. It
// shows no SQL: clients see it.
func (h holder) String() string {
	if h.since.IsZero() {
		return ""
	}
	does := "write"
	switch {
	case len(h.path) > 0:
		does = fmt.Sprint(h.path[0])
	case h.query != "":
		does = deed(h.query)
	}
	return fmt.Sprintf("this process (%s, %s old)", does, time.Since(h.since).Round(time.Millisecond))
}

// Where SQLite places its locks: the write lock of the log in the -shm file,
// and all locks of a file without a log in the file itself.
// See https://www.sqlite.org/walformat.html#wal_locks and sqliteInt.h.
const (
	walWriteLock = 120
	pendingByte  = 0x40000000
	lastLockByte = pendingByte + 511
)

// lockOwner finds in the text of /proc/locks the process that holds a write
// lock within a range of bytes of a file.
func lockOwner(locks io.Reader, inode uint64, first, last int64) (pid int, ok bool) {
	lines := bufio.NewScanner(locks)
	for lines.Scan() {
		// 1: POSIX  ADVISORY  WRITE 3800 fe:00:778335 120 120
		f := strings.Fields(lines.Text())
		if len(f) != 8 || f[3] != "WRITE" {
			continue // waiting, or shared
		}
		file := f[5][strings.LastIndexByte(f[5], ':')+1:]
		if file != strconv.FormatUint(inode, 10) {
			continue
		}
		from, err := strconv.ParseInt(f[6], 10, 64)
		if err != nil || from > last {
			continue
		}
		if to, err := strconv.ParseInt(f[7], 10, 64); err == nil && to < first {
			continue
		}
		if pid, err := strconv.Atoi(f[4]); err == nil && pid > 0 {
			return pid, true
		}
	}
	return 0, false
}
