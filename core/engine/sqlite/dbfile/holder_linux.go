package dbfile

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Where SQLite places its write locks: for a file with a log in the -shm file,
// else in the file itself.
// See https://www.sqlite.org/walformat.html#wal_locks and sqliteInt.h.
const (
	walWriteLock = 120
	pendingByte  = 0x40000000 // the reserved byte follows
)

// Holder returns the other process that holds the write lock of a database
// file, where that can be told. It asks the kernel through a descriptor that
// SQLite has open: to open and close one would drop the locks that this
// process holds on the file. /proc/locks is no help, for it cannot be read in
// one piece and skips entries while locks come and go.
func Holder(path string) (pid int, ok bool) {
	for _, place := range []struct {
		file       string
		start, len int64
	}{{path + "-shm", walWriteLock, 1}, {path, pendingByte, 2}} {
		fd, ok := descriptorOf(place.file)
		if !ok {
			continue
		}
		// Who would keep us from a shared lock holds an exclusive one.
		lock := syscall.Flock_t{Type: syscall.F_RDLCK, Start: place.start, Len: place.len}
		err := syscall.FcntlFlock(fd, syscall.F_GETLK, &lock)
		if err == nil && lock.Type == syscall.F_WRLCK && lock.Pid > 0 {
			return int(lock.Pid), true
		}
	}
	return 0, false
}

// descriptorOf returns a descriptor that this process has of a file.
func descriptorOf(file string) (uintptr, bool) {
	const own = "/proc/self/fd"
	want, err := os.Stat(file)
	if err != nil {
		return 0, false
	}
	list, err := os.ReadDir(own)
	if err != nil {
		return 0, false
	}
	for _, entry := range list {
		got, err := os.Stat(own + "/" + entry.Name())
		if err != nil || !os.SameFile(got, want) {
			continue
		}
		if fd, err := strconv.ParseUint(entry.Name(), 10, 0); err == nil {
			return uintptr(fd), true
		}
	}
	return 0, false
}

// ProcessName describes a process by its id and command.
func ProcessName(pid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Sprintf("process %d", pid)
	}
	return fmt.Sprintf("process %d (%s)", pid, strings.TrimSpace(string(name)))
}
