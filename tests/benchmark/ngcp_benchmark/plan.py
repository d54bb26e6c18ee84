# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs in which order: rounds in which everything that is compared runs once, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import scenarios as s
from .server_process import FAST, SIMULATOR, SLOW, SLOW_PAGES

# Groups of steps, and with them the servers that the results belong to.
AT_FAST = "fast"
AT_SIMULATOR = "simulator"
AT_LARGE = "large"
AT_SLOW = "slow"
AT_SLOW_PAGES = "slow-pages"
AT_LARGEST = "largest"

DEFAULT_SUBSCRIBERS = 1000
DEFAULT_RUNS = 3


@dataclass(frozen=True)
class Size:
    """How much is measured.

    :param subscribers: of the fleet.
    :param runs: rounds.
    :param sample: on how many subscribers the ways run that need a process for each; a quarter of that on the slow
        server.
    :param full: also measure ten times the large fleet.
    """

    subscribers: int = DEFAULT_SUBSCRIBERS
    runs: int = DEFAULT_RUNS
    sample: int = 20
    full: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Size:
        """Return the size that the variables ``N``, ``RUNS``, ``SAMPLE`` and ``FULL`` ask for.

        :raises ValueError: one of them is no whole number from 1.
        """
        numbers = {name: int(environment.get(name) or default) for name, default in _DEFAULTS.items()}
        if min(numbers.values()) < 1:
            raise ValueError(f"{', '.join(_DEFAULTS)} must be 1 or more")
        return cls(numbers["N"], numbers["RUNS"], numbers["SAMPLE"], environment.get("FULL", "") not in ("", "0"))

    @property
    def large(self) -> int:
        """Subscribers of the large fleet: ten times as many, up to 10,000."""
        return max(self.subscribers, min(10 * self.subscribers, 10_000))

    @property
    def large_group(self) -> str:
        """The group in which the large fleet is measured."""
        return AT_LARGE if self.large > self.subscribers else AT_FAST

    @property
    def largest(self) -> int:
        """Subscribers of the largest fleet."""
        return 10 * self.large

    @property
    def looped(self) -> int:
        """On how many subscribers the ways run that take a few milliseconds for each."""
        return min(self.subscribers, 10 * self.sample)

    @property
    def sampled(self) -> int:
        """On how many subscribers the ways run that start a process for each."""
        return min(self.subscribers, self.sample)

    @property
    def slowly_sampled(self) -> int:
        """The same on the slow server."""
        return max(1, min(self.subscribers, self.sample) * 2 // 5)

    @property
    def slow_runs(self) -> int:
        """Rounds on the slow server, where a round takes minutes and the server sets the pace."""
        return min(self.runs, 2)


_DEFAULTS = {"N": DEFAULT_SUBSCRIBERS, "RUNS": DEFAULT_RUNS, "SAMPLE": Size.sample}


@dataclass(frozen=True)
class Step:
    """One run of a round."""

    scenario: s.Scenario
    kind: s.Kind
    count: int


@dataclass(frozen=True)
class Group:
    """What is compared: a server with so many subscribers, and the steps of a round.

    :param name: under which the results are kept.
    :param title: what is shown while it runs.
    """

    name: str
    title: str
    server: str
    subscribers: int
    runs: int
    steps: tuple[Step, ...]


def groups(size: Size) -> Iterator[Group]:
    """Return all that is measured."""
    n, large = size.subscribers, size.large
    steps = (*_empty(), *_fleet(n, *s.KINDS), *_singly(size.looped, size.sampled, True), *_single_tasks())
    passwords = _passwords(large)
    if size.large_group == AT_FAST:
        steps += (*_whole(n, s.CLEAN, s.CONVERGE), *passwords)
    yield Group(AT_FAST, "fast server", FAST, n, size.runs, steps)
    yield Group(AT_SIMULATOR, "the simulator without delays", SIMULATOR, n, 1, (Step(s.FLOOR, s.CLEAN, n),))
    if size.large_group == AT_LARGE:
        steps = (*_empty(), *_fleet(large, s.CLEAN, s.CONVERGE), *_whole(large, s.CLEAN, s.CONVERGE), *passwords)
        yield Group(AT_LARGE, "large fleet, fast server", FAST, large, size.runs, steps)
    steps = (*_empty(), *_fleet(n, *s.KINDS))
    yield Group(AT_SLOW, "slow server, cheap pages", SLOW, n, size.slow_runs, steps)
    steps += _singly(size.slowly_sampled, size.slowly_sampled, False)
    yield Group(AT_SLOW_PAGES, "slow server", SLOW_PAGES, n, size.slow_runs, steps)
    if size.full:
        steps = (*_empty(), *_fleet(size.largest, s.CLEAN), *_whole(size.largest, s.CLEAN))
        yield Group(AT_LARGEST, "largest fleet, fast server", FAST, size.largest, 1, steps)


def _empty() -> tuple[Step, ...]:
    return Step(s.EMPTY, s.CLEAN, 0), Step(s.PING, s.CLEAN, 0)


def _fleet(count: int, *kinds: s.Kind) -> tuple[Step, ...]:
    ways = (s.FLOOR, *s.FLEET.values(), *s.ROLE.values())
    return tuple(Step(way, kind, count) for kind in kinds for way in ways)


def _whole(count: int, *kinds: s.Kind) -> tuple[Step, ...]:
    """Return the comparison of the role with the bare script as a task, with fax settings only and with all."""
    ways = (s.TASK_FLOOR, s.COMPLETE_FLOOR, s.COMPLETE_TASK_FLOOR, *s.COMPLETE.values())
    return tuple(Step(way, kind, count) for kind in kinds for way in ways)


def _singly(looped: int, sampled: int, token: bool) -> tuple[Step, ...]:
    ways = {
        s.URI: sampled,
        **({s.URI_TOKEN: sampled} if token else {}),
        s.LOOP["module"]: sampled,
        s.LOOP["in process"]: looped,
        s.URI_HOSTS: sampled,
        s.HOSTS["module"]: sampled,
        s.HOSTS["in process"]: sampled,
    }
    return tuple(Step(way, kind, count) for kind in s.KINDS for way, count in ways.items())


def _single_tasks() -> tuple[Step, ...]:
    return (Step(s.PINGS, s.CLEAN, 0), *(Step(way, s.CLEAN, 1) for way in s.SINGLE.values()))


def _passwords(count: int) -> tuple[Step, ...]:
    """Return the comparison with and without passwords, as far as it is not among the other steps."""
    checked = (*s.FLEET.values(), *s.SECRETS.values())
    clean = tuple(Step(way, s.CLEAN, count) for way in s.SECRETS.values())
    return clean + tuple(Step(way, s.DRIFT10, count) for way in checked)
