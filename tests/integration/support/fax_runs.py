# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the modules' engine in processes of their own, which can be killed between any two steps."""

from __future__ import annotations

import multiprocessing
import os
import pathlib
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.plugins.module_utils import _files
from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import Transport
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import fetch_task, folder, send_task
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.options import fetch_options, send_options
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host
from ansible_collections.ngcp.fax.tests.integration.support.simulated import connection
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params

ENGINE = "ansible_collections.ngcp.fax.plugins.module_utils."

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__])

SENT = ("queued", "sending", "success", "already_sent")


def parameters(sim: Simulator, **given: Any) -> dict[str, Any]:
    """Return the connection to a simulator as options of a task."""
    return {**connection(sim), "ca_path": sim.ca_path, **given}


class Run:
    """One run in a process of its own.

    :param task: ``send`` or ``fetch``.
    :param kill_at: which step the process does not survive; 0 for none.
    """

    def __init__(self, task: str, params: Mapping[str, Any], kill_at: int = 0) -> None:
        self._receiver, sender = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(target=_work, args=(task, dict(params), kill_at, sender), daemon=True)
        self.process.start()
        sender.close()

    def result(self, seconds: float = 120) -> dict[str, Any] | None:
        """Return the result of the task, or None if the process was killed."""
        found: dict[str, Any] | None = None
        try:
            if self._receiver.poll(seconds):
                found = self._receiver.recv()
        except EOFError:
            found = None
        self.process.join(seconds)
        if self.process.exitcode is None:
            raise TimeoutError("the run does not end")
        return found

    def kill(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.join()


def send(sim: Simulator, **given: Any) -> dict[str, Any]:
    """Run ``fax_send`` to its end."""
    found = Run("send", parameters(sim, **given)).result()
    assert found is not None
    return found


def fetch(sim: Simulator, **given: Any) -> dict[str, Any]:
    """Run ``fax_fetch`` to its end."""
    found = Run("fetch", parameters(sim, **given)).result()
    assert found is not None
    return found


def _work(task: str, given: dict[str, Any], kill_at: int, sender: Any) -> None:
    options = {**connection_options(), **(send_options() if task == "send" else fetch_options())}
    params = default_params(options, **given)
    send_task._SETTLING = (0.0, 0.1)  # the simulated journal is never late
    if kill_at:
        _count_steps(kill_at)
    before = _peak_memory()
    try:
        work = send_task.send_fax if task == "send" else fetch_task.fetch_faxes
        result = work(params, Host())
    except FaxError as error:
        result = {"failed": True, "error": error.as_dict()}
    except BaseException:
        result = {"failed": True, "bug": traceback.format_exc()}
    sender.send({**result, "memory": _peak_memory() - before})
    sender.close()


def _peak_memory() -> int:
    """Return the most memory that the process has had, in MiB."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


def _count_steps(kill_at: int) -> None:
    """Kill the process at one of its steps: requests, and everything that changes files."""
    steps = [0]

    def step() -> None:
        steps[0] += 1
        if steps[0] == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(inner: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            step()
            result = inner(*arguments, **options)
            step()
            return result

        return call

    Transport._send_once = counted(Transport._send_once)  # type: ignore[method-assign]
    changing = {name: counted(getattr(_files, name)) for name in ("sync", "sync_folder", "open_private")}
    for name in [name for name in sys.modules if name.startswith(ENGINE)]:
        for function in changing.keys() & vars(sys.modules[name]).keys():
            setattr(sys.modules[name], function, changing[function])
    folder.Folder.open_new = counted(folder.Folder.open_new)  # type: ignore[method-assign]
    os.replace = counted(os.replace)
