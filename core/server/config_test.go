package server

import (
	"errors"
	"flag"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"coppice/core/engine"
)

func environment(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	std := config{addr: "127.0.0.1:8080", db: engine.Config{URL: "sqlite:coppice.db", LockWait: 5 * time.Second}, graph: Defaults()}
	std.graph.Dev, std.graph.Introspection, std.graph.Hosts = true, true, []string{"localhost", "127.0.0.0/8", "::1"}
	for name, tc := range map[string]struct {
		args string
		env  []string
		want func(*config)
	}{
		"nothing": {"", nil, func(*config) {}},
		"all flags": {"--addr [::1]:0 --db sqlite::memory: --dev=false --page-size 2 --page-max 3 --max-depth 4 --max-complexity 5 --max-aliases 6 --max-tokens 7 " +
			"--max-body 8KiB --timeout 9s --max-input-depth 10 --max-inputs 11 --lock-wait 12ms --introspection --max-answer 12KiB --hosts a.example,::1 --cors-origins https://a.example --persisted only:audit --compress=0", nil, func(c *config) {
			*c = config{addr: "[::1]:0", db: engine.Config{URL: "sqlite::memory:", LockWait: 12 * time.Millisecond}, graph: Options{
				PageSize: 2, PageMax: 3, MaxDepth: 4, MaxComplexity: 5, MaxAliases: 6, MaxTokens: 7, MaxBody: 8192,
				Timeout: 9 * time.Second, MaxInputDepth: 10, MaxInputs: 11, Introspection: true, MaxAnswer: 12288, Hosts: []string{"a.example", "::1"},
				Origins: []string{"https://a.example"}, Persisted: "only:audit",
			}}
		}},
		"all variables": {"", []string{"ADDR", "localhost:1", "DATABASE_URL", "sqlite:x", "DEV", "false", "PAGE_SIZE", "2", "PAGE_MAX", "3", "MAX_DEPTH", "4", "MAX_COMPLEXITY", "5",
			"MAX_ALIASES", "6", "MAX_TOKENS", "7", "MAX_BODY", "8", "TIMEOUT", "9s", "MAX_INPUT_DEPTH", "10", "MAX_INPUTS", "11", "LOCK_WAIT", "12s", "INTROSPECTION", "1", "MAX_ANSWER", "12KiB", "HOSTS", "a.example, ::1", "CORS_ORIGINS", "https://a.example", "PERSISTED", "only:audit", "COMPRESS", "false"}, func(c *config) {
			*c = config{addr: "localhost:1", db: engine.Config{URL: "sqlite:x", LockWait: 12 * time.Second}, graph: Options{
				PageSize: 2, PageMax: 3, MaxDepth: 4, MaxComplexity: 5, MaxAliases: 6, MaxTokens: 7, MaxBody: 8,
				Timeout: 9 * time.Second, MaxInputDepth: 10, MaxInputs: 11, Introspection: true, MaxAnswer: 12288, Hosts: []string{"a.example", "::1"},
				Origins: []string{"https://a.example"}, Persisted: "only:audit",
			}}
		}},
		"a flag before a variable": {"--max-depth 3 --dev=false", []string{"MAX_DEPTH", "9", "DEV", "true"}, func(c *config) {
			c.graph.MaxDepth, c.graph.Dev, c.graph.Introspection, c.graph.Hosts = 3, false, false, nil
		}},
		"one dash": {"-max-depth=3", nil, func(c *config) { c.graph.MaxDepth = 3 }},
		"dev is off for the world": {"--addr 0.0.0.0:80", nil, func(c *config) {
			c.addr, c.graph.Dev, c.graph.Introspection, c.graph.Hosts = "0.0.0.0:80", false, false, nil
		}},
		"dev is off for all hosts":   {"--addr :80", nil, func(c *config) { c.addr, c.graph.Dev, c.graph.Introspection, c.graph.Hosts = ":80", false, false, nil }},
		"dev for the world if told":  {"--addr :80 --dev", nil, func(c *config) { c.addr = ":80" }},
		"dev is on for localhost":    {"--addr localhost:80", nil, func(c *config) { c.addr = "localhost:80" }},
		"introspection without dev":  {"--addr :80", []string{"INTROSPECTION", "true"}, func(c *config) { c.addr, c.graph.Dev, c.graph.Hosts = ":80", false, nil }},
		"other hosts in dev mode":    {"--hosts dev.example", nil, func(c *config) { c.graph.Hosts = []string{"dev.example"} }},
		"dev without introspection":  {"--introspection=false", nil, func(c *config) { c.graph.Introspection = false }},
		"a size in bytes":            {"--max-body 1000", nil, func(c *config) { c.graph.MaxBody = 1000 }},
		"a size in MiB with a space": {"", []string{"MAX_BODY", "2 MiB"}, func(c *config) { c.graph.MaxBody = 2 << 20 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := std
			tc.want(&want)
			got, err := configure(strings.Fields(tc.args), environment(tc.env...))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, want)
			}
		})
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args string
		env  []string
		want string // part of the message
	}{
		"unknown flag":         {"--nonsense", nil, "nonsense"},
		"an argument":          {"serve", nil, `"serve"`},
		"no value":             {"--addr", nil, "addr"},
		"no number":            {"--max-depth ten", nil, "max-depth"},
		"zero":                 {"--page-size 0", nil, "page-size"},
		"negative":             {"--max-inputs -1", nil, "max-inputs"},
		"no size":              {"--max-body 1MB", nil, "max-body"},
		"too large a size":     {"--max-body 3GiB", nil, "max-body"},
		"no host":              {"--hosts http://localhost", nil, "http://localhost"},
		"an empty host":        {"--hosts localhost,", nil, "hosts"},
		"a path for an origin": {"--cors-origins https://a.example/", nil, "write https://a.example"},
		"an empty origin":      {"--cors-origins https://a.example,", nil, "cors-origins"},
		"no mode":              {"--persisted none", nil, "must be auto, off, or only:"},
		"a mode of no folder":  {"--persisted only:", nil, "only:operations"},
		"no such folder":       {"--persisted only:nowhere", nil, "there is no folder nowhere"},
		"a file for a folder":  {"--persisted only:audit/audit.mjs", nil, "name the folder"},
		"a size of nothing":    {"--max-answer 0", nil, "max-answer"},
		"no time":              {"--timeout 10", nil, "timeout"},
		"no boolean":           {"--dev=perhaps", nil, "dev"},
		"no number, variable":  {"", []string{"MAX_DEPTH", "ten"}, "MAX_DEPTH"},
		"no boolean, variable": {"", []string{"DEV", "perhaps"}, "DEV"},
		"no port":              {"--addr localhost", nil, "addr"},
		"no such port":         {"--addr localhost:70000", nil, "addr"},
		"page over largest":    {"--page-size 10 --page-max 5", nil, "--page-max"},
		"unknown scheme":       {"--addr 127.0.0.1:0 --db oracle:x", nil, "oracle"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			code := runBlog(t.Context(), strings.Fields(tc.args), environment(tc.env...), io.Discard, &stderr)
			if code != 2 || !strings.Contains(stderr.String(), tc.want) {
				t.Errorf("exit code %d, %s", code, &stderr)
			}
		})
	}
}

func TestHelpListsEveryFlag(t *testing.T) {
	t.Parallel()
	var stdout strings.Builder
	if code := runBlog(t.Context(), []string{"--help"}, environment(), &stdout, io.Discard); code != 0 {
		t.Errorf("exit code %d", code)
	}
	flags(&config{}).VisitAll(func(f *flag.Flag) {
		for _, want := range []string{"--" + f.Name + " ", variable(f.Name) + " "} {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%q is missing", want)
			}
		}
	})
	for _, want := range []string{"127.0.0.1:8080", "sqlite:coppice.db", "DATABASE_URL", "1MiB", "16MiB", "10s", "20000", "loopback"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &stdout)
		}
	}
	if _, err := configure([]string{"-h"}, environment()); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: %v", err)
	}
}

func TestSizesPrintAsTheyAreRead(t *testing.T) {
	t.Parallel()
	for text, n := range map[string]int{"1": 1, "1023": 1023, "1KiB": 1 << 10, "1536KiB": 1536 << 10, "2MiB": 2 << 20, "1GiB": 1 << 30} {
		var s size
		if err := s.Set(text); err != nil || int(s) != n || s.String() != text {
			t.Errorf("%s: %d %s %v", text, s, &s, err)
		}
	}
}
