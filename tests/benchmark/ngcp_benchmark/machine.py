# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On what the figures were measured: hardware and versions, nothing that tells whose machine it is."""

from __future__ import annotations

import importlib.metadata
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

# What a module imports, in the order in which it is told apart: time that is spent below one of these counts there.
PARTS = ("ansible.module_utils", "requests", "jsonpatch", "ansible_collections.ngcp.fax")

_IMPORT_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| ( *)(\S+)")


def describe() -> str:
    """Return a line about the hardware."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB memory, {platform.system()}"


def versions() -> str:
    """Return a line about the software."""
    libraries = (f"{name} {importlib.metadata.version(name)}" for name in ("ansible-core", "requests", "jsonpatch"))
    return f"Python {platform.python_version()}, {', '.join(libraries)}"


def _processor() -> str:
    cpu = pathlib.Path("/proc/cpuinfo")
    text = cpu.read_text(encoding="utf-8") if cpu.exists() else ""
    found = re.search(r"model name\s*: (.+)", text)
    return " ".join(found.group(1).split()) if found else platform.machine()


def import_times(module: str, runs: int) -> dict[str, float]:
    """Return the milliseconds that a module's imports take in a new Python, by ``PARTS`` and ``other``; medians."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    found = []
    for _run in range(runs + 1):  # the first one compiles
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found.append(parts_of(done.stderr))
    return {part: statistics.median(run.get(part, 0) for run in found[1:]) for part in (*PARTS, "other")}


def parts_of(report: str) -> dict[str, float]:
    """Add up the report of ``python -X importtime``, in which what a module imports stands above it and deeper."""
    times: dict[str, float] = {}
    owners: list[tuple[int, str]] = []
    for match in reversed(list(_IMPORT_LINE.finditer(report))):
        own, depth, name = int(match.group(1)) / 1000, len(match.group(2)), match.group(3)
        while owners and owners[-1][0] >= depth:
            owners.pop()
        outer = owners[-1][1] if owners else "other"
        part = next((part for part in PARTS if name == part or name.startswith(f"{part}.")), outer)
        owners.append((depth, part))
        times[part] = times.get(part, 0) + own
    return times
