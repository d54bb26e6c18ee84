# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator answers like the platform: every exchange of the project's own cases and of the recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from exchange_folders import CASES, VARIABLE, folders, recordings_folder
from replay import Outcome, Scenario, load
from replay_simulator import SimulatorReplay, replay_simulator

NO_RECORDINGS = f"no recordings in {recordings_folder()}; name their folder in {VARIABLE}"
FOUND = [(folder.name, scenario) for folder in folders() for scenario in load(folder)]
HAVE_RECORDINGS = any(source != CASES.name for source, _scenario in FOUND)


@pytest.fixture(scope="module")
def replay() -> Iterator[SimulatorReplay]:
    """One simulator for all scenarios."""
    with replay_simulator() as running:
        yield running


@pytest.mark.parametrize(
    ("source", "scenario"), FOUND, ids=[f"{source}-{scenario['scenario']}" for source, scenario in FOUND]
)
def test_scenario(
    source: str, scenario: Scenario, replay: SimulatorReplay, count: Callable[[str, list[Outcome]], None]
) -> None:
    """One scenario: all its exchanges are answered as they should be, none is left out."""
    found = replay.run(scenario)
    count(source, found)
    wrong = [f"{one.exchange}: {problem}" for one in found for problem in one.problems]
    wrong += [f"{one.exchange}: skipped: {one.skipped}" for one in found if one.skipped is not None]
    assert not wrong, "\n".join([f"{scenario['scenario']}: {scenario['about']}", *wrong])
    assert not replay.simulator.bugs


@pytest.mark.skipif(not HAVE_RECORDINGS, reason=NO_RECORDINGS)
def test_there_are_recordings() -> None:
    """Without recordings something is missing, and this test says so; with them, each folder has some."""
    for folder in folders():
        assert any(source == folder.name for source, _scenario in FOUND), folder
