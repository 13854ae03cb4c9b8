# tknOps: `make run` and `make test` set themselves up; nothing else is needed but Python 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
DEV := .venv/dev-$(shell cksum < requirements-dev.lock | cut -d' ' -f1)
RUN := .venv/run-$(shell cksum < requirements.lock | cut -d' ' -f1)

.PHONY: run test check fix bench lock
.DEFAULT_GOAL := run

run: $(RUN)
	@exec $(BIN)/python -m tknops.supervisor

test: $(DEV)
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	HTTPS=1 TKNOPS_DATA=$${TMPDIR:-/tmp}/tknops-check $(BIN)/python manage.py check --deploy --fail-level WARNING

fix: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV)
	$(BIN)/python -m benchmarks.ingest
	$(BIN)/python -m benchmarks.margin

lock: $(DEV)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --extra embedded pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --extra embedded --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

# A development environment serves `make run` too, so it is never taken down to the smaller one.
$(RUN):
	@if [ -e $(DEV) ]; then touch $@; else \
	  echo "Installing the environment from requirements.lock (about a minute) …"; \
	  $(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)' && \
	  $(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --require-hashes -r requirements.lock && touch $@; fi

$(DEV):
	@echo "Installing the environment from requirements-dev.lock (about a minute) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
