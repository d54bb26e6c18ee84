# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs tasks of the collection's engine in a process of its own, and measures their time and memory.

Reads one JSON object a line (a task and its options), and answers each with one.
"""

from __future__ import annotations

import gc
import json
import pathlib
import sys
import time
import traceback
from typing import Any

from fault_matrix.world import short_times

from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.fetch_task import fetch_task
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.send_task import send_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import info_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host, Task
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params

TASKS: dict[str, Task] = {
    "settings": settings_task(FAX_SETTINGS),
    "info": info_task(FAX_SETTINGS),
    "send": send_task(),
    "fetch": fetch_task(),
}


def main() -> None:
    """Work until the input ends."""
    for line in sys.stdin:
        print(json.dumps(work(json.loads(line))), flush=True)


def work(order: dict[str, Any]) -> dict[str, Any]:
    """Run one task; return its result, the seconds, and the memory in bytes before and at the most."""
    task = TASKS[order["task"]]
    options = {**connection_options(), **task.options}
    params = default_params(options, **order["params"])
    gc.collect()
    idle = begin_peak()
    began = time.monotonic()
    try:
        with short_times():
            result = task.run({**params, "subscribers": order.get("entries")}, Host())
    except BaseException:
        result = {"traceback": traceback.format_exc()}
    return {"result": result, "seconds": time.monotonic() - began, "idle": idle, "peak": memory("VmHWM")}


def begin_peak() -> int:
    """Forget how much memory the process once had; return how much it has now."""
    pathlib.Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return memory("VmRSS")


def memory(name: str) -> int:
    """Return one of the kernel's numbers about the memory of this process, in bytes."""
    for line in pathlib.Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
