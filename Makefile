# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Every target sets up what it needs, below .venv and .cache only, and runs sessions of noxfile.py.
#   ARGS  more arguments for pytest, ansible-test or the demo:  make unit ARGS="-k redact -x"
#   JOBS  number of pytest processes; 0 for none:               make integration JOBS=0
#   CORES  versions of ansible-core, or "minimum" for libraries:  make versions CORES="2.16 minimum"
#   FILES, MINUTES  what is mutated, and how long each may take:  make mutants FILES="plan values"
#   SKIP  "importer": a release without Galaxy's importer:      make release SKIP=importer
#   N, RUNS, SAMPLE, FULL, PAGE  size of the benchmark:         make bench N=10000

export ARGS JOBS CORES FILES MINUTES N RUNS SAMPLE FULL PAGE SKIP

.DEFAULT_GOAL := help
.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Run the demonstration: a fleet of subscribers on a simulated platform
sandbox: ## Run a simulated platform with something to see, and say what to try
test: ## Run everything below up to sanity; the last line counts what passed and failed
test-all: ## The same with all cases of campaigns and faults, and coverage and versions; takes an hour at first
lint: ## Check style, types, documentation, licences and the package
unit: ## Run the unit tests
contract: ## Check the simulator against recorded exchanges with the platform
integration: ## Run playbooks against the simulator
faults: ## Run modules, roles and plugins against a platform that fails
sanity: ## Run ansible-test sanity
coverage: ## Check that unit tests take every branch of the pure files
smoke: ## Use every module, role, playbook and plugin once
versions: ## Run unit, smoke and sanity tests with every ansible-core, and with the oldest libraries
mutants: ## Change one thing at a time in the code, and see whether the unit tests notice
bench: ## Compare with `uri` loops and with bare HTTP, and write docs/benchmarks.md
schema: ## Write docs/fleet-file.schema.json from the field tables
format: ## Format the Python code and correct what ruff can correct
release-notes: ## Write the changelog of the version in galaxy.yml from the fragments
release: ## Build the artifact, check it, test it where it is installed, and write checksums and the list of libraries
setup: ## Only set up .venv and the links below .cache, for use by hand
clean: ## Remove .venv and .cache

TASKS := demo sandbox test test-all lint unit contract integration faults sanity coverage smoke versions mutants bench schema format setup release-notes release
.PHONY: $(TASKS)
$(TASKS):
	@tests/tooling/run $@

.PHONY: clean
clean:
	@rm -rf .venv .cache tests/output
