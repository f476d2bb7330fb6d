//go:build postgres

package postgres_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/fault"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/server"
)

// database is a fresh one, with what CREATE DATABASE and ALTER DATABASE are to say.
func database(t *testing.T, create, alter string) string {
	t.Helper()
	base := enginetest.Postgres(t)
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	if create != "" {
		name += "_other"
		u.Path = "/" + name
		admin(t, base, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" "+create)
		t.Cleanup(func() { admin(t, base, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)") })
	}
	if alter != "" {
		admin(t, base, "ALTER DATABASE "+pgx.Identifier{name}.Sanitize()+" SET "+alter)
	}
	return u.String()
}

// A database on which texts or foreign keys would not be what they are elsewhere is
// refused, as is one that may only be read, with the way out.
func TestADatabaseThatWouldAnswerOtherwiseIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ create, alter, want string }{
		"no encoding":      {"TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'", "", "its encoding is SQL_ASCII"},
		"another encoding": {"TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", "", "its encoding is LATIN1"},
		"keys not kept":    {"", "session_replication_role = replica", "RESET session_replication_role"},
		"only to be read":  {"", "default_transaction_read_only = on", "name the server that is written to"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := blog.Open(t.Context(), engine.Config{URL: database(t, c.create, c.alter)})
			if err == nil {
				_ = client.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// What others have in a database, under a name that the schemas' tables want, is left as it is,
// and told with the way out.
func TestNamesThatOthersHaveAreTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ made, want string }{
		"view":        {"CREATE VIEW posts AS SELECT 1 AS id", `search_path in the URL: ERROR: relation "posts" already exists`},
		"sequence":    {"CREATE SEQUENCE posts", `search_path in the URL: ERROR: relation "posts" already exists`},
		"index":       {"CREATE TABLE others (id int); CREATE INDEX users_username_key ON others (id)", `search_path in the URL: ERROR: relation "users_username_key" already exists`},
		"domain":      {"CREATE DOMAIN tags AS text", `search_path in the URL: ERROR: type "tags" already exists`},
		"partitioned": {"CREATE TABLE posts (id bigint, slug text) PARTITION BY RANGE (id)", `it was not made ready: partition key cannot be dropped from "posts"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := enginetest.Postgres(t)
			admin(t, at, c.made)
			client, err := blog.Open(t.Context(), engine.Config{URL: at})
			if err == nil {
				_ = client.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Error(err)
			}
		})
	}
}

// What the owner of a database, or its URL, sets for programs of their own changes no
// text on its way in.
func TestTextsAreStoredAsUTF8WhateverIsSet(t *testing.T) {
	t.Parallel()
	at := database(t, "", "client_encoding = 'LATIN1'")
	for name, in := range map[string]string{"ada": at, "bea": at + "?Client_Encoding=LATIN1&DateStyle=German&standard_conforming_strings=off"} {
		ask := serve(t, open(t, in))
		if res := ask(`mutation { createUser(input: {username: "` + name + `", email: "` + name + `@x.org", name: "Zoë"}) { name } }`); res != `{"data":{"createUser":{"name":"Zoë"}}}` {
			t.Error(res)
		}
	}
	conn, err := pgx.Connect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM users WHERE char_length(name) = 3").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d names of 2 have three letters: %v", n, err)
	}
}

// The server ends a transaction that rests for longer than the database lets it: that
// it is away for the moment, not that we failed.
func TestAConnectionThatTheServerEndsIsNoFailureOfOurs(t *testing.T) {
	t.Parallel()
	d, err := engine.Open(t.Context(), ent.Coppice(), engine.Config{URL: database(t, "", "")})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	tx, err := d.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // it has ended
	if err := tx.Exec(t.Context(), "SET LOCAL idle_in_transaction_session_timeout = 1", []any{}, nil); err != nil {
		t.Fatal(err)
	}
	const ended = "DO $$ BEGIN WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction') LOOP PERFORM pg_stat_clear_snapshot(); END LOOP; END $$"
	if err := d.Exec(t.Context(), ended, []any{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := tx.Exec(t.Context(), "SELECT 1", []any{}, nil); !errors.As(err, new(*fault.Unreachable)) {
		t.Errorf("%T: %[1]v", err)
	}
}

// A replica of something else is told of at the start.
func TestAReplicaOfAnotherDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	admin(t, c.url(0), "CREATE DATABASE elsewhere", "CREATE SCHEMA elsewhere")
	c.catchUp(1)
	other := newCluster(t, 1)
	for name, replica := range map[string]string{
		"database": strings.TrimSuffix(c.url(1), "/postgres") + "/elsewhere",
		"schema":   c.url(1) + "?search_path=elsewhere",
		"server":   other.url(1),
	} {
		client, err := blog.Open(t.Context(), engine.Config{URL: c.url(0), Replicas: []string{replica}})
		if err == nil {
			_ = client.Close()
			t.Errorf("%s: it was opened", name)
		} else if !strings.Contains(err.Error(), "correct its URL") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// as is the URL of a database for a user of the test's own, which may open it and has what rights the
// statements give; %s in them is the user's name.
func as(t *testing.T, at string, statements ...string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	user := strings.TrimPrefix(u.Path, "/") + "_user"
	name := pgx.Identifier{user}.Sanitize()
	admin(t, at, "CREATE ROLE "+name+" LOGIN PASSWORD 'rights'")
	t.Cleanup(func() { admin(t, at, "DROP OWNED BY "+name, "DROP ROLE "+name) })
	for _, s := range statements {
		admin(t, at, strings.ReplaceAll(s, "%s", name))
	}
	u.User = url.UserPassword(user, "rights")
	return u.String()
}

// A right that the server's user lacks is for its owner: the log names it, and the way out.
func TestALackOfRightsIsLogged(t *testing.T) {
	t.Parallel()
	at := enginetest.Postgres(t)
	open(t, at).User.Create().SetUsername("ada").SetEmail("a@x.org").SetName("x").SaveX(t.Context())
	client, err := blog.Open(t.Context(), engine.Config{URL: as(t, at, "GRANT SELECT ON users, tags TO %s"), Migrate: migrate.Off})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	var log bytes.Buffer
	opts := server.Defaults()
	opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
	h, err := server.New(blog.API(client), opts)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t, h}
	if res, _ := n.ask(`{ users { totalCount } }`); res != `{"data":{"users":{"totalCount":1}}}` {
		t.Error(res)
	}
	for query, table := range map[string]string{
		`{ posts { totalCount } }`:                              "posts",
		`mutation { createTag(input: {name: "a"}) { id } }`:     "tags",
		`mutation { createTags(inputs: [{name: "a"}]) { id } }`: "tags",
		`{ users { edges { node { posts { totalCount } } } } }`: "posts",
		`mutation { deleteUsers(where: {nameHasPrefix: "x"}) }`: "users",
		`{ users(where: {hasPosts: true}) { totalCount } }`:     "posts",
	} {
		log.Reset()
		res, _ := n.ask(query)
		if !strings.Contains(res, `"code":"INTERNAL"`) || !strings.Contains(res, "requestId") || strings.Contains(res, "permission denied") {
			t.Errorf("%s: %s", query, res)
		}
		if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "permission denied for table "+table) || !strings.Contains(log.String(), "GRANT") {
			t.Errorf("%s: the log: %s", query, log.String())
		}
	}
}

// A server whose user may have no more connections than its pool holds is ready as long
// as it answers.
func TestAServerThatHasAllConnectionsItMayHaveIsReady(t *testing.T) {
	t.Parallel()
	at := enginetest.Postgres(t)
	_ = open(t, at)
	user := as(t, at, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO %s", "ALTER ROLE %s CONNECTION LIMIT 1")
	client, err := blog.Open(t.Context(), engine.Config{URL: user, Migrate: migrate.Off})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	h := newHandler(t, client)
	for _, path := range []string{"/readyz", "/readyz"} {
		if res, _ := (&node{t, h}).ask(`{ users { totalCount } }`); res != `{"data":{"users":{"totalCount":0}}}` {
			t.Error(res)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
