# Everything a newcomer or a CI needs; each target sets up its own virtual environment first.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo

.PHONY: demo test check bench evidence docs docs-reference constraints releases clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

# In a folder that one test alone looks into: beside the processor's torch, which has a torchvision of its own that no
# package registry holds, torchmetrics could no longer be imported.
NETWORKS := torchvision==0.28.0 timm==1.0.31 segmentation_models_pytorch==0.6.0 huggingface_hub==2.4.0

$(VENV)/networks: $(READY)
	rm -rf $@
	$(BIN)/pip install --quiet --no-deps --target $@ $(NETWORKS)
	touch $@

demo: $(READY)  ## build -> train -> score on phantoms, ends with the path of a report
	PATH="$(CURDIR)/$(BIN):$$PATH" sh tools/demo.sh $(DEMO)

test: $(READY) $(VENV)/networks  ## the whole suite, a process for each core, at most four
	$(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist worksteal

check: $(READY)  ## what CI checks besides the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	# mypy cannot follow the mapping of folders to the one package: it reads a tree of links.
	mkdir -p $(VENV)/typing/artasyn
	ln -sfn $(addprefix $(CURDIR)/,data_manifests synth train eval $(wildcard api/*.py) api/py.typed) $(VENV)/typing/artasyn/
	$(BIN)/mypy

bench: $(READY)  ## ratios against slow, obvious implementations; takes minutes
	$(BIN)/python -m benchmarks.lungs
	$(BIN)/python -m benchmarks.textures
	$(BIN)/artasyn-synth build phantom:64 $(DEMO)/bench_store --tag bench
	$(BIN)/python -m benchmarks.training $(DEMO)/bench_store@bench
	$(BIN)/python -m benchmarks.build phantom:64
	$(BIN)/python -m benchmarks.end_to_end phantom:64
	$(BIN)/python -m benchmarks.faults

# A night: seven hours of two cores. What is done already is not done again.
evidence: $(READY)  ## every table of docs/results.md anew: make evidence DATA=folder OUT=folder
	test -d "$(DATA)" && test -n "$(OUT)"
	PATH="$(CURDIR)/$(BIN):$$PATH" sh tools/evidence.sh "$(DATA)" "$(OUT)"

docs: $(READY)  ## the site of all pages, links checked: site/index.html
	$(BIN)/pip install --quiet --constraint constraints.txt '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "Open site/index.html, with search: python3 -m http.server --bind 127.0.0.1 --directory site"

docs-reference: $(READY)  ## the pages of docs/reference that are made from the code
	$(BIN)/python -m tools.reference

constraints:  ## resolve all releases anew and write constraints.txt; nothing is installed
	$(PYTHON) -m tools.constraints > constraints.new || { rm constraints.new; exit 1; }
	mv constraints.new constraints.txt

releases:  ## the chain and a part of the tests with the oldest and the newest releases allowed; gigabytes
	sh tools/releases.sh $(VENV)-oldest $(PYTHON) lowest-direct
	sh tools/releases.sh $(VENV)-newest $(PYTHON) highest

clean:
	rm -rf $(VENV) $(DEMO) build *.egg-info
