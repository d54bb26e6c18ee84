# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Whether somebody wants a run to end: by a signal, or because whoever would get its result is gone."""

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
_PIECE = 0.1  # seconds of a pause after which it is looked again


class Interruption:
    """Takes signals while it is entered, so that what is under way can be finished and reported. A second SIGINT has
    its usual effect.

    Ansible kills its worker processes by signals, and a worker that was just being forked gets none: it notices that
    its parent has gone. A module notices that nobody reads its output any more.
    """

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        self._before = {}

    @property
    def cause(self) -> FaxError | None:
        """Why the run has to end, or None as long as it does not have to."""
        if self._received is not None:
            return _interrupted(f"{signal.Signals(self._received).name} was received")
        if os.getppid() != self._parent or _is_unread(_STDOUT):
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
        if self._received is not None and number == signal.SIGINT:
            before = self._before.get(number)
            if callable(before):
                before(number, frame)
        self._received = number


def _interrupted(reason: str) -> FaxError:
    return FaxError(
        f"The run was interrupted: {reason}",
        code="interrupted",
        hint="Requests under way were completed. Run the task again: it continues with the others.",
    )


def _is_unread(descriptor: int) -> bool:
    """Return whether a pipe has no reader any more."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & _BROKEN for _descriptor, event in poll.poll(0))
