package pages

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"coppice/core/server/web"
)

// These tests run programs of their own in the place of node and npm, by PATH,
// which a process has one of: they do not run beside each other.

// builds is an npm that makes a page and a script of what src/page holds, and writes
// down what it was called with.
const builds = `echo "$1" >>"$CALLS"
if [ "$1" = run ]; then
  mkdir -p dist/assets
  cat src/page >dist/index.html
  echo "script of $(cat src/page)" >"dist/assets/page-$(cat src/page).js"
fi`

type project struct {
	*testing.T
	source fstest.MapFS
	dir    string
	calls  string
}

func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{T: t, source: fstest.MapFS{"src/page": {Data: []byte("one")}}, dir: t.TempDir(), calls: filepath.Join(t.TempDir(), "calls")}
	t.Setenv("CALLS", p.calls)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	p.programs("echo v20.19.0", builds)
	return p
}

// programs puts programs in the place of node and npm; "" stands for none.
func (p *project) programs(node, npm string) {
	p.Helper()
	bin := p.TempDir()
	for name, text := range map[string]string{"node": node, "npm": npm} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\nPATH=/usr/bin:/bin\n"+text+"\n"), 0o755); err != nil {
			p.Fatal(err)
		}
	}
	p.Setenv("PATH", bin)
}

func (p *project) update(ctx context.Context) (said string, err error) {
	var out bytes.Buffer
	err = (&builder{source: p.source, dir: p.dir, out: &out}).update(ctx)
	return out.String(), err
}

// names are those of the files that lie there.
func (p *project) names() []string {
	p.Helper()
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		p.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// served is the content of a file of the build, packed.
func (p *project) served(path string) []byte {
	p.Helper()
	m, err := readManifest(os.DirFS(p.dir), manifestName)
	if err != nil {
		p.Fatal(err)
	}
	for _, f := range m.Files {
		if f.Path == path {
			content, err := os.ReadFile(filepath.Join(p.dir, f.Stored))
			if err != nil {
				p.Fatal(err)
			}
			return content
		}
	}
	p.Fatalf("the build has no %s: %+v", path, m.Files)
	return nil
}

func TestABuildIsMadeOnceForEachSource(t *testing.T) {
	p := newProject(t)
	if said, err := p.update(t.Context()); err != nil || !strings.Contains(said, "built 2 files") {
		t.Fatalf("%s %v", said, err)
	}
	first := p.served("index.html")
	if said, err := p.update(t.Context()); err != nil || said != "" {
		t.Errorf("the second time: %s %v", said, err)
	}
	left := filepath.Join(p.dir, ".new-1")
	if err := errors.Join(os.WriteFile(left, nil, 0o600), os.Chtimes(left, time.Time{}, time.Now().Add(-2*old))); err != nil {
		t.Fatal(err)
	}
	p.source["src/page"] = &fstest.MapFile{Data: []byte("two")}
	if said, err := p.update(t.Context()); err != nil || !strings.Contains(said, "built") {
		t.Errorf("after a change: %s %v", said, err)
	}
	if bytes.Equal(first, p.served("index.html")) {
		t.Error("the page is as before the change")
	}
	if names := p.names(); len(names) != 3 {
		t.Errorf("files of builds before are left: %v", names)
	}
	calls, err := os.ReadFile(p.calls)
	if err != nil || string(calls) != "ci\nrun\nci\nrun\n" {
		t.Errorf("npm was called for %q, %v", calls, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(cache, "coppice")); err != nil || len(left) > 0 {
		t.Errorf("%v is left of the builds, %v", left, err)
	}
}

func TestALostFileIsBuiltAgain(t *testing.T) {
	p := newProject(t)
	if _, err := p.update(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range p.names() {
		if strings.HasPrefix(name, "index.") {
			if err := os.Remove(filepath.Join(p.dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if said, err := p.update(t.Context()); err != nil || !strings.Contains(said, "built") {
		t.Errorf("%s %v", said, err)
	}
	p.served("index.html")
}

func TestWithoutNpmThatIsSaidInOneLine(t *testing.T) {
	p := newProject(t)
	for name, has := range map[string][2]string{
		"there is no node here":         {"", ""},
		"there is no npm here":          {"echo v22.0.0", ""},
		"node is v18.20.1 here":         {"echo v18.20.1", builds},
		"node is v20.18.3 here":         {"echo v20.18.3", builds},
		"node does not say its version": {"exit 1", builds},
	} {
		p.programs(has[0], has[1])
		said, err := p.update(t.Context())
		if err != nil || !strings.Contains(said, name) || strings.Count(said, "\n") != 1 || len(p.names()) > 0 {
			t.Errorf("%s: %q %v, %v", name, said, err, p.names())
		}
	}
	p.programs("echo v24.0.0", builds)
	if _, err := p.update(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.programs("", "")
	p.source["src/page"] = &fstest.MapFile{Data: []byte("two")}
	if said, err := p.update(t.Context()); err != nil || !strings.Contains(said, "stay those of an earlier version") {
		t.Errorf("with a build of before: %q %v", said, err)
	}
}

func TestAFailingBuildLeavesWhatWasThere(t *testing.T) {
	p := newProject(t)
	if _, err := p.update(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, page := p.names(), p.served("index.html")
	p.source["src/page"] = &fstest.MapFile{Data: []byte("two")}
	for name, c := range map[string]struct{ npm, says string }{
		"npm ci":         {"echo first; for i in 1 2 3 4 5 6 7 8 9 10 11; do echo line $i; done; echo no network >&2; exit 7", "`npm ci --omit=dev"},
		"npm run build":  {`if [ "$1" = run ]; then echo no network; exit 1; fi`, "`npm run build` failed"},
		"no page":        {`mkdir -p dist`, "no index.html"},
		"no folder":      {`true`, "dist"},
		"a strange file": {`mkdir -p dist; echo x >dist/index.html; echo x >dist/page.exe`, "page.exe: files of its kind have no media type"},
	} {
		p.programs("echo v24.0.0", c.npm)
		said, err := p.update(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(said, "built") {
			t.Errorf("%s: %q %v", name, said, err)
		}
		if strings.HasPrefix(name, "npm") && (!strings.Contains(err.Error(), "no network") || strings.Contains(err.Error(), "first")) {
			t.Errorf("%s: the error has not the end of what was said: %v", name, err)
		}
		if !bytes.Equal(page, p.served("index.html")) {
			t.Errorf("%s: the page is another", name)
		}
	}
	// The strange file's page may lie there, under a name that nobody knows.
	for _, name := range before {
		if _, err := os.Stat(filepath.Join(p.dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestAFolderThatIsMissingIsTold(t *testing.T) {
	t.Parallel()
	b := &builder{source: web.Source(), dir: filepath.Join(t.TempDir(), "none"), out: &bytes.Buffer{}}
	if err := b.update(t.Context()); err == nil || !strings.Contains(err.Error(), "there is no folder") {
		t.Errorf("%v", err)
	}
}

// The library holds all of its source, and nothing beside it.
func TestTheSourceIsWhole(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"package-lock.json", "index.html", "data.html", "vite.config.ts", "src/playground/main.tsx", "src/data/main.tsx"} {
		if _, err := fs.Stat(web.Source(), name); err != nil {
			t.Error(err)
		}
	}
	if _, err := fs.Stat(web.Source(), "node_modules"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("node_modules: %v", err)
	}
	lock, err := fs.ReadFile(web.Source(), "package-lock.json")
	if err != nil || bytes.Contains(lock, []byte(`"resolved"`)) {
		t.Errorf("the lock file names where packages come from, %v", err)
	}
}
