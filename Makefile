# Two commands do everything: `make demo` and `make test`. Only Python 3.11+ and make are needed.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
UV := $(shell command -v uv 2>/dev/null)
NPM := $(shell command -v npm 2>/dev/null)
BIOME := tools/javascript/node_modules/.installed
# Tests start some hundred processes. Where nothing compiled is kept, each compiles 3,600 modules again: 3 CPU s.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test test-all coverage lint javascript types notebooks bench docs clean

help:
	@echo "make demo   run the main job on the bundled city"
	@echo "make test   run the checks and the tests"
	@echo "make test-all  every test, those that take long too, and laws on many more examples"
	@echo "make coverage  the branches that no test takes, in coverage/index.html"
	@echo "make lint   format, lint, types, import order; the page's scripts where node is installed"
	@echo "make docs   write the generated pages of docs/ again"
	@echo "make notebooks  run the notebooks again and keep their outputs"

# The environment, made again when pyproject.toml changes. uv is used when present.
$(VENV)/.installed: pyproject.toml
ifdef UV
	uv venv -q --allow-existing --python "$(PYTHON)" $(VENV)
	uv pip install -q --python $(VENV) -e . --group dev
else
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'layoutplan needs Python 3.11 or newer')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade "pip>=25.1"
	$(BIN)/python -m pip install -q -e . --group dev
endif
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/layoutplan run data/demo/plan.toml --out demo-run

test: $(VENV)/.installed lint
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not slow"

# Everything, and the laws on five times as many examples.
test-all: $(VENV)/.installed lint
	LAYOUTPLAN_TESTS=thorough $(BIN)/python -m pytest -q -n 2 --dist loadgroup

# Which branches no test takes: a report, not a gate.
coverage: $(VENV)/.installed
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not slow" --cov --cov-report=term:skip-covered --cov-report=html:coverage

lint: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
ifdef NPM
	$(MAKE) --no-print-directory javascript
else
	@echo "npm is not installed: the scripts and style sheets of the map page are not checked here"
endif

# The page's scripts and style sheets: format and lint, by Biome from npm.
javascript: $(BIOME)
	cd tools/javascript && npm run --silent lint

$(BIOME): tools/javascript/package.json
	cd tools/javascript && npm install --no-package-lock --no-audit --no-fund --silent
	@touch $@

docs: $(VENV)/.installed
	$(BIN)/python -m tools.docs.build

# The notebooks again, with their outputs.
notebooks: $(VENV)/.installed
	$(BIN)/python -m tools.notebooks

clean:
	rm -rf $(VENV) tools/javascript/node_modules demo-run .mypy_cache .ruff_cache .pytest_cache .hypothesis
