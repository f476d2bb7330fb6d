//go:build postgres

package postgres_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"coppice/core/engine"
	"coppice/core/fault"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
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
