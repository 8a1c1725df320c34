# Two commands on a fresh machine: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test lint look docs bench fuzz mutation lock clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --only-binary :all: --no-deps -r requirements/dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/tidegate demo

test: setup
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The page of `tidegate sbom --picture` in a headless Chromium: what it finds wrong, and screenshots to look at.
look: setup
	PYTHONPATH=tests $(BIN)/python -m ui.look_at_pictures build/pictures

docs: setup
	$(BIN)/python docs/generate.py

bench: setup
	$(BIN)/python -m benchmarks

# Property tests with new examples each time; a failure prints how to reproduce it.
fuzz: setup
	for round in 1 2 3 4 5; do $(BIN)/python -m pytest --hypothesis-profile=fuzz $$(grep -rl "import given" tests) || exit 1; done

mutation: setup
	bash tests/mutation/run.sh

lock:
	uv pip compile pyproject.toml --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 --upgrade -o requirements.txt
	uv pip compile pyproject.toml --extra dev --extra test --generate-hashes --universal --no-emit-index-url --no-header --python-version 3.11 -c requirements.txt -o requirements/dev.txt

clean:
	rm -rf $(VENV) dist build .tidegate
