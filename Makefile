# Everything a newcomer or a CI needs; each target sets up its own virtual environment first.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo

.PHONY: demo test check bench clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

demo: $(READY)  ## build -> train -> score on phantoms, ends with the path of a report
	PATH="$(CURDIR)/$(BIN):$$PATH" sh benchmarks/demo.sh $(DEMO)

test: $(READY)  ## the whole suite
	$(BIN)/pytest

check: $(READY)  ## what CI checks besides the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)  ## ratios against slow, obvious implementations; takes minutes
	$(BIN)/python benchmarks/lungs.py
	$(BIN)/python benchmarks/textures.py
	$(BIN)/artasyn-synth build phantom:64 $(DEMO)/bench_store --tag bench
	$(BIN)/python benchmarks/training.py $(DEMO)/bench_store@bench
	$(BIN)/python benchmarks/build.py phantom:64
	$(BIN)/python benchmarks/end_to_end.py phantom:64
	$(BIN)/python benchmarks/faults.py

clean:
	rm -rf $(VENV) $(DEMO) build *.egg-info
