# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pairs of requests and faults, and how one is tried."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .case import Observation, always_wrong
from .catalogue import LOOKUP, ONCE, READ, RECORDING, Fault, catalogue
from .kinds import kinds
from .request_kind import RequestKind
from .world import World

_TIMES = {1: "once", 2: "twice", None: "always"}
_READING = frozenset((READ, LOOKUP, RECORDING))
_ATTEMPTS = 3
_PATIENCE = 6.0
"""Seconds over its budget after which a run is ended by force."""


@dataclass(frozen=True)
class Pair:
    """One kind of request that meets one fault."""

    kind: RequestKind
    fault: Fault
    times: int | None

    @property
    def name(self) -> str:
        """What the pair is called in test names."""
        return f"{self.kind.name}-{self.fault.name}-{_TIMES[self.times]}"

    @property
    def has_to_recover(self) -> bool:
        """Whether the run has to come to a good end: a read that meets passing trouble once."""
        return self.fault.transient and self.times == ONCE and self.kind.sort in _READING and not self.kind.setup


@dataclass
class Verdict:
    """What became of a pair.

    :param problems: in which way the report is false, or the run not as it should be.
    :param late: what may come of a machine that was busy with something else.
    :param strikes: how often the fault was met.
    """

    problems: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    strikes: int = 0
    seconds: float = 0.0
    budget: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether the run took longer than it may."""
        return self.seconds > self.budget


def pairs() -> list[Pair]:
    """Return all pairs."""
    return [
        Pair(kind, fault, times)
        for kind in kinds()
        for fault in catalogue()
        if kind.sort in fault.classes
        for times in fault.times
    ]


def sample(found: Sequence[Pair], share: int) -> list[Pair]:
    """Return one of so many pairs (of some kinds fewer), always the same ones: at least one of each kind and fault."""
    chosen = [pair for pair in found if number_of(pair.name) % (share * pair.kind.share) == 0]
    kinds_there = {pair.kind.name for pair in chosen}
    faults_there = {pair.fault.name for pair in chosen if pair.kind.share == 1}
    for pair in sorted(found, key=lambda one: (one.kind.share, number_of(one.name))):
        if pair.kind.name not in kinds_there or pair.fault.name not in faults_there:
            chosen.append(pair)
            kinds_there.add(pair.kind.name)
            faults_there.add(pair.fault.name)
    return chosen


def number_of(name: str) -> int:
    """Return a number for a name that is always the same, to choose by."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


class Matrix:
    """Tries pairs in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._skips: dict[str, int] = {}

    def baseline(self, kind: RequestKind) -> Verdict:
        """Run the task of a kind without its fault: all has to be well, and the request has to occur."""
        verdict = Verdict()
        self._learn_skip(kind)
        before = self._begin(kind)
        for rule in kind.setup:
            self.world.sim.fault(**rule)
        counter = self.world.sim.fault("delay", **kind.match, skip=self._skips[kind.name])
        seen = self._run(kind, before)
        verdict.strikes = counter.hits
        self.world.recover()
        verdict.problems = [*always_wrong(seen.result), *kind.case.judge(self.world, seen)]
        if not kind.setup and not kind.case.succeeded(seen.result):
            verdict.problems.append(f"it fails without a fault: {seen.result.get('msg')}")
        kind.case.clean()
        return verdict

    def try_pair(self, pair: Pair) -> Verdict:
        """Try one pair; again where it was only late, because another process may have held the machine up."""
        for _attempt in range(_ATTEMPTS - 1):
            verdict = self._try_once(pair)
            if verdict.problems or not verdict.late:
                return verdict
        return self._try_once(pair)

    def _try_once(self, pair: Pair) -> Verdict:
        kind, sim = pair.kind, self.world.sim
        if kind.name not in self._skips:
            self._learn_skip(kind)
        before = self._begin(kind)
        for one in kind.setup:
            sim.fault(**one)
        rule = sim.fault(**{**pair.fault.rule, **kind.match, "times": pair.times, "skip": self._skips[kind.name]})
        verdict = Verdict()
        try:
            verdict.budget = kind.case.budget().seconds(pair.fault.silent, "retry_after" in pair.fault.rule)
            seen = self._run_for(verdict.budget + _PATIENCE, kind, before)
            verdict.strikes, verdict.seconds = rule.hits, seen.seconds
            self.world.recover()
            verdict.problems = list(self._problems(pair, seen))
            verdict.late = list(self._delays(pair, seen, verdict))
        finally:
            self.world.recover()
            kind.case.clean()
        return verdict

    def _learn_skip(self, kind: RequestKind) -> None:
        if isinstance(kind.skip, int):
            self._skips[kind.name] = kind.skip
            return
        before = self._begin(kind)
        self._run(kind, before)
        self._skips[kind.name] = kind.skip(list(self.world.sim.audit))
        kind.case.clean()

    def _begin(self, kind: RequestKind) -> Any:
        before = kind.case.prepare(self.world)
        self.world.sim.clear_audit()
        return before

    def _run(self, kind: RequestKind, before: Any) -> Observation:
        seen = kind.case.observe(self.world)
        seen.before = before
        return seen

    def _run_for(self, seconds: float, kind: RequestKind, before: Any) -> Observation:
        """Run the task, and take the platform away from it when it does not come to an end."""
        timer = threading.Timer(seconds, self.world.vanish)
        timer.daemon = True
        timer.start()
        try:
            return self._run(kind, before)
        finally:
            timer.cancel()
            timer.join()

    def _problems(self, pair: Pair, seen: Observation) -> Iterator[str]:
        yield from always_wrong(seen.result)
        yield from pair.kind.case.judge(self.world, seen)
        if self.world.sim.bugs:
            yield f"the simulator fails: {self.world.sim.bugs.pop()[-300:]}"

    def _delays(self, pair: Pair, seen: Observation, verdict: Verdict) -> Iterator[str]:
        if pair.has_to_recover and not pair.kind.case.succeeded(seen.result):
            yield f"gave up after passing trouble: {str(seen.result.get('msg'))[:200]}"
        if verdict.is_over:
            yield f"over its budget: {verdict.seconds:.2f} s of {verdict.budget:.2f} s"
