# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a simulated platform was asked to do, and how it is reached."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ngcp_simulator import Simulator

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def writes(sim: Simulator) -> list[str]:
    """Return the requests that write, as ``METHOD path``, in order; log-ins write nothing."""
    return [
        f"{entry.method} {entry.path}"
        for entry in sim.audit
        if entry.method in WRITES and not entry.path.startswith(("/login_jwt", "/_simulator"))
    ]


def written(sim: Simulator) -> list[tuple[str, int]]:
    """Return which settings requests write, as resource and subscriber's id, in order."""
    paths = [path.rstrip("/").split("/") for path in (write.split()[1] for write in writes(sim)) if "settings/" in path]
    return [(path[2], int(path[3])) for path in paths]


def connection(sim: Simulator, account: str = "admin") -> dict[str, str]:
    """Return the connection to a platform as options of a task, without the certificate authority."""
    own = sim.accounts[account]
    return {"api_url": sim.url, "api_username": own.username, "api_password": own.password}


@contextlib.contextmanager
def simulated(**options: Any) -> Iterator[Simulator]:
    """Run a platform; it has 30 subscribers unless the options say otherwise."""
    with Simulator(**{"subscribers": 30, **options}) as sim:
        yield sim
