# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The progress of a run of a fleet, as a line every few seconds."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Callable

from .._api.transport import Counters
from .._interruption import leave_signals_to_the_main_thread
from .._settings.outcomes import CHANGED, FAILED, UNVERIFIED, Outcome
from .._wording import counted
from .members import Member
from .recorder import Recorder
from .report import FleetReport

INTERVAL = 5.0  # seconds between two lines, and before the first one

_MINUTE = 60


class Progress(Recorder):
    """Shows lines while it is entered; none in a run that is shorter than the interval.

    :param show: shows a line.
    :param counters: of the client, which show how much was read.
    :param interval: seconds between two lines.
    :param clock: seconds that only rise.
    """

    def __init__(
        self,
        show: Callable[[str], None],
        counters: Counters,
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show = show
        self._counters = counters
        self._interval = interval
        self._clock = clock
        self._began = clock()
        self._what = ""
        self._total = 0
        self._done: Counter[str] = Counter()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def reading(self, what: str) -> None:
        self._what = what

    def planned(self, report: FleetReport) -> None:
        with self._lock:
            self._total = sum(len(member.due) for member in report.notable if member.is_due)
            self._began = self._clock()

    def settled(self, member: Member, outcome: Outcome) -> None:
        with self._lock:
            self._done[outcome.status] += 1

    def ended(self, report: FleetReport) -> None:
        self._ended.set()

    def line(self) -> str:
        """Return how far the run got."""
        with self._lock:
            seconds = max(self._clock() - self._began, 1e-3)
            if not self._total:
                requests = counted(self._counters.requests, "request", form=",")
                return f"fleet: reading {self._what}, {requests} in {_duration(seconds)}"
            done, total = sum(self._done.values()), self._total
            failed = self._done[FAILED] + self._done[UNVERIFIED]
            rate = done / seconds
            left = f", {_duration((total - done) / rate)} left" if done else ""
            return (
                f"fleet: {done:,} of {total:,} writes done ({done * 100 // total}%), {self._done[CHANGED]:,} changed, "
                f"{failed:,} failed, {total - done:,} to go, {_rate(rate)}/s{left}"
            )

    def _watch(self) -> None:
        leave_signals_to_the_main_thread()
        while not self._ended.wait(self._interval):
            try:
                self._show(self.line())
            except Exception:  # pylint: disable=broad-except
                return  # who cannot be shown anything must not stop the run


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _duration(seconds: float) -> str:
    """Return seconds as people say them."""
    whole = round(seconds)
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes} min" if minutes < 2 * _MINUTE else f"{minutes // _MINUTE} h {minutes % _MINUTE} min"
