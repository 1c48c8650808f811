# muster: does your Longhorn pass muster?  `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# sudo often resets PATH to one without Go.
export PATH := $(PATH):/usr/local/go/bin:/usr/lib/go/bin
# A checkout that belongs to another user (sudo) must not stop the build.
GO := go
BUILD := $(GO) build -buildvcs=false

MUSTER := bin/muster
FOCUS ?=
LABELS ?=
PROCS ?=
KEEP ?=
RUNS ?= 5

.PHONY: help
help: ## list the targets
	@echo 'muster: does your Longhorn pass muster?'
	@echo
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'
	@echo
	@echo 'e2e takes FOCUS=<regexp> LABELS=<ginkgo label filter> PROCS=<n> KEEP=1'

.PHONY: build
build: $(MUSTER) ## build bin/muster

# go build decides what is stale, and does so in well under a second.
.PHONY: $(MUSTER)
$(MUSTER):
	@mkdir -p bin
	@$(BUILD) -o $(MUSTER) ./cmd/muster

.PHONY: test
test: ## unit and component tests: no root, no cluster (root runs more of them)
	$(GO) vet ./...
	$(GO) test -buildvcs=false $$($(GO) list -buildvcs=false ./... | grep -v '/suites$$')

.PHONY: lint
lint: ## go vet and gofmt
	$(GO) vet ./...
	@files="$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l)"; \
	if [ -n "$$files" ]; then echo "not formatted, run gofmt -w on:"; echo "$$files"; exit 1; fi

.PHONY: clean
clean: ## remove bin and _output; the component cache stays
	rm -rf bin _output
