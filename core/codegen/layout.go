package codegen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// Layout is the number of a shape that a project's own files have: those that
// cmd/new writes once and the project then owns. A version of the library that
// asks for other ones has the next number, and says here what to change.
const Layout = 1

// changes are what each layout from the second on asks of a project's files.
var changes = map[int]string{}

// fits refuses a project whose files are of another layout.
func fits(layout int) error {
	if layout == Layout {
		return nil
	}
	where := "go.mod"
	if text, err := os.ReadFile("go.mod"); err == nil {
		for i, line := range strings.Split(string(text), "\n") {
			if strings.Contains(line, "coppice v") {
				where = fmt.Sprintf("go.mod:%d", i+1)
			}
		}
	}
	if layout > Layout {
		return fmt.Errorf("%s requires a version of Coppice for files of layout %d, and cmd/generate/main.go says that these have layout %d: require a later version",
			where, Layout, layout)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s requires a version of Coppice for files of layout %d, and cmd/generate/main.go says that these have layout %d. Change", where, Layout, layout)
	for n := layout + 1; n <= Layout; n++ {
		if changes[n] != "" {
			b.WriteString("\n  " + changes[n])
		}
	}
	fmt.Fprintf(&b, "\n  cmd/generate/main.go: the layout that it says to %d\nor require the version of before. What the files look like now is what cmd/new writes", Layout)
	return fmt.Errorf("%s", b.String())
}

// importPathOf is the import path of a folder, by the go.mod of the module that
// it lies in.
func importPathOf(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for root, below := dir, ""; ; root, below = filepath.Dir(root), path.Join(filepath.Base(root), below) {
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err == nil {
			module := modfile.ModulePath(text)
			if module == "" {
				return "", fmt.Errorf("%s names no module", filepath.Join(root, "go.mod"))
			}
			return path.Join(module, below), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if root == filepath.Dir(root) {
			return "", fmt.Errorf("there is no go.mod in %s or above it: run this in a module", dir)
		}
	}
}
