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
# A tool of its own module: nothing of it gets into the program.
ACTIONLINT = $(GO) tool -modfile=tools/lint/go.mod actionlint

# What can be given on the command line; anything else is a typing error.
OPTIONS := FOCUS LABELS PROCS RETRIES KEEP DRIVER LONGHORN_VERSION LONGHORN_DIR CLUSTER NODE_IMAGE KUBECONFIG CONFIG INSTALL KEEP_SETTINGS AS_SERVICE_ACCOUNT CONTRACT YARDSTICKS ONLY RUNS SIZE FUZZTIME POLICY BASELINE RESULTS REPORT
given := $(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $(v))),$(v)))
unknown := $(filter-out $(OPTIONS),$(given))
ifneq ($(unknown),)
$(error unknown option $(unknown); known are $(OPTIONS))
endif

# flag NAME,--flag gives --flag='value' when NAME has a value.
quote := '
flag = $(if $($(1)),$(2)='$(subst $(quote),$(quote)\$(quote)$(quote),$($(1)))')

.PHONY: help
help: ## list the targets
	@echo 'muster: does your Longhorn pass muster?'
	@echo
	@sed -n 's/^\([a-z0-9][a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | column -t -s '|'
	@echo
	@echo 'e2e takes FOCUS=<regexp> LABELS=<label filter> PROCS=<n> RETRIES=<n> KEEP=1 CONTRACT=<1.3 to 1.12> YARDSTICKS=1,'
	@echo 'DRIVER=reference|longhorn; with longhorn LONGHORN_VERSION=<v1.12.1> or LONGHORN_DIR=<directory> (docs/longhorn.md);'
	@echo 'CLUSTER=embedded|kind|existing; with kind NODE_IMAGE=local|<image>; with existing KUBECONFIG=<file> CONFIG=<file>'
	@echo 'INSTALL=reference KEEP_SETTINGS=1 AS_SERVICE_ACCOUNT=1;'
	@echo 'mutants ONLY=<defect,...>, bench-up RUNS=<n>, bench-bak RUNS=<n> SIZE=<MiB>, fuzz FUZZTIME=<time>,'
	@echo 'gate REPORT=<report> POLICY=<file> BASELINE=<report>|RESULTS=<folder>, keep-report REPORT=<report>.'

.PHONY: build
build: $(MUSTER) ## build bin/muster

# go build decides what is stale, and does so in well under a second.
.PHONY: $(MUSTER)
$(MUSTER):
	@mkdir -p bin
	@$(BUILD) -o $(MUSTER) ./cmd/muster

.PHONY: setup
setup: ## check this machine, install missing packages where apt is
	@scripts/setup.sh

.PHONY: components
components: setup $(MUSTER) ## build what a cluster is made of into the cache (first time: 20 min)
	@$(MUSTER) components

# As root the tests also drive real file systems, and csi-sanity the whole driver
# on a real API server; what that needs is made ready first, with its progress.
.PHONY: test
test: $(MUSTER) ## unit and component tests: no root, no cluster (root runs more)
	@if [ "$$(uname -s)" = Linux ] && [ "$$(id -u)" -eq 0 ]; then \
	  scripts/setup.sh && $(MUSTER) components --only etcd,kube-apiserver,longhorn-crds; \
	fi
	$(GO) vet ./...
	$(ACTIONLINT)
	$(GO) test -buildvcs=false -timeout 20m $$($(GO) list -buildvcs=false ./... | grep -v -e '/suites$$' -e '/tests/page$$')

# What a release of Longhorn as the driver under test needs of this machine: an iSCSI initiator.
longhorn := $(call flag,DRIVER,--driver) $(call flag,LONGHORN_VERSION,--longhorn-version) $(call flag,LONGHORN_DIR,--longhorn-dir)

# An existing cluster needs nothing of this machine but Go. A KUBECONFIG of the environment is
# found by the program, and means nothing to clusters of other kinds.
existing := $(call flag,CONFIG,--config) $(call flag,INSTALL,--install) $(if $(filter-out 0,$(KEEP_SETTINGS)),--keep-settings) \
  $(if $(filter-out 0,$(AS_SERVICE_ACCOUNT)),--as-service-account) $(if $(findstring command,$(origin KUBECONFIG)),$(call flag,KUBECONFIG,--kubeconfig))

.PHONY: e2e
e2e: $(if $(filter existing,$(CLUSTER)),,setup) $(MUSTER) ## from nothing to a verdict: cluster, driver, specs (needs root)
	$(if $(filter longhorn,$(DRIVER)),$(if $(filter existing,$(CLUSTER)),,@scripts/setup.sh --iscsi || true))
	@$(MUSTER) e2e $(call flag,FOCUS,--focus) $(call flag,LABELS,--labels) $(call flag,PROCS,--procs) $(call flag,RETRIES,--retries) $(call flag,CONTRACT,--contract) $(call flag,CLUSTER,--cluster) $(call flag,NODE_IMAGE,--node-image) $(longhorn) $(existing) $(if $(filter-out 0,$(KEEP)),--keep) $(if $(filter-out 0,$(YARDSTICKS)),$(call flag,YARDSTICKS,--yardsticks))

REPORT ?= _output/e2e/report.yaml

.PHONY: gate
gate: $(MUSTER) ## hold the last report against a policy, and against an earlier report
	@$(MUSTER) gate $(call flag,POLICY,--policy) $(call flag,BASELINE,--baseline) $(call flag,RESULTS,--results) $(REPORT)

.PHONY: keep-report
keep-report: $(MUSTER) ## keep the last report in docs/results, under the driver and version it is about
	@$(MUSTER) results keep $(REPORT)

# The test itself says what follows when there is no Chromium.
.PHONY: page
page: ## open a report in headless Chromium and use it as people do (screenshots in _output/page)
	@scripts/setup.sh --browser || true
	@$(GO) -C tests/page test -buildvcs=false -count=1

# The tests say what follows where something is missing.
.PHONY: iscsi
iscsi: ## drive the user-space iSCSI initiator against tgtd and Longhorn's own code (needs root)
	@scripts/setup.sh --iscsi || true
	@scripts/iscsi.sh

.PHONY: node-image
node-image: setup $(MUSTER) ## build the image of kind's nodes for NODE_IMAGE=local (needs root; 3 min)
	@$(MUSTER) components --only kind-node

.PHONY: mutants
mutants: setup $(MUSTER) ## plant every known defect, see which specs catch it (needs root)
	@$(MUSTER) mutants $(call flag,ONLY,--only) $(call flag,PROCS,--procs)

.PHONY: bench-up
bench-up: setup $(MUSTER) ## measure how fast everything is (needs root)
	@$(MUSTER) bench-up $(call flag,RUNS,--runs)

.PHONY: bench-bak
bench-bak: setup $(MUSTER) ## measure backups and restores against Longhorn's library and restic (needs root)
	@$(MUSTER) bench-bak $(call flag,RUNS,--runs) $(call flag,SIZE,--size)

.PHONY: bench-iscsi
bench-iscsi: ## measure the user-space iSCSI initiator against a plain loop device (needs root)
	@scripts/setup.sh --iscsi || true
	@$(GO) -C tests/iscsi test -buildvcs=false -count=1 -run '^$$' -bench . -benchtime 5x

# How long for each target; the seeds run in make test. The inputs of FuzzCheck are
# whole files: to make each smaller that is found would take all of the time.
FUZZTIME ?= 60s

.PHONY: fuzz
fuzz: ## look for input that breaks the readers of handles and image files (FUZZTIME=60s each)
	$(GO) test -buildvcs=false ./driver/handle -run '^$$' -fuzz FuzzParse -fuzztime $(FUZZTIME)
	$(GO) test -buildvcs=false ./driver/image -run '^$$' -fuzz FuzzCheck -fuzztime $(FUZZTIME) -fuzzminimizetime 10x

.PHONY: lint
lint: ## go vet, gofmt, and actionlint over the workflows
	$(GO) vet ./...
	$(ACTIONLINT)
	@files="$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l)"; \
	if [ -n "$$files" ]; then echo "not formatted, run gofmt -w on:"; echo "$$files"; exit 1; fi

.PHONY: clean
clean: ## remove bin and _output; the component cache stays
	rm -rf bin _output
