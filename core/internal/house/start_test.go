package house

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"coppice/core/internal/enginetest"
)

// build makes the server's and the seeder's binaries.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", dir+string(filepath.Separator), "coppice/core/internal/fixture/blog/cmd/server", "coppice/core/internal/fixture/blog/cmd/seed").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// server is a running server.
type server struct {
	cmd *exec.Cmd
	url string
	log *bytes.Buffer
	end chan error
}

var listening = regexp.MustCompile(`listening on (http://[^\s"]+)`)

// serve starts a server on the database of a URL.
func serve(t *testing.T, bin, db string) *server {
	t.Helper()
	s := &server{cmd: exec.CommandContext(t.Context(), filepath.Join(bin, "server"), "--db", db, "--addr", "127.0.0.1:0"),
		log: &bytes.Buffer{}, end: make(chan error, 1)}
	r, w := io.Pipe()
	s.cmd.Stdout, s.cmd.Stderr = w, w
	if err := s.cmd.Start(); err != nil {
		t.Error(err)
		return nil
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			s.log.Write(append(lines.Bytes(), '\n'))
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
			}
		}
		close(found)
	}()
	go func() {
		s.end <- s.cmd.Wait()
		_ = w.Close()
	}()
	s.url = <-found
	if s.url == "" {
		t.Errorf("the server ended: %v\n%s", <-s.end, s.log)
		return nil
	}
	return s
}

// stop ends a server as an operator does, and wants it to end well.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := <-s.end; err != nil {
		t.Errorf("the server ended with %v\n%s", err, s.log)
	}
}

func (s *server) query(t *testing.T, query string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(s.url+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return ""
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

type summary struct {
	Entities map[string]struct{ Created, Updated, Unchanged int }
}

// Two servers and six seeders start at once on a database with nothing in it, or a file
// that is not there yet: each works, no record is lost, and none is there twice.
func TestServersAndSeedersStartTogether(t *testing.T) {
	t.Parallel()
	bin, rounds := build(t), 1
	if os.Getenv("COPPICE_SCALE") != "" {
		rounds = 20
	}
	for range rounds {
		startTogether(t, bin, enginetest.URL(t))
	}
}

func startTogether(t *testing.T, bin, db string) {
	t.Helper()
	servers := make([]*server, 2)
	summaries := make([]summary, 6)
	var wg sync.WaitGroup
	for i := range servers {
		wg.Go(func() { servers[i] = serve(t, bin, db) })
	}
	for i := range summaries {
		wg.Go(func() {
			var stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "seed"), "--db", db, "--json")
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err == nil {
				err = json.Unmarshal(out, &summaries[i])
			}
			if err != nil {
				t.Errorf("seeder %d: %v\n%s%s", i, err, out, &stderr)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	created := map[string]int{}
	for _, s := range summaries {
		for table, n := range s.Entities {
			created[table] += n.Created
			if n.Updated != 0 {
				t.Errorf("%s: %d updated", table, n.Updated)
			}
		}
	}
	for _, s := range servers {
		got := s.query(t, `{ users { totalCount } posts { totalCount } comments { totalCount } tags { totalCount } profiles { totalCount } }`)
		for _, table := range []string{"users", "posts", "comments", "tags", "profiles"} {
			want, _ := json.Marshal(map[string]any{table: map[string]int{"totalCount": created[table]}})
			if created[table] == 0 || !strings.Contains(got, string(want[1:len(want)-1])) {
				t.Errorf("%s: %d were created, and the server answers %s", table, created[table], got)
			}
		}
	}
	for _, s := range servers {
		s.stop(t)
	}
}
