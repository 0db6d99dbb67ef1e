# make run    start Log Handler on this machine (HOST, PORT, LOGHANDLER_DATA: docs/configure.md)
# make test   the test suite against a PostgreSQL it starts itself (ARGS="-k keys -n 2")
# make lint   everything that is checked without running a service
# make bench  measure speed, memory and disk against their goals, in forty minutes; QUICK=1: in minutes
# make format write the files as `make lint` wants them
# make world-map    draw the map of the traffic page anew, from Natural Earth's countries on npm
# make screenshots  take the pictures of the README anew, with the system's chromium

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
ARGS ?=
# A deployment as docs/install.md asks for it, and a database that refuses at once:
# makemigrations looks for a history there, and would wait for a host that does not answer.
DEPLOYMENT := env -u LOGHANDLER_API_ACCESS \
	DATABASE_URL=postgresql://nobody@127.0.0.1:9/none LOGHANDLER_BEHIND_HTTPS_PROXY=true \
	LOGHANDLER_ALLOWED_HOSTS=logs.example.com \
	LOGHANDLER_SECRET_KEY=only-for-the-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH

.DEFAULT_GOAL := run
.PHONY: run test lint bench format screenshots world-map venv clean

# On this machine's own address the REST API is open, so that the first steps need no credentials.
run: .venv/run
	@case "$$HOST" in ""|127.0.0.1|::1|localhost) : "$${LOGHANDLER_API_ACCESS:=open}" ;; esac; \
	export LOGHANDLER_API_ACCESS; \
	export LOGHANDLER_GEOIP="$${LOGHANDLER_GEOIP:-.venv/countries.mmdb}"; \
	exec $(BIN)/python manage.py up

test: .venv/dev
	@$(BIN)/python -m pytest -rs $(ARGS)

lint: .venv/dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Run 'make format'."; exit 1; }
	@git ls-files -z '*.html' | xargs -0 -r $(BIN)/djade --check --target-version 5.2
	@$(BIN)/mypy .
	@cd clients/python && ../../$(BIN)/mypy src
	@$(BIN)/lint-imports --no-logo
	@$(DEPLOYMENT) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@$(DEPLOYMENT) $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: .venv/dev
	@$(BIN)/python -m benchmarks $(ARGS)

format: .venv/dev
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format .

screenshots: .venv/dev
	@$(BIN)/python -m dashboard.tests.browser.screenshots

world-map: .venv/run
	@$(BIN)/python -m dashboard.tools.world_map

venv: .venv/run

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Log Handler needs Python 3.11 or newer; '$(PYTHON)' is not. Try: make PYTHON=python3.12 run"; exit 1; }
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python can't make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

.venv/run: requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt ..."
	@$(PIP) install -r requirements.txt
	@LOGHANDLER_GEOIP=.venv/countries.mmdb $(BIN)/python manage.py fetch_countries --if-missing || \
		echo "Addresses will have no countries; 'manage.py fetch_countries' tries again."
	@touch $@

.venv/dev: requirements.txt requirements-dev.txt clients/python/pyproject.toml | $(BIN)/python
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) install -r requirements-dev.txt
	@touch $@ .venv/run

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
