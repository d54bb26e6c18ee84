# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Every target sets up what it needs, below .venv and .cache only. The work is done in tests/tooling.
#   ARGS  more arguments for pytest, ansible-test or the demo:  make unit ARGS="-k redact -x"
#   JOBS  number of pytest processes; 0 for none:               make integration JOBS=0
#   N, RUNS, SAMPLE, FULL, PAGE  size of the benchmark:         make bench N=10000

export ARGS JOBS N RUNS SAMPLE FULL PAGE

.DEFAULT_GOAL := help
.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Run the demonstration: a fleet of subscribers on a simulated platform
test: ## Run everything below up to sanity; the last line counts what passed and failed
lint: ## Check style, types, documentation, licences and the package
unit: ## Run the unit tests
contract: ## Check the simulator against recorded exchanges with the platform
integration: ## Run playbooks against the simulator
sanity: ## Run ansible-test sanity
bench: ## Compare with `uri` loops and with bare HTTP, and write docs/benchmarks.md
format: ## Format the Python code and mend what ruff can mend
setup: ## Only set up .venv and the links below .cache, for use by hand
clean: ## Remove .venv and .cache

TASKS := demo test lint unit contract integration sanity bench format setup clean
.PHONY: $(TASKS)
$(TASKS):
	@tests/tooling/run $@
