# What the README's first two code blocks say: `make run` and `make test`.

.PHONY: run seed test test-node test-postgres test-versions lint generate fuzz fuzz-long scale bench clean

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

# SQLite itself, which modernc.org has as Go, and what stands for C's library below it, are
# not watched by the race detector: their memory lies outside Go's heap, where the
# detector does not look, and their own variables are locked by themselves. To ask at each
# access costs more than all else that the tests do. Our code, ent, and the driver around
# SQLite are watched.
RACE := -race $(foreach c,sqlite/lib libc/... memory,-gcflags=modernc.org/$(c)=-race=false)

# What makes and compiles whole projects, or takes long in one goroutine or in processes of
# its own, where the race detector has nothing to find: `make scale` runs it.
DEAR := AnotherDomain|ChangesOverTime|GeneratingMends|DropsIn|UseWhatIsGenerated|GrowsAndShrinks|UsersAreAtHome|ComeToAFile|ExecutedOrRefused|SeedingAfterARename|NewProjectWorks|ServiceBuilds|LostItsLease|LeaseOfAKilled|ProcessesOpenANewFile|ReadersAreBounded|StatisticsChangeNoWrite|FewConstants|RandomEditsThroughFiles|RandomRenames|AnEditBecomesAFile|TestKilled|TestBlog$$

# What draws much at random is drawn less often under the race detector, and as often as
# it is meant to be by `make scale`, as is what asks again, of more schemas, pages or
# engines, what these ask.
test: ## every check that needs neither Node nor minutes; where TEST_POSTGRES_URL names a server, on PostgreSQL too
	go test $(RACE) -short -skip '$(DEAR)' -timeout 15m ./...
	$(if $(TEST_POSTGRES_URL),$(MAKE) test-postgres EXERCISE="./core/internal/query ./core/internal/mutation")

test-node: ## the checks that need Node, where the folders of core/server have their modules
	$(if $(NODE),go test -short -timeout 15m -tags=$(NODE) -run '$(NODE_TESTS)' ./core/server ./cmd/server ./core/migrator/internal/apidiff)

# The tests that ask what each engine has to do; on SQLite they run with the others.
EXERCISE := ./core/internal/query ./core/internal/mutation ./core/seed/... ./core/seeder ./core/conformance ./core/engine ./core/migrator

# What is asked behind PgBouncer is, where that is installed.
POSTGRES := postgres$(if $(shell command -v pgbouncer),$(comma)pgbouncer)

test-postgres: ## the same on the PostgreSQL server that TEST_POSTGRES_URL names, whose user may create databases
	go test $(RACE) -short -timeout 15m -tags=$(POSTGRES) ./core/engine/postgres
	TEST_ENGINE=postgres go test -short -skip '$(DEAR)' -timeout 15m -tags=$(POSTGRES) $(EXERCISE)

# The oldest version of PostgreSQL that is served, and the newest, as npm has them.
VERSIONS := 14.23.0-beta.17 18.4.0-beta.17

test-versions: ## the engine, the queries and the mutations on each of them, which it fetches and starts
	for version in $(VERSIONS); do bash -ec "server=\$$(bash .ci/postgres $$version); eval \"\$$server\"; \
		$(MAKE) test-postgres RACE= EXERCISE='./core/internal/query ./core/internal/mutation'" || exit 1; done

NODE_TESTS := Audit|SchemaFile|Clients|InABrowser

lint: ## formatting, vet and the linters of .golangci.yml
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	go vet ./...
	go vet -tags=postgres,pgbouncer ./core/engine/postgres
	go vet -tags=audit,clients,pages ./core/server ./cmd/server ./core/migrator/internal/apidiff
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

scale: ## what is too slow for every test run, at full size: every schema that drops in, projects that are made and compiled, another domain in all of this, every page in a browser, the seeder on PostgreSQL, a hundred entities, fifty kills, 200,000 records beside a server
	COPPICE_SCALE=$(SCALE) go test ./core/codegen -run TestManyEntities -count=1 -timeout 15m -v
	go test ./core/codegen -skip ManyEntities -count=1 -timeout 20m
	go test ./core/migrator ./core/engine ./core/seed/internal/file ./core/conformance ./cmd/new -count=1 -timeout 15m
	go test ./core/engine/sqlite ./core/internal/mutation ./core/internal/query -run 'Random|Statistics|RequestsDo|HiddenRecordsAre|FullPaging|FewConstants|ProcessesOpenANewFile' -count=1 -timeout 15m
	$(if $(findstring pages,$(NODE)),go test -timeout 30m -tags=$(NODE) -run InABrowser ./core/server ./cmd/server)
	$(if $(TEST_POSTGRES_URL),go test -timeout 30m -tags=$(POSTGRES) -run 'Crash|Replica|OneMakes' ./core/engine/postgres)
	$(if $(TEST_POSTGRES_URL),TEST_ENGINE=postgres go test -short -timeout 30m -tags=$(POSTGRES) ./core/seed/... ./core/seeder ./core/conformance ./core/migrator)
	$(if $(TEST_POSTGRES_URL),TEST_ENGINE=postgres go test -short -timeout 15m -run Migrat ./core/server)
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
