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
		"postgresql://u:secret@h/d?sslmode=why":    {"parameters cannot be used", "sslmode"},
		"postgres://u:secret@h/d?pool_max_conns=x": {"parameters cannot be used"},
		"mysql://u:secret@host:3306/db":            {"mysql is not supported yet"},
		"mariadb://u:secret@host/db":               {"mariadb is not supported yet"},
		"mongodb://u:secret@host/db":               {`scheme "mongodb" is unknown`, "sqlite:FILE", "sqlite::memory:"},
		"C:\\data\\coppice.db?a=secret":            {`scheme "C" is unknown`},
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
