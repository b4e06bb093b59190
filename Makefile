# Two commands on a machine that has git, make and python3 (3.11 or newer):
#   make demo   fit a scorecard on the sample in data/, score a batch, write a report
#   make test   lint, types, import directions, documentation and the test suite
# Each prepares the virtual environment it needs; either order works.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OPENBLAS_NUM_THREADS ?= 1
KERNEL := {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}

.PHONY: demo test lint docs bench validation papers notebooks clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp a set of extras: reinstalled when pyproject.toml changes.
$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[plot,report,frames,sql]"
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	$(BIN)/infostat demo --out demo

test: $(VENV)/.dev
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory docs
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(VENV)/.dev
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

bench: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[bench]" || true
	$(BIN)/python -m benchmarks.scoring
	$(BIN)/python -m benchmarks.race

validation: $(VENV)/.dev
	$(BIN)/python -m benchmarks.validation

# The papers re-run, and the methods left out; QUICK=1 takes few replications and prints.
papers: $(VENV)/.dev
	$(BIN)/python -m benchmarks.papers $(if $(QUICK),--quick)
	$(BIN)/python -m benchmarks.considered $(if $(QUICK),--quick)

notebooks: $(VENV)/.dev
	$(BIN)/jupytext --quiet --to ipynb --update-metadata '$(KERNEL)' notebooks/*.py

clean:
	rm -rf $(VENV) demo docs/_build docs/generated docs/notebooks .pytest_cache .mypy_cache .ruff_cache
