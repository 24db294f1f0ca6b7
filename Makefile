# `make` alone lists the targets. The port settings of the demo: make demo PORT=8011 SANDBOX_PORT=9011 DEMO_TRIPS=0

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
BIN := .venv/bin
DEMO := ENV_FILE=demo.env $(BIN)/python manage.py
CHECKED := ENV_FILE=/dev/null SECRET_KEY=only-for-make-check-0123456789-abcdefghijklmnopqrstuvwxyz
LANGUAGES := ja
TEST_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/postgres
TEST_BROKER_URL ?= redis://127.0.0.1:6379/15

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset test test-services test-browser screenshots soak sandbox-check check format messages clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(BIN)/.installed-dev ## virtual environment in .venv with everything for development

demo: $(BIN)/.installed ## everything at http://127.0.0.1:8000 with demo data; Ctrl-C stops it
	@exec env $(DEMO) demo

demo-reset: $(BIN)/.installed ## forget the demo's data and make it again
	@exec env $(DEMO) demo --reset

test: $(BIN)/.installed-dev ## all tests on SQLite; nothing but Python needed
	@env -u DATABASE_URL -u CELERY_BROKER_URL $(BIN)/pytest -n auto -m "not services and not browser"

test-services: $(BIN)/.installed-dev ## all tests on PostgreSQL and Redis
	@$(BIN)/python .ci/check_services.py "$(TEST_DATABASE_URL)" "$(TEST_BROKER_URL)"
	@DATABASE_URL="$(TEST_DATABASE_URL)" CELERY_BROKER_URL="$(TEST_BROKER_URL)" $(BIN)/pytest -n auto -m "not browser"

test-browser: $(BIN)/.installed-dev ## every page and the users' ways in Chromium, against a real server
	@env -u DATABASE_URL -u CELERY_BROKER_URL $(BIN)/pytest -n 0 -m "browser and not pictures" tests/browser

screenshots: $(BIN)/.installed-dev ## the documentation's pictures, anew into docs/images
	@env -u DATABASE_URL -u CELERY_BROKER_URL $(BIN)/pytest -n 0 -m pictures tests/browser

sandbox-check: $(BIN)/.installed ## Amazon's documented cases of our calls, against a new sandbox
	@$(BIN)/python -m sandbox.check

soak: $(BIN)/.installed-dev ## everything goes wrong at once, from one SEED, for 5 or so many MINUTES
	@$(BIN)/python -m tests.soak $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

check: $(BIN)/.installed-dev ## style, types, direction of imports, migrations, settings, API schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(CHECKED) $(BIN)/python manage.py makemigrations --check --dry-run
	$(CHECKED) $(BIN)/python manage.py check --deploy --fail-level ERROR
	$(CHECKED) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

format: $(BIN)/.installed-dev ## put the code into ruff's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(BIN)/.installed-dev ## collect the texts for translation and compile what is translated; needs GNU gettext
	@for language in $(LANGUAGES); do $(CHECKED) $(BIN)/python manage.py makemessages --locale $$language --no-location \
		--no-obsolete --ignore '.venv*' --ignore var --ignore bench --ignore demo --ignore sandbox --ignore tests || exit; \
		sed -i '/^"POT-Creation-Date/d' locale/$$language/LC_MESSAGES/django.po; done
	@$(CHECKED) $(BIN)/python manage.py compilemessages --ignore '.venv*'

clean: ## remove the virtual environment, caches and the demo's data
	rm -rf .venv var static_root .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module: apt install python3-venv"; exit 1; }
	@echo "Making the virtual environment .venv with $(PYTHON) …"
	@$(PYTHON) -m venv .venv

$(BIN)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt (a minute or so the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(BIN)/.installed-dev: requirements-dev.txt $(BIN)/.installed
	@echo "Installing requirements-dev.txt …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
