# Everything sets itself up: `make letter` and `make test` need nothing but Python 3.11 (with venv) on a fresh machine.
# `SYSTEM=no` keeps them from installing system packages; what cannot be made or tested without them is said.
# `LOCKED=no` installs the newest packages that pyproject.toml allows, in place of those that `make lock` has locked.
PYTHON ?= python3
ENGINE ?= weasyprint
SYSTEM ?= yes
LOCKED ?= yes
VENV   := .venv
COMMA  := ,
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SYSTEM ENGINE
BY_TYPST    := $(filter typst,$(ENGINE))
TYPST_TESTS := tests/export/pdf/test_typst_*.py tests/cli/test_nothing_native.py
# imrgen itself is built by locked packages, too, so nothing is installed but what has a hash.
install_yes = echo "installing requirements/$(1).txt"; $(BIN)/pip install -q --require-hashes -r requirements/$(1).txt || { echo "$(FALL_BACK)"; exit 1; }; \
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
install_no  = echo "installing what is newest, not what is locked" && $(BIN)/pip install -q -e ".[$(2)]"
install     = $(install_$(LOCKED))
FALL_BACK  := the locked packages cannot be installed here; LOCKED=no installs the newest ones that pyproject.toml allows
# Tests that drive a browser or start a program wait for half of their time: three workers keep two cores busy.
# A worker that is done takes over half of what another has left: the longest tests stand together.
WORKERS ?= $(shell echo $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )))
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist worksteal -q
# Else each process that runs tests compiles all of them anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: letter quick test lint hooks snapshots docs schema bench checks-report soak release lock clean native native-test

# The example, by WeasyPrint, or with `ENGINE=typst` by Typst, which needs no system package.
letter: $(if $(BY_TYPST),$(VENV)/installed-typst,$(VENV)/installed native)
	$(BIN)/imrgen render fixtures/seed.toml --pack imr-2015 -f text -f html -o out/
	$(BIN)/imrgen render fixtures/seed.toml --pack imr-2015 -f pdf --engine $(ENGINE) -o out/
	@echo "the PDF was set by $(ENGINE)"

# What to run while you work: no test that needs a browser, Java or poppler, and none that is slow.
quick: lint native
	$(PYTEST) -m "not (slow or browser or java or poppler)"

# All tests; or with `ENGINE=typst` those of PDF by Typst, which need no Pango.
test: lint $(if $(BY_TYPST),,native) native-test $(VENV)/installed-docs
	$(PYTEST) $(if $(BY_TYPST),$(TYPST_TESTS))

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Runs the linters before each commit, by pre-commit.
hooks: $(VENV)/installed-dev
	$(BIN)/pre-commit install

# Writes the expected outputs anew; read the difference before committing it.
snapshots: $(VENV)/installed-dev native native-test
	$(BIN)/pytest -q tests/test_snapshots.py --snapshot-update

# The pages that are generated, each of which a test compares with what its command prints; and the site of all pages,
# in site/. Sphinx's first warning ends it.
docs: schema $(VENV)/installed-docs
	$(BIN)/imrgen explain --markdown > docs/codes.md
	$(BIN)/imrgen schema --markdown > docs/case-file.md
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --fresh-env -d site/.doctrees -c docs . site
	@echo site/index.html

schema: $(VENV)/installed
	$(BIN)/imrgen schema > docs/case.schema.json

bench: $(VENV)/installed-bench native
	$(BIN)/python benchmarks/command_line.py
	$(BIN)/python benchmarks/warm.py
	$(BIN)/python benchmarks/pdf.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/check.py
	$(BIN)/python benchmarks/plan.py
	$(BIN)/python benchmarks/cluster.py
	$(BIN)/python benchmarks/preview.py
	$(BIN)/python benchmarks/growth.py

# What the checks catch, miss and report wrongly on invented letters and seeded mutations of them.
checks-report: $(VENV)/installed-dev native
	$(BIN)/python -m tools.checks_report

# What takes long: letters in two clean environments; batches that are killed 200 times, on failing disks (as root), on a
# Dask cluster, into an S3 store, of 10,000 cases, among workers that come to grief; hostile packs, cases and letters;
# the page breaks of 500 letters.
soak: $(VENV)/installed-dev native native-test
	$(BIN)/pytest -q -s tests/soak

# Builds the sdist and, from it, the wheel, and tests both. The version is that of the git tag: `git tag v1.2.3` first.
release: $(VENV)/installed-release native native-test
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/pytest -q tests/release

# Locks every dependency by version and hash, for `make letter`, `make test` and CI. What is locked stays where
# pyproject.toml still allows it: `make lock UPGRADE=weasyprint` brings up one package, `make lock UPGRADE=all` all.
lock: $(VENV)/bin/python
	$(BIN)/pip install -q "uv>=0.9"
	$(BIN)/python tools/lock.py $(UPGRADE)

# WeasyPrint's native libraries, and for the tests pdfinfo, Java and a browser: through apt where that can be, else a
# line that says what.
native:
	@$(PYTHON) tools/native.py pango

native-test:
	@$(PYTHON) tools/native.py poppler java chromium

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml requirements/letter.txt | $(VENV)/bin/python
	@$(call install,letter,)
	$(BIN)/python -m compileall -q imrgen
	@touch $@

$(VENV)/installed-typst: requirements/typst.txt $(VENV)/installed
	@$(call install,typst,typst)
	@touch $@

$(VENV)/installed-dev: pyproject.toml requirements/dev.txt requirements/typst.txt | $(VENV)/bin/python
	@$(call install,dev,dev)
	$(BIN)/python -m compileall -q imrgen
	@touch $@ $(VENV)/installed

$(VENV)/installed-bench: requirements/bench.txt $(VENV)/installed-dev
	@$(call install,bench,dev$(COMMA)bench)
	@touch $@

$(VENV)/installed-docs: requirements/docs.txt $(VENV)/installed-dev
	@$(call install,docs,dev$(COMMA)docs)
	@touch $@

$(VENV)/installed-release: requirements/release.txt $(VENV)/installed-dev
	@$(call install,release,dev$(COMMA)release)
	@touch $@

clean:
	rm -rf $(VENV) out site dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
