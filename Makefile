# One entry for everything; `make` alone lists the targets. ARGS goes to the command behind a target.
PYTHON ?= python3
STAMP := .venv/.installed
PACKAGES := shared server desktop lab
CORES := $(shell nproc 2>/dev/null || echo 1)
SCHEDULES ?= 3000
EVENTS ?= 300
MINUTES ?= 60

.DEFAULT_GOAL := help
.PHONY: help setup demo test check proof slice bench lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## install everything into .venv (done once per lock)

$(STAMP): requirements.lock pyproject.toml scripts/setup.py
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) scripts/setup.py
	@touch $@

demo: setup ## run the whole of Sheaf on this machine; ARGS="--help" for its options
	@.venv/bin/sheaf demo $(ARGS)

test: setup ## run the tests; ARGS="tests/shared -k money" for some of them
	@$(PYTHON) scripts/setup.py tests
	@.venv/bin/pytest -n auto $(ARGS)

check: setup ## lint, format, types, import arrows, dead names, house rules
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy $(PACKAGES)
	.venv/bin/lint-imports
	.venv/bin/vulture
	.venv/bin/pytest -q tests/meta

proof: setup ## hours of proof: small changes of the code, days of failures, wrong variants, an hour's work measured
	.venv/bin/python scripts/mutation.py deciding
	.venv/bin/python scripts/mutation.py doing --every 50
	for seed in 1 2 3; do .venv/bin/sheaf simulate --schedules $(SCHEDULES) --seed $$seed --jobs $(CORES) || exit 1; done
	.venv/bin/sheaf simulate --restores 500 --seed 1 --jobs $(CORES)
	.venv/bin/sheaf simulate --mutants
	.venv/bin/python -m lab.endurance events --count $(EVENTS)
	.venv/bin/python -m lab.endurance soak --minutes $(MINUTES)
	.venv/bin/sheaf bench reloads --strict --soak 600
	$(PYTHON) scripts/setup.py tests
	.venv/bin/pytest tests/proof

slice: setup ## minutes of the proof, always the same ones, and every fault on real processes
	.venv/bin/pytest -n auto tests/faults
	.venv/bin/python scripts/mutation.py deciding --only server.approvals --every 2
	.venv/bin/python scripts/mutation.py deciding --only server.company_rules --every 2
	.venv/bin/sheaf simulate --schedules 100 --seed 1 --jobs $(CORES)
	.venv/bin/sheaf simulate --restores 20 --seed 1 --jobs $(CORES)

bench: setup ## measure against the goals: ARGS="ledger --strict", else every bench in turn
	@if [ -n "$(ARGS)" ]; then .venv/bin/sheaf bench $(ARGS); \
	else for name in $$(.venv/bin/python -c "from lab.bench import BENCHES; print(*BENCHES)"); do \
		.venv/bin/sheaf bench $$name || exit 1; done; fi

lock: setup ## choose versions anew and write requirements.lock
	.venv/bin/uv pip compile pyproject.toml --extra dev --extra bench --universal --generate-hashes --upgrade --quiet \
		--no-emit-index-url --no-emit-find-links --no-annotate --no-header --output-file requirements.lock
