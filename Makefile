# make demo   search five sample pages in a browser       make test   everything that is tested
# The other targets are in CONTRIBUTING.md.

PYTHON ?= python3
PORT ?= 8000
INDEX ?= index
VENV ?= .venv
TESTS ?= -n 2 --dist worksteal
NAMES ?= ../shared/data/variants/wikidata_names.tsv
BIN := $(VENV)/bin
# setuptools warns at every editable install that folders can hide packages: that is what an editable install is for.
INSTALL := PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --editable
DEMO_INDEX := build/demo

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: demo serve test stress lint bench venv docs lexicon
.DELETE_ON_ERROR:

demo: venv
	$(BIN)/searchapp index seeds --index $(DEMO_INDEX)
	@echo "Search in a browser at the address below. Ctrl-C ends it."
	@$(BIN)/searchapp serve --index $(DEMO_INDEX) --port $(PORT)

serve: venv
	@$(BIN)/searchapp serve --index $(INDEX) --port $(PORT)

test: $(VENV)/.installed-test
	tools/ensure-chromium
	tools/ensure-strace
	$(BIN)/python -m pytest $(TESTS)

# The long forms of what `make test` tries for seconds (docs/reliability.md): two hours, and 31,000 articles of shared/.
# One of them takes most of an hour, which is no hang.
stress: $(VENV)/.installed-test $(VENV)/.installed-fuzz
	tools/ensure-strace
	SEARCHAPP_STRESS=1 $(BIN)/python -m pytest -n 0 -o faulthandler_timeout=7200 --durations 20 $(or $(STRESS),tests/crash tests/security tests/stress tests/property tests/contract)

# mypy reads what the tests import, too.
lint: $(VENV)/.installed-lint $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-bench
	$(BIN)/python -m bench.setup
	$(BIN)/python -m bench.run $(BENCH)

docs: venv
	$(BIN)/python tools/limits_page.py

lexicon: $(VENV)/.installed-lexicon
	$(BIN)/python -m tools.lexicon --names "$(NAMES)"

venv: $(VENV)/.installed

# A stamp is newer than what it was made from, so a second run installs nothing.
$(VENV)/.installed: setup.cfg pyproject.toml tools/make-venv
	@tools/make-venv "$(PYTHON)" "$(VENV)"
	@echo "Installing searchapp and what it needs; the first time this takes a minute."
	@$(INSTALL) .
	@touch $@

$(VENV)/.installed-test $(VENV)/.installed-lint $(VENV)/.installed-lexicon $(VENV)/.installed-fuzz $(VENV)/.installed-bench: $(VENV)/.installed-%: $(VENV)/.installed
	@echo "Installing what make $* needs."
	@$(INSTALL) ".[$*]"
	@touch $@
