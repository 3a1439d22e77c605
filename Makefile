# Needs python3 (3.11 or later), git and make. Everything else goes into .venv, by hash.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
SCRATCH := $(VENV)/schema-check.db

.DEFAULT_GOAL := help
.PHONY: help demo test postgres fuzz faults coverage lint docs bench requirements clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: export PATH := $(abspath $(BIN)):$(PATH)
demo: export CASUALTY_LEDGER_DB := out/demo.db
demo: export CASUALTY_LEDGER_STEWARD := demo
demo: $(VENV)/run.stamp ## build a ledger from the seeds in out/, report it, prove it
	@rm -rf out && mkdir out
	@set -e; \
	run() { echo; echo "$$ $$*"; "$$@"; }; \
	echo "$$ export CASUALTY_LEDGER_DB=$$CASUALTY_LEDGER_DB CASUALTY_LEDGER_STEWARD=$$CASUALTY_LEDGER_STEWARD"; \
	run ledger init; \
	run ledger import seeds/inherent-resolve/*.toml; \
	run ledger report running oir-us-combat-deaths; \
	run ledger report running oir-us-combat-deaths -o out/running.csv; \
	run ledger report totals -o out/totals.csv; \
	run ledger report incidents -o out/incidents.csv; \
	run ledger report claims -o out/claims.csv; \
	run ledger replay; \
	run ledger verify

# What is run once more with every ledger on PostgreSQL; `make postgres` runs all that is not about files.
ON_POSTGRES := tests/store/test_log.py tests/store/test_files.py tests/store/test_schema.py \
	tests/projections tests/audit/test_verify.py tests/audit/test_auditor.py tests/audit/test_check.py \
	tests/reports/test_tallies.py tests/reports/test_published.py tests/reports/test_conflicts.py \
	tests/reports/test_timeline.py tests/reports/test_sources.py \
	tests/intake/test_again.py tests/intake/test_mappings_ged.py

test: lint ## lint, then run every test but the benchmarks, some on PostgreSQL too
	$(BIN)/python -m pytest -n auto
	CASUALTY_LEDGER_TEST_ON=postgresql $(BIN)/python -m pytest -n auto $(ON_POSTGRES)

postgres: $(VENV)/test.stamp ## run the tests of store, projections, intake, audit and reports on PostgreSQL
	CASUALTY_LEDGER_TEST_ON=postgresql $(BIN)/python -m pytest -n auto \
		tests/store tests/projections tests/intake tests/audit tests/reports tests/test_properties.py

# NUMBER:FIRST of damaged files and changed bytes; FUZZ=1:77 tries the one alone that a failure names.
FUZZ ?= 2000:1

fuzz: $(VENV)/test.stamp ## 2,000 damaged files, 2,000 changed bytes, 100 imports killed (FUZZ=2000:1)
	CASUALTY_LEDGER_FUZZ=$(FUZZ) $(BIN)/python -m pytest -n auto \
		tests/intake/test_mutated.py tests/intake/test_killed.py tests/audit/test_flipped.py

# NUMBER:SEED of the faults that each test tries; full is as many as the project promises.
FAULTS ?= full:1

faults: $(VENV)/test.stamp ## every kill, power loss, failing call and full disk, in full number (FAULTS=full:1)
	CASUALTY_LEDGER_FAULTS=$(FAULTS) $(BIN)/python -m pytest -n auto -rs tests/faults

coverage: $(VENV)/test.stamp ## run the tests and fail below 95 % branch coverage
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

lint: $(VENV)/test.stamp ## check style, types, the direction of imports, and the schema
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@rm -f $(SCRATCH)*
	$(BIN)/python -m alembic -x db=sqlite:///$(SCRATCH) upgrade head
	$(BIN)/python -m alembic -x db=sqlite:///$(SCRATCH) check

docs: $(VENV)/test.stamp ## write the pages that are made from the code
	$(BIN)/python -m tests.docs

bench: $(VENV)/bench.stamp ## run the benchmarks
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only -p no:xdist

# Pins stay as they are unless they have to move: `make requirements UPGRADE=--upgrade` moves all.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url \
	--custom-compile-command "make requirements" $(UPGRADE)

requirements: $(VENV)/test.stamp ## pin requirements/*.in again, by version and hash
	$(COMPILE) requirements/run.in -o requirements/run.txt
	$(COMPILE) requirements/test.in -c requirements/run.txt -o requirements/test.txt
	$(COMPILE) requirements/bench.in -c requirements/test.txt -o requirements/bench.txt

clean: ## remove all that make and the tools made
	rm -rf $(VENV) out dist .benchmarks .coverage .coverage.* .hypothesis
	rm -rf .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One environment serves every target. Each list holds the one before it, with the same versions.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("make: Python 3.11 or later is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/%.stamp: requirements/%.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r $<
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
