# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All runs of a benchmark, and the figures that come out of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from .figures import Figure, pairwise
from .measure import Run
from .scenarios import CLEAN, EMPTY, Kind, Scenario

Key = tuple[str, str, str, int]


class Results:
    """The runs of every round, by group, scenario, kind and number of subscribers."""

    def __init__(self) -> None:
        self._runs: defaultdict[Key, list[Run]] = defaultdict(list)

    def add(self, group: str, scenario: Scenario, kind: Kind, count: int, run: Run) -> None:
        """Note a run."""
        self._runs[group, scenario.name, kind.name, count].append(run)

    def runs(self, group: str, scenario: Scenario, kind: Kind, count: int) -> list[Run]:
        """Return the runs of one thing, one for each round; none where it was not measured."""
        return self._runs.get((group, scenario.name, kind.name, count), [])

    def at(self, group: str) -> At:
        """Return the view on one group's runs."""
        return At(self, group)


class At:
    """Figures of what ran in one group, and so against one server."""

    def __init__(self, results: Results, group: str) -> None:
        self._results = results
        self._group = group

    def runs(self, scenario: Scenario, kind: Kind, count: int) -> list[Run]:
        """Return the runs of one thing."""
        return self._results.runs(self._group, scenario, kind, count)

    def seconds(self, scenario: Scenario, kind: Kind, count: int) -> list[float]:
        """Return how long each run took."""
        return [run.seconds for run in self.runs(scenario, kind, count)]

    def cpu(self, scenario: Scenario, kind: Kind, count: int) -> Figure:
        """Return the client's CPU seconds."""
        return Figure.of([run.cpu for run in self.runs(scenario, kind, count)])

    def memory(self, scenario: Scenario, kind: Kind, count: int) -> Figure:
        """Return the client's peak memory in MiB."""
        return Figure.of([run.memory for run in self.runs(scenario, kind, count)])

    def net(self, scenario: Scenario, kind: Kind, count: int, empty: Scenario = EMPTY) -> list[float]:
        """Return how long each run took beyond an empty task (less than a millisecond cannot be told); the bare script,
        which needs no Ansible, as a whole."""
        whole = self.seconds(scenario, kind, count)
        if scenario.playbook is None:
            return whole
        return [max(run - nothing, 0.001) for run, nothing in zip(whole, self.seconds(empty, CLEAN, 0), strict=True)]

    def each(self, scenario: Scenario, kind: Kind, count: int) -> list[float]:
        """Return the seconds for each subscriber beyond an empty task."""
        return [seconds / count for seconds in self.net(scenario, kind, count)]

    def compare(self, combine: Callable[..., float], *series: list[float]) -> Figure | None:
        """Return the figure for what comes out of the series round by round, or None where one was not measured."""
        return pairwise(combine, *series) if all(series) else None


def ratio(one: float, other: float) -> float:
    """Return how many times the one is the other."""
    return one / other
