# make studio   set up, and open the studio with its sample projects (PORT=8502 where 8501 is taken)
# make test     set up, and run the tests but the slow ones, which .ci/run runs too
# make audit    ask the package index for known flaws of the pinned versions, which needs a network
# make lock     renew the hashes in the locks, after a version was changed there
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
# Wheels alone: building from sources would run a package's code, and fetch what builds it without a hash.
BY_HASH := --require-hashes --no-deps --only-binary :all:
LOCKS := requirements.lock requirements-models.lock
TORCH_LOCK := requirements-torch.lock
# What audits and locks has an environment of its own: its versions are not those of the studio.
TOOLS := .venv-tools
TOOLS_LOCK := requirements-tools.lock
export HF_HUB_OFFLINE := 1
# Set in many images of containers: every process of the tests, some hundred of them, would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: studio setup test lint types check audit lock clean

studio: setup
	$(BIN)/proofroom serve --data data --sample data/sample --port $(PORT) --open

setup: $(READY)

$(READY): $(LOCKS) $(TORCH_LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "Python 3.11 is needed, the one this was tested with; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) $(BY_HASH) $(LOCKS:%=-r %)
	$(BIN)/pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest $(VENV)/torch $(shell grep -o '^torch==[^ ]*' $(TORCH_LOCK))
	$(PIP) $(BY_HASH) --no-index --find-links $(VENV)/torch -r $(TORCH_LOCK)
	rm -r $(VENV)/torch
# torch is there by now: this fetches what a build for CUDA asks for besides, which stands in no lock, and nothing for the CPU's.
	$(PIP) --only-binary :all: torch
	$(PIP) --no-deps --no-build-isolation --editable .
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

audit: $(TOOLS)/.ready
	@$(TOOLS)/bin/python .ci/audit.py $(LOCKS) $(TORCH_LOCK) $(TOOLS_LOCK)

lock: $(TOOLS)/.ready
	@$(TOOLS)/bin/python .ci/lock.py $(LOCKS) $(TORCH_LOCK) $(TOOLS_LOCK)

$(TOOLS)/.ready: $(TOOLS_LOCK)
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check $(BY_HASH) -r $(TOOLS_LOCK)
	@touch $@

clean:
	rm -rf $(VENV) $(TOOLS) build dist *.egg-info
