# What the README's first two code blocks say: `make run` and `make test`.

.PHONY: run seed test test-postgres lint generate fuzz fuzz-long scale bench clean

run: ## builds the pages where npm is, seeds coppice.db, and serves it at http://127.0.0.1:8080
	-@go run ./cmd/pages
	go run ./cmd/seed --quiet
	go run ./cmd/server

seed: ## loads the embedded data set into coppice.db
	go run ./cmd/seed

# What needs Node runs where its modules are: the audit, other people's clients, and
# the pages, which need a Chromium as well.
modules = $(wildcard core/server/$(1)/node_modules)
chromium := $(wildcard $(addprefix /usr/bin/,chromium chromium-headless-shell google-chrome))
there := $(if $(call modules,audit),audit) $(if $(call modules,clients),clients) $(if $(chromium),$(if $(call modules,web),pages))
comma := ,
empty :=
space := $(empty) $(empty)
NODE ?= $(subst $(space),$(comma),$(strip $(there)))

# SQLite itself, which modernc.org/sqlite/lib has as Go, is not watched by the race
# detector: its memory lies outside Go's heap, where the detector does not look, and
# its own variables are locked by itself. To ask at each access costs more than all
# else that the tests do. Our code, ent, and the driver around it are watched.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false

# These take minutes, and run in `make scale`.
DEAR := AnotherDomain|TheSchemaChangesOverTime|MendsWhatIsBroken

# What draws much at random is drawn less often under the race detector, and as
# often as it is meant to be without. What takes minutes and asks again what other tests
# ask, of more schemas, pages or engines, is left to `make scale`.
test: ## every check; those that need Node only where the folders of core/server have their modules
	go vet ./...
	go test $(RACE) -short -skip '$(DEAR)' -timeout 15m ./...
	go test -timeout 15m -run 'Random|Statistics|RequestsDo|HiddenRecordsAre|FullPaging' ./core/engine/sqlite ./core/internal/mutation ./core/internal/query
	$(if $(NODE),go vet -tags=$(NODE) ./core/server ./cmd/server ./core/migrator/internal/apidiff)
	$(if $(NODE),go test -short -timeout 15m -tags=$(NODE) -run '$(NODE_TESTS)' ./core/server ./cmd/server ./core/migrator/internal/apidiff)
	$(if $(TEST_POSTGRES_URL),$(MAKE) test-postgres EXERCISE="./core/internal/query ./core/internal/mutation")

# The tests that ask what each engine has to do; on SQLite they run with the others.
EXERCISE := ./core/internal/query ./core/internal/mutation ./core/seed/... ./core/seeder ./core/conformance ./core/engine ./core/migrator

# What is asked behind PgBouncer is, where that is installed.
POSTGRES := postgres$(if $(shell command -v pgbouncer),$(comma)pgbouncer)

test-postgres: ## the same on the PostgreSQL server that TEST_POSTGRES_URL names, whose user may create databases
	go vet -tags=$(POSTGRES) ./core/engine/postgres
	go test $(RACE) -short -timeout 15m -tags=$(POSTGRES) ./core/engine/postgres
	TEST_ENGINE=postgres go test -short -timeout 15m -tags=$(POSTGRES) $(EXERCISE)
	TEST_ENGINE=postgres go test -short -timeout 15m -run Migrat ./core/server

NODE_TESTS := Audit|SchemaFile|Clients|InABrowser

lint: ## formatting, vet and the linters of .golangci.yml
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	go vet ./...
	$(GOLANGCI) run ./...

# The version is pinned here and nowhere else.
GOLANGCI ?= go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

generate: ## regenerates what the schemas in ent/schema grow
	go generate ./...

fuzz: ## each fuzz target for ten seconds
	for f in core/server:FuzzRequest core/server:FuzzDocument core/engine/sqlite:FuzzMask core/engine/sqlite:FuzzRoute core/engine/sqlite:FuzzParseInsert core/internal/query:FuzzCursor \
		core/seed:FuzzYAML core/seed:FuzzJSON core/seed:FuzzLines core/seed:FuzzCSV; do \
		go test ./$${f%:*} -run '^$$' -fuzz "^$${f#*:}$$" -fuzztime 10s || exit 1; done

fuzz-long: ## 20,000 random operations against the plain executor of core/internal/query's tests; 1,000 random edits of schemas, and 500 as files
	COPPICE_SCALE=1 go test ./core/internal/query -run TestDifferential -count=1 -timeout 30m
	COPPICE_SCALE=1 go test ./core/engine/sqlite -run TestRandomSchemaEdits -count=1 -timeout 30m
	COPPICE_SCALE=1 go test ./core/migrator -run TestRandomEditsThroughFiles -count=1 -timeout 30m

scale: ## what is too slow for every test run, at full size: every schema that drops in, another domain in all of this, every page in a browser, the seeder on PostgreSQL, a hundred entities, fifty kills, 200,000 records beside a server
	COPPICE_SCALE=$(SCALE) go test ./core/codegen -run TestManyEntities -count=1 -timeout 15m -v
	go test ./core/codegen -run 'AnySchemaDropsIn|AnotherDomain|ChangesOverTime|MendsWhatIsBroken|AreRefused|AreExecutedOrRefused' -count=1 -timeout 15m
	go test ./core/migrator ./core/engine -count=1 -timeout 15m
	$(if $(findstring pages,$(NODE)),go test -timeout 30m -tags=$(NODE) -run InABrowser ./core/server ./cmd/server)
	$(if $(TEST_POSTGRES_URL),go test -timeout 30m -tags=$(POSTGRES) -run 'Crash|Replica|OneMakes' ./core/engine/postgres)
	$(if $(TEST_POSTGRES_URL),TEST_ENGINE=postgres go test -short -timeout 30m -tags=$(POSTGRES) ./core/seed/... ./core/seeder ./core/conformance ./core/migrator)
	COPPICE_SCALE=$(SCALE) go test ./core/seeder ./core/internal/house -run 'TestKilled|TestServerBesideLoad|StartTogether' -count=1 -timeout 30m
	$(if $(TEST_POSTGRES_URL),TEST_ENGINE=postgres COPPICE_SCALE=$(SCALE) go test ./core/internal/house -run StartTogether -count=1 -timeout 30m)
	$(if $(TEST_POSTGRES_URL),TEST_ENGINE=postgres go test ./core/migrator -run TestKilled -count=1 -timeout 30m)

# With SCALE=most, a hundred entities only, without the smaller numbers.
SCALE ?= all

bench: ## Coppice against a handler written by hand, in one run; the tables go into ARCHITECTURE.md, PostgreSQL's where TEST_POSTGRES_URL names a server
	go build -o bin/bench ./core/internal/bench
	bin/bench -write ARCHITECTURE.md
	$(if $(TEST_POSTGRES_URL),bin/bench -postgres "$$TEST_POSTGRES_URL" -write ARCHITECTURE.md $(if $(wildcard $(PEERS)/node_modules),-peers $(PEERS)))

# What is measured against on PostgreSQL, once npm ci has run there; not in CI.
PEERS = core/internal/bench/peers

clean:
	rm -f coppice.db coppice.db-wal coppice.db-shm
