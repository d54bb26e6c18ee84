# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths of the contract tests: the simulator's package and the replayer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "simulator"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from replay import Outcome

PASSED, TOTAL = "exchanges_passed", "exchanges_total"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many exchanges were replayed; the counts come with the reports, also from parallel workers."""
    counts: dict[str, list[int]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            properties = dict(getattr(report, "user_properties", ()))
            if TOTAL in properties and report.when == "call":
                kind = Path(report.nodeid.split("::")[0]).stem.removeprefix("test_").replace("_", " ")
                passed, total = counts.setdefault(kind, [0, 0])
                counts[kind] = [passed + properties[PASSED], total + properties[TOTAL]]
    for kind, (passed, total) in counts.items():
        terminalreporter.write_line(f"{kind}: {passed} of {total} exchanges")


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Callable[[list[Outcome]], None]:
    """Return a function that notes the outcomes of a test for the summary."""

    def note(outcomes: list[Outcome]) -> None:
        record_property(PASSED, sum(one.passed for one in outcomes))
        record_property(TOTAL, len(outcomes))

    return note
