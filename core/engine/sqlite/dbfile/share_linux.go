package dbfile

import (
	"os"
	"syscall"
)

// walOpenLock is the byte of the -shm file that each process locks, shared,
// for as long as it has the database open.
// See https://www.sqlite.org/walformat.html#wal_locks.
const walOpenLock = 128

// Shared reports whether another process has a database file open, as far as that
// can be told.
func Shared(path string) bool {
	fd, ok := descriptorOf(path + "-shm")
	if !ok {
		_, err := os.Stat(path)
		return err == nil
	}
	// Who would keep us from an exclusive lock has it open.
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: walOpenLock, Len: 1}
	err := syscall.FcntlFlock(fd, syscall.F_GETLK, &lock)
	return err != nil || lock.Type != syscall.F_UNLCK
}

// Sharer returns another process that has a database file open, where that can be told:
// this process must have it open, too.
func Sharer(path string) (pid int, ok bool) {
	fd, ok := descriptorOf(path + "-shm")
	if !ok {
		return 0, false
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: walOpenLock, Len: 1}
	err := syscall.FcntlFlock(fd, syscall.F_GETLK, &lock)
	return int(lock.Pid), err == nil && lock.Type != syscall.F_UNLCK && lock.Pid > 0
}
