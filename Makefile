# SPDX-License-Identifier: Apache-2.0
#
# `make demo` and `make test` are the two commands of the README; `make help` lists the others.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help deps build release test check count budget demo demo-stop bench bench-jump deb deb-reproducible test-packages test-vpn differential fuzz tidy clean

# Root is asked for only where we are not root already, and only for what needs it (apt, network namespaces).
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
# Debian's own Python: the one python3-pytest is installed for, whatever else is first on PATH.
PYTHON := /usr/bin/python3
PYTEST := env PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -p no:cacheprovider
FORMATTED := Package.swift Sources Tests Benchmarks
# A target that imports what its manifest entry does not declare is an error of the build.
ARROWS := --explicit-target-dependency-import-check error
# Seconds each fuzz target runs.
FUZZ_SECONDS ?= 20

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

deps: ## install the Debian packages that are missing (says which)
	@deps/apt.sh

build: deps ## debug build of everything: programs and tests
	swift build --build-tests $(ARROWS)

release: deps ## release build of all programs
	swift build -c release $(ARROWS)

# What administrators come with, what they look after, and what the gate is measured beside.
ADMINISTERED := openssh-client openssh-server postgresql-15 postgresql-client-15 rsync socat ansible-core haproxy stunnel4
test: build ## all tests: unit, a short fuzz run, the benchmarks' own, alerts and dashboard, end to end, tunnels, gate
	@status=0; \
	swift test --skip-build --disable-xctest --parallel || status=1; \
	Tests/Fuzz/run.sh $(FUZZ_SECONDS) || status=1; \
	$(PYTEST) Tests/Benchmarks || status=1; \
	deps/prometheus.sh .build/prometheus || status=1; \
	deps/rsyslog.sh .build/rsyslog || status=1; \
	$(PYTEST) Tests/Monitoring Tests/Differential || status=1; \
	$(SUDO) env EIG_PROGRAMS="$$(swift build --show-bin-path)" $(PYTEST) Tests/EndToEnd || status=1; \
	deps/strongswan.sh .build/strongswan || status=1; \
	$(SUDO) env EIG_PROGRAMS="$$(swift build --show-bin-path)" $(PYTEST) Tests/Tunnels || status=1; \
	deps/quietly.sh $(ADMINISTERED) || status=1; \
	$(SUDO) env EIG_PROGRAMS="$$(swift build --show-bin-path)" $(PYTEST) Tests/Jump || status=1; \
	exit $$status

check: build release ## what must be true of the tree: format, structure, links, units, manual pages, what a request costs
	swift format lint --strict --parallel --recursive $(FORMATTED)
	@for script in deps/*.sh demo/*.sh Tests/Fuzz/*.sh Tests/Packages/container/*.sh Tests/VPN/guest/init* \
		Benchmarks/*.sh systemd/*.sh debian/*.config debian/*.p*inst debian/*.p*rm .ci/run; do \
		[ ! -e "$$script" ] || bash -n "$$script" || exit 1; done
	systemd/check.sh
	@$(PYTHON) -c 'import ast, sys; [ast.parse(open(file).read(), file) for file in sys.argv[1:]]' \
		$$(find Benchmarks Tests/Benchmarks Tests/Differential Tests/EndToEnd Tests/Jump Tests/Monitoring Tests/Packages Tests/Tunnels Tests/VPN -name '*.py')
	@for page in docs/man/*.[1-8]; do \
		[ ! -e "$$page" ] || mandoc -T lint -W warning,stop "$$page" || exit 1; done
	swift test --skip-build --disable-xctest --filter TreeTests
	$(PYTHON) -B Benchmarks/callgrind.py check --programs "$$(swift build -c release --show-bin-path)"

count: release ## what a request and a handshake cost, and where: instructions, allocations
	$(PYTHON) -B Benchmarks/callgrind.py show --programs "$$(swift build -c release --show-bin-path)"

budget: release ## write what they cost into Benchmarks/budget.toml
	$(PYTHON) -B Benchmarks/callgrind.py write --programs "$$(swift build -c release --show-bin-path)"

demo: release ## one transfer through the edge, both callbacks, every refusal, the gate (KEEP=1 leaves it running)
	@deps/quietly.sh openssh-client openssh-server
	$(SUDO) demo/run.sh --programs "$$(swift build -c release --show-bin-path)" $(if $(KEEP),--keep)

demo-stop: ## take down every demonstration KEEP=1 left running
	$(SUDO) demo/stop.sh

# The report becomes Benchmarks/RESULTS.md; a quick one does not. FORCE=1: on a busy machine, too.
BENCH := .build/bench
bench: release ## eigd beside HAProxy, nginx and Envoy: Benchmarks/RESULTS.md (QUICK=1: 3 minutes, a look only)
	Benchmarks/install.sh $(BENCH)
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Benchmarks/run.py --folder $(BENCH) --envoy $(BENCH)/envoy/program \
		--programs "$$(swift build -c release --show-bin-path)" $(if $(FORCE),--force) \
		$(if $(QUICK),--quick --report $(BENCH)/RESULTS.md,--report Benchmarks/RESULTS.md)

bench-jump: release ## the gate beside HAProxy, stunnel and socat: Benchmarks/RESULTS-jump.md (root; QUICK=1, FORCE=1)
	deps/quietly.sh haproxy socat stunnel4
	$(SUDO) env PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Benchmarks/jump.py --folder $(BENCH)-jump \
		--programs "$$(swift build -c release --show-bin-path)" $(if $(FORCE),--force) \
		$(if $(QUICK),--quick --report $(BENCH)-jump/RESULTS.md,--report Benchmarks/RESULTS-jump.md)

# Timestamps are those of debian/changelog, paths those of debian/rules.
DEB := .build/deb
PACKAGING := debhelper dpkg-dev lintian
deb: ## Debian packages of all programs: .build/deb
	@deps/apt.sh $(PACKAGING)
	rm -rf $(DEB) && mkdir -p $(DEB)
	DEB_BUILD_OPTIONS="nocheck $(DEB_BUILD_OPTIONS)" DESTINATION=$(DEB) dpkg-buildpackage --build=binary --no-sign \
		--post-clean --no-check-builddeps --buildinfo-option=-u$(DEB) --changes-option=-u$(DEB) \
		--buildinfo-file=$(DEB)/partner-edge.buildinfo --changes-file=$(DEB)/partner-edge.changes
	lintian --allow-root --fail-on error,warning $(DEB)/partner-edge.changes

deb-reproducible: ## build the packages twice, each time from nothing, in two environments, and compare them
	rm -rf .build/package .build/deb-first
	$(MAKE) deb && mv $(DEB) .build/deb-first
	rm -rf .build/package
	env TZ=Asia/Kathmandu LC_ALL=C.UTF-8 ANOTHER_ENVIRONMENT="$$(seq -s ' ' 2000)" $(MAKE) deb
	@set -e; for package in $(DEB)/*.deb; do cmp "$$package" .build/deb-first/"$${package##*/}"; done
	@rm -rf .build/deb-first; echo "the same bytes: $$(cd $(DEB) && ls *.deb | wc -l) packages"

test-packages: deb ## the packages on a Debian 12 booted in a container: installed, upgraded, killed, purged
	@deps/apt.sh mmdebstrap systemd-container
	@deps/quietly.sh openssh-client openssh-server
	$(SUDO) env EIG_PACKAGES="$(CURDIR)/$(DEB)" EIG_ROOTS="$(CURDIR)/.build/roots" $(PYTEST) Tests/Packages

# SHORT=1: the scenarios marked `short` only. VM=qemu: guests under qemu with Debian's own kernel.
VPN := .build/vpn
VM := uml
test-vpn: build ## tunnels with real ESP, in User-mode Linux: 6 minutes more the first time (SHORT=1: less; VM=qemu)
	@deps/apt.sh e2fsprogs mmdebstrap
	$(if $(filter qemu,$(VM)),deps/vm.sh,deps/uml.sh) $(VPN)
	$(SUDO) env EIG_PROGRAMS="$$(swift build --show-bin-path)" EIG_VPN="$(CURDIR)/$(VPN)" EIG_VM="$(VM)" \
		EIG_UML_KERNEL="$${EIG_UML_KERNEL:-}" $(PYTEST) Tests/VPN $(if $(SHORT),-m short)

differential: build ## compare our request parser with h11, HAProxy and nginx on 7,000 connections
	deps/quietly.sh haproxy nginx python3-h11
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) Tests/Differential/run.py --folder .build/differential \
		--probe "$$(swift build --show-bin-path)/http-probe"

fuzz: deps ## fuzz the parsers for FUZZ_SECONDS each (default 20)
	Tests/Fuzz/run.sh $(FUZZ_SECONDS)

tidy: ## reformat the Swift sources
	swift format --in-place --parallel --recursive $(FORMATTED)

clean: ## remove everything that was built
	rm -rf .build
