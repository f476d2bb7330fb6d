package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// startServer runs the server on a database of its own, and returns where it
// answers, and what ends it and returns its exit code.
func startServer(t *testing.T, db string, flags ...string) (url string, end func() int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	log, stderr := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		args := append([]string{"--addr", "127.0.0.1:0", "--db", db}, flags...)
		exit <- run(ctx, args, func(string) string { return "" }, io.Discard, stderr)
		_ = stderr.Close()
	}()
	said := bytes.Buffer{}
	lines := bufio.NewScanner(log)
	for url == "" && lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if m := regexp.MustCompile(`listening on (http://[^\s"]+)`).FindStringSubmatch(lines.Text()); m != nil {
			url = m[1]
		}
	}
	if url == "" {
		t.Fatalf("the server ended with %d:\n%s", <-exit, &said)
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	return url, func() int {
		stop()
		return <-exit
	}
}

// The server opens a new database, answers, and ends with its context.
func TestServerAnswersAndEnds(t *testing.T) {
	t.Parallel()
	url, end := startServer(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	res, err := http.Post(url+"/graphql", "application/json", strings.NewReader(`{"query": "{ __typename }"}`))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || string(answer) != `{"data":{"__typename":"Query"}}` {
		t.Errorf("%s %v", answer, err)
	}
	if code := end(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
}
