//go:build postgres

package postgres_test

import (
	"net/url"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
)

// refuse opens what must not be opened, and returns what is told of it.
func refuse(t *testing.T, cfg engine.Config) string {
	t.Helper()
	client, err := blog.Open(t.Context(), cfg)
	if err == nil {
		_ = client.Close()
		t.Fatalf("%+v was opened", cfg)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a password is told: %v", err)
	}
	return err.Error()
}

// A server without encryption is told as that where the URL asks for it, and what it lacks
// where the URL does not.
func TestAServerWithoutEncryptionIsTold(t *testing.T) {
	t.Parallel()
	lacks := strings.Replace(newCluster(t, 0).url(0), "coppice@", "coppice:s3cret@", 1) + "_lacks"
	for mode, want := range map[string]string{
		"require": "sslmode in the URL do not agree on encryption", "verify-full": "sslmode in the URL do not agree on encryption",
		"prefer": "createdb postgres_lacks", "allow": "createdb postgres_lacks", "disable": "createdb postgres_lacks",
	} {
		told := refuse(t, engine.Config{URL: lacks + "?sslmode=" + mode})
		if !strings.Contains(told, want) || strings.Contains(told, "createdb") != strings.Contains(want, "createdb") ||
			strings.Contains(told, "TLS") != strings.Contains(want, "encryption") || strings.Contains(told, "\n") {
			t.Errorf("%s: %s\nwant %s", mode, told, want)
		}
	}
}

// What the server does not take of a URL's parameters is told as one of the URL.
func TestAParameterThatTheServerRefusesIsTold(t *testing.T) {
	t.Parallel()
	base, err := url.Parse(enginetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	base.User = url.UserPassword(base.User.Username(), "s3cret")
	for parameter, want := range map[string]string{ // what each begins with is the server's, of any version
		"foo=bar":               `unrecognized configuration parameter "foo"`,
		"statement_timeout=abc": `invalid value for parameter "statement_timeout": "abc"`,
		"work_mem=1":            `1 kB is outside the valid range for parameter "work_mem"`,
	} {
		at := *base
		at.RawQuery = strings.TrimPrefix(base.RawQuery+"&"+parameter, "&")
		told := refuse(t, engine.Config{URL: at.String()})
		for _, w := range []string{want, ": what is no parameter of the driver in the URL is a setting of the server: correct it, or leave it out"} {
			if !strings.Contains(told, w) {
				t.Errorf("%s: %s\nwant %s", parameter, told, w)
			}
		}
	}
}

// With replicas a user needs a right that everybody has unless it is revoked: it is named.
func TestTheRightThatReplicasNeedIsNamed(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	admin(t, c.url(0), "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC", `CREATE ROLE "the api" LOGIN`, `GRANT CREATE ON SCHEMA public TO "the api"`)
	as := func(i int) string { return strings.Replace(c.url(i), "coppice@", "the%20api@", 1) }
	told := refuse(t, engine.Config{URL: as(0), Replicas: []string{as(1)}})
	if !strings.Contains(told, `GRANT EXECUTE ON FUNCTION pg_control_system() TO "the api"`) || strings.Contains(told, "CREATE on") {
		t.Error(told)
	}
	admin(t, c.url(0), `GRANT EXECUTE ON FUNCTION pg_control_system() TO "the api"`)
	client, err := blog.Open(t.Context(), engine.Config{URL: as(0), Replicas: []string{as(1)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}
