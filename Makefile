# run and test set everything up on a machine that has Python 3.11+, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test check score bench figures mutation hazards screenshots audit setup lint clean

run: $(READY)  ## the bot; without a token, the preview in the browser
	$(BIN)/massage-bot run

test: $(READY)  ## lint, types, import contracts, content, all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/massage-bot check
	scripts/install-test-programs
	$(BIN)/python -m pytest

check: $(READY)  ## the content only: corpus, rules, wording
	$(BIN)/massage-bot check

score: $(READY)  ## quality on the development questions and our own
	$(BIN)/python -m benchmarks.score

bench: $(READY)  ## speed, as ratios of two things run side by side
	$(BIN)/uv sync --frozen --quiet --group dev --group bench
	$(BIN)/python -m benchmarks.run

figures: $(READY)  ## the long fault and load tests; writes docs/figures.json and docs/FIGURES.md
	$(BIN)/python -m benchmarks.figures

screenshots: $(READY)  ## the chat page's journeys as pictures in docs/screenshots
	scripts/install-test-programs
	MASSAGE_BOT_SCREENSHOTS=docs/screenshots $(BIN)/python -m pytest tests/hands/test_in_the_browser.py

audit: $(READY)  ## known weaknesses of the locked libraries, and a bill of materials
	deploy/audit.sh $(BIN)

mutation: $(READY)  ## how many deliberate faults in the deciding modules the tests notice (docs/MUTATION.md)
	rm -rf mutants
	$(BIN)/mutmut run
	$(BIN)/mutmut results

hazards: $(READY)  ## renders docs/clinical-safety/hazard-log.md from its source
	$(BIN)/python -m benchmarks.hazards

setup: $(READY)

$(READY): pyproject.toml uv.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	$(BIN)/uv sync --frozen --quiet --inexact --group dev
	touch $(READY)

lint: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache mutants
