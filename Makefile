# Everything sets itself up: `make letter` and `make test` need nothing but Python 3.11 (with venv) on a fresh machine.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: letter test snapshots bench soak clean native native-test

letter: $(VENV)/installed native
	$(BIN)/imrgen render fixtures/seed.toml --pack imr-2015 -f text -f html -f pdf -o out/

test: $(VENV)/installed-dev native native-test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto -q

# Writes the expected outputs anew; read the difference before committing it.
snapshots: $(VENV)/installed-dev native native-test
	$(BIN)/pytest -q tests/test_snapshots.py --snapshot-update

bench: $(VENV)/installed-bench native
	$(BIN)/python benchmarks/command_line.py
	$(BIN)/python benchmarks/warm.py
	$(BIN)/python benchmarks/pdf.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/cluster.py
	$(BIN)/python benchmarks/preview.py

# What takes long: letters in two clean environments; batches that are killed 200 times, on failing disks (as root), on a
# Dask cluster, into an S3 store, of 10,000 cases, among workers that come to grief.
soak: $(VENV)/installed-dev native
	$(BIN)/pytest -q -s tests/soak

# WeasyPrint's native libraries, and for the tests pdfinfo, Java and a browser: through apt where that can be, else a
# line that says what.
native:
	@$(PYTHON) tools/native.py pango

native-test:
	@$(PYTHON) tools/native.py pango poppler java chromium

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -q -e .
	$(BIN)/python -m compileall -q imrgen
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -q -e ".[dev]"
	$(BIN)/python -m compileall -q imrgen
	@touch $@ $(VENV)/installed

$(VENV)/installed-bench: pyproject.toml $(VENV)/installed-dev
	$(BIN)/pip install -q -e ".[dev,bench]"
	@touch $@

clean:
	rm -rf $(VENV) out dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
