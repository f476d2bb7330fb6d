package seeder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
)

type outcome struct {
	code           int
	stdout, stderr string
}

func try(t *testing.T, env map[string]string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, strings.NewReader("y\n"), &stdout, &stderr, func(name string) string { return env[name] }, blogApp())
	return outcome{code, stdout.String(), stderr.String()}
}

func newURL(t *testing.T) string {
	t.Helper()
	return enginetest.URL(t)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		env  map[string]string
		want outcome
	}{
		"help":              {[]string{"--help"}, nil, outcome{0, help, ""}},
		"an unknown flag":   {[]string{"--plane"}, nil, outcome{2, "", "seed: wrong usage: flag provided but not defined: -plane; see --help\n"}},
		"behind a file":     {[]string{"users.yaml", "--plane"}, nil, outcome{2, "", "seed: wrong usage: flag provided but not defined: -plane; see --help\n"}},
		"two jobs":          {[]string{"--undo", "x", "y.csv"}, nil, outcome{2, "", "seed: wrong usage: --undo and a file do not go together; see --help\n"}},
		"half a job":        {[]string{"--rand", "3"}, nil, outcome{2, "", "seed: wrong usage: --rand goes with --fake only; see --help\n"}},
		"an empty name":     {[]string{"--set="}, nil, outcome{2, "", "seed: wrong usage: --set is empty; see --help\n"}},
		"no time":           {[]string{"--lock-wait", "long"}, nil, outcome{2, "", "seed: wrong usage: invalid value \"long\" for flag -lock-wait: parse error; see --help\n"}},
		"no wait":           {[]string{"--lock-wait", "0s"}, nil, outcome{2, "", "seed: wrong usage: the lock wait is 0s; give a time of more than 0\n"}},
		"no time around":    {nil, map[string]string{"LOCK_WAIT": "5"}, outcome{2, "", "seed: wrong usage: LOCK_WAIT is \"5\"; give a time such as 90s\n"}},
		"an unknown scheme": {[]string{"--db", "oracle:x"}, nil, outcome{2, "", "seed: database URL: the scheme \"oracle\" is unknown; sqlite:FILE, sqlite:/absolute/FILE, sqlite::memory: and postgres://USER@HOST:PORT/DATABASE are accepted\n"}},
		"its variable":      {nil, map[string]string{"DATABASE_URL": "x.db"}, outcome{2, "", "seed: database URL: \"x.db\" has no scheme; for a file of that name write sqlite:x.db\n"}},
		"nobody to ask":     {[]string{"--reset"}, nil, outcome{2, "", "seed: wrong usage: --reset empties all tables, and nobody is there to be asked; add --yes to confirm it\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := try(t, test.env, test.args...); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	first := try(t, map[string]string{"DATABASE_URL": url})
	if first.code != 0 || first.stderr != "" {
		t.Fatalf("%+v", first)
	}
	rows := regexp.MustCompile(`(?m)^(\w+|in \d+ ms) +(\d+) +(\d+) +(\d+)$`).FindAllStringSubmatch(first.stdout, -1)
	if len(rows) != 6 || rows[0][1] != "comments" || rows[0][2] == "0" || rows[5][3] != "0" {
		t.Errorf("the table is\n%s", first.stdout)
	}
	more := write(t, "users.csv", "username,email\nzoe,zoe@example.org\nada,ada@example.org\n")
	second := try(t, nil, more, "--db", url, "--json")
	if !regexp.MustCompile(`^\{"entities":\{"users":\{"created":1,"updated":0,"unchanged":1\}\},"ms":\d+\}\n$`).MatchString(second.stdout) || second.code != 0 {
		t.Errorf("%+v", second)
	}
	third := try(t, nil, "--db="+url, "-reset", "-yes", "-quiet", "--", more)
	if third.code != 0 || !strings.Contains(third.stdout, "users") || strings.Contains(third.stdout, "comments") {
		t.Errorf("%+v", third)
	}
}

// Data that is wrong leaves no trace of a database that was not there, and all
// that is wrong with it is told at once.
func TestWrongData(t *testing.T) {
	t.Parallel()
	url := enginetest.SQLite(t) // of which there is none until it is opened
	users := write(t, "users.yaml", "- { username: zoe }\n- { username: ann, email: ann@example.org, nick: a }\n")
	got := try(t, nil, "--db", url, users)
	want := outcome{1, "", users + ":1: User.email: email is required.\n" +
		users + ":2: User.nick: User has no field nick to write. It has username, email, name, role, createdAt, profile, posts, comments, followers, following.\nNothing was written.\n"}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	posts := write(t, "posts.yaml", "- { slug: BAD, title: P, body: b, author: { username: nobody } }\n- { slug: p, title: P, body: b }\n")
	got = try(t, nil, "--db", url, posts)
	for _, part := range []string{"posts.yaml:1: Post.slug: ", "posts.yaml:1: Post.author: There is no such User.", "posts.yaml:2: Post.author: author is required.", "Nothing was written."} {
		if got.code != 1 || !strings.Contains(got.stderr, part) {
			t.Errorf("%d: it does not say %q:\n%s", got.code, part, got.stderr)
		}
	}
	for _, args := range [][]string{{"--undo", "nothing"}, {"--dump", filepath.Join(t.TempDir(), "out")}, {"--plan"}} {
		if got := try(t, nil, append(args, "--db", url)...); got.code == 1 {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if _, err := os.Stat(strings.TrimPrefix(url, "sqlite:")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a database: %v", err)
	}
	if got := try(t, nil, "--db", "sqlite:"+filepath.Join(t.TempDir(), "no", "folder.db")); got.code != 1 || got.stderr == "" {
		t.Errorf("%+v", got)
	}
}

func TestLocked(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	c, err := blog.Open(t.Context(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tx, err := c.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx.User.Create().SetUsername("ada").SetEmail("ada@example.org").ExecX(t.Context()) // who is in the set, too
	calls := [][]string{{}}
	if enginetest.OnPostgres() { // of which a plan has no copy
		calls = append(calls, []string{"--plan"})
	}
	for _, args := range calls {
		got := try(t, nil, append(args, "--db", url, "--lock-wait", "50ms")...)
		if got.code != 1 || !strings.HasPrefix(got.stderr, "seed: the database stayed locked for 50ms by ") || !strings.HasSuffix(got.stderr, "Try again, or wait longer with --lock-wait.\n") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	code := run(ctx, []string{"--db", newURL(t)}, strings.NewReader(""), &bytes.Buffer{}, &stderr, func(string) string { return "" }, blogApp())
	if code != 1 || stderr.String() != "seed: interrupted; nothing was written\n" {
		t.Errorf("%d %q", code, stderr.String())
	}
}

// binary builds the command, once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "coppice-seed")
	if err != nil {
		return "", err
	}
	p := filepath.Join(dir, "seed")
	if out, err := exec.Command("go", "build", "-o", p, "coppice/core/internal/fixture/blog/cmd/seed").CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return p, nil
})

func TestMain(m *testing.M) {
	m.Run()
	if p, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(p))
	}
}

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	p, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), p, args...)
}

// Six seeders and two programs that only open the database, all at once on a
// database that is not there yet, or empty: no error, and no record twice.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	url := newURL(t)
	var commands []*exec.Cmd
	for range 6 {
		c := command(t, "--db", url, "--json")
		c.Stdout, c.Stderr = &bytes.Buffer{}, &bytes.Buffer{}
		commands = append(commands, c)
	}
	for _, c := range commands {
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			c, err := blog.Open(t.Context(), engine.Config{URL: url})
			if err != nil {
				t.Error(err)
				return
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	created, unchanged := map[string]int{}, map[string]int{}
	for _, c := range commands {
		err := c.Wait()
		if err != nil || c.Stderr.(*bytes.Buffer).Len() > 0 {
			t.Fatalf("%v: %s", err, c.Stderr)
		}
		var s struct {
			Entities map[string]struct{ Created, Updated, Unchanged int }
		}
		if err := json.Unmarshal(c.Stdout.(*bytes.Buffer).Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		for table, n := range s.Entities {
			created[table] += n.Created
			unchanged[table] += n.Unchanged
		}
	}
	c, err := blog.Open(t.Context(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for table, n := range map[string]int{
		"users": c.User.Query().CountX(t.Context()), "profiles": c.Profile.Query().CountX(t.Context()), "posts": c.Post.Query().CountX(t.Context()),
		"tags": c.Tag.Query().CountX(t.Context()), "comments": c.Comment.Query().CountX(t.Context()),
	} {
		if n == 0 || created[table] != n || unchanged[table] != 5*n {
			t.Errorf("%s: %d there, %d created, %d unchanged", table, n, created[table], unchanged[table])
		}
	}
}
