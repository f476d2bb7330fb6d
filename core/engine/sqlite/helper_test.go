package sqlite

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"coppice/core/internal/fixture/blog/ent"
)

// childEnv names what a copy of the test binary is to do instead of testing.
const childEnv = "COPPICE_TEST_CHILD"

func TestMain(m *testing.M) {
	if job := os.Getenv(childEnv); job != "" {
		if err := children[job](os.Args[1], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, job+":", err)
			os.Exit(1) // here the test binary is a program of its own, whose exit code the test reads
		}
		return
	}
	m.Run()
}

// children are the jobs: each gets an argument, reports on its output, and
// waits for its input.
var children = map[string]func(arg string, in io.Reader, out io.Writer) error{
	"hold": childHold,
	"race": childRace,
	"open": childOpen,
}

// childHold holds the write lock of a database until its input ends.
func childHold(url string, in io.Reader, out io.Writer) error {
	ctx := context.Background()
	client, err := openBlog(ctx, Config{URL: url})
	if err != nil {
		return err
	}
	tx, err := client.Tx(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "held")
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	if err := tx.Rollback(); err != nil {
		return err
	}
	return client.Close()
}

// childOpen opens a database and tells what came of it.
func childOpen(url string, _ io.Reader, out io.Writer) error {
	client, err := openBlog(context.Background(), Config{URL: url})
	if err != nil {
		_, err = fmt.Fprintln(out, err)
		return err
	}
	fmt.Fprintln(out, "opened")
	return client.Close()
}

// child is a copy of the test binary at work.
type child struct {
	tb  testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(tb testing.TB, job, arg string) *child {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	c := &child{tb: tb, cmd: exec.Command(exe, arg)}
	c.cmd.Env = append(os.Environ(), childEnv+"="+job)
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if c.cmd.ProcessState == nil {
			_ = c.cmd.Process.Kill()
			_ = c.cmd.Wait()
		}
	})
	return c
}

// line waits for a line of the child's.
func (c *child) line() string {
	c.tb.Helper()
	s, err := c.out.ReadString('\n')
	if err != nil {
		c.tb.Fatal("the child said no more:", err)
	}
	return s
}

// end lets the child finish.
func (c *child) end() {
	c.tb.Helper()
	if err := c.in.Close(); err != nil {
		c.tb.Error(err)
	}
	if err := c.cmd.Wait(); err != nil {
		c.tb.Error("the child failed:", err)
	}
}

func fileURL(tb testing.TB) string {
	tb.Helper()
	return "sqlite:" + filepath.Join(tb.TempDir(), "test.db")
}

// open returns a client on a new file, or on the one that a URL names.
func open(tb testing.TB, url ...string) *ent.Client {
	tb.Helper()
	if len(url) == 0 {
		url = []string{fileURL(tb)}
	}
	client, err := openBlog(context.Background(), Config{URL: url[0]})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { shut(tb, client) })
	return client
}

func shut(tb testing.TB, c io.Closer) {
	tb.Helper()
	if err := c.Close(); err != nil {
		tb.Error(err)
	}
}

func handleOf(c *ent.Client) *entDriver { return ent.Coppice().Driver(c).(*entDriver) }

func user(tb testing.TB, c *ent.Client, name string) *ent.User {
	tb.Helper()
	u, err := c.User.Create().SetUsername(name).SetEmail(name + "@example.org").Save(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

func newPost(tb testing.TB, c *ent.Client, author *ent.User, slug string) *ent.Post {
	tb.Helper()
	p, err := c.Post.Create().SetSlug(slug).SetTitle("T").SetBody("B").SetAuthor(author).Save(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

type contextQuerier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

// one reads the single value that a query gives.
func one[T any](tb testing.TB, q contextQuerier, query string, args ...any) T {
	tb.Helper()
	list := all[T](tb, q, query, args...)
	if len(list) != 1 {
		tb.Fatalf("%s: %d rows, not 1", query, len(list))
	}
	return list[0]
}

func all[T any](tb testing.TB, q contextQuerier, query string, args ...any) []T {
	tb.Helper()
	rows, err := q.QueryContext(context.Background(), query, args...)
	if err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			tb.Fatalf("%s: %v", query, err)
		}
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return list
}

var _ dialect.Driver = (*entDriver)(nil)

// rawFile is a handle of another program's on a database's file.
func rawFile(tb testing.TB, url string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite:")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { shut(tb, db) })
	return db
}

// quote is a name as SQL writes it.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
