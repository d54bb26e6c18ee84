# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure, print the results and write the page of the documentation."""

from __future__ import annotations

import os
import pathlib
import sys
import tempfile
import time

from . import machine, scenarios as s
from .measure import BrokenRunError
from .page import imports_table, render
from .plan import Group, Size, groups
from .results import Results
from .server_process import ServerProcess
from .targets import verdicts

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/benchmarks.md"
MODULES = ("fax_settings", "mail2fax_settings", "fax_settings_info", "fax_send", "fax_fetch", "fax_info")


def measure(group: Group, results: Results, folder: pathlib.Path) -> None:
    """Run all rounds of a group."""
    print(f"==> {group.title}: {group.subscribers:,} subscribers, {group.runs} rounds", flush=True)
    with ServerProcess(group.server, group.subscribers) as server:
        bench = s.Bench(server, folder)
        warm_up(bench)
        for number in range(1, group.runs + 1):
            print(f"    round {number}", flush=True)
            for step in group.steps:
                run = bench.run(step.scenario, step.kind, step.count)
                results.add(group.name, step.scenario, step.kind, step.count, run)
                print(
                    f"    {run.seconds:8.2f} s  {run.cpu:7.2f} s CPU  {run.memory:5.0f} MiB  "
                    f"{step.scenario.name}, {step.kind.title}, {step.count:,}",
                    flush=True,
                )


def warm_up(bench: s.Bench) -> None:
    """Run what is quick once without counting it, so that everything is compiled and in the system's cache."""
    for scenario in (s.EMPTY, s.PING, s.FLOOR, *s.FLEET.values()):
        bench.run(scenario, s.CLEAN, bench.subscribers)


def main() -> int:
    """Do all of it."""
    try:
        size = Size.from_environment(os.environ)
    except ValueError as problem:
        print(f"N, RUNS and SAMPLE: {problem}", file=sys.stderr)
        return 1
    start = time.monotonic()
    results = Results()
    with tempfile.TemporaryDirectory(prefix="ngcp-benchmark-") as folder:
        try:
            for group in groups(size):
                measure(group, results, pathlib.Path(folder))
        except BrokenRunError as problem:
            print(f"The benchmark ends here: {problem}", file=sys.stderr)
            return 1
    imports = {
        name: machine.import_times(f"ansible_collections.ngcp.fax.plugins.modules.{name}", 2 * size.runs + 1)
        for name in MODULES
    }
    facts = {"command": _command(), "machine": machine.describe(), "versions": machine.versions()}
    text = render(results, size, list(verdicts(results, size)), facts, imports_table(imports))
    page = pathlib.Path(os.environ.get("PAGE") or PAGE)
    page.write_text(text, encoding="utf-8")
    print(text)
    print(f"written to {page} after {(time.monotonic() - start) / 60:.1f} minutes")
    return 0


def _command() -> str:
    given = [f"{name}={os.environ[name]}" for name in ("N", "RUNS", "SAMPLE", "FULL") if os.environ.get(name)]
    return " ".join(["make bench", *given])


if __name__ == "__main__":
    sys.exit(main())
