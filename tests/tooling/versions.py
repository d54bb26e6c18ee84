# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The matrix of versions: each supported ansible-core with the oldest and the newest Python that is on this machine."""

from __future__ import annotations

import os
import pathlib
import shlex
import time
import typing as t

import checks
import workspace as ws
from report import Outcome, say

# What can be a control node with each ansible-core, as its porting guide says.
CONTROLLERS = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}
MINIMUM = "minimum"  # the oldest core and Python with the oldest libraries that requirements.txt declares
VERSIONS = ws.CACHE / "versions"


class Combination(t.NamedTuple):
    """One environment to test in."""

    name: str
    core: str
    python: str
    pins: tuple[str, ...] = ()

    @property
    def venv(self) -> pathlib.Path:
        return VERSIONS / f"{self.name}-python{self.python}"


def combinations(wanted: t.Collection[str]) -> list[Combination]:
    """Return what can be tested here of the wanted cores (all if none are named)."""
    unknown = set(wanted) - {*CONTROLLERS, MINIMUM}
    if unknown:
        raise ws.Failed(f"CORES may name {', '.join([*CONTROLLERS, MINIMUM])}, not {', '.join(sorted(unknown))}.")
    found = []
    for core, supported in CONTROLLERS.items():
        pythons = [version for version in supported if version in ws.interpreters()]
        if not wanted or core in wanted:
            found += [Combination(core, core, version) for version in dict.fromkeys([*pythons[:1], *pythons[-1:]])]
        if core == min(CONTROLLERS) and pythons and (not wanted or MINIMUM in wanted):
            found.append(Combination(MINIMUM, core, pythons[0], minimum_pins()))
    return found


def minimum_pins() -> tuple[str, ...]:
    """Return the oldest libraries that the modules accept, as requirements of pip."""
    lines = (ws.ROOT / "requirements.txt").read_text().splitlines()
    declared = [line for line in lines if line and not line.startswith("#")]
    return tuple(line.replace(" ", "").replace(">=", "==") for line in declared)


def missing_interpreters(wanted: t.Collection[str]) -> dict[str, str]:
    """Return what each Python would be needed for that is not on this machine."""
    cores = [core for core in CONTROLLERS if not wanted or core in wanted]
    missing = {}
    for version in ws.SUPPORTED_PYTHONS:
        if version not in ws.interpreters():
            controllers = [core for core in cores if version in CONTROLLERS[core]]
            uses = [f"control nodes with ansible-core {', '.join(controllers)}"] if controllers else []
            missing[version] = " and ".join([*uses, "managed hosts"])
    return missing


def versions() -> Outcome:
    """Test all combinations: unit tests and the smoke test with each, sanity tests once for each core."""
    wanted = os.environ.get("CORES", "").split()
    total = Outcome()
    rows = []
    for version, uses in missing_interpreters(wanted).items():
        rows.append(f"Python {version:<24} MISSING on this machine: it is needed for {uses}")
        total += Outcome(failed=1)
    found = combinations(wanted)
    for index, one in enumerate(found):
        is_last_of_core = one.name != MINIMUM and [other.name for other in found[index + 1 :]].count(one.name) == 0
        outcome, row = _test(one, with_sanity=is_last_of_core)
        total += outcome
        rows.append(row)
    say("\n" + "\n".join(f"    {row}" for row in rows))
    return total


def _test(one: Combination, with_sanity: bool) -> tuple[Outcome, str]:
    say(f"--- {one.name}: ansible-core {one.core} with Python {one.python} {' '.join(one.pins)}")
    steps: dict[str, t.Callable[[], Outcome]] = {
        "unit": lambda: _pytest(one, "unit/plugins", jobs="auto"),
        "smoke": lambda: _pytest(one, "smoke", jobs="2"),
    }
    if with_sanity:
        steps["sanity"] = lambda: checks.sanity(one.venv)
    total = Outcome()
    row = [f"{one.name:<8} Python {one.python:<5}"]
    start = time.monotonic()
    try:
        pins = (f"ansible-core=={one.core}.*", *one.pins)
        ws.provide("versions", venv=one.venv, python=ws.interpreters()[one.python], pins=pins)
        ws.provide("run")  # the simulator's
        for name, step in steps.items():
            outcome = step()
            row.append(f"{name} {outcome}")
            total += outcome
    except ws.Failed as problem:
        say(f"    FAILED: {problem}")
        row.append("FAILED")
        total.failed += 1
    return total, f"{' · '.join(row)} ({time.monotonic() - start:.0f} s)"


def _pytest(one: Combination, suite: str, jobs: str) -> Outcome:
    env = ws.environment(one.venv, NGCP_FAX_SIMULATOR_PYTHON=str(ws.VENV / "bin/python"))
    report = f"{one.name}-{one.python}-{suite.replace('/', '-')}"
    return checks.run_pytest(report, shlex.split(f"tests/{suite}"), jobs, env)
