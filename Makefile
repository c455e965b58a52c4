# SPDX-License-Identifier: Apache-2.0
# The commands of every day. cmake presets do the work; this file is their front door.
JOBS ?= $(shell nproc)
export PYTHONDONTWRITEBYTECODE := 1
DOCTOR := scripts/doctor $(if $(filter 0,$(shell id -u)),--install)

.PHONY: help build demo docs man completions test package system-test soak foresight bench check format fuzz clean

help:
	@echo "make demo        build, then three regions on loopback and requests from all over the world (ONCE=1: for a script)"
	@echo "make build       the optimised binary: build/release/rhumb"
	@echo "make docs        docs/reference.md, made from the option tables: after a change of them"
	@echo "make man         build/man/rhumb.1 and rhumb.yaml.5"
	@echo "make completions build/completions/: rhumb.bash, _rhumb (zsh), rhumb.fish"
	@echo "make test        unit tests and scenarios under ASan+UBSan, the threaded ones under TSan, the fuzz corpora"
	@echo "make package     the Debian package: build/package/rhumb_VERSION_ARCH.deb"
	@echo "make system-test that package in a Debian of its own, booted under systemd (root; SUITE=trixie: another release)"
	@echo "make soak        clients of every kind, dying regions and reloads for SECONDS seconds (default 60), then the books: docs/guarantees.md"
	@echo "make foresight   records RECORDS decisions (default 1000000) under flaps and reloads, plans with them, verifies, replays: docs/foresight.md"
	@echo "make bench       micro benchmarks, and the load comparison with nginx and HAProxy"
	@echo "make check       format, layers, mirror, rows, headers, clang-tidy"
	@echo "make format      clang-format over all sources"
	@echo "make fuzz        every fuzz target for SECONDS seconds each (default 60)"
	@echo "make clean       remove build/"
	@echo "JOBS=N limits the parallelism (default: $(JOBS)). scripts/doctor says which packages are missing."

build:
	@$(DOCTOR) build
	cmake --preset release
	cmake --build build/release --target rhumb -j $(JOBS)

demo: build
	scripts/demo --binary build/release/rhumb $(if $(ONCE),--once)

docs man completions: build
	scripts/pages --binary build/release/rhumb $@

test:
	@$(DOCTOR) build test
	@scripts/test -j $(JOBS)

package:
	@$(DOCTOR) build package
	scripts/package

system-test:
	@$(DOCTOR) build package system
	tests/system/run $(if $(SUITE),--suite $(SUITE))

soak: build
	@$(DOCTOR) build test
	tests/soak/run --binary build/release/rhumb --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

foresight: build
	@$(DOCTOR) build test
	tests/foresight/run --binary build/release/rhumb --records $(or $(RECORDS),1000000) $(if $(SEED),--seed $(SEED))

bench:
	@$(DOCTOR) build bench
	cmake --preset bench
	cmake --build build/bench -j $(JOBS)
	build/bench/benchmarks/micro
	benchmarks/load/run.py --binary build/bench/rhumb

check:
	@$(DOCTOR) build test tools
	@scripts/check -j $(JOBS)

format:
	git ls-files -co --exclude-standard "*.h" "*.cc" | xargs $(firstword $(shell command -v clang-format-14) clang-format) -i

fuzz:
	@$(DOCTOR) build tools
	@scripts/fuzz -j $(JOBS) $(or $(SECONDS),60)

clean:
	rm -rf build
