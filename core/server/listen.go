package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// listen takes an address. The error of one that is taken says by whom, where
// the kernel tells, and the way out.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
		return ln, err
	}
	by := "another process"
	if _, text, err := net.SplitHostPort(addr); err == nil {
		if port, err := net.LookupPort("tcp", text); err == nil {
			by = listenerOf(port, by)
		}
	}
	return nil, fmt.Errorf("the address %s is already in use by %s; choose another with --addr, of which port 0 picks a free one", addr, by)
}

// listenerOf names the process that listens on a port of this machine, as far as
// Linux tells; else it is unknown.
func listenerOf(port int, unknown string) string {
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(text), "\n") {
			if inode, ok := listening(strings.Fields(line), port); ok {
				sockets["socket:["+inode+"]"] = true
			}
		}
	}
	if len(sockets) == 0 {
		return unknown
	}
	// What belongs to other users cannot be read, and is passed over.
	descriptors, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, descriptor := range descriptors {
		if to, err := os.Readlink(descriptor); err != nil || !sockets[to] {
			continue
		}
		process := filepath.Dir(filepath.Dir(descriptor))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil {
			continue
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), filepath.Base(process))
	}
	return unknown
}

// listening reads a line of the kernel's table of sockets: the inode of one that
// listens on a port.
func listening(columns []string, port int) (inode string, ok bool) {
	const listens = "0A"
	if len(columns) < 10 || columns[3] != listens {
		return "", false
	}
	_, hex, _ := strings.Cut(columns[1], ":")
	n, err := strconv.ParseUint(hex, 16, 16)
	return columns[9], err == nil && int(n) == port
}
