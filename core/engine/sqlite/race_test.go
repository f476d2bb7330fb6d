package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

const racers = 4 // goroutines in each process

// childRace waits for its input to end, then opens a database from several
// goroutines at once and writes one record through each client.
func childRace(url string, in io.Reader, out io.Writer) error {
	fmt.Fprintln(out, "ready")
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	ctx := context.Background()
	errs := make([]error, racers)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() {
			client, err := openBlog(ctx, Config{URL: url, LockWait: time.Minute})
			if err != nil {
				errs[i] = err
				return
			}
			name := fmt.Sprintf("u%d_%d", os.Getpid(), i)
			err = client.User.Create().SetUsername(name).SetEmail(name + "@example.org").Exec(ctx)
			errs[i] = errors.Join(err, client.Close())
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func TestProcessesOpenANewFileAtOnce(t *testing.T) {
	t.Parallel()
	const processes, rounds = 6, 3
	for name, prepare := range map[string]func(t *testing.T, file string){
		"no file":    func(*testing.T, string) {},
		"empty file": func(t *testing.T, file string) { writeFile(t, file, "") },
		// What VACUUM INTO and most backups leave is not in WAL mode.
		"file without a log": func(t *testing.T, file string) {
			client := open(t, "sqlite:"+file)
			user(t, client, "ada")
			shut(t, client)
			db, err := sql.Open("sqlite", file)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if got := ""; db.QueryRowContext(t.Context(), "PRAGMA journal_mode = delete").Scan(&got) != nil || got != "delete" {
				t.Fatalf("the journal mode is %q", got)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range rounds {
				url := fileURL(t)
				prepare(t, strings.TrimPrefix(url, "sqlite:"))
				var list []*child
				for range processes {
					c := start(t, "race", url)
					c.line()
					list = append(list, c)
				}
				for _, c := range list {
					if err := c.in.Close(); err != nil {
						t.Error(err)
					}
				}
				for _, c := range list {
					if err := c.cmd.Wait(); err != nil {
						t.Error("a process failed:", err)
					}
				}
				client := open(t, url)
				if n := client.User.Query().Where().CountX(t.Context()); n < processes*racers {
					t.Errorf("%d records are left of %d", n, processes*racers)
				}
				if n := one[int](t, client, "SELECT COUNT(*) FROM coppice_schema"); n != 1 {
					t.Errorf("the schema was applied %d times", n)
				}
				if mode := one[string](t, client, "PRAGMA journal_mode"); mode != "wal" {
					t.Errorf("the journal mode is %s", mode)
				}
			}
		})
	}
}

func writeFile(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
