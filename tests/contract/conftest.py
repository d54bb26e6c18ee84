# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths of the contract tests: the simulator's package and the replayer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "simulator"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from ngcp_simulator import Simulator
from replay import Outcome
from simulator_client import Api

SOURCE, PASSED, TOTAL = "exchanges_from", "exchanges_passed", "exchanges_total"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many exchanges were replayed; the counts come with the reports, also from parallel workers."""
    counts: dict[str, list[int]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            properties = dict(getattr(report, "user_properties", ()))
            if TOTAL in properties and report.when == "call":
                passed, total = counts.setdefault(properties[SOURCE], [0, 0])
                counts[properties[SOURCE]] = [passed + properties[PASSED], total + properties[TOTAL]]
    for source, (passed, total) in sorted(counts.items()):
        terminalreporter.write_line(f"{source}: {passed} of {total} exchanges")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A small simulator of a test's own."""
    with Simulator(subscribers=30) as running:
        yield running
        assert not running.bugs


@pytest.fixture
def api(simulator: Simulator) -> Api:
    """An administrator who has logged in; the log-in is not counted."""
    found = Api(simulator)
    simulator.clear_audit()
    return found


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Callable[[str, list[Outcome]], None]:
    """Return a function that notes the folder and the outcomes of a test for the summary."""

    def note(source: str, outcomes: list[Outcome]) -> None:
        record_property(SOURCE, source)
        record_property(PASSED, sum(one.passed for one in outcomes))
        record_property(TOTAL, len(outcomes))

    return note
