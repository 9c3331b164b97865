# Callcart. `make run` sets everything up and runs it; `make test` sets up what it needs and passes every test.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PY := .venv/bin/python
export DJANGO_SETTINGS_MODULE := callcart.settings
export PYTHONDONTWRITEBYTECODE :=
# A process for each core, each with servers of its own; tests of one file, or of one running system, stay together.
parallel := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
say = @printf '\033[1m==> %s\033[0m\n'

help: ## this list
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: venv ## set everything up and run the whole system
	$(say) "Starting Callcart (Ctrl-C stops all of it)"
	@exec .venv/bin/callcart up

setup: venv ## only set up: database, telephony, prompts, demo shops
	@.venv/bin/callcart setup

test: venv-dev ## every test, with real PostgreSQL, Asterisk, SIP and browser
	$(say) "What the tests need from this machine"
	@scripts/test_needs.sh
	$(say) "The whole suite on our own PostgreSQL"
	@$(PY) -m pytest tests $(parallel)

test-server: venv-dev ## the suite on a throwaway cluster of this machine's own PostgreSQL
	@scripts/test_needs.sh
	@scripts/test_with_server.sh

check: venv-dev ## format, lint, types, layers, then the quick tests
	$(say) "Format"; .venv/bin/ruff format --check callcart tests bench chaos scripts
	$(say) "Lint"; .venv/bin/ruff check callcart tests bench chaos scripts
	$(say) "Types"; .venv/bin/mypy
	$(say) "Layers"; .venv/bin/lint-imports
	$(say) "Tests without telephones and browser"; $(PY) -m pytest tests -m "not journey" $(parallel)

bench: venv-dev ## every figure against a floor measured in the same run; fails below its pass line
	@$(PY) -m bench

days: venv-dev ## routing on random days, thousands of them, on virtual time (n=2000)
	@CALLCART_DAYS=$(or $(n),2000) HYPOTHESIS_SEARCH=1 $(PY) -m pytest -q -n0 tests/contact/routing/test_any_day.py

chaos: venv-dev ## kill -9 one process after the other while people talk, and count what is lost (5 minutes; args=--full: a hundred)
	@$(PY) -m chaos $(args)

soak: venv-dev ## half an hour at an even load: what fails, and whether memory stays flat (args="--minutes 3")
	@$(PY) -m chaos.soak $(args)

messages: venv-dev ## collect the texts to translate and compile the catalogues
	@$(PY) scripts/messages.py

screenshots: venv-dev ## drive the browser through every screen and keep the pictures of the main ones
	@$(PY) scripts/screenshots.py

venv: .venv/.installed
venv-dev: .venv/.installed-dev

.venv/bin/python:
	@scripts/make_venv.sh

.venv/.installed: requirements.txt pyproject.toml | .venv/bin/python
	$(say) "Installing Callcart's packages (a minute the first time)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(PY) -m callcart.core.messages
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(say) "Installing what tests and checks need"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: help run setup test check bench days chaos soak messages screenshots venv venv-dev test-server
