# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runs that a hostile server meets, and what may be expected of each."""

from __future__ import annotations

import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from typing import Any

from fault_matrix.budget import BACKOFF
from fault_matrix.world import SCALE
from ngcp_simulator import Simulator

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT = 0.5
RETRIES = 1
SLACK = 2.0
"""Seconds for the work itself on a slow machine."""
MOST_MEMORY = 100 * 1024 * 1024
FORCE = 25.0
"""Seconds over its budget after which a run is ended by force."""


@dataclass(frozen=True)
class Kind:
    """One kind of request.

    :param target: an expression for method and path.
    :param task: what runs.
    :param requests: how many requests one after the other the run may send, each with all its tries.
    """

    target: str
    task: str
    requests: int
    params: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] | None = None

    @property
    def budget(self) -> float:
        """Seconds that the run may take: so many requests, so many tries, and pauses between them."""
        return self.requests * ((RETRIES + 1) * TIMEOUT + RETRIES * BACKOFF[1] * SCALE) + SLACK


_DECLARED = {"active": True, "name": "Hostile"}
_THREE = [{"subscriber_id": number, **_DECLARED} for number in (1, 2, 3)]
_SETTINGS = {"subscribers": [], "return_unchanged": True}

KINDS: dict[str, Kind] = {
    "login": Kind(r"^POST /login_jwt", "settings", 4, _SETTINGS, _THREE),
    "item": Kind(r"^GET /api/faxserversettings/\d", "settings", 4, _SETTINGS, _THREE),
    "patch": Kind(r"^PATCH ", "settings", 6, _SETTINGS, _THREE),
    "page": Kind(r"^GET /api/(subscribers|faxserversettings)/\?", "info", 8),
    "lookup": Kind(
        r"^GET /api/subscribers/\?", "settings", 5, _SETTINGS, [{"subscriber_external_id": "EXT-0003", **_DECLARED}]
    ),
    "journal": Kind(r"^GET /api/faxes/\?", "send", 6, {"subscriber_id": 4, "destination": "431", "text": "x"}),
    "post": Kind(r"^POST /api/faxes/", "send", 6, {"subscriber_id": 4, "destination": "431", "text": "x"}),
    "recording": Kind(r"^GET /api/faxrecordings/", "fetch", 6, {"subscriber_id": 5}),
    "delete": Kind(r"^DELETE ", "fetch", 6, {"subscriber_id": 5, "delete_after_fetch": True}),
    "connect": Kind(r"^CONNECT", "settings", 2, _SETTINGS, _THREE),
}


class Worker:
    """The process in which the tasks run."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    def run(self, order: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """Run a task; return what the process says, or None when it does not come to an end (it is killed then)."""
        process = self._process or self._start()
        assert process.stdin is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            line = ""
        if not line:
            self.stop()
            return None
        found: dict[str, Any] = json.loads(line)
        return found

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), *sys.path])}
        process = subprocess.Popen(
            [sys.executable, "-m", "hostile.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=HERE.parent,
        )
        self._process, self._lines = process, queue.Queue()
        threading.Thread(target=self._read, args=(process, self._lines), daemon=True).start()
        return process

    @staticmethod
    def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put("")


def order_for(sim: Simulator, url: str, kind: Kind, folder: str) -> dict[str, Any]:
    """Return what the worker is asked to do, after the platform was put into the state for it."""
    sim.put_settings("faxserversettings", 1, {})
    for number in (2, 3, 4):
        sim.put_settings("faxserversettings", number, {"active": True, "name": "Hostile"})
    for table in ("fax_journal", "fax_images", "fax_jobs"):
        sim.platform.database.execute(f"DELETE FROM {table}")
    account = sim.accounts["admin"]
    params: dict[str, Any] = {
        "api_url": url,
        "api_username": account.username,
        "api_password": account.password,
        "ca_path": sim.ca_path,
        "timeout": TIMEOUT,
        "retries": RETRIES,
        **kind.params,
    }
    if kind.task == "send":
        params["receipts"] = tempfile.mkdtemp(dir=folder)
    if kind.task == "fetch":
        sim.receive_fax(5, size=20_000)
        params["dest"] = tempfile.mkdtemp(dir=folder)
    return {"task": kind.task, "params": params, "entries": kind.entries}
