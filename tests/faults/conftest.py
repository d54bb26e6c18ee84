# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set-up of the fault tests: one simulated platform for all, which pairs are tried, and the figures at the end."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "simulator"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from fault_matrix.matrix import Matrix, Verdict, number_of, pairs, sample
from fault_matrix.world import World
from hostile.attacks import attacks

FULL = bool(os.environ.get("NGCP_FAX_FULL"))
SAMPLE_SHARE = 60
"""One of so many pairs is tried when not all are."""
HOSTILE_SHARE = 25
"""One of so many attacks is tried when not all are."""
PAIR, HOSTILE = "pair", "hostile"
MOST_MEMORY = 3 << 30


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose pairs and attacks: all of them, a sample, or those that the command line names."""
    named = any("[" in argument for argument in metafunc.config.args) or metafunc.config.option.keyword
    if PAIR in metafunc.fixturenames:
        found = pairs()
        chosen = found if FULL or named else sample(found, SAMPLE_SHARE)
        metafunc.parametrize(PAIR, chosen, ids=[pair.name for pair in chosen])
    if HOSTILE in metafunc.fixturenames:
        attempts = [(f"{kind}-{attack.name}", (kind, attack)) for attack in attacks() for kind in sorted(attack.kinds)]
        attempts = [one for one in attempts if FULL or named or number_of(one[0]) % HOSTILE_SHARE == 0]
        metafunc.parametrize(HOSTILE, [one for _name, one in attempts], ids=[name for name, _one in attempts])


@pytest.fixture(scope="session")
def matrix() -> Iterator[Matrix]:
    """Everything that is needed to try pairs. A fault that fills the memory ends its run, not the machine."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, limits[1]))
    world = World()
    world.start()
    try:
        yield Matrix(world)
    finally:
        world.stop()
        resource.setrlimit(resource.RLIMIT_AS, limits)


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Callable[[Verdict], None]:
    """Return a function that notes a verdict for the summary."""

    def record(verdict: Verdict) -> None:
        record_property("verdict", [verdict.problems, verdict.late, verdict.strikes, verdict.seconds, verdict.budget])

    return record


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures; they come with the reports, also from parallel workers."""
    verdicts: list[tuple[str, Verdict]] = []
    attempts: list[tuple[str, list[float]]] = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") != "call":
                continue
            name, properties = report.nodeid.partition("[")[2].rstrip("]"), dict(report.user_properties)
            if "verdict" in properties:
                verdicts.append((name, Verdict(*properties["verdict"])))
            if "hostile" in properties:
                attempts.append((name, properties["hostile"]))
    if attempts:
        terminalreporter.write_line(hostile_figures(attempts))
    if not verdicts:
        return
    for name, verdict in verdicts:
        for problem in (*verdict.problems, *verdict.late):
            terminalreporter.write_line(f"  {name}: {problem}")
        if not verdict.strikes:
            terminalreporter.write_line(f"  {name}: the fault was not met")
    terminalreporter.write_line(figures(verdicts))


def figures(verdicts: list[tuple[str, Verdict]]) -> str:
    """Return the figures of the matrix as one line."""

    def count(*words: str) -> int:
        return sum(
            any(word in problem for problem in verdict.problems for word in words) for _name, verdict in verdicts
        )

    name, longest = max(verdicts, key=lambda one: one[1].seconds / one[1].budget)
    struck = sum(verdict.strikes > 0 for _name, verdict in verdicts)
    false = sum(bool(verdict.problems) for _name, verdict in verdicts)
    return (
        f"fault matrix: {len(verdicts)} pairs tried, {struck} met their fault, {false} with false reports, "
        f'{count("doubled")} doubled POSTs, {count("this is a bug")} "this is a bug", '
        f"{sum(verdict.is_over for _name, verdict in verdicts)} over their budget; longest against its budget: "
        f"{longest.seconds:.2f} s of {longest.budget:.2f} s ({name})"
    )


def hostile_figures(attempts: list[tuple[str, list[float]]]) -> str:
    """Return the figures of the hostile server as one line; each attempt has seconds, budget and bytes above idle."""
    slowest = max(attempts, key=lambda one: one[1][0] / one[1][1])
    largest = max(attempts, key=lambda one: one[1][2])
    return (
        f"hostile server: {len(attempts)} inputs tried, {sum(one[0] > one[1] for _name, one in attempts)} over their "
        f"budget; longest against its budget: {slowest[1][0]:.2f} s of {slowest[1][1]:.2f} s ({slowest[0]}); "
        f"peak memory above idle: {largest[1][2] / 2**20:.0f} MiB ({largest[0]})"
    )
