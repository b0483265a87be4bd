# Everything but the browser needs Go 1.26 and a C compiler (for the race detector), and nothing else: the tools come with Go's own module
# client, pinned in internal/tools.

SHELL := bash
GO_TOOL := go tool -modfile=internal/tools/go.mod

# The commit goes into the binary where git can tell it; whatever GOFLAGS says, for a binary without one cannot be traced.
VCS := $(shell git rev-parse --verify --quiet HEAD >/dev/null 2>&1 && echo true || echo false)

# What can be set: make fuzz FUZZTIME=5m, make bench COUNT=10.
FUZZTIME ?= 10s
COUNT ?= 6
BENCH_FILE ?= docs/bench/bench.txt
# The proofs that make prove leaves out; none, unless CI says so.
PROVE_SKIP ?=

# The packages that have a test function of that name, so that a target does not build the tests of all.
packages_with = grep -rlE --include='*_test.go' '^func $(1)[A-Z]' . | xargs -n 1 dirname | sort -u

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: needs-go ## build bin/weir
	go build -trimpath -buildvcs=$(VCS) -o bin/weir ./cmd/weir

.PHONY: demo
demo: build ## the scenario capacity: a ramp to 600,000 records a minute, a minute there, a spike to twice that
	bin/weir run capacity

.PHONY: test
test: needs-go needs-cc ## all tests, under the race detector
	go test -race -timeout 15m ./...

.PHONY: prove
prove: needs-go ## the long proofs: a year of records at full load, and the docs' slow commands
	WEIR_PROVE=1 go test -count=1 -v -p 1 -timeout 120m -run '^TestProve' -skip '$(PROVE_SKIP)' $$($(call packages_with,TestProve))

.PHONY: browser-tools
browser-tools: ## install what make test-browser needs: Chromium (as root, from Debian) and playwright-core
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends chromium; }
	npm ci --no-audit --no-fund --prefix report/browser

.PHONY: test-browser
test-browser: needs-go needs-browser ## the report in a real browser
	WEIR_BROWSER=1 go test -count=1 -v -run '^TestBrowser' ./report

.PHONY: interop-tools
interop-tools: ## install what make test-interop needs: Java 17, Maven and Python 3 with venv (as root, from Debian)
	@missing=; command -v javac >/dev/null || missing="$$missing openjdk-17-jdk-headless"; command -v mvn >/dev/null || missing="$$missing maven"; \
	  python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$$missing python3-venv"; \
	  if [ -n "$$missing" ]; then apt-get update -q && apt-get install -qy --no-install-recommends $$missing; fi

.PHONY: test-interop
test-interop: needs-go ## real clients against the embedded AWS: boto3, the AWS command line, KPL, KCL, Flink; a function in Lambda's emulator; and other servers beside it (downloads into .interop)
	go -C interop vet -tags peers ./...
	go -C interop test -count=1 -v -timeout 20m ./...

.PHONY: screenshots
screenshots: build needs-browser ## the docs' pictures, from a run whose stream is too small
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  { bin/weir run capacity --shards 4 --out "$$folder/run" >/dev/null || test $$? = 10; } && \
	  node report/browser/screenshots.js "$$folder/run/report.html" docs/img

.PHONY: lint lint-format lint-vet lint-fix lint-staticcheck lint-tidy lint-house
lint: lint-format lint-vet lint-fix lint-staticcheck lint-tidy lint-house ## formatting, vet, go fix, staticcheck, go mod tidy, the house's rules

lint-format: needs-go
	@unformatted=$$($(GO_TOOL) gofumpt -l .) && if [ -n "$$unformatted" ]; then printf 'make fmt would change:\n%s\n' "$$unformatted"; exit 1; fi

lint-vet: needs-go
	go vet ./...

lint-fix: needs-go
	go fix -diff ./...

lint-staticcheck: needs-go
	$(GO_TOOL) staticcheck ./...

lint-tidy: needs-go
	go mod tidy -diff
	go -C internal/tools mod tidy -diff
	go -C interop mod tidy -diff
	go -C interop/lambda mod tidy -diff

lint-house: needs-go
	go test -count=1 -run '^TestHouse' ./internal/house

.PHONY: fmt
fmt: needs-go ## format the code and apply what go fix advises
	$(GO_TOOL) gofumpt -w .
	go fix ./...

.PHONY: bench
bench: needs-go ## benchmarks into docs/bench, compared with the ones that git has
	@mkdir -p $(dir $(BENCH_FILE))
	set -o pipefail; go test -run '^$$' -bench . -benchmem -count $(COUNT) -p 1 -timeout 60m $$($(call packages_with,Benchmark)) | tee $(BENCH_FILE)
	@if git cat-file -e HEAD:$(BENCH_FILE) 2>/dev/null; then $(GO_TOOL) benchstat before=<(git show HEAD:$(BENCH_FILE)) after=$(BENCH_FILE); fi

.PHONY: bench-peers
bench-peers: needs-go ## weir's Kinesis and client beside ferrokinesis and boto3, in one run, and what ferrokinesis answers (installs both into .interop; minutes of compiling)
	@command -v cargo >/dev/null || { echo 'ferrokinesis is compiled by cargo: https://rustup.rs' >&2; exit 1; }
	cargo install ferrokinesis --version 0.7.0 --locked --root .interop/ferrokinesis
	python3 -m venv .interop/venv && .interop/venv/bin/pip install -q --disable-pip-version-check -r interop/python/requirements.txt
	WEIR_FERROKINESIS=$(CURDIR)/.interop/ferrokinesis/bin/ferrokinesis go -C interop test -count=1 -tags peers -run Ferrokinesis .
	WEIR_FERROKINESIS=$(CURDIR)/.interop/ferrokinesis/bin/ferrokinesis WEIR_BOTO3=$(CURDIR)/.interop/venv/bin/python3 \
	  go test -run '^$$' -bench . -count 1 -timeout 30m ./internal/localaws/throughput

.PHONY: fuzz
fuzz: needs-go ## every fuzz target for FUZZTIME each (10s)
	@set -e; for package in $$($(call packages_with,Fuzz)); do \
	  targets=$$(go test -list '^Fuzz' $$package | grep '^Fuzz'); \
	  for target in $$targets; do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
	  done; \
	done

.PHONY: tools
tools: needs-go ## download every module, and build the tools
	go mod download
	go build -C internal/tools -o /dev/null tool

.PHONY: clean
clean: ## remove what was built and what make test-interop downloaded; the run folders in runs/ stay
	rm -rf bin .interop

.PHONY: needs-go
needs-go:
	@command -v go >/dev/null || { echo 'weir needs Go 1.26 or newer, and there is no go: https://go.dev/dl' >&2; exit 1; }
	@version=$$(go env GOVERSION); case "$$version" in go1.[0-9]|go1.[0-9].*|go1.1[0-9]*|go1.2[0-5]*) \
	  echo "weir needs Go 1.26 or newer, and this is $$version: https://go.dev/dl" >&2; exit 1;; esac

.PHONY: needs-browser
needs-browser:
	@command -v node >/dev/null || { echo 'the report is tested in a browser by playwright-core, which needs Node 20 or newer' >&2; exit 1; }
	@test -d report/browser/node_modules && test -x "$${CHROMIUM:-/usr/bin/chromium}" || { echo 'there is no browser yet: make browser-tools' >&2; exit 1; }

.PHONY: needs-cc
needs-cc:
	@cc=$$(go env CC); if [ "$$(go env CGO_ENABLED)" != 1 ] || ! command -v $${cc%% *} >/dev/null; then \
	  echo 'make test runs with the race detector, which needs a C compiler: install gcc or clang, and leave CGO_ENABLED alone' >&2; exit 1; fi
