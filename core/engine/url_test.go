package engine

import (
	"errors"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

func TestURLThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][]string{
		"":                                         {"empty", "sqlite:FILE"},
		"  ":                                       {"empty"},
		"coppice.db":                               {"no scheme", "sqlite:coppice.db"},
		"/abs/coppice.db":                          {"no scheme", "sqlite:/abs/coppice.db"},
		"sqlite:":                                  {"names no file"},
		"sqlite:?newer=allow":                      {"names no file"},
		"sqlite:///coppice.db":                     {"ambiguous", "without //"},
		"sqlite:x.db?mode=ro":                      {`"mode" is unknown`, "synchronous, newer and loss"},
		"sqlite:x.db?synchronous=off":              {`synchronous is "off"`, "normal and full"},
		"sqlite:x.db?newer=yes":                    {`newer is "yes"`, "allow and refuse"},
		"sqlite::memory:?x=%zz":                    {"parameters of sqlite::memory:"},
		"postgres:":                                {"names no database", "postgres://USER@HOST:PORT/DATABASE"},
		"postgres://u:secret@host":                 {"names no database"},
		"postgres://u:se:cr%et@host:5432/db":       {"cannot be read", "postgres://USER:PASSWORD@HOST:PORT/DATABASE"},
		"host=h password=secret user=u":            {"no scheme", "postgres://USER@HOST:PORT/DATABASE"},
		"postgres://u:se@secret@127.0.0.1:1/db":    {"host, port or password cannot be read", "% and two digits"},
		"postgres://u:secret@host:port/db":         {"host, port or password cannot be read"},
		"postgresql://u:secret@h/d?sslmode=why":    {"parameters cannot be used", `sslmode is "why"`, "verify-ca, verify-full"},
		"postgres://u:secret@h/d?pool_max_conns=x": {"parameters cannot be used", `pool_max_conns is "x"`, "a whole number from 1"},
		"postgres://u:secret@h/d?pool_max_conns=0": {`pool_max_conns is "0"`, "a whole number from 1"},
		"postgres://u:secret@h/d?pool_min_conns=99999999999":                                  {`pool_min_conns is "99999999999"`, "from 0 to 2147483647"},
		"postgres://u:secret@h:99999/d":                                                       {"port", "from 1 to 65535"},
		"postgres://u:secret@h:0/d":                                                           {"port", "from 1 to 65535"},
		"postgres://u:secret@h/d?port=x":                                                      {"port", "from 1 to 65535"},
		"postgres://u:secret@h/d?target_session_attrs=whatever":                               {`target_session_attrs is "whatever"`, "any, read-write, read-only"},
		"postgres://u:secret@h/d?connect_timeout=abc":                                         {`connect_timeout is "abc"`, "seconds"},
		"postgres://u:secret@h/d?connect_timeout=-1":                                          {`connect_timeout is "-1"`, "seconds"},
		"postgres://u:secret@h/d?default_query_exec_mode=foo":                                 {`default_query_exec_mode is "foo"`, "cache_describe"},
		"postgres://u:secret@h/d?statement_cache_capacity=many":                               {`statement_cache_capacity is "many"`, "a whole number"},
		"postgres://u:secret@h/d?pool_health_check_period=0s":                                 {`pool_health_check_period is "0s"`, "30s"},
		"postgres://u:secret@h/d?pool_max_conn_lifetime=1":                                    {`pool_max_conn_lifetime is "1"`, "30s"},
		"postgres://u:secret@h/d?channel_binding=no":                                          {`channel_binding is "no"`, "disable, prefer, require"},
		"postgres://u:secret@h/d?sslcertmode=no":                                              {`sslcertmode is "no"`, "disable, allow, require"},
		"postgres://u:secret@h/d?min_protocol_version=4":                                      {`min_protocol_version is "4"`, "3.0, 3.2, latest"},
		"postgres://u:secret@h/d?min_protocol_version=3.2&max_protocol_version=3.0":           {"parameters cannot be used"},
		"postgres://u:secret@h/d?sslmode=" + strings.Repeat("x", 200) + "&sslpassword=secret": {`sslmode is "` + strings.Repeat("x", 99) + `…"`},
		"mysql://u:secret@host:3306/db":                                                       {"mysql is not supported yet"},
		"mariadb://u:secret@host/db":                                                          {"mariadb is not supported yet"},
		"mongodb://u:secret@host/db":                                                          {`scheme "mongodb" is unknown`, "sqlite:FILE", "sqlite::memory:"},
		"C:\\data\\coppice.db?a=secret":                                                       {`scheme "C" is unknown`},
	} {
		d, err := Open(t.Context(), ent.Coppice(), Config{URL: url})
		if err == nil {
			_ = d.Close()
			t.Errorf("%q was opened", url)
			continue
		}
		if !errors.Is(err, ErrURL) {
			t.Errorf("%q: %v is not an ErrURL", url, err)
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: %q lacks %q", url, err, part)
			}
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %q shows a password", url, err)
		}
	}
}
