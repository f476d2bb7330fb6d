package pages

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fifo is a pipe that calls opened once somebody reads from it, and never ends.
func fifo(t *testing.T, opened func()) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	writing := make(chan *os.File, 1)
	go func() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0) // waits for the reader
		if err != nil {
			t.Error(err)
		}
		writing <- f
		opened()
	}()
	t.Cleanup(func() { _ = (<-writing).Close() })
	return name
}

func TestAStoppedBuildSaysSo(t *testing.T) {
	p := newProject(t)
	ctx, stop := context.WithCancel(t.Context())
	p.programs("echo v24.0.0", "exec cat "+fifo(t, stop))
	if _, err := p.update(ctx); err == nil || !strings.Contains(err.Error(), "npm ci was stopped") {
		t.Errorf("%v", err)
	}
}
