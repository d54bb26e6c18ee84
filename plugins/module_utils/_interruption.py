# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Whether a run should end: after a signal, or because the process that waits for its result is gone."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from typing import Any

from ._errors import FaxError

_SIGNALS = tuple(
    number for name in ("SIGINT", "SIGTERM", "SIGHUP") for number in [getattr(signal, name, None)] if number is not None
)
_STDOUT = 1
_BROKEN = getattr(select, "POLLERR", 0) | getattr(select, "POLLHUP", 0) | getattr(select, "POLLNVAL", 0)
_MOST_SIGNALS = 64
_PIECE = 0.1  # seconds of a pause after which it is looked again


class _Process:
    """What this process knows about itself: which one started it, and whether it was asked to end.

    Ansible starts its workers by forking, and one that was forked just when the signal came is not notified: the parent
    does not know it yet. The parent may have ended long before the worker gets to its first write. So the parent is not
    taken from the system when a run begins, but noted by itself just before it forks.

    :param parent: the process that waits for this one's result.
    :param is_worker: whether this process was forked by Python, and ends with the one task that it works on.
    :param received: the first signal that asked it to end. It holds for whatever a worker begins later, such as the
        next item of a loop.
    """

    def __init__(self, parent: int, is_worker: bool) -> None:
        self.parent = parent
        self.is_worker = is_worker
        self.received: int | None = None
        self.child: _Process = self


_PROCESS = _Process(os.getppid(), False)


def _before_fork() -> None:
    _PROCESS.child = _Process(os.getpid(), True)


def _after_fork() -> None:
    global _PROCESS
    _PROCESS = _PROCESS.child


os.register_at_fork(before=_before_fork, after_in_child=_after_fork)


def is_orphaned() -> bool:
    """Return whether the process that waits for this one's result has ended."""
    return os.getppid() != _PROCESS.parent


def leave_signals_to_the_main_thread() -> None:
    """Block the signals in this thread, so that the system hands them to the main thread and wakes it. It would hand
    the second one of two that come at the same time to any other thread."""
    if threading.current_thread() is not threading.main_thread():
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def is_worker() -> bool:
    """Return whether this process was forked by Python since this file was loaded."""
    return _PROCESS.is_worker


class Interruption:
    """Takes signals while it is entered, so that what is under way can be finished and reported. A second SIGINT has
    its usual effect at once. A second signal of another kind has it once everything is done: Ansible sends one when it
    has stopped to wait, and a worker would wait for ever to hand over its result.

    Ansible kills its worker processes by signals, and a worker that was just being forked gets none: it notices that
    its parent has gone. A module notices that nobody reads its output any more.

    It can be entered again while it is.
    """

    def __init__(self) -> None:
        self._received = _PROCESS.received if _PROCESS.is_worker else None
        self._handled: int | None = None
        self._again: int | None = None
        self._depth = 0
        self._before: dict[int, Any] = {}
        self._arrivals: _Arrivals | None = None

    def __enter__(self) -> Interruption:
        self._depth += 1
        if self._depth == 1 and threading.current_thread() is threading.main_thread():
            self._arrivals = _Arrivals()
            self._before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        return self

    def __exit__(self, *exception: object) -> None:
        self._depth -= 1
        if self._depth:
            return
        for number, handler in self._before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        self._before = {}
        if self._arrivals is not None:
            self._arrivals.close()
            self._arrivals = None
        if self._again is not None and _PROCESS.is_worker:
            os.kill(os.getpid(), self._again)

    @property
    def cause(self) -> FaxError | None:
        """Why the run has to end, or None as long as it does not have to."""
        if self._received is None and self._arrivals is not None:
            for number in self._arrivals.look():
                self._receive(number)
        if self._received is not None:
            return _interrupted(f"{signal.Signals(self._received).name} was received")
        if is_orphaned() or _is_unread(_STDOUT):
            return _interrupted("the process that started it has ended")
        return None

    def pause(self, seconds: float) -> None:
        """Sleep, and not longer than until the run has to end."""
        end = time.monotonic() + seconds
        while self.cause is None:
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(_PIECE, left))

    def _note(self, number: int, frame: Any) -> None:
        self._receive(number)
        if self._handled is None:
            self._handled = number
            return
        if number == signal.SIGINT:
            before = self._before.get(number)
            if callable(before):
                before(number, frame)
        self._again = number

    def _receive(self, number: int) -> None:
        if self._received is None:
            self._received = _PROCESS.received = number


class _Arrivals:
    """Sees signals at once, from whichever thread.

    Python runs handlers in the main thread only, when it gets to it. The system may hand a signal to another thread,
    above all the second one of two that come at the same time, as Ansible sends them, and with it the first one. Then
    the main thread sleeps on while it waits for the others, and its handlers run when these have done everything. See
    also :func:`leave_signals_to_the_main_thread`: not all threads are ours.
    """

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        for end in (self._reading, self._writing):
            os.set_blocking(end, False)
        self._before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)

    def look(self) -> list[int]:
        """Return the signals that have come since the last look."""
        try:
            return [number for number in os.read(self._reading, _MOST_SIGNALS) if number in _SIGNALS]
        except BlockingIOError:
            return []

    def close(self) -> None:
        """Give back what was taken from the process."""
        signal.set_wakeup_fd(self._before)
        os.close(self._reading)
        os.close(self._writing)


def _interrupted(reason: str) -> FaxError:
    return FaxError(
        f"The run was interrupted: {reason}",
        code="interrupted",
        hint="Requests under way were completed. Run the task again to continue with the others.",
    )


def _is_unread(descriptor: int) -> bool:
    """Return whether a pipe has no reader any more."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & _BROKEN for _descriptor, event in poll.poll(0))
