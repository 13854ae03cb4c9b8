# tknOps: `make run` and `make test` set themselves up; nothing else is needed but Python 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
# Stamps: the environment holds what this version of the lock says.
DEV := .venv/dev-$(shell cksum < requirements-dev.lock | cut -d' ' -f1)
RUN := .venv/run-$(shell cksum < requirements.lock | cut -d' ' -f1)
CHECK_DATA := .cache/check
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --extra embedded pyproject.toml
COMPILE_DEV := $(COMPILE) --group dev -c requirements.lock

.PHONY: run test check check-locks fix bench lock
.DEFAULT_GOAL := run

run: $(RUN)
	@exec $(BIN)/python -m tknops.supervisor

test: $(DEV)
	$(BIN)/python -m pytest -c sdk/pyproject.toml sdk/tests -q
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	cd sdk && ../$(BIN)/mypy --cache-dir ../.mypy_cache/sdk
	@if [ -n "$$(find templates -name '*.html' -print -quit)" ]; then \
	  set -ex; $(BIN)/djlint --quiet --lint templates; $(BIN)/djlint --quiet --check templates; fi
	$(BIN)/lint-imports
	cd sdk && PYTHONPATH=src ../$(BIN)/lint-imports --config pyproject.toml
	TKNOPS_DATA=$(CHECK_DATA) TKNOPS_DB_ROLE=owner $(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m tknops.embedded stop --data $(CHECK_DATA)
	HTTPS=1 TKNOPS_DATA=$(CHECK_DATA) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(MAKE) --no-print-directory check-locks

# The locks, compiled again from copies of themselves, must come out the same.
check-locks: $(DEV)
	@mkdir -p $(CHECK_DATA) && cp requirements.lock requirements-dev.lock $(CHECK_DATA)/
	@if $(COMPILE) -o $(CHECK_DATA)/requirements.lock >/dev/null 2>$(CHECK_DATA)/uv.txt \
	  && $(COMPILE_DEV) -o $(CHECK_DATA)/requirements-dev.lock >/dev/null 2>$(CHECK_DATA)/uv.txt; then \
	  cmp $(CHECK_DATA)/requirements.lock requirements.lock && \
	  cmp $(CHECK_DATA)/requirements-dev.lock requirements-dev.lock && echo "The locks are up to date."; \
	elif grep -qiE 'failed to fetch|error sending request|dns error|connect' $(CHECK_DATA)/uv.txt; then \
	  echo "NOTICE: no package registry can be reached, so the locks were not compared."; \
	else cat $(CHECK_DATA)/uv.txt; exit 1; fi

fix: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@if [ -n "$$(find templates -name '*.html' -print -quit)" ]; then $(BIN)/djlint --quiet --reformat templates; fi

bench: $(DEV)
	$(BIN)/python -m benchmarks.ingest
	$(BIN)/python -m benchmarks.doors
	$(BIN)/python -m benchmarks.interference
	$(BIN)/python -m benchmarks.reports

lock: $(DEV)
	$(COMPILE) -o requirements.lock >/dev/null
	$(COMPILE_DEV) -o requirements-dev.lock >/dev/null

# A development environment serves `make run` too, so it is never taken down to the smaller one.
$(RUN):
	@if [ -e $(DEV) ]; then touch $@; else \
	  $(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)' && \
	  echo "Installing the environment from requirements.lock (about a minute) …" && \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && touch $@; fi

$(DEV):
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@echo "Installing the environment from requirements-dev.lock (about a minute) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
