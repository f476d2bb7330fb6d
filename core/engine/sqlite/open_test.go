package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestURLNamesAFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"plain.db", "a b.db", "100%.db", "a#b&c=d.db", "%41.db", "ünï.db", "sub:colon.db"} {
		client := open(t, "sqlite:"+name)
		user(t, client, "ada")
		shut(t, client)
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
		abs, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := open(t, "sqlite:"+abs+"?synchronous=full&newer=refuse").User.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%s: %d users", name, n)
		}
	}
}

func TestFileThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	for name, content := range map[string]string{"text.db": strings.Repeat("not a database ", 100), "short.db": "xy"} {
		writeFile(t, at(name), content)
	}
	fifo := at("fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		at("no/such/x.db"): "there is no folder " + at("no/such") + ": create it",
		folder:             "it is a folder: name a file in it",
		at("text.db/x.db"): at("text.db") + " is no folder",
		fifo:               "it is no regular file",
		at("text.db"):      "it is not a SQLite database: name another file, or move this one away",
		at("short.db"):     "it is not a SQLite database",
	} {
		client, err := openBlog(t.Context(), Config{URL: "sqlite:" + file})
		if err == nil {
			shut(t, client)
			t.Errorf("%s was opened", file)
			continue
		}
		if text := err.Error(); !strings.HasPrefix(text, "database: open "+file+": ") || !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	_, err := openBlog(t.Context(), Config{URL: "sqlite:" + at("no/such/x.db")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v does not wrap its cause", err)
	}
	if got, err := os.ReadFile(at("short.db")); err != nil || string(got) != "xy" {
		t.Errorf("the file was changed, to %d bytes: %v", len(got), err)
	}
}

// stranger returns a folder that anybody may enter, and a function that opens
// a database in it in a process of somebody who is not root, who may write
// anywhere.
func stranger(t *testing.T) (folder string, try func(path string) string) {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "coppice")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = os.Chmod(folder, 0o700)
		_ = os.RemoveAll(folder)
	})
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	runner := filepath.Join(folder, "runner")
	if err := os.WriteFile(runner, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder, func(path string) string {
		t.Helper()
		cmd := exec.Command(runner, "sqlite:"+path)
		cmd.Env = append(os.Environ(), childEnv+"=open")
		cmd.Dir = "/"
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Skipf("as another user: %v %s", err, out)
		}
		return string(out)
	}
}

func TestFileThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	folder, try := stranger(t)
	file := filepath.Join(folder, "x.db")
	shut(t, open(t, "sqlite:"+file))
	wants := func(path string, mode, folderMode os.FileMode, want string) {
		t.Helper()
		if err := errors.Join(os.Chmod(file, mode), os.Chmod(folder, folderMode)); err != nil {
			t.Fatal(err)
		}
		if got := try(path); !strings.HasPrefix(got, want) {
			t.Errorf("file %s, folder %s: %s", mode, folderMode, got)
		}
		if err := os.Chmod(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(path string) string { return "database: open " + path + ": " }
	readOnlyFolder := "the folder " + folder + " is read-only: SQLite keeps its log there; make it writable"
	wants(folder+"/new.db", 0o666, 0o555, refused(folder+"/new.db")+readOnlyFolder)
	wants(file, 0o444, 0o555, refused(file)+file+" is read-only: make it writable")
	wants(file, 0o444, 0o777, refused(file)+file+" is read-only: make it writable")
	wants(file, 0o666, 0o555, refused(file)+readOnlyFolder)
	wants(file, 0o666, 0o777, "opened\n")
	writeFile(t, file+"-shm", "")
	if err := os.Chmod(file+"-shm", 0o444); err != nil {
		t.Fatal(err)
	}
	wants(file, 0o666, 0o777, refused(file)+file+"-shm is read-only")
}
