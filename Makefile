# Thin: every target is one or two commands. `make` alone prints what there is.
.DEFAULT_GOAL := help
.PHONY: help reports test lab data add claims fresh revisions notebooks check stale benchmark \
	lock clean scheduler worker

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/.ready

# A misspelt variable would silently make the default.
SPACE := $(subst ,, )
KNOWN := REGIONS START END REPORT_LANGUAGE COLD MEMORY TIMEOUT SCHEDULER LISTEN PYTHON FILE
UNKNOWN := $(filter-out $(addsuffix =%,$(KNOWN)),$(subst \$(SPACE),_,$(MAKEOVERRIDES)))
$(if $(UNKNOWN),$(error unknown variable $(UNKNOWN); there are $(KNOWN)))
# A shell may have a TIMEOUT or a START that is not meant for us: these count as make's own only.
$(foreach name,$(filter-out PYTHON COLD,$(KNOWN)),$(if $(filter environment,$(origin $(name))),\
	$(eval $(name) :=)))

# The environment is .venv and nothing else; what tools keep stays in the project.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export IPYTHONDIR := $(CURDIR)/.cache/ipython
ifneq (,$(filter C POSIX,$(LC_ALL)))
export LC_ALL := C.UTF-8
endif

# An edition of one's own: make reports REGIONS="Cusco,Puno,Ayacucho" START=2005 END=2012
export REGIONS START END REPORT_LANGUAGE FILE
EDITION = $(if $(REGIONS),--set "regions=$$REGIONS") $(if $(START),--set "start_year=$$START") \
	$(if $(END),--set "end_year=$$END") $(if $(REPORT_LANGUAGE),--set "language=$$REPORT_LANGUAGE")

# Limits of one report (MB, seconds), and the cluster to make them on: docs/performance.md
export MEMORY TIMEOUT SCHEDULER LISTEN
LIMITS = $(if $(MEMORY),--memory "$$MEMORY") $(if $(TIMEOUT),--timeout "$$TIMEOUT")
CLUSTER = $(if $(SCHEDULER),--scheduler "$$SCHEDULER")
HOST = --host "$(if $(LISTEN),$$LISTEN,127.0.0.1)"

help: ## print this
	@echo "Andean value chains: coffee and camelids in the regions of Peru"
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@echo 'An edition of your own: make reports REGIONS="Cusco,Puno,Ayacucho" START=2005 END=2012'

reports: $(READY) ## data, every report that is not up to date, reports/index.html
	@$(BIN)/python -m valuechains data
	@$(BIN)/python -m press run $(EDITION) $(LIMITS) $(CLUSTER)

stale: $(READY) ## which reports would run, and why
	@$(BIN)/python -m press stale

scheduler: $(READY) ## start the Dask scheduler of a cluster (LISTEN=address, else this machine only)
	@$(BIN)/dask scheduler $(HOST) --port 8786 --no-dashboard --dashboard-address 127.0.0.1:0

worker: $(READY) ## make reports for the cluster at SCHEDULER=tcp://... from this working copy
	@$(BIN)/python -m press worker $(CLUSTER) $(HOST)

test: $(READY) ## the whole test suite: library, press, notebooks
	$(BIN)/python -m pytest tests notebooks --nbval

lab: $(READY) ## JupyterLab on the notebooks
	cd notebooks && JUPYTER_PREFER_ENV_PATH=1 ../$(BIN)/jupyter lab

data: $(READY) ## data/processed from data/raw, and its dictionary
	@$(BIN)/python -m valuechains data
	@$(BIN)/python docs/dictionary.py

add: $(READY) ## take a published file into data/raw: make add FILE=path
	@$(BIN)/python -m valuechains add "$$FILE"

claims: data ## what the documents state, recomputed: every statement and its verdict
	@$(BIN)/python -m valuechains claims

fresh: data ## raw files that are due for renewal
	@$(BIN)/python -m valuechains fresh

revisions: data ## every fact that sources or vintages give differently, largest change first
	@$(BIN)/python -m valuechains revisions

notebooks: data ## execute the committed notebooks in place
	@$(BIN)/python -m press notebooks
	@$(BIN)/python docs/pictures.py

check: $(READY) ## lint code and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

benchmark: $(READY) ## the batch against plainer ways of making the same reports (half an hour)
	@$(BIN)/python benchmarks/batch.py

lock: $(READY) ## pin every package again, with hashes, for all supported Pythons
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --upgrade --no-annotate \
		--custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean: ## remove what is built (reports, caches); the environment stays
	rm -rf reports .cache .pytest_cache .ruff_cache .hypothesis

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
		"Python 3.11 or newer is needed, %s is %s" % (sys.executable, sys.version.split()[0]))'
	@echo "Installing the environment into .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV=.venv $(BIN)/uv pip sync --no-cache --quiet --require-hashes --compile-bytecode requirements.lock
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --no-cache --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q lib
	@touch $@
