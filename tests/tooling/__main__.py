# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one of the project's tasks; the Makefile lists them. Needs nothing but Python 3.11 and its standard library."""

from __future__ import annotations

import os
import shutil
import sys
import time
import typing as t

import checks
import proofs
import workspace as ws
from report import Outcome, say
from versions import versions

Stages = dict[str, t.Callable[[], Outcome]]

STAGES: Stages = {
    "lint": checks.lint,
    "unit": lambda: checks.pytest("unit", jobs="auto"),
    "contract": lambda: checks.pytest("contract", jobs="auto"),
    "integration": lambda: checks.pytest("integration", jobs="auto"),
    "faults": lambda: checks.pytest("faults", jobs="auto"),
    "sanity": checks.sanity,
}

# In place of some of these, and after them, when time does not matter.
THOROUGH: Stages = {
    "integration": lambda: checks.pytest("integration", jobs="auto", NGCP_FAX_CAMPAIGN="full"),
    "faults": lambda: checks.pytest("faults", jobs="auto", NGCP_FAX_FULL="1"),
    "coverage": proofs.coverage,
    "versions": versions,
}

MORE: Stages = {"smoke": lambda: checks.pytest("smoke", jobs="auto"), "mutants": proofs.mutants, **THOROUGH, **STAGES}


def run_stages(stages: Stages) -> int:
    """Run all stages, whatever comes out of them, and end with one line that counts everything."""
    total = Outcome()
    summary = []
    for name, stage in stages.items():
        say(f"=== {name}")
        start = time.monotonic()
        try:
            outcome = stage()
        except ws.Failed as problem:
            say(f"    FAILED: {problem}")
            outcome = Outcome(failed=1)
        total += outcome
        summary.append(f"{name:<12} {time.monotonic() - start:7.1f} s   {outcome}")
    say("\n" + "\n".join(summary))
    ws.REPORTS.mkdir(parents=True, exist_ok=True)
    (ws.REPORTS / "last.txt").write_text(f"{total}\n")
    say(str(total))
    return int(total.failed > 0)


def demo() -> int:
    ws.provide("run")
    return ws.call(ws.VENV / "bin/python", "tests/demo/run_demo.py", *checks.ARGUMENTS)


def bench() -> int:
    ws.provide("run")
    return ws.call(ws.VENV / "bin/python", "-m", "ngcp_benchmark")


def schema() -> int:
    ws.provide("run")
    return ws.call(ws.VENV / "bin/python", "-m", "ansible_collections.ngcp.fax.tests.unit.support.fleet_schema")


def setup() -> int:
    ws.provide("run", "test", "lint")
    say(f"    {ws.VENV} is ready; ANSIBLE_COLLECTIONS_PATH={ws.COLLECTIONS}")
    return 0


def clean() -> int:
    for folder in (ws.VENV, ws.CACHE):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def main(task: str) -> int:
    os.chdir(ws.ROOT)
    try:
        match task:
            case "test":
                return run_stages(STAGES)
            case "test-all":
                return run_stages(STAGES | THOROUGH)
            case "demo":
                return demo()
            case "bench":
                return bench()
            case "schema":
                return schema()
            case "setup":
                return setup()
            case "format":
                return checks.format_code()
            case "clean":
                return clean()
            case _ if task in MORE:
                return run_stages({task: MORE[task]})
        say(f"There is no task {task!r}; `make help` lists them.")
    except ws.Failed as problem:
        say(f"FAILED: {problem}")
    except KeyboardInterrupt:
        say("interrupted")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
