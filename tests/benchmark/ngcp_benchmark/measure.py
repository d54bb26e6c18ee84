# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of a command: time, CPU seconds and memory of all its processes."""

from __future__ import annotations

import os
import pathlib
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Run:
    """What one run took.

    :param seconds: from start to end.
    :param cpu: CPU seconds of the command and everything that it started.
    :param memory: MiB of the largest of these processes at its peak.
    :param requests: requests by kind, as the server counted them.
    :param connections: connections, as the server counted them.
    :param server_cpu: CPU seconds of the server meanwhile.
    """

    seconds: float
    cpu: float
    memory: float
    requests: Mapping[str, int] = field(default_factory=dict)
    connections: int = 0
    server_cpu: float = 0

    @property
    def all_requests(self) -> int:
        """How many requests there were."""
        return sum(self.requests.values())


class BrokenRunError(Exception):
    """A run did not do what was to be measured."""


def measured(command: Sequence[str], environment: Mapping[str, str], folder: pathlib.Path, log: pathlib.Path) -> Run:
    """Run a command and return what it took.

    :param log: file for the output; both streams.
    :raises BrokenRunError: the command failed.
    """
    with log.open("wb") as stream:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise BrokenRunError(f"{' '.join(command)} ended with {process.returncode}:\n{end}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
