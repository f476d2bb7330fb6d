package engine_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// kills is how often a process is killed at its work.
func kills() int {
	if testing.Short() {
		return 4
	}
	return 20
}

// killed runs work in another process, and kills it at any moment, or at any after the
// work was done once.
func killed(t *testing.T, work, url, file string, once bool) {
	t.Helper()
	cmd := elsewhere(t, work, url, file)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if once {
		if _, err := out.Read(make([]byte, 4)); err != nil {
			t.Error(err)
		}
	}
	timer := time.AfterFunc(time.Duration(rand.IntN(150))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_, _ = io.Copy(io.Discard, out) // until it is killed
	if _ = cmd.Wait(); said.Len() > 0 {
		t.Errorf("%s: %s", work, said.String())
	}
}

func TestABackupThatIsKilledLeavesNoHalfOne(t *testing.T) {
	t.Parallel()
	url := filled(t, 100)
	dir := t.TempDir()
	for i := range kills() {
		killed(t, "backup", url, filepath.Join(dir, fmt.Sprint(i)), i%2 == 0)
	}
	whole := 0
	for _, name := range entries(t, dir) {
		if strings.HasPrefix(name, ".") { // what was being written, under a name of its own
			continue
		}
		whole++
		if n := pairs(t, "sqlite:"+filepath.Join(dir, name)); n != 100 {
			t.Errorf("%s: %d pairs", name, n)
		}
	}
	if whole == 0 {
		t.Error("no process came so far as to write one")
	}
}

func TestARestoreThatIsKilledLeavesOneOfBoth(t *testing.T) {
	t.Parallel()
	url, other := filled(t, 100), filled(t, 40)
	into, _ := backup(t, other)
	path := strings.TrimPrefix(url, "sqlite:")
	seen := map[int]int{}
	for i := range kills() {
		killed(t, "restore", url, into, i%2 == 0)
		seen[pairs(t, url)]++
		if i%2 == 1 { // from the beginning
			aside, err := filepath.Glob(path + ".before-*")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range aside {
				if n := pairs(t, "sqlite:"+f); n != 100 && n != 40 {
					t.Errorf("%s: %d pairs", f, n)
				}
				if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
			}
		}
	}
	if seen[100]+seen[40] != kills() || seen[40] == 0 {
		t.Errorf("pairs, and how often: %v", seen)
	}
}
