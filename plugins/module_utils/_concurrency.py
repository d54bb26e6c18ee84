# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Work on many things at once, with as few threads as that needs and never more than asked for."""

from __future__ import annotations

import gc
import itertools
import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Callable, Generic, TypeVar

from ._errors import (
    FaxError,
    LostResponseError,
    UnreachableError,
    as_fax_error,
)
from ._interruption import leave_signals_to_the_main_thread

Item = TypeVar("Item")
Result = TypeVar("Result")

# Responses of a server or proxy that is down as a whole.
_GATEWAY = frozenset((502, 503, 504))

# Seconds between two looks at how busy this process is, and the share of them from which on it counts as busy.
_LOOK = 0.005
# Seconds after which the main thread wakes up in any case. Handlers of signals run there, and a signal that the system
# hands to another thread does not wake it.
_GLANCE = 0.1
_BUSY = 0.6


def run_parallel(work: Callable[[Item], Result], items: Sequence[Item], concurrency: int) -> list[Result]:
    """Return ``work(item)`` for every item, in the order of the items.

    Threads are added while this process mostly waits. If the process itself is busy, because the server responds faster
    than responses can be read, more threads would only get in each other's way (Python runs one at a time).

    After an exception nothing more is begun; the first one in the order of the items is raised once the work under way
    has ended.

    :param concurrency: most items under way at once.
    """
    limit = min(concurrency, len(items))
    if limit <= 1:
        return [work(item) for item in items]
    # Imported here, because many tasks have only one thing to do.
    from concurrent.futures import ThreadPoolExecutor, wait

    share = _SharedWork(work, items)
    with ThreadPoolExecutor(limit, initializer=leave_signals_to_the_main_thread) as pool:
        try:
            threads = [pool.submit(share.work_on)]
            busy = _Busy()
            while wait(threads, _LOOK if len(threads) < limit else _GLANCE).not_done:
                wanted = min(limit, busy.threads_to_be_busy(len(threads)))
                threads += [pool.submit(share.work_on) for _number in range(wanted - len(threads))]
        finally:  # before the pool waits for its threads: whoever interrupts this does not want all of it done first
            share.stop()
    return share.results()


class _SharedWork(Generic[Item, Result]):
    """Items that several threads work on, and what came of them."""

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item]) -> None:
        self._work = work
        self._items = items
        self._next = itertools.count()
        self._results: dict[int, Result] = {}
        self._errors: dict[int, BaseException] = {}
        self._stopped = False

    def work_on(self) -> None:
        """Work on one item after the other until there is none left, or something failed."""
        for index in self._next:  # one step of it is atomic
            if self._stopped or index >= len(self._items):
                return
            try:
                self._results[index] = self._work(self._items[index])
            except BaseException as error:  # pylint: disable=broad-except
                self._errors[index] = error
                self.stop()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopped = True

    def results(self) -> list[Result]:
        """Return the results in the order of the items, or raise the first error."""
        if self._errors:
            raise self._errors[min(self._errors)]
        return [self._results[index] for index in range(len(self._items))]


class _Busy:
    """How busy this process has been since the last look."""

    def __init__(self) -> None:
        self._time, self._cpu = time.perf_counter(), time.process_time()

    def threads_to_be_busy(self, threads: int) -> int:
        """Return with how many threads this process would be busy, at least as many as there are."""
        before = self._time, self._cpu
        self._time, self._cpu = time.perf_counter(), time.process_time()
        busy = (self._cpu - before[1]) / max(self._time - before[0], 1e-9)
        return threads if busy >= _BUSY else math.ceil(threads / max(busy, 1e-3))


# After how many items in a row that met no response nothing more is sent.
ENOUGH_FAILURES = 3


class Outage:
    """Distinguishes a server that is down from single failing items, while a run works on many of them.

    If an item fails because the server does not respond (after all its own tries), an outage is *suspected*, and the
    following items are tried only once. If several fail in a row, the outage is *certain*, and the run ends; the rest
    would take just as long and fail as well. One success ends the suspicion. Safe to use from several threads.

    Reading, writing and fetching have one each, because a server may still do one of them but not the others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self.cause: FaxError | None = None

    @property
    def suspected(self) -> bool:
        """Whether the last item met what may be an outage: no more tries than one are due."""
        return self._failures > 0

    @property
    def certain(self) -> bool:
        """Whether nothing more should be attempted."""
        return self.cause is not None

    def result_of(self, work: Callable[[], Result]) -> Result | FaxError:
        """Do the work for one item, and return what it returns or the error that it ended with.

        :raises FaxError: the server refuses the user, cannot be reached, or has not responded several times in a row.
        """
        result: Result | FaxError
        try:
            result = work()
            self.note(None)
        except FaxError as error:
            result = error
            self.note(error)
        except Exception as error:  # pylint: disable=broad-except
            result = as_fax_error(error)
        if self.cause is not None:
            raise self.cause
        return result

    def note(self, error: FaxError | None) -> None:
        """Note how an item ended: with an error, or (None) well. Errors about the item itself do not count; they show
        that the server is available."""
        with self._lock:
            if error is not None and error.halts:
                self.cause = self.cause or error
            elif error is None or not is_outage(error):
                self._failures = 0
            else:
                self._failures += 1
                if self._failures >= ENOUGH_FAILURES:
                    self.cause = self.cause or error


def is_outage(error: FaxError) -> bool:
    """Return whether an error is what a server or proxy that is down would cause: no response, or a response of a
    gateway."""
    return isinstance(error, (LostResponseError, UnreachableError)) or error.http_status in _GATEWAY


class Pace:
    """How many writes may be under way at once: halved when the server chokes, one more after a run of successes.

    Parallel writes deadlock on the server; more of them at once can therefore be slower than fewer.

    :param limit: never more than this.
    """

    _successes_to_speed_up = 20

    def __init__(self, limit: int) -> None:
        self._max = max(1, limit)
        self._limit = self._max
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
        """Note that a write succeeded at the first try."""
        with self._changed:
            self._successes += 1
            if self._successes >= self._successes_to_speed_up and self._limit < self._max:
                self._limit += 1
                self._successes = 0
                self._changed.notify()

    def choked(self) -> None:
        """Note that a write failed in a way that fewer parallel writes may avoid."""
        with self._changed:
            self._limit = max(1, self._limit // 2)
            self._successes = 0


@contextmanager
def collection_paused() -> Iterator[None]:
    """Keep the garbage collector from looking through a fleet again and again: hardly anything becomes garbage that
    only the collector could find, and with 100,000 subscribers it would take a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
