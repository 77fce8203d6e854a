# `make` lists the targets. Everything lives in .venv and build/; nothing outside this folder is changed,
# but for the Debian packages that `make test` installs where it may.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help install demo test bench scaling crash fuzz lint types imports wheel image lock clean

help: ## this list
	@echo "promo: campaigns as code"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-9s %s\n", $$1, $$2 }'

$(VENV)/installed: requirements.lock pyproject.toml .ci/venv
	@PYTHON="$(PYTHON)" .ci/venv $(VENV) requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock pyproject.toml .ci/venv
	@PYTHON="$(PYTHON)" .ci/venv $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/installed

install: $(VENV)/installed ## make .venv and install promo into it

demo: $(VENV)/installed ## play the sample campaigns against real receivers on this machine
	@$(BIN)/python -m promo.testing.demo

test: $(VENV)/installed-dev ## install what the tests need, then run them all
	@.ci/debian-packages
	@PYTEST=$(BIN)/pytest .ci/pytest

bench: $(VENV)/installed-dev ## run every benchmark, print the table, write build/bench.json
	@$(BIN)/python tests/benchmarks/run.py

scaling: $(VENV)/installed-dev ## measure what one costs, play days of it, write the tables of docs/scaling.md
	@$(BIN)/python tests/benchmarks/scaling/run.py

crash: $(VENV)/installed-dev ## kill publishers at every step, SEEDS=12 of DELIVERIES=600 on both databases; write build/crash.json; then lock a ledger for a minute
	@$(BIN)/python tests/integration/delivery/crash.py --seeds $(or $(SEEDS),12) --deliveries $(or $(DELIVERIES),600)
	@$(BIN)/pytest -q -n 0 -m minute tests/integration/faults

fuzz: $(VENV)/installed-dev ## feed broken files to the readers, SECONDS=60 for each; finds lie in build/fuzz
	@$(BIN)/python -c "import atheris" 2>/dev/null || $(BIN)/python -m pip install --quiet "atheris>=3"
	@$(BIN)/python tests/fuzz/run.py $(or $(SECONDS),60)

lint: $(VENV)/installed-dev ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory types imports

types: $(VENV)/installed-dev ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/installed-dev ## the import contracts between the rooms
	$(BIN)/lint-imports --no-logo

wheel: $(VENV)/installed-dev ## build the wheel and run the tests against it in a fresh environment
	@.ci/wheel

image: ## build the container image without a registry (needs root, buildah, debootstrap) and try it
	@.ci/image

lock: ## pin every package anew (needs uv)
	@.ci/lock

clean: ## remove .venv, build and the sample workspace's state
	rm -rf $(VENV) build dist .promo out .servers
