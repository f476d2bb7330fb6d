package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed is the map of ARCHITECTURE.md: which of the project's packages each
// package may import, tests left out. A name that ends in / stands for all
// below it.
var allowed = map[string][]string{
	"coppice/cmd/generate":                  {"coppice/core/codegen"},
	"coppice/cmd/seed":                      {"coppice/core/internal/fixture/blog/ent", "coppice/core/seed", "coppice/internal/", "coppice/core/"},
	"coppice/cmd/server":                    {"coppice/graph", "coppice/internal/", "coppice/core/fault"},
	"coppice/graph":                         {"coppice/core/record", "coppice/core/internal/fixture/blog/ent", "coppice/core/internal/fixture/blog/ent/", "coppice/graph/model", "coppice/core/scalar", "coppice/core/fault", "coppice/core/model", "coppice/core/internal/query", "coppice/core/internal/statement"},
	"coppice/graph/model":                   {"coppice/core/internal/fixture/blog/ent", "coppice/core/internal/fixture/blog/ent/", "coppice/core/scalar"},
	"coppice/core/scalar":                   {"coppice/core/fault", "coppice/core/model"},
	"coppice/core/seed":                     {"coppice/core/record", "coppice/core/internal/fake", "coppice/core/fault", "coppice/core/internal/index", "coppice/core/model", "coppice/core/internal/mutation", "coppice/core/internal/statement"},
	"coppice/core/engine":                   {"coppice/core/internal/fixture/blog/ent", "coppice/core/internal/fixture/blog/ent/", "coppice/core/fault", "coppice/core/internal/index", "coppice/core/model", "coppice/core/internal/statement"},
	"coppice/core/internal/query":           {"coppice/core/record", "coppice/core/fault", "coppice/core/internal/index", "coppice/core/model", "coppice/core/internal/mutation", "coppice/core/internal/scope", "coppice/core/internal/statement"},
	"coppice/core/internal/mutation":        {"coppice/core/record", "coppice/core/fault", "coppice/core/internal/index", "coppice/core/model", "coppice/core/internal/scope"},
	"coppice/core/internal/scope":           {"coppice/core/record", "coppice/core/fault", "coppice/core/model"},
	"coppice/core/internal/index":           {"coppice/core/internal/fixture/blog/ent/"},
	"coppice/core/internal/index/indextest": {"coppice/core/internal/fixture/blog/ent", "coppice/internal/"},
	"coppice/core/internal/fake":            {"coppice/core/record", "coppice/core/model"},
	"coppice/core/model":                    {"coppice/core/fault"},
	"coppice/core/codegen":                  {"coppice/core/model"},
	"coppice/core/internal/statement":       {},
	"coppice/core/fault":                    {},
	"coppice/core/record":                   {"coppice/core/model"},
	"coppice/core/conformance":              {},
	"coppice/core/internal/house":           {},
	"coppice/test/bench":                    {"coppice/core/internal/fixture/blog/ent", "coppice/core/internal/fixture/blog/ent/", "coppice/graph", "coppice/core/engine"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "coppice/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []listed
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		may, known := allowed[p.ImportPath]
		switch {
		case strings.HasPrefix(p.ImportPath, "coppice/core/internal/fixture/blog/ent/") || p.ImportPath == "coppice/core/internal/fixture/blog/ent":
			may = []string{"coppice/core/internal/fixture/blog/ent", "coppice/core/internal/fixture/blog/ent/", "coppice/core/record", "coppice/core/model", "coppice/core/fault"}
		case !known:
			t.Errorf("%s is not on the map: add it here and to ARCHITECTURE.md", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if (strings.HasPrefix(imported, "coppice/") || imported == "coppice") && !slices.ContainsFunc(may, func(m string) bool {
				return imported == m || strings.HasSuffix(m, "/") && strings.HasPrefix(imported, m)
			}) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

func TestOnlyTheConstructorImportsADriver(t *testing.T) {
	t.Parallel()
	// The handler that the benchmark measures against is written as if there
	// were no Coppice.
	may := map[string]bool{"coppice/core/engine": true, "coppice/test/bench": true}
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for _, driver := range []string{"modernc.org/sqlite", "github.com/jackc/pgx", "github.com/go-sql-driver/mysql", "github.com/lib/pq"} {
				if strings.HasPrefix(imported, driver) && !may[p.ImportPath] {
					t.Errorf("%s imports the driver %s", p.ImportPath, imported)
				}
			}
		}
	}
}
