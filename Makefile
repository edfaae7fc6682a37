# make run    build everything and start the demo city
# make test   every test, on SQLite and PostgreSQL, and in a real browser
# make bench  figures of speed on SQLite and PostgreSQL, and of services beside other engines, into docs/benchmarks.md
#             (bench-large: with ten million cases; soak: half an hour each;
#             bench-peers: Request Tracker and Redmine, as root on Debian)
# make faults kills, full disks, wrong clocks and the like, into docs/faults.md (LONG=1: five times as many)
# make failover  leaders, standbys and nodes killed on several machines, all on loopback, into docs/growing.md
#             (as root on Debian; Patroni, etcd and nginx with the files of deploy/)
# make crawl  everybody at every door with hostile input, 20,000 requests on each engine (CRAWL=n, CRAWL_SEED=n)
# make build  bin/yiwang
# make sbom   what the program is made of, and the licences, into bin/sbom
# make release  bundles to install without a network, for amd64, arm64 and loong64, into bin/release
# make fuzz   every parser and door with inputs nobody thought of, counted in docs/fuzz.md

GO      ?= go
ADDR    ?= 127.0.0.1:8080
DATA    ?= data
export CGO_ENABLED = 0

.PHONY: run build test check bench bench-large bench-peers soak faults failover fuzz crawl sbom release clean
.DEFAULT_GOAL := build

WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/test-results/*' -not -name .built 2>/dev/null)

run: build
	bin/yiwang serve --data $(DATA) --addr $(ADDR) --life

# The Go packages compile while the web desk is being built; the last step links both,
# and says what is wrong: the first may meet a page that is just being replaced.
build: web/.built
	$(GO) build -o bin/yiwang ./cmd/yiwang

web/.built: $(WEB_SOURCES)
	@mkdir -p bin
	@$(GO) build -o bin/yiwang ./cmd/yiwang 2>/dev/null & compile=$$!; \
	  script/web build && { wait $$compile || true; }
	@touch $@

test:
	script/test

check:
	script/check

bench: build
	script/bench

bench-large: build
	script/bench large

soak: build
	script/bench soak

bench-peers: build
	bench/peers/run

fuzz:
	script/fuzz

crawl:
	script/crawl

sbom:
	script/sbom

release: web/.built
	script/release

faults: build
	script/faults $(if $(LONG),--long)

failover: build
	script/failover $(if $(LONG),-long)

clean:
	rm -rf bin web/.built web/node_modules e2e/node_modules
