package pages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"coppice/core/server/web"
)

// Run brings the build in the application's folder, cmd/server/pages below the
// current one, up to date, and says on stdout what it did. It returns the exit
// code: 0 also where there is no npm to build with, 1 when a build fails, which
// leaves the one before.
func Run(ctx context.Context, stdout, stderr io.Writer) int {
	b := builder{source: web.Source(), dir: filepath.Join("cmd", "server", Folder), out: stdout}
	if err := b.update(ctx); err != nil {
		fmt.Fprintf(stderr, "pages: %v\npages: the server shows what it had before: the pages of the last build, or the small one.\n", err)
		return 1
	}
	return 0
}

// builder builds a source into a folder.
type builder struct {
	source fs.FS
	dir    string
	out    io.Writer
}

// update builds, unless what is there was built from the same source.
func (b *builder) update(ctx context.Context) error {
	begun := time.Now()
	if info, err := os.Stat(b.dir); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s here: run this in a project's folder, where its go.mod lies; in a project from before there were pages, "+
			"make the folder, and have cmd/server/main.go embed it as App.Pages", b.dir)
	}
	source, err := hashOf(b.source)
	if err != nil {
		return err
	}
	m, err := readManifest(os.DirFS(b.dir), manifestName)
	if err == nil && m.Source == source && m.complete(b.dir) {
		return nil
	}
	if lack := lacking(ctx); lack != "" {
		instead := "the playground is the small one"
		if err == nil {
			instead = "the pages stay those of an earlier version"
		}
		fmt.Fprintf(b.out, "pages: %s, so that %s; with Node 20.19 or later, this builds the present ones.\n", lack, instead)
		return nil
	}
	fmt.Fprintln(b.out, "pages: building the playground and the data browser, which takes less than a minute and is done once for each version of them.")
	if m, err = b.build(ctx, source); err != nil {
		return err
	}
	packed, err := m.packed(b.dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "pages: built %d files, %.1f MB, into %s in %.0f s.\n", len(m.Files), float64(packed)/1e6, b.dir, time.Since(begun).Seconds())
	return nil
}

// complete reports whether all files of a build are there.
func (m *Manifest) complete(dir string) bool {
	_, err := m.packed(dir)
	return err == nil
}

// packed is how many bytes the files of a build have as they lie there.
func (m *Manifest) packed(dir string) (n int64, err error) {
	for _, f := range m.Files {
		info, err := os.Stat(filepath.Join(dir, f.Stored))
		if err != nil {
			return 0, err
		}
		n += info.Size()
	}
	return n, nil
}

// lacking is what is not there to build with, or "".
func lacking(ctx context.Context) string {
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			return "there is no " + name + " here"
		}
	}
	out, err := exec.CommandContext(ctx, "node", "--version").Output()
	version := strings.TrimSpace(string(out))
	var major, minor int
	if _, scanned := fmt.Sscanf(version, "v%d.%d", &major, &minor); err != nil || scanned != nil {
		return "node does not say its version"
	}
	if major < 20 || major == 20 && minor < 19 {
		return "node is " + version + " here"
	}
	return ""
}

// build builds the source in a folder of its own, and stores what comes of it.
func (b *builder) build(ctx context.Context, source string) (m *Manifest, err error) {
	work, err := workFolder()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := copyTo(work, b.source); err != nil {
		return nil, err
	}
	// Nothing that is installed runs by being installed.
	for _, args := range [][]string{
		{"ci", "--omit=dev", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"},
		{"run", "build"},
	} {
		if err := runIn(ctx, work, "npm", args...); err != nil {
			return nil, err
		}
	}
	built := filepath.Join(work, "dist")
	if _, err := os.Stat(built); err != nil {
		return nil, fmt.Errorf("`npm run build` has left no folder dist: %w", err)
	}
	return store(b.dir, os.DirFS(built), source)
}

// old is when a folder to build in belongs to no process any more.
const old = time.Hour

// workFolder makes a folder to build in, below the user's cache. Those that a kill
// has left go first.
func workFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // a user without a home
	}
	cache = filepath.Join(cache, "coppice")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	left, err := filepath.Glob(filepath.Join(cache, "pages-*"))
	if err != nil {
		return "", err
	}
	for _, dir := range left {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > old {
			if err := os.RemoveAll(dir); err != nil {
				return "", err
			}
		}
	}
	return os.MkdirTemp(cache, "pages-")
}

// lastLines is how much of a command's output an error shows.
const lastLines = 12

// runIn runs a command in a folder. The error names it, and has the end of what
// it said.
func runIn(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	cmd.Env = append(os.Environ(), "NODE_ENV=production", "NO_COLOR=1")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s %s was stopped", name, args[0])
	}
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	lines = lines[max(0, len(lines)-lastLines):]
	return fmt.Errorf("`%s %s` failed (%w):\n  %s", name, strings.Join(args, " "), err, strings.Join(lines, "\n  "))
}
