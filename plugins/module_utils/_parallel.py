# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Work on many things at once, with as few threads as that needs and never more than asked for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _LeftOut(Exception):
    """Stands for work that was not begun, because other work failed."""


def run_parallel(work: Callable[[Item], Result], items: Sequence[Item], concurrency: int) -> list[Result]:
    """Return ``work(item)`` for every item, in the order of the items.

    After an exception nothing more is begun; the first one in the order of the items is raised once the work under way
    has ended.
    """
    workers = min(concurrency, len(items))
    if workers <= 1:
        return [work(item) for item in items]
    stop = threading.Event()

    def work_unless_stopped(item: Item) -> Result:
        if stop.is_set():
            raise _LeftOut
        try:
            return work(item)
        except BaseException:
            stop.set()
            raise

    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(work_unless_stopped, item) for item in items]
    errors = [error for error in (future.exception() for future in futures) if error is not None]
    for error in errors:
        if not isinstance(error, _LeftOut):
            raise error
    return [future.result() for future in futures]


class Pace:
    """How many writes may be under way at once: halved when the server chokes, one more after a run of successes.

    Parallel writes deadlock on the server, so that more of them at once can be slower than fewer.

    :param most: never more than this.
    """

    _successes_to_speed_up = 20

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self._limit = self._most
        self._under_way = 0
        self._successes = 0
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """How many may be under way now."""
        return self._limit

    def __enter__(self) -> Pace:
        with self._changed:
            while self._under_way >= self._limit:
                self._changed.wait()
            self._under_way += 1
        return self

    def __exit__(self, *exception: object) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify()

    def succeeded(self) -> None:
        """Tell that a write went through at the first try."""
        with self._changed:
            self._successes += 1
            if self._successes >= self._successes_to_speed_up and self._limit < self._most:
                self._limit += 1
                self._successes = 0
                self._changed.notify()

    def choked(self) -> None:
        """Tell that a write failed in a way that fewer parallel ones may avoid."""
        with self._changed:
            self._limit = max(1, self._limit // 2)
            self._successes = 0
