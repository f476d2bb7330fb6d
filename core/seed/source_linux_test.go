package seed

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

// A pipe is refused, rather than waited for; a link to a file is followed.
func TestPipe(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"tags.yaml": "- name: go\n"})
	pipe := filepath.Join(dir, "users.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("tags.yaml", filepath.Join(dir, "tags.yml")); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{pipe, dir} {
		_, err := Read(t.Context(), ent.Coppice(), nil, p)
		var faults *Errors
		if !errors.As(err, &faults) || faults.First[0].Error() != pipe+": It is not a regular file. A seed file may be read twice, so it cannot be a pipe or a device." {
			t.Errorf("%s: got %v", p, err)
		}
	}
	if _, err := Read(t.Context(), ent.Coppice(), nil, filepath.Join(dir, "tags.yml")); err != nil {
		t.Error(err)
	}
}
