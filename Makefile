# The tasks of ayni. Needs python3 (3.11 or newer), make and git; `make help` lists them.

PYTHON ?= python3
CASE ?= us-peru
OUT ?= build/$(CASE)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

# Stamp files: made once, again only when what they depend on has changed.
MADE := $(VENV)/made
BUILDER := $(VENV)/builder
INSTALLED := $(VENV)/installed
INSTALLED_DEV := $(VENV)/installed-dev
PACKAGE := pyproject.toml constraints.txt src/ayni/__init__.py

.DEFAULT_GOAL := help
.PHONY: help brief test check pytest chromium format expected bench clean

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

brief: $(INSTALLED) ## build the brief of CASE (us-peru) into OUT and open it
	$(BIN)/ayni brief $(CASE) --out $(OUT)
	@tools/show $(OUT)

test: check chromium pytest ## everything the build machine runs

check: $(INSTALLED_DEV) ## style, types and floors, without running anything
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pytest: $(INSTALLED_DEV) chromium ## the tests alone; ARGS="-k name" narrows them
	$(BIN)/pytest --numprocesses auto --dist loadfile $(ARGS)

chromium: ## see that a headless Chromium is here for the page tests
	@tools/chromium || true

format: $(INSTALLED_DEV) ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

expected: $(INSTALLED) ## write the published numbers of CASE anew; git diff shows what moved
	$(BIN)/python tools/expected $(CASE)

bench: $(INSTALLED) ## measure start-up, build time and memory
	$(BIN)/python benchmarks/run.py

clean: ## remove what make made
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(MADE): tools/venv
	tools/venv $(PYTHON) $(VENV)
	@touch $@

# The builder is installed beside the package, so that its version is pinned like every other.
$(BUILDER): $(MADE) constraints.txt
	$(PIP) hatchling editables
	@touch $@

$(INSTALLED): $(BUILDER) $(PACKAGE)
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(INSTALLED_DEV): $(BUILDER) $(PACKAGE)
	$(PIP) --no-build-isolation --editable ".[dev,doses,excel,iati,oecd,panel,plots,sdmx]"
	@touch $(INSTALLED) $@
