# The front door. `make help` lists what there is.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# Each process has a database of its own; tests/conftest.py says in which order they take the tests.
PARALLEL := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# Each command of ours loads a thousand modules: where Python may not write bytecode, it would compile them every time.
COMPILE := $(BIN)/python -m compileall -q src
PIP_INSTALL := $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python
# Spark comes as source. It is built with what is locked, and its half a gigabyte is packed without compressing.
BUILD := --build-constraints requirements/build.txt \
	--config-settings-package 'pyspark:--build-option=--compression=stored'
export REGULARS_DATA ?= $(CURDIR)/.data
export PORT ?= 8000
SOAK_SECONDS ?= 600
# A demonstration of its own: nobody's data get the gallery's redemptions and colleagues.
GALLERY_DATA ?= $(CURDIR)/.data-gallery

.PHONY: help demo test test-fast check bench bench-ledger bench-ledger-10m bench-console assets messages lock soak gallery clean browser rewritten

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(UV):
	@echo "Creating $(VENV) …"
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Regulars needs Python 3.11 or newer; python3 here is $$(python3 -V)."; exit 1; }
	@python3 -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

$(VENV)/.demo: requirements/demo.txt pyproject.toml $(UV)
	@echo "Installing Regulars and its demo data …"
	@$(PIP_INSTALL) --require-hashes -r requirements/demo.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@$(COMPILE)
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/build.txt pyproject.toml $(UV)
	@echo "Installing what tests and checks need …"
	@$(PIP_INSTALL) --require-hashes $(BUILD) -r requirements/dev.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

lock: $(UV) ## resolve the dependencies again and write the lock files
	@sh requirements/lock.sh $(UV)

assets: $(UV) ## build the style sheet, scripts, icons and translations
	@$(MAKE) --no-print-directory -C frontend

messages: $(VENV)/.dev ## take new messages into the translations
	@$(BIN)/python frontend/messages.py update

demo: $(VENV)/.demo assets ## a working marketplace on a real year of purchases, until Ctrl-C
	@$(BIN)/regulars demo

test: $(VENV)/.dev ## every test
	@$(MAKE) --no-print-directory -j 3 assets browser rewritten
	@$(BIN)/python -m pytest $(PARALLEL)

test-fast: $(VENV)/.dev ## tests without the slow ones and without a browser
	@$(BIN)/python -m pytest -m "not slow and not browser"

browser:
	@$(BIN)/python tests/browser_install.py

# Asserts are rewritten so that they tell what they compared: once and not in each process, while other
# things are fetched. What cannot be collected says so in the run itself.
rewritten: $(VENV)/.dev
	@$(COMPILE)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --collect-only -qq > /dev/null 2>&1 || true

check: $(VENV)/.dev ## lint, types, import contracts, migrations, translations
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@DJANGO_SETTINGS_MODULE=regulars.config.settings $(BIN)/python -W ignore -m django makemigrations --check --dry-run
	@$(BIN)/python frontend/messages.py check

soak: $(VENV)/.dev ## break everything again and again for SOAK_SECONDS (600), and judge what is left
	@$(BIN)/python -m tests.faults --seconds $(SOAK_SECONDS)

gallery: $(VENV)/.dev assets browser ## take docs/gallery/'s screenshots anew; fails where a page complains
	@REGULARS_DATA=$(GALLERY_DATA) $(BIN)/python -m tests.gallery

bench: $(VENV)/.dev assets ## measure, as ratios; writes nothing
	@$(BIN)/python -m bench

bench-ledger: $(VENV)/.dev ## measure the ledger alone, beside its limit and its peers
	@$(BIN)/python -m bench.bench_ledger $(BENCH)

bench-ledger-10m: $(VENV)/.dev ## measure the ledger with ten million journal rows
	@$(BIN)/python -m bench.bench_journal $(BENCH)

bench-console: $(VENV)/.dev assets ## time every page of the console with a million members and ten million journal rows
	@$(BIN)/python -W ignore -m bench.bench_console $(BENCH)

clean: ## remove the environment, the demo's data and what was built
	rm -rf $(VENV) .data .data-gallery frontend/node_modules src/regulars/design/static/design/dist
