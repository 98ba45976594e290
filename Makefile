# `make` alone explains every target. The first one that needs Python makes .venv from the pinned requirements.txt.
PROFILE ?= quick
SEEDS ?=
JOBS ?=
PYTHON := .venv/bin/python
READY := .venv/.ready
# Bytes that a page may send at once; Jupyter's own limit of 10 MiB loses a large photograph without a word.
UPLOAD := 536870912
export JUPYTER_PREFER_ENV_PATH := 1

.DEFAULT_GOAL := help
.PHONY: help study test check lab explore report keep bench pretrain ship clean

help: ## say what each target does
	@echo "A reproducible study of BackgroundMattingV2. Targets:"
	@sed -n 's/^\([a-z]*\):.*## /  make \1 \t/p' $(MAKEFILE_LIST) | expand -t 17
	@echo "PROFILE=smoke|quick chooses the size (now $(PROFILE)), SEEDS=N how often each row is trained, JOBS=N how much runs at a time."
	@echo "Everything else: .venv/bin/python -m bgmatte --help"

study: $(READY) ## run the whole study (or what of it is not up to date) and say where its report is
	@$(PYTHON) -m bgmatte study --profile $(PROFILE) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(JOBS),--jobs $(JOBS))

test: check ## check, then the smoke study, and its notebooks once more: all that must pass before a change is shared
	@$(PYTHON) -m bgmatte study --profile smoke $(if $(JOBS),--jobs $(JOBS))
	@$(PYTHON) -m bgmatte.workflow.again smoke

check: $(READY) ## format, lint, types, rules and unit tests
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@OMP_NUM_THREADS=1 $(PYTHON) -m pytest -q -n 2 --dist worksteal

lab: $(READY) ## open JupyterLab at the notebooks
	@$(PYTHON) -m jupyterlab --ServerApp.tornado_settings="{'websocket_max_message_size': $(UPLOAD)}" notebooks

explore: export JUPYTER_PATH := $(CURDIR)/bgmatte/explorer/jupyter$(if $(JUPYTER_PATH),:$(JUPYTER_PATH))
explore: $(READY) ## open the explorer as a dashboard in the browser, no code visible
	@$(PYTHON) -m voila --Voila.config_file_paths="$(CURDIR)/bgmatte/explorer/jupyter" notebooks

report: $(READY) ## write the report again from the records there are
	@$(PYTHON) -m bgmatte report --profile $(PROFILE)

keep: $(READY) ## copy the finished study to reports/reference, where what is committed stands
	@$(PYTHON) -m bgmatte.reporting.keeping $(PROFILE)

bench: $(READY) ## measure the fast path against the plain one, part by part (let nothing else run meanwhile)
	@$(PYTHON) -m bgmatte bench --profile $(PROFILE)

pretrain: $(READY) ## train the starting weights that ship again (four hours on one core)
	@export OMP_NUM_THREADS=1; set -e; $(PYTHON) -m bgmatte pretrain; \
	$(PYTHON) -m bgmatte pretrain --backbone mobilenetv2; \
	$(PYTHON) -m bgmatte pretrain --backbone resnet101 --precision mixed; \
	$(PYTHON) -m bgmatte pretrain --context projection --precision mixed

ship: $(READY) ## train the small baseline that ships again and write it (about an hour on two cores)
	@$(PYTHON) -m bgmatte study --profile overnight --only baseline --seeds 1
	@$(PYTHON) -m bgmatte ship --profile overnight

clean: ## remove .venv and every result; the cache of data and checkpoints stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find reports -mindepth 1 -maxdepth 1 -type d ! -name reference ! -name explored -exec rm -rf {} +

# A version manager's placeholder may be on the path and yet start nothing, so each candidate is tried.
$(READY): requirements.txt
	@for python in python3.12 python3.11 python3 python "$$HOME"/.pyenv/versions/3.12*/bin/python "$$HOME"/.pyenv/versions/3.11*/bin/python none; do \
		"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && break; \
	done; \
	if [ "$$python" = none ]; then echo "error: no Python 3.11 or 3.12 (with venv and ensurepip) was found; install one of them" >&2; exit 2; fi; \
	echo "making .venv with $$("$$python" -V): a few minutes and about 6 GB, once"; \
	{ [ -x $(PYTHON) ] || "$$python" -m venv .venv; } \
	&& $(PYTHON) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.txt \
	&& $(PYTHON) -c 'import os, pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "bgmatte.pth").write_text(os.getcwd() + "\n")' \
	&& touch $(READY)
