# This sets itself up: uv makes an environment in .venv where there is one (`make UV=` does without), venv and pip do elsewhere.
# `make demo PYTHON=python3.12` takes another Python.

PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null)
BIN := .venv/bin
INSTALL := $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check)

# What Python has compiled is kept, even where the environment says otherwise: without it every start takes twice as long.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -q
# One process a core; more than eight are not worth their start.
PARALLEL := -n auto --maxprocesses=8 --dist worksteal

.PHONY: help setup demo test quick long coverage mutants lint bench clean
.DELETE_ON_ERROR:

help:  ## this list
	@echo "mesogun: an automatic mesotherapy injection gun. Firmware, host toolkit, simulator."
	@echo "Not a cleared medical device."
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo
	@echo "Start with make demo; then .venv/bin/mesogun --help."

setup: .venv/.base  ## what it takes to run mesogun: .venv/bin/mesogun

demo: .venv/.base  ## one whole session on a simulated gun: record, traces and a picture under ./demo
	@mkdir -p demo
	$(BIN)/mesogun run protocols/face/mesolift.toml --sim --speed max --db sqlite:///demo/records.db --trace demo/trace --plot demo/session.png

test: .venv/.test  ## the tests, on real MicroPython too; some of them: make test T=tests/guard, or a file, or FILE::NAME
	$(PYTEST) $(if $(T),$(if $(wildcard $(T)/.),$(PARALLEL)) '$(T)',-m 'not long' $(PARALLEL))

quick: .venv/.test  ## most tests, and one of every control, in two minutes: not the slow ones, and short searches
	HYPOTHESIS_PROFILE=quick $(PYTEST) -m 'not slow and not long' $(PARALLEL)

long: .venv/.test  ## the tests that take longest, and those that search twice as far as make test lets them
	HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-long} $(PYTEST) -m 'long or hypothesis' $(PARALLEL)

coverage: .venv/.test  ## which lines and branches the tests take, those of programs that they start not counted
	$(PYTEST) $(PARALLEL) --cov --cov-report=term:skip-covered

mutants: .venv/.test  ## small mistakes put into the safety code, one at a time: its tests must notice each
	PYTHONPATH=tests $(BIN)/python -m mutants.run

lint: .venv/.test typings/.stamp  ## style, which way imports point, and types: the host against CPython, the firmware against MicroPython
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/mypy --config-file firmware/mypy.ini firmware/main.py firmware/mesogun_fw

bench: .venv/.test  ## measure speed and write docs/BENCHMARKS.md
	@mkdir -p .benchmarks
	$(BIN)/pytest -q tests/bench --benchmark-only --benchmark-json=.benchmarks/last.json
	$(BIN)/python tests/bench/report.py .benchmarks/last.json docs/BENCHMARKS.md

clean:  ## remove everything that make has made, the records of the demo included
	rm -rf .venv typings demo dist .benchmarks .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

# These are stamps. A demo needs no test tools, so there are two installs; either is editable and follows the source by itself.

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mesogun needs Python 3.11 or newer: make PYTHON=python3.11")'
	rm -rf .venv
	$(if $(UV),$(UV) venv --quiet --python $(PYTHON) .venv,$(PYTHON) -m venv .venv)
	@touch $@

.venv/.base: .venv/.made pyproject.toml
	@echo "Installing mesogun into .venv (once) ..."
	@$(INSTALL) -e .
	@touch $@

.venv/.test: .venv/.made pyproject.toml
	@echo "Installing mesogun and its test tools into .venv (once) ..."
	@$(INSTALL) -e '.[test]'
	@touch .venv/.base $@

typings/.stamp: .venv/.made firmware/stubs.txt
	@echo "Installing MicroPython's stubs into typings (once) ..."
	@rm -rf typings
	@$(INSTALL) --target typings --no-deps -r firmware/stubs.txt
	@touch $@
