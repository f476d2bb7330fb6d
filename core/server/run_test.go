package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

// awaitAddress reads a log until it tells where the server listens, and keeps
// reading, so that the server never waits for its reader.
func awaitAddress(t *testing.T, log io.Reader) string {
	t.Helper()
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if m := regexp.MustCompile(`listening on (http://\S+)`).FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return m[1]
		}
		t.Logf("%s", lines.Text())
	}
	t.Fatal("the server does not say where it listens")
	return ""
}

// start runs a server until the test ends or stop is called, which returns its
// exit code.
func start(t *testing.T, args ...string) (url string, stop func() int) {
	t.Helper()
	return startWith(t, nil, args...)
}

func startWith(t *testing.T, configure func(*ent.Client, *Options), args ...string) (url string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log, stderr := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		exit <- runBlogWith(ctx, configure, append([]string{"--addr", "127.0.0.1:0"}, args...), environment(), io.Discard, stderr)
		stderr.Close()
	}()
	stop = sync.OnceValue(func() int {
		cancel()
		return <-exit
	})
	t.Cleanup(func() { stop() })
	return awaitAddress(t, log), stop
}

func newDatabase(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") }

func post(t *testing.T, url, query string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(url+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestServe(t *testing.T) {
	t.Parallel()
	url, stop := start(t, "--db", newDatabase(t))
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/": 200, "/nothing": 404} {
		res, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != status {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, status)
		}
	}
	if got, want := post(t, url, `mutation { createTag(input: {name: "go"}) { name } }`), `{"data":{"createTag":{"name":"go"}}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := post(t, url, `{ __schema { queryType { name } } }`); got != `{"data":{"__schema":{"queryType":{"name":"Query"}}}}` {
		t.Errorf("introspection: %s", got)
	}
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := http.Get(url + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}

func TestFlagsReachTheHandler(t *testing.T) {
	t.Parallel()
	url, _ := start(t, "--db", "sqlite::memory:", "--dev=false", "--page-max", "7", "--page-size", "7")
	if got := post(t, url, `{ __schema { queryType { name } } }`); !strings.Contains(got, "GRAPHQL_VALIDATION_FAILED") {
		t.Errorf("introspection: %s", got)
	}
	if got := post(t, url, `{ posts(first: 8) { totalCount } }`); !strings.Contains(got, "at most 7") {
		t.Errorf("page: %s", got)
	}
	res, err := http.Get(url + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("playground: %d", res.StatusCode)
	}
}

// Requests that run when the server is told to stop are answered; no new ones
// are let in.
func TestShutdownLetsRunningRequestsFinish(t *testing.T) {
	t.Parallel()
	url, stop := start(t, "--db", newDatabase(t))
	const requests = 8
	const query = `{"query":"{ posts { totalCount } }"}`
	var running, done sync.WaitGroup
	rest := make(chan struct{})
	for range requests {
		running.Add(1)
		done.Go(func() {
			// The server asks for a body only once a handler reads it.
			started := sync.OnceFunc(running.Done)
			ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{Got100Continue: started})
			defer started()
			body, send := io.Pipe()
			go func() {
				<-rest
				_, _ = io.WriteString(send, query)
				send.Close()
			}()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", body)
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Expect", "100-continue")
			client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: drainTime}}
			res, err := client.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != 200 || string(text) != `{"data":{"posts":{"totalCount":0}}}` {
				t.Errorf("%d %s %v", res.StatusCode, text, err)
			}
		})
	}
	running.Wait()
	exit := make(chan int)
	go func() { exit <- stop() }()
	for {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			break
		}
		conn.Close()
	}
	select {
	case code := <-exit:
		t.Errorf("it ended with code %d while requests ran", code)
	default:
	}
	close(rest)
	done.Wait()
	if code := <-exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestStartThatFails(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	folder := t.TempDir()
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"address taken":                 {[]string{"--addr", taken.Addr().String(), "--db", "sqlite::memory:"}, "already in use"},
		"database is a folder":          {[]string{"--addr", "127.0.0.1:0", "--db", "sqlite:" + folder}, folder},
		"an empty folder of operations": {[]string{"--addr", "127.0.0.1:0", "--db", "sqlite::memory:", "--persisted", "only:" + folder}, "server: the operations of --persisted only:"},
		"taken by whom, and what to do": {[]string{"--addr", taken.Addr().String(), "--db", "sqlite::memory:"}, "--addr"},
	} {
		var stderr strings.Builder
		code := runBlog(t.Context(), tc.args, environment(), io.Discard, &stderr)
		if code != 1 || !strings.Contains(stderr.String(), tc.want) || strings.Contains(stderr.String(), "listening") || strings.Contains(stderr.String(), "server: server:") {
			t.Errorf("%s: exit code %d, %s", name, code, &stderr)
		}
	}
}

// The program as it is shipped: its streams, its signals and its exit code.
func TestProgram(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "server")
	if out, err := exec.Command("go", "build", "-o", program, "coppice/core/internal/fixture/blog/cmd/server").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, signal := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(program, "--addr", "127.0.0.1:0", "--db", newDatabase(t))
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill() }()
			url := awaitAddress(t, stderr)
			if got := post(t, url, `{ __typename }`); got != `{"data":{"__typename":"Query"}}` {
				t.Errorf("got %s", got)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
	for args, want := range map[string]int{"--nonsense": 2, "--help": 0, "--db nothing": 2} {
		cmd := exec.Command(program, strings.Fields(args)...)
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("%s: exit code %d, want %d", args, got, want)
		}
	}
}

// What was asked for is read in full before an address is tried.
func TestWrongUsageIsFoundBeforeTheAddressIsTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, args := range [][]string{{"--db", "nothing"}, {"--db", "sqlite:"}, {"--db", "sqlite:x.db?nothing=1"}, {"--db", "sqlite:x.db", "--timeout", "0"}, {"--db", "sqlite:x.db", "more"}} {
		var stderr strings.Builder
		if code := runBlog(t.Context(), append([]string{"--addr", taken.Addr().String()}, args...), environment(), io.Discard, &stderr); code != 2 {
			t.Errorf("%v: exit code %d, %s", args, code, &stderr)
		}
	}
}
