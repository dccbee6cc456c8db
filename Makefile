# `make` alone says what there is to type. How things are set up is written in scripts/setup.sh.

PY := .venv/bin/python
PYTEST := $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# Another Python's modules must not leak into ours.
unexport PYTHONPATH PYTHONHOME

# deno, which checks the page code, comes by pip and fetches nothing.
export DENO_DIR := build/deno
export DENO_NO_UPDATE_CHECK := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-fast lint lint-python lint-types lint-page lint-github docs setup benchmark screenshot fuzz clean

help:  ## Say what there is to type
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile
	@echo 'PYTHON=python3.12 chooses the Python to set up with, ARGS="..." goes to pytest.'

demo: .venv/.demo-stamp  ## Open the live notebook (without a terminal: run it, leave a page and a picture in build/)
	@$(PY) scripts/demo.py

test: setup  ## Run all tests, those in a browser included
	@$(PYTEST) $(ARGS)

test-fast: .venv/.dev-stamp  ## Run those without browser, notebook, benchmark, documentation, installation or Ray, in 4 minutes
	@$(PYTEST) -m "not (benchmark or browser or docs or notebook or packaging or ray)" $(ARGS)

lint: lint-python lint-types lint-page lint-github  ## Check style and types

lint-python: .venv/.dev-stamp
	@$(PY) -m ruff check --quiet --output-format=concise
	@$(PY) -m ruff format --check --quiet --output-format=concise

lint-types: .venv/.dev-stamp
	@$(PY) -m mypy

lint-page: .venv/.dev-stamp
	@.venv/bin/deno fmt --quiet --check
	@.venv/bin/deno lint --quiet
	@.venv/bin/deno check --quiet --no-remote --no-npm cartoonx_widgets tests

FORMS = $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
lint-github: .venv/.dev-stamp
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms $(FORMS)
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml

docs: .venv/.dev-stamp  ## Build the pages in docs/ and the reference into a site
	@$(PY) scripts/play.py
	@$(PY) -m sphinx -E -W --keep-going -q -c docs -d build/doctrees . build/docs
	@echo build/docs/index.html

benchmark: setup  ## Measure for hours, and write the tables to benchmarks/results; go on where that was stopped
	@$(PY) scripts/benchmark.py

fuzz: setup  ## Attack with mutated files and messages, MINUTES=5 by default; what fails is kept in build/fuzz
	@$(PY) tests/fuzz/fuzz.py --minutes $(or $(MINUTES),5) $(ARGS)

screenshot: setup  ## Take the pictures in docs/images anew
	@$(PY) scripts/screenshot.py

setup: .venv/.dev-stamp .venv/.chromium-stamp  ## Set up .venv and the browsers for all of this, and run nothing

clean:  ## Remove .venv and everything built
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@sh scripts/setup.sh venv

.venv/.demo-stamp .venv/.dev-stamp: pyproject.toml constraints.txt $(PY)
	@sh scripts/setup.sh $(patsubst .%-stamp,%,$(@F))

.venv/.chromium-stamp: .venv/.dev-stamp
	@sh scripts/setup.sh chromium
