# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""What becomes of a task's process when Ansible's main process is killed: it ends as well.

Ansible's workers do not notice that. One that waits for a module would let it write to the end, and one that hands over
a long result to nobody would wait forever, with all secrets in its memory.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

from ansible_collections.ngcp.fax.plugins.module_utils._interruption import (
    is_orphaned,
    is_worker,
    leave_signals_to_the_main_thread,
)

_PAUSE = 0.05  # seconds between two looks


class _Watch:
    """Looks after this process, from its first task on.

    :param is_busy: whether a task runs in this process, which notices by itself and records how far it got.
    """

    def __init__(self) -> None:
        self.is_busy = False
        self._process = 0

    def start(self) -> None:
        """Begin to look, once in each process."""
        if not is_worker() or self._process == os.getpid():
            return
        self._process = os.getpid()
        threading.Thread(target=self._look, name="orphan watch", daemon=True).start()

    def _look(self) -> None:
        leave_signals_to_the_main_thread()  # it may wait for a module, and must be woken
        pause = threading.Event()
        while self.is_busy or not is_orphaned():
            pause.wait(_PAUSE)
        _end()


_WATCH = _Watch()


def end_with_ansible() -> None:
    """See to it that this process ends when Ansible's main process has ended."""
    _WATCH.start()


@contextlib.contextmanager
def working_in_process() -> Iterator[None]:
    """Let the task that runs in this process come to its own end first."""
    _WATCH.is_busy = True
    try:
        yield
    finally:
        _WATCH.is_busy = False


def _end() -> None:
    if os.getpgrp() == os.getpid():
        # With what was started for the task, such as a module, or the connection to one. Since ansible-core 2.19 each
        # worker has a group of its own.
        with contextlib.suppress(OSError):
            os.killpg(os.getpid(), signal.SIGTERM)
    os._exit(1)
