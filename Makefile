# Vaxel's targets. Each sets up what it needs first (deploy/setup.sh), which costs nothing once done.

CONFIG ?= examples/malmo
DATA ?= data
SEEDS ?= 20
export PJPROJECT FRESH

run_in := deploy/setup.sh run --
test_in := deploy/setup.sh test --

.DEFAULT_GOAL := help
.PHONY: help run demo install test lint unit sim day bench pictures soak kill-test pjsua2-proof image-check lock clean

help: ## this list
	@[ ! -t 1 ] || colour='\033[1;36m' plain='\033[0m'; \
	awk -F ':.*## ' "/^[a-z0-9-]+:.*## / { printf \"  $$colour%-14s$$plain %s\n\", \$$1, \$$2 }" $(MAKEFILE_LIST)

run: ## set up and start Vaxel (CONFIG=examples/malmo DATA=data)
	@$(run_in) vaxel run --config $(CONFIG) --data $(DATA)

demo: ## let a made-up city ring, write to and visit the Vaxel that `make run` started (DATA=data ARGS="--pace 20")
	@$(run_in) vaxel demo --data $(DATA) $(ARGS)

install: ## install or upgrade for systemd, in /opt/vaxel (root; docs/operating.md)
	@deploy/install.sh

# More than there are cores: most tests wait for processes to start, phones to ring and timers to end.
WORKERS := $(shell echo $$(( ($$(nproc) * 3 + 1) / 2 )))

test: lint ## set up and run all checks and tests but the long ones
	@$(test_in) pytest -m "not soak" --numprocesses $(WORKERS) --dist loadfile --durations 60 --durations-min 4

lint: ## ruff, mypy, import directions, shellcheck
	@$(test_in) deploy/lint.sh

unit: ## the tests that need no processes, sockets or Debian packages
	@$(test_in) pytest -m "not soak and not system"

sim: ## the simulator with other seeds (SEEDS=20)
	@$(test_in) python -m engine.sim --seeds $(SEEDS) --steps 10000

day: ## a simulated day with all channels, checked at each step: the report, who was answered in time (docs/fairness.md)
	@BRING="docs/fairness.svg" $(test_in) python -m engine.sim --day --checked --drawing docs/fairness.svg

bench: ## measure, and write the table into docs/performance.md
	@BRING="docs/performance.md bench/results/latest.json" $(test_in) python -m bench

README_SHOWS := desk-call console wallboard

pictures: ## take the pictures of README.md anew, of pages as the tests see them
	@BRING="$(README_SHOWS:%=docs/pictures/%.png)" $(test_in) env PICTURES=docs/pictures \
	    pytest tests/desk/test_desk.py tests/desk/test_console.py tests/desk/test_supervisor.py

soak: ## the tests that run for a long time
	@$(test_in) pytest -m soak

kill-test: ## kill -9 each process during calls
	@$(test_in) pytest tests/system -k kill

pjsua2-proof: ## each patch to PJSIP: its test fails without it
	@$(test_in) deploy/pjsua2/prove.sh

image-check: ## the Dockerfile's steps in a chroot, without Docker (root; FRESH=1: no caches)
	@deploy/setup.sh packages image-check
	@deploy/image-check.py

lock: ## regenerate the lock files from pyproject.toml (ARGS="--upgrade")
	@deploy/setup.sh packages run
	@BRING="requirements.lock requirements-dev.lock deploy/requirements-node.lock" deploy/as-user.sh deploy/lock.sh $(ARGS)

clean: ## remove what was made here, but never data
	@deploy/as-user.sh rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
