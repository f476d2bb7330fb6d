package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one that serves.
type process struct {
	cmd  *exec.Cmd
	addr string
}

// build compiles Coppice's server.
func build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "server")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program, "coppice/core/internal/fixture/blog/cmd/server")
	cmd.Stderr = os.Stderr
	return program, cmd.Run()
}

// launch starts a program that serves at an address, and waits for its first
// healthy answer.
func (b *bench) launch(ctx context.Context, name string, args ...string) (*process, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &process{addr: ln.Addr().String()}
	if err := ln.Close(); err != nil {
		return nil, err
	}
	var log strings.Builder
	s.cmd = exec.Command(name, append(args, "-addr", s.addr)...)
	s.cmd.Stderr = &log
	s.cmd.Env = append(os.Environ(), "NODE_ENV=production", "GRAPHILE_ENV=production") // of a peer
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	b.servers = append(b.servers, s)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 10_000 {
		if err = healthy(s.addr); err == nil {
			return s, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
	return nil, fmt.Errorf("%s does not answer: %w\n%s", name, err, log.String())
}

// coppice are the arguments of Coppice's server for a database.
func coppice(database string) []string { return []string{"-db", address(database), "-dev=false"} }

// stop ends every server.
func (b *bench) stop() {
	for _, s := range b.servers {
		s.end()
	}
}

func (s *process) end() {
	if s.cmd.ProcessState != nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait() // its exit code says nothing that was measured
}

// resident is the memory that a server takes, in MiB.
func (s *process) resident() (float64, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kib, err := strconv.ParseFloat(strings.Fields(rest + " ?")[0], 64)
	return kib / 1024, err
}

// clockTick is the unit of /proc's processor times, which is the same on every
// Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// processor is the processor time that a server has taken so far.
func (s *process) processor() (time.Duration, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/stat")
	if err != nil {
		return 0, err
	}
	// After the name in brackets: the state, ten numbers, and these two.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat is not as expected", s.cmd.Process.Pid)
	}
	var ticks int
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}
