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

// library is the map of the library in ARCHITECTURE.md: which of its packages, all
// below coppice/core, each of them may import, tests left out. A name that ends
// in / stands for all below it.
var library = map[string][]string{
	"server":               {"engine", "engine/migrate", "fault", "internal/dialect", "internal/query", "internal/sdl", "internal/statement", "model", "pages", "record"},
	"server/web":           {},
	"pages":                {"server/web"},
	"seeder":               {"engine", "engine/migrate", "fault", "internal/retry", "record", "seed"},
	"migrator":             {"engine", "engine/migrate", "engine/revision", "internal/sdl", "migrator/internal/apidiff", "record"},
	"seed":                 {"fault", "internal/mutation", "model", "record", "seed/internal/"},
	"engine":               {"engine/migrate", "engine/postgres", "engine/revision", "engine/sqlite", "engine/sqlite/dbfile", "internal/dialect", "internal/sdl", "record"},
	"engine/postgres":      {"engine/migrate", "engine/revision", "fault", "internal/lane", "internal/lexer", "internal/statement", "record"},
	"engine/sqlite":        {"engine/migrate", "engine/revision", "engine/sqlite/dbfile", "fault", "internal/index", "internal/lexer", "internal/statement", "record"},
	"engine/sqlite/dbfile": {},
	"engine/migrate":       {"fault", "internal/lexer", "model", "record"},
	"engine/revision":      {"internal/lexer"},
	"codegen":              {"codegen/internal/", "model"},
	"evolve":               {},
	"conformance":          {"engine", "fault", "internal/enginetest", "internal/fake", "internal/mutation", "internal/scope", "model", "record", "seed", "server"},
	"model":                {"fault"},
	"record":               {"internal/index", "model"},
	"scalar":               {"fault", "model"},
	"fault":                {},
	"internal/query":       {"fault", "internal/dialect", "internal/index", "internal/mutation", "internal/retry", "internal/scope", "internal/statement", "model", "record"},
	"internal/mutation":    {"fault", "internal/dialect", "internal/index", "internal/scope", "model", "record"},
	"internal/scope":       {"fault", "model", "record"},
	"internal/fake":        {"model", "record"},
	"internal/index":       {"internal/dialect"},
	"internal/statement":   {"internal/lexer"},
	"internal/lexer":       {},
	"internal/retry":       {"fault"},
	"internal/lane":        {},
	"internal/dialect":     {"model"},
	"internal/sdl":         {"internal/dialect"},
	"internal/house":       {},

	// The rooms of the migrator.
	"migrator/internal/apidiff":  {},
	"codegen/internal/evolution": {"evolve"},

	// The rooms of the seeder, below the loader.
	"seed/internal/file":     {"model"},
	"seed/internal/store":    {"internal/dialect", "record"},
	"seed/internal/relation": {"model"},
	"seed/internal/dump":     {"internal/mutation", "model", "record", "seed/internal/file", "seed/internal/ledger", "seed/internal/relation", "seed/internal/store"},
	"seed/internal/crowd":    {"internal/fake", "internal/mutation", "model", "record", "seed/internal/file", "seed/internal/relation", "seed/internal/store"},
	"seed/internal/seedtest": {"model"},
	"seed/internal/ledger":   {"fault", "internal/dialect", "internal/mutation", "internal/retry", "model", "record", "seed/internal/store"},

	// For the library's own tests and figures, on the schemas of a fixture.
	"internal/index/indextest": {"engine", "internal/"},
	"internal/enginetest":      {},
	"internal/bench":           {"engine", "internal/fixture/", "internal/statement", "record", "server"},
}

// application is the map of an application, here and in each fixture.
var application = map[string][]string{
	"cmd/db":            {"core/migrator", "ent", "graph", "migrations"},
	"cmd/generate":      {"core/codegen"},
	"cmd/new":           {""},
	"cmd/pages":         {"core/pages"},
	"cmd/seed":          {"core/seeder", "ent", "internal/database", "seed"},
	"cmd/server":        {"core/record", "core/server", "ent", "graph", "internal/database"},
	"graph":             {"core/record", "core/fault", "core/scalar", "ent", "ent/", "graph/model"},
	"graph/model":       {"core/scalar", "ent", "ent/"},
	"internal/database": {"core/engine", "ent", "ent/", "migrations"},
	"migrations":        {},
	"seed":              {},
	"":                  {},
}

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "coppice/...").Output()
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

const (
	root    = "coppice"
	core    = root + "/core/"
	fixture = core + "internal/fixture/"
)

// mapOf is what a package may import of the project, by import path.
func mapOf(path string) (may []string, known bool) {
	at, rooms, base := strings.TrimPrefix(strings.TrimPrefix(path, root), "/"), application, root+"/"
	switch {
	case strings.HasPrefix(path, fixture):
		name, below, _ := strings.Cut(strings.TrimPrefix(path, fixture), "/")
		if at, base = below, fixture+name+"/"; below == "" { // a fixture's constructor
			return []string{core + "engine", core + "record", base + "ent", base + "ent/", base + "graph", base + "seed"}, true
		}
		if strings.HasPrefix(below, "cmd/") {
			return []string{core, fixture + name, base}, true
		}
	case strings.HasPrefix(path, core):
		at, rooms, base = strings.TrimPrefix(path, core), library, core
	}
	if at == "ent" || strings.HasPrefix(at, "ent/") {
		return []string{base + "ent", base + "ent/", core + "record", core + "model", core + "fault"}, true
	}
	names, known := rooms[at]
	for _, name := range names {
		switch {
		case name == "":
			may = append(may, root)
		case strings.HasPrefix(name, "core/"):
			may = append(may, root+"/"+name)
		default:
			may = append(may, base+name)
		}
	}
	return may, known
}

// ofProject reports a package that whoever has the application has added to it: it is
// on no map.
func ofProject(path string) bool {
	_, known := mapOf(path)
	return !known && strings.HasPrefix(path, root+"/") && !strings.HasPrefix(path, core)
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		may, known := mapOf(p.ImportPath)
		switch {
		case ofProject(p.ImportPath):
			continue
		case !known:
			t.Errorf("%s is not on the map: add it here and to ARCHITECTURE.md", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if (strings.HasPrefix(imported, root+"/") || imported == root) && !ofProject(imported) && !slices.ContainsFunc(may, func(m string) bool {
				return imported == m || strings.HasSuffix(m, "/") && strings.HasPrefix(imported, m)
			}) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// The library's tests, too, know the application's schemas by no import: they stay
// green whatever these are.
func TestTheLibraryKnowsNoApplication(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.ImportPath, core) {
			continue
		}
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if (imported == root || strings.HasPrefix(imported, root+"/")) && !strings.HasPrefix(imported, core) {
				t.Errorf("%s, or a test of it, imports %s", p.ImportPath, imported)
			}
		}
	}
}

func TestOnlyTheConstructorImportsADriver(t *testing.T) {
	t.Parallel()
	// The handler that the benchmark measures against is written as if there
	// were no Coppice.
	may := map[string]bool{core + "engine/sqlite": true, core + "engine/postgres": true, core + "internal/bench": true, core + "internal/enginetest": true}
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
