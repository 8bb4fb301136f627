# Needs make and Python 3.11 to 3.14 with its venv module; everything else goes into .venv, by hash.
# Choose a Python with `make PYTHON=python3.12 test`; pass arguments with ARGS="...".

VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
PYTHON ?=
UV_PIN := uv==0.13.9

PIP  := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links pyproject.toml requirements/build.in

.DEFAULT_GOAL := help
.PHONY: help demo test lint format bench soak lock clean
.DELETE_ON_ERROR:

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 \2/p' $(firstword $(MAKEFILE_LIST)) \
	  | awk '{ name = $$2; $$1 = $$2 = ""; printf "  make %-8s%s\n", name, $$0 }'

demo: $(VENV)/.run-stamp ## play the stories against a house started for them
	@$(BIN)/banyan demo $(ARGS)

test: $(VENV)/.dev-stamp ## run the tests (ARGS="tests/house -k tidy" for some of them)
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: $(VENV)/.dev-stamp ## check style, types, boundaries and house rules
	@echo "ruff check";   $(BIN)/ruff check --quiet .
	@echo "ruff format";  $(BIN)/ruff format --quiet --check . || { echo "run: make format"; exit 1; }
	@echo "mypy";         $(BIN)/mypy
	@echo "lint-imports"; $(BIN)/lint-imports --no-logo
	@echo "tidy";         $(BIN)/python tools/tidy.py

format: $(VENV)/.dev-stamp ## rewrite the code in the house's style
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

bench: $(VENV)/.bench-stamp ## measure, and print what was measured
	@$(BIN)/python -m bench $(ARGS)

soak: $(VENV)/.dev-stamp ## run the long tests that are no part of every day's run
	@$(BIN)/python -m pytest tests/soak $(ARGS)

lock: $(VENV)/.dev-stamp ## resolve requirements/*.lock again (ARGS=--upgrade for newer versions)
	@$(PIP) $(UV_PIN)
	@$(LOCK) $(ARGS) -o requirements/run.lock
	@$(LOCK) $(ARGS) --extra pg --extra otlp --extra dev -o requirements/dev.lock
	@$(LOCK) $(ARGS) --extra pg --extra otlp --extra dev --extra bench -o requirements/bench.lock

clean: ## remove the environment, caches and build results (never banyan-data)
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One environment, three fillings, each containing the one before. A larger filling also stamps the
# smaller ones, so going back from `make test` to `make demo` installs nothing.

$(VENV)/.run-stamp: requirements/run.lock pyproject.toml | $(BIN)/python
	@echo "installing what Banyan needs to run into $(VENV) (the first time takes a minute) ..."
	@$(PIP) --require-hashes -r requirements/run.lock
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev-stamp: requirements/dev.lock requirements/run.lock pyproject.toml | $(BIN)/python
	@echo "installing what its developers need into $(VENV) (the first time takes a minute) ..."
	@$(PIP) --require-hashes -r requirements/dev.lock
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $(VENV)/.run-stamp $@

$(VENV)/.bench-stamp: requirements/bench.lock requirements/dev.lock requirements/run.lock \
                      pyproject.toml | $(BIN)/python
	@echo "installing what the benchmarks need into $(VENV) (the first time takes a minute) ..."
	@$(PIP) --require-hashes -r requirements/bench.lock
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $(VENV)/.run-stamp $(VENV)/.dev-stamp $@

$(BIN)/python:
	@bare=; \
	for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
	    >/dev/null 2>&1 || continue; \
	  "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || { bare=$$python; continue; }; \
	  echo "making $(VENV) with $$("$$python" --version)"; \
	  exec "$$python" -m venv --clear $(VENV); \
	done; \
	if [ -n "$$bare" ]; then \
	  echo "$$bare has no venv module. On Debian and Ubuntu install it with:" \
	    "apt-get install python$$("$$bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"; \
	else \
	  echo "Banyan needs Python 3.11 to 3.14, and none was found. On Debian 12 or later:" \
	    "apt-get install python3 python3-venv. Elsewhere: make PYTHON=/path/to/python ..."; \
	fi >&2; \
	exit 1
