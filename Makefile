# Everything a contributor runs. `make demo` and `make test` need Python 3.11 or newer and nothing else.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The machine's own python3 if it is new enough, else the newest that is; PYTHON=... overrides.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && exit; \
	done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# A third of the time tests wait for a browser, for Java and for other processes.
PYTEST_ARGS ?= -n 3 --dist loadgroup

.PHONY: help
help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | expand -t 14

.PHONY: demo
demo: $(VENV)/.core ## Segment the bundled customers and say where the report is
	$(BIN)/ilk demo --out assets --overwrite

.PHONY: app
app: $(VENV)/.app ## Open the web app
	$(BIN)/ilk app

.PHONY: test
test: $(VENV)/.dev browser ## Run the tests, but for those that take long
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "not thorough"

.PHONY: test-thorough
test-thorough: $(VENV)/.dev browser ## Run the tests that take long
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m thorough

.PHONY: browser
browser: $(VENV)/.dev ## Get a browser for the tests of the web app, where there is none
	@$(BIN)/python tools/find_browser.py

.PHONY: test-oldest
test-oldest: $(VENV)/.oldest ## Run the tests with the oldest versions that pyproject.toml allows
	$(VENV)/oldest/bin/python -m pytest $(PYTEST_ARGS) --ignore tests/tables/spark --ignore tests/app/journeys \
		--ignore tests/test_site.py --ignore tests/test_wheel.py

.PHONY: coverage
coverage: $(VENV)/.dev browser ## Run every test, and say which lines of src/ none of them runs
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PYTEST_ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

.PHONY: lint
lint: $(VENV)/.dev ## Check style, types, spelling, and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell $(PROSE)
PROSE := README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md docs src tests tools benchmarks examples

.PHONY: docs
docs: $(VENV)/.dev ## Build the documentation site into build/site
	$(BIN)/python tools/build_site.py

.PHONY: format
format: $(VENV)/.dev ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: bench
bench: $(VENV)/.dev ## Measure speed side by side with the plain alternatives
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/bankchurners.py
	$(BIN)/python benchmarks/known_answers.py
	$(BIN)/python benchmarks/deciding.py
	$(BIN)/python benchmarks/algorithms.py
	$(BIN)/python benchmarks/structure.py
	$(BIN)/python benchmarks/optimum.py
	$(BIN)/python benchmarks/scoring.py
	$(BIN)/python benchmarks/scale.py

.PHONY: notebooks
notebooks: $(VENV)/.dev ## Run the notebooks and keep their fresh outputs
	$(BIN)/python tools/run_notebooks.py

.PHONY: pictures
pictures: $(VENV)/.dev browser ## Take the pictures in the documentation anew
	$(BIN)/python tools/take_pictures.py

.PHONY: requirements
requirements: $(VENV)/.dev ## Pin the newest versions that fit, with hashes
	$(BIN)/uv pip compile $(PIN) --output-file requirements.txt pyproject.toml
	$(BIN)/uv pip compile $(PIN) --output-file requirements/app.txt --extra app --extra excel \
		--constraint requirements.txt pyproject.toml
	$(BIN)/uv pip compile $(PIN) --output-file requirements/notebook.txt --extra notebook \
		--constraint requirements/app.txt pyproject.toml
	$(BIN)/uv pip compile $(PIN) --output-file requirements/spark.txt --extra spark \
		--constraint requirements/app.txt pyproject.toml
	$(BIN)/uv pip compile $(PIN) --output-file requirements/dev.txt --extra dev \
		--constraint requirements/app.txt pyproject.toml
	echo 'setuptools>=77' | $(BIN)/uv pip compile $(PIN) --output-file requirements/build.txt -
# One version of everything for every Python and system, so that figures are the same everywhere.
PIN := --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-annotate --custom-compile-command 'make requirements'

.PHONY: image
image: ## Build the container image (needs Docker)
	docker build -t customer-segmentation-app .

.PHONY: clean
clean: ## Remove everything that can be made again
	rm -rf $(VENV) assets build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis .coverage* benchmarks/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: each step runs again only when what it was made from has changed.
$(VENV)/.python: tools/make_venv.py
	@echo "Making $(VENV) with $(PYTHON)."
	@$(PYTHON) tools/make_venv.py $(VENV)
	@touch $@

$(VENV)/.core: $(VENV)/.python requirements.txt pyproject.toml
	@echo "Installing ilk and what it needs: a minute or two, the first time."
	@$(PIP) install --requirement requirements.txt
	@$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.app: $(VENV)/.core requirements/app.txt
	@echo "Installing what the web app needs."
	@$(PIP) install --requirement requirements/app.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements/dev.txt
	@echo "Installing the tools that test and check it."
	@$(PIP) install --requirement requirements/dev.txt
	@touch $@

# A new folder each time, so that no newer version of an earlier run stays in it.
$(VENV)/.oldest: $(VENV)/.dev pyproject.toml
	@echo "Installing the oldest versions that pyproject.toml allows."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/oldest
	@$(BIN)/uv pip install --quiet --python $(VENV)/oldest/bin/python --resolution lowest-direct \
		--editable '.[test]'
	@touch $@
