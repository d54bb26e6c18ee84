# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a run got is a line every few seconds, and nothing in a short run."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import Counters
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.progress import Progress

CHANGED, FAILED, UNVERIFIED = (SimpleNamespace(status=status) for status in ("changed", "failed", "unverified"))


def report(*due):
    return SimpleNamespace(notable=[SimpleNamespace(is_due=count > 0, due=[None] * count) for count in due])


class Clock:
    """Time that passes when it is told to."""

    now = 100.0

    def __call__(self):
        return self.now


def progress(clock, show=print, interval=5.0):
    counters = Counters()
    return Progress(show, counters, interval, clock), counters


def test_while_it_reads():
    clock = Clock()
    shown, counters = progress(clock)
    shown.reading("mail to fax settings")
    counters.count()
    clock.now += 7.4
    assert shown.line() == "fleet: reading mail to fax settings, 1 request in 7 s"
    for _request in range(1199):
        counters.count()
    clock.now += 300
    assert shown.line() == "fleet: reading mail to fax settings, 1,200 requests in 5 min"


@pytest.mark.parametrize(
    ("due", "settled", "seconds", "done", "rest"),
    [
        ((1, 0, 2), [], 5, "0 of 3 writes done (0%), 0 changed, 0 failed", "3 to go, 0.0/s"),
        ((1, 2), [CHANGED], 5, "1 of 3 writes done (33%), 1 changed, 0 failed", "2 to go, 0.2/s, 10 s left"),
        (
            (1,) * 4,
            [CHANGED, FAILED, UNVERIFIED],
            1,
            "3 of 4 writes done (75%), 1 changed, 2 failed",
            "1 to go, 3.0/s, 0 s left",
        ),
        (
            (1,) * 10000,
            [CHANGED] * 1200,
            6,
            "1,200 of 10,000 writes done (12%), 1,200 changed, 0 failed",
            "8,800 to go, 200/s, 44 s left",
        ),
        (
            (1,) * 10000,
            [CHANGED] * 10,
            10,
            "10 of 10,000 writes done (0%), 10 changed, 0 failed",
            "9,990 to go, 1.0/s, 2 h 46 min left",
        ),
        (
            (1,) * 1200,
            [CHANGED] * 600,
            3600,
            "600 of 1,200 writes done (50%), 600 changed, 0 failed",
            "600 to go, 0.2/s, 60 min left",
        ),
    ],
)
def test_while_it_writes(due, settled, seconds, done, rest):
    clock = Clock()
    shown, _counters = progress(clock)
    clock.now += 50  # what it took to read does not count
    shown.planned(report(*due))
    for outcome in settled:
        shown.settled(None, outcome)
    clock.now += seconds
    assert shown.line() == f"fleet: {done}, {rest}"


def test_no_time_has_passed():
    shown, _counters = progress(Clock())
    shown.planned(report(1))
    shown.settled(None, CHANGED)
    assert "1 of 1 writes done (100%)" in shown.line()


def test_lines_come_while_it_is_entered():
    lines, enough = [], threading.Event()

    def show(line):
        lines.append(line)
        if len(lines) == 3:
            enough.set()

    shown, _counters = progress(time.monotonic, show, interval=0.01)
    with shown:
        shown.reading("subscribers")
        assert enough.wait(10)
    count = len(lines)
    time.sleep(0.05)
    assert len(lines) == count and "fleet: reading subscribers, 0 requests in 0 s" in lines


def test_nothing_in_a_short_run_and_none_after_the_end():
    lines = []
    shown, _counters = progress(time.monotonic, lines.append, interval=0.05)
    with shown:
        shown.ended(report())
        time.sleep(0.12)
    assert lines == []


def test_who_cannot_be_shown_anything_does_not_matter():
    failed = threading.Event()

    def show(_line):
        failed.set()
        raise BrokenPipeError

    shown, _counters = progress(time.monotonic, show, interval=0.01)
    with shown:
        assert failed.wait(10)
