# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands of Ansible: forked from a process that is started already, or started by themselves."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

from ansible_collections.ngcp.fax.tests.integration.support import started_ansible

Done = subprocess.CompletedProcess[str]


def run(
    words: Sequence[str],
    *,
    environment: Mapping[str, str],
    cwd: pathlib.Path,
    timeout: float = 900,
    start: bool = False,
) -> Done:
    """Run a command with an empty input and return what it printed and its exit status, as ``subprocess.run`` does.

    :param environment: all variables of the command.
    :param timeout: seconds.
    :param start: whether to start the command by itself although it could be forked.
    """
    if start or words[0] not in started_ansible.COMMANDS or _at_start(environment) != _at_start(os.environ):
        return subprocess.run(
            words,
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    return _server().run(words, environment, cwd, timeout)


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a process reads when it starts, and not later on."""
    prefixes = ("PYTHON", "LC_", "LD_", "LANG", "TZ", "PATH")
    return {name: value for name, value in environment.items() if name.startswith(prefixes)}


class _Server:
    """The process from which commands are forked."""

    def __init__(self) -> None:
        self._control, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, started_ansible.__file__, str(other.fileno())],
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def run(self, words: Sequence[str], environment: Mapping[str, str], cwd: pathlib.Path, timeout: float) -> Done:
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            mine, its = socket.socketpair()
            with its:
                socket.send_fds(self._control, [b"\n"], [output.fileno(), errors.fileno(), its.fileno()])
            with mine, mine.makefile("rw") as stream:
                stream.write(json.dumps({"words": words, "environment": {**environment}, "cwd": str(cwd)}) + "\n")
                stream.flush()
                process = int(stream.readline())
                mine.settimeout(timeout)
                try:
                    status = int(stream.readline())
                except TimeoutError:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(words, timeout) from None
            texts = []
            for file in (output, errors):
                file.seek(0)
                texts.append(file.read().decode())
        return Done(words, status, *texts)


@functools.cache
def _server() -> _Server:
    return _Server()
