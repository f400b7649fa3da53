# `make help` lists what can be done. Python 3.11 or later is all that a machine must have.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run demo test quality bench screenshots vecteurs requirements clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.venv/base.stamp: requirements/base.txt pyproject.toml
	@echo "Installation dans .venv (une seule fois)…"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Maillage demande Python 3.11 ou plus récent ; ici : $$($(PYTHON) --version). Essayez : make run PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements/base.txt
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: .venv/base.stamp requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements/dev.txt
	@touch $@

run: .venv/base.stamp ## Install what is missing, then serve the site with its demonstration
	@exec $(BIN)/maillage run --demo

vecteurs: .venv/base.stamp ## Install the optional word vectors (45 MB), which sharpen the understanding
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/vectors.txt

test: .venv/dev.stamp ## Run the whole suite (embedded PostgreSQL, or DATABASE_URL)
	@$(BIN)/maillage verifier tests $(ARGS)

quality: .venv/dev.stamp ## Run the checks of the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint maillage/templates --lint --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/maillage manage makemigrations --check --dry-run
	@$(BIN)/python -m pytest tests/test_consistency.py -q -p no:randomly

bench: .venv/dev.stamp ## Measure quality and speed (prints tables, never fails on a time)
	@$(BIN)/maillage verifier mesures $(ARGS)

screenshots: .venv/dev.stamp ## Draw the screenshots of docs/images again (needs Chromium)
	@$(BIN)/maillage verifier images $(ARGS)

requirements: .venv/dev.stamp ## Pin requirements again, with hashes
	@cd requirements && for f in base dev; do ../$(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file=$$f.txt $$f.in; done

clean: ## Remove what was installed and built (asks nothing; keeps the database)
	rm -rf .venv .maillage/static .maillage/assets build *.egg-info
