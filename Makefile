# Thin: every target is one or two commands. `make` alone prints what there is.
.DEFAULT_GOAL := help
.PHONY: help reports test lab data add claims fresh revisions notebooks check stale benchmark \
	lock clean scheduler worker doctor given diff site pdf check-browser mutants kills test-long


# A misspelt variable would silently make the default.
override KNOWN := REGIONS START END REPORT_LANGUAGE COLD MEMORY TIMEOUT SCHEDULER LISTEN PYTHON ENV FILE BASE EDITION PORT FLAGS
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
UNKNOWN := $(filter-out $(KNOWN) MAKE%,$(GIVEN))
$(if $(UNKNOWN),$(error unknown variable $(UNKNOWN); there are $(KNOWN)))
# A shell may have a TIMEOUT or a START that is not meant for us: these count as make's own only.
$(foreach name,$(filter-out PYTHON COLD,$(KNOWN)),$(if $(filter environment%,$(origin $(name))),\
	$(eval override $(name) :=)))
# What is given is text, in which make expands nothing; recipes see it as variables of the shell.
$(foreach name,$(KNOWN),$(eval override $(name) := $$(value $(name))))
export $(KNOWN)

# The environment is .venv, or the one (of venv or conda) at the prefix ENV.
export PREFIX := $(if $(ENV),$(if $(filter /%,$(ENV)),,$(CURDIR)/)$(ENV),$(CURDIR)/.venv)
READY := $(if $(ENV),given,.venv/.ready)
BROWSER := $(if $(ENV),given,.venv/.browser)
RUN := "$$PREFIX/bin/python"
# Ctrl-C waits until our own first line runs: before it Python would answer with a traceback.
HOLD := $(shell env --block-signal=INT true 2>/dev/null && echo env --block-signal=INT)
OURS := $(HOLD) $(RUN)
# What tools keep stays in the project.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
ifneq (,$(ENV))
export PYTHONPATH := $(CURDIR)/lib
endif
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export IPYTHONDIR := $(CURDIR)/.cache/ipython
ifneq (,$(filter C POSIX,$(value LC_ALL)))
export LC_ALL := C.UTF-8
endif

# An edition of one's own: make reports REGIONS="Cusco,Puno,Ayacucho" START=2005 END=2012
ASKED = $(if $(REGIONS),--set "regions=$$REGIONS") $(if $(START),--set "start_year=$$START") \
	$(if $(END),--set "end_year=$$END") $(if $(REPORT_LANGUAGE),--set "language=$$REPORT_LANGUAGE")

# Limits of one report (MB, seconds), and the cluster to make them on: docs/performance.md
LIMITS = $(if $(MEMORY),--memory "$$MEMORY") $(if $(TIMEOUT),--timeout "$$TIMEOUT")
CLUSTER = $(if $(SCHEDULER),--scheduler "$$SCHEDULER")
HOST = --host "$(if $(LISTEN),$$LISTEN,127.0.0.1)"

help: ## print this
	@echo "Andean value chains: coffee and camelids in the regions of Peru"
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile
	@echo 'An edition of your own: make reports REGIONS="Cusco,Puno,Ayacucho" START=2005 END=2012'

reports: $(READY) ## data, every report that is not up to date, reports/index.html
	@PRESS_ATTACHED=1 exec $(OURS) -m press run $(ASKED) $(LIMITS) $(CLUSTER)

stale: $(READY) ## which reports would run, and why
	@$(OURS) -m press stale

doctor: $(READY) ## environment, data, last run, disk: what is wrong, and what to do
	@$(OURS) -m press doctor

diff: $(READY) ## what the reports find that BASE (a reports folder or a git ref) did not
	@$(OURS) -m press diff "$$BASE"

site: reports ## one zip of the site, that opens from disk: reports/site.zip
	@$(OURS) -m press site

pdf: reports ## the pages of EDITION (eu-peru if not given) as PDF, where there is a Chromium
	@$(OURS) -m press pdf "$${EDITION:-eu-peru}"

scheduler: $(READY) ## start the Dask scheduler of a cluster (LISTEN=address, else this machine only)
	@$(RUN) -m distributed.cli.dask_scheduler $(HOST) --port 8786 --no-dashboard --dashboard-address 127.0.0.1:0

worker: $(READY) ## make reports for the cluster at SCHEDULER=tcp://... from this working copy
	@$(OURS) -m press worker $(CLUSTER) $(HOST)

# The other notebooks are executed once, for their reports; two in ordinary kernels too, like those
# of the lab. First what takes long.
COLD_NOTEBOOKS := $(patsubst %,notebooks/%.ipynb,04-camelids tour explore method-survey-estimates)
test: $(READY) ## the test suite: library, press, notebooks
	$(RUN) -m pytest -p tests.quick $(COLD_NOTEBOOKS) tests --nbval -n 3 --dist loadfile \
		--ignore tests/browser -m "not long"

test-long: $(READY) ## what takes long: runs and clusters that are ended, soaks, simulations (two minutes)
	$(RUN) -m pytest -p tests.quick tests -n 2 --dist loadfile --ignore tests/browser -m long

check-browser: reports $(BROWSER) ## the pages and the explorer in a browser, with axe (FLAGS="-k four")
	$(RUN) -m pytest tests/browser -rs -n 2 -p no:nbval $$FLAGS

lab: $(READY) ## JupyterLab on the tour, in work/, a copy of the notebooks (PORT=8890 FLAGS=--no-browser)
	@mkdir -p work .cache; for each in $(notdir $(wildcard notebooks/*.ipynb)); do \
		test -e "work/$$each" || cp "notebooks/$$each" work/; done
	@test "$$(id -u)" != 0 || echo "You are root: anybody with the link below acts as root."
	@JUPYTER_PREFER_ENV_PATH=1 exec $(RUN) -m jupyterlab --ServerApp.root_dir="$(CURDIR)" \
		--LabApp.default_url=/lab/tree/work/tour.ipynb $(if $(PORT),--port "$$PORT") \
		$$(test "$$(id -u)" != 0 || echo --allow-root) $$FLAGS

data: $(READY) ## data/processed from data/raw, and its dictionary
	@$(OURS) -m valuechains data
	@$(OURS) docs/dictionary.py

add: $(READY) ## take a published file into data/raw: make add FILE=path
	@$(OURS) -m valuechains add "$$FILE"

claims: data ## what the documents state, recomputed: every statement and its verdict
	@$(OURS) -m valuechains claims

fresh: data ## raw files that are due for renewal
	@$(OURS) -m valuechains fresh

revisions: data ## every fact that sources or vintages give differently, largest change first
	@$(OURS) -m valuechains revisions

notebooks: data ## execute the committed notebooks in place
	@$(OURS) -m press notebooks
	@$(RUN) docs/lab.py
	@$(RUN) docs/pictures.py

check: $(READY) ## lint code and notebooks
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

benchmark: $(READY) ## the batch against plainer ways of making the same reports (half an hour)
	@$(RUN) benchmarks/batch.py

mutants: reports ## do the tests notice small faults? 120 of them, two at a time (half an hour)
	@$(RUN) benchmarks/mutants.py

kills: $(READY) ## is anything lost or torn when runs are ended? fifty moments (half an hour)
	@$(RUN) benchmarks/kills.py

lock: $(READY) ## pin every package again, with hashes, for all supported Pythons
	"$$PREFIX/bin/uv" pip compile --quiet --universal --generate-hashes --upgrade --no-annotate \
		--custom-compile-command "make lock" pyproject.toml -o requirements.lock
	"$$PREFIX/bin/uv" pip compile --quiet --universal --generate-hashes --upgrade --no-annotate \
		--custom-compile-command "make lock" --constraint requirements.lock --group browser \
		-o requirements-browser.lock

clean: ## remove what is built (reports, caches); the environment stays
	rm -rf reports .cache .pytest_cache .ruff_cache .hypothesis

given: # an environment of one's own has to be complete, it is left as it is
	@test -x $(RUN) || { echo "error: ENV: there is no $$PREFIX/bin/python" >&2; exit 2; }

.venv/.ready: requirements.lock pyproject.toml
	@"$${PYTHON:-python3}" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
		"Python 3.11 or newer is needed, %s is %s" % (sys.executable, sys.version.split()[0]))'
	@echo "Installing the environment into .venv (about 1.3 GB, a minute or two) ..."
	@test -x $(RUN) || "$${PYTHON:-python3}" -m venv .venv
	@awk '/^[a-z]/ {in_uv = /^uv==/} in_uv' requirements.lock > .venv/uv.lock
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@VIRTUAL_ENV=.venv .venv/bin/uv pip sync --no-cache --quiet --require-hashes --compile-bytecode requirements.lock
	@VIRTUAL_ENV=.venv .venv/bin/uv pip install --no-cache --quiet --no-deps --no-build-isolation -e .
	@$(RUN) -m compileall -q lib
	@touch $@

.venv/.browser: .venv/.ready requirements-browser.lock
	@VIRTUAL_ENV=.venv .venv/bin/uv pip install --no-cache --quiet --require-hashes -r requirements-browser.lock
	@touch $@
