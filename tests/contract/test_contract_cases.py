# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator answers as the facts about the platform say: the project's own cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from replay import Outcome, Scenario, load
from replay_simulator import SimulatorReplay, replay_simulator

SCENARIOS: list[Scenario] = load(Path(__file__).resolve().parent / "cases")


@pytest.fixture(scope="module")
def replay() -> Iterator[SimulatorReplay]:
    """One simulator for all scenarios."""
    with replay_simulator() as running:
        yield running


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one["scenario"] for one in SCENARIOS])
def test_case(scenario: Scenario, replay: SimulatorReplay, count: Callable[[list[Outcome]], None]) -> None:
    """One scenario: all its exchanges are answered as they should be."""
    found = replay.run(scenario)
    count(found)
    wrong = [f"{one.exchange}: {problem}" for one in found for problem in one.problems]
    wrong += [f"{one.exchange}: skipped: {one.skipped}" for one in found if one.skipped is not None]
    assert not wrong, "\n".join([f"{scenario['scenario']}: {scenario['about']}", *wrong])
    assert not replay.simulator.bugs
