# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulator for all pairs, and runs of the modules' engine in this process, with short times."""

from __future__ import annotations

import importlib
import pathlib
import sys
import time as real_time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.plugins.module_utils._api import connections as _connection
from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host, Task
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params

from .catalogue import TIMEOUT
from .secrets import ADMIN_SECRET

SCALE = 0.02
"""What a second of a pause lasts."""
RETRIES = 2
CONCURRENCY = 4
PATIENT = 5.0
"""Seconds: the option `timeout` of runs without a fault, which shall not fail because the machine is slow."""
SUBSCRIBERS = 130
CUSTOMERS = 40
ENGINE = "ansible_collections.ngcp.fax.plugins.module_utils."

# All of it, because what a run imports late would keep its long pauses.
_FOLDER = pathlib.Path(str(_connection.__file__)).parents[1]
for _file in _FOLDER.glob("**/*.py"):
    if _file.stem not in ("__init__", "_module"):
        importlib.import_module(ENGINE + ".".join(_file.relative_to(_FOLDER).with_suffix("").parts))


class World:
    """The simulated platform, and what was written to it."""

    def __init__(self) -> None:
        self.sim = Simulator(SUBSCRIBERS, customers=CUSTOMERS, fax_seconds=0.05, fax_deadlock_delay=20)
        self.writes: list[tuple[str, int]] = []
        """Resource and subscriber of every write of settings that the platform has processed."""
        self._password = ADMIN_SECRET

    def start(self) -> None:
        """Start the platform."""
        self.sim.accounts["admin"].password = self._password
        self.sim.start()
        store = self.sim.platform.settings
        write = store.write

        def noted(resource: Any, identifier: int, document: Any) -> None:
            write(resource, identifier, document)
            self.writes.append((resource.name, identifier))

        store.write = noted  # type: ignore[method-assign]

    def stop(self) -> None:
        """End the platform."""
        self.sim.stop()

    def recover(self) -> None:
        """Remove all faults and bring the platform back if it has vanished."""
        self.sim.clear_faults()
        self.sim.clear_hooks()
        self.sim.clear_bans()
        if not self.sim.listening:
            self.sim.start()

    def vanish(self) -> None:
        """Take the platform away, so that whatever waits for it ends."""
        self.sim.clear_faults()
        self.sim.vanish()

    def settle(self) -> None:
        """Wait until no request is under way: what is under way may still be processed."""
        for _attempt in range(400):
            if self.sim.status()["under_way"] == 0:
                return
            real_time.sleep(0.005)

    def run(
        self, task: Task, given: Mapping[str, Any], entries: Any = None, check: bool = False, timeout: float = TIMEOUT
    ) -> dict[str, Any]:
        """Run a task and return its result."""
        with short_times():
            return task.run({**self.parameters(task, given, timeout), "subscribers": entries}, Host(check))

    def parameters(self, task: Task, given: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """Return all options of a task."""
        options = {**connection_options(), **task.options}
        params: dict[str, Any] = default_params(options)
        account = self.sim.accounts["admin"]
        params.update(api_url=self.sim.url, api_username=account.username, api_password=account.password)
        params.update(ca_path=self.sim.ca_path, timeout=timeout, retries=RETRIES, concurrency=CONCURRENCY)
        return {**params, **given}


class _ScaledTime:
    """The module `time` with short pauses."""

    def __getattr__(self, name: str) -> Any:
        return getattr(real_time, name)

    @staticmethod
    def sleep(seconds: float) -> None:
        real_time.sleep(seconds * SCALE)


@contextmanager
def short_times() -> Iterator[None]:
    """Let the engine pause for a fraction of the time, and take time-outs below a second."""
    scaled = _ScaledTime()
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(ENGINE)]
    before = [(module, module.time) for module in modules if getattr(module, "time", None) is real_time]
    limits = {**_connection._LIMITS, "timeout": (0.01, 3600)}
    try:
        for module, _time in before:
            module.time = scaled  # type: ignore[attr-defined]
        with mock.patch.object(_connection, "_LIMITS", limits):
            yield
    finally:
        for module, time in before:
            module.time = time  # type: ignore[attr-defined]
