# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many things at once: in order, with the first exception, and at a pace that adapts."""

from __future__ import annotations

import signal
import threading
import time
import types

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils import _concurrency as _parallel
from ansible_collections.ngcp.fax.plugins.module_utils._concurrency import Pace, run_parallel


@pytest.mark.parametrize("concurrency", [0, 1, 2, 7, 100])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_results_are_in_the_order_of_the_items(count, concurrency):
    assert run_parallel(lambda item: item * item, range(count), concurrency) == [item**2 for item in range(count)]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_never_more_at_once_than_asked_for(concurrency):
    lock = threading.Lock()
    now, most = [0], [0]

    def work(_item):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        waiting.wait(0.002)
        with lock:
            now[0] -= 1

    waiting = threading.Event()
    run_parallel(work, range(40), concurrency)
    assert most[0] == concurrency


def test_one_item_needs_no_thread():
    assert run_parallel(lambda _item: threading.current_thread(), [1], 8) == [threading.current_thread()]


@pytest.mark.parametrize("concurrency", [1, 2])
def test_the_first_exception_ends_it(concurrency):
    """In the order of the items, not of time; what has not begun is left out."""
    begun = []
    second = threading.Event()

    def work(item):
        begun.append(item)
        if item == 0:
            second.wait(5 if concurrency > 1 else 0)
            raise ValueError("first")
        second.set()
        raise KeyError("second")

    with pytest.raises(ValueError, match="first"):
        run_parallel(work, range(100), concurrency)
    assert len(begun) < 100


@pytest.mark.parametrize(
    ("threads", "busy", "wanted"),
    [(1, 1.0, 1), (1, 0.6, 1), (1, 0.5, 2), (1, 0.3, 4), (1, 0.02, 50), (1, 0.0, 1000), (3, 0.9, 3), (2, 0.4, 5)],
)
def test_how_many_threads_keep_a_process_busy(monkeypatch, threads, busy, wanted):
    """The more of the time it waits, the more threads; a busy one gets no more."""
    clocks = types.SimpleNamespace(perf_counter=iter((0.0, 2.0)).__next__, process_time=iter((0.0, 2 * busy)).__next__)
    monkeypatch.setattr(_parallel, "time", clocks)
    assert _parallel._Busy().threads_to_be_busy(threads) == wanted


@pytest.mark.parametrize(("wanted", "expected"), [(1, 1), (3, 3), (9, 5)])
def test_threads_are_added_as_they_are_wanted(monkeypatch, wanted, expected):
    monkeypatch.setattr(_parallel._Busy, "threads_to_be_busy", lambda _self, threads: max(threads, wanted))
    lock = threading.Lock()
    seen = set()

    def work(_item):
        with lock:
            seen.add(threading.current_thread())
        pause.wait(0.01)

    pause = threading.Event()
    run_parallel(work, range(30), 5)
    assert len(seen) == expected


def test_an_interrupt_leaves_out_what_has_not_begun(monkeypatch):
    def interrupt(_self, _threads):
        raise KeyboardInterrupt

    monkeypatch.setattr(_parallel._Busy, "threads_to_be_busy", interrupt)
    begun = []

    def work(item):
        begun.append(item)
        pause.wait(0.01)

    pause = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        run_parallel(work, range(1000), 2)
    assert len(begun) < 100


def test_work_under_way_ends_before_the_exception_comes():
    begun, failed = threading.Event(), threading.Event()
    ended = []

    def work(item):
        if item == 0:
            begun.wait(5)
            failed.set()
            raise ValueError("x")
        begun.set()
        failed.wait(5)
        threading.Event().wait(0.02)
        ended.append(item)

    with pytest.raises(ValueError, match="x"):
        run_parallel(work, [0, 1], 2)
    assert ended == [1]


# ---- pace


@pytest.mark.parametrize(
    ("most", "events", "limit"),
    [
        (8, "", 8),
        (8, "c", 4),
        (8, "cc", 2),
        (8, "ccccc", 1),
        (1, "c", 1),
        (0, "", 1),
        (3, "c", 1),
        (8, "c" + "s" * 19, 4),
        (8, "c" + "s" * 20, 5),
        (8, "c" + "s" * 40, 6),
        (8, "c" + "s" * 400, 8),
        (8, "s" * 400, 8),
        (8, "s" * 400 + "c", 4),
        (8, "s" * 400 + "c" + "s" * 19, 4),
        (8, "c" + "s" * 19 + "c" + "s" * 19, 2),
        (8, "c" + "s" * 19 + "c" + "s" * 20, 3),
    ],
)
def test_pace(most, events, limit):
    """c: a write choked; s: one went through."""
    pace = Pace(most)
    for event in events:
        if event == "c":
            pace.choked()
        else:
            pace.succeeded()
    assert pace.limit == limit


def test_a_slower_pace_lets_fewer_in():
    pace = Pace(4)
    pace.choked()
    lock = threading.Lock()
    now, most = [0], [0]
    waiting = threading.Event()

    def work(_item):
        with pace:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            waiting.wait(0.002)
            with lock:
                now[0] -= 1

    run_parallel(work, range(40), 8)
    assert most[0] == 2


def test_nobody_waits_for_ever():
    """Threads that wait go on when the limit falls below their number, and after exceptions."""
    pace = Pace(8)

    def work(item):
        with pace:
            if item % 3 == 0:
                pace.choked()
            elif item % 7 == 0:
                raise ValueError("x")

    def tolerant(item):
        try:
            work(item)
        except ValueError:
            return "failed"
        return "done"

    results = run_parallel(tolerant, range(200), 8)
    assert results.count("failed") == len([item for item in range(200) if item % 3 and item % 7 == 0])


def test_threads_leave_signals_to_the_main_thread():
    masks = run_parallel(lambda _item: (time.sleep(0.05), signal.pthread_sigmask(signal.SIG_BLOCK, []))[1], [1, 2], 2)
    assert all({signal.SIGINT, signal.SIGTERM} <= mask for mask in masks)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
