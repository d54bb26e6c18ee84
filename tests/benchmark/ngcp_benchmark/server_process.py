# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers in processes of their own, so that what they cost is not counted as the client's.

The parent writes commands and reads answers, one JSON document a line.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from typing import Any, Protocol, cast

from ngcp_simulator import Simulator

from .fast_server import PASSWORD, USERNAME, FastServer
from .fleet import MAIL_RESOURCE, RESOURCE, Settings, declared, declared_mail, stored

FAST = "fast"
SIMULATOR = "simulator"
SLOW = "slow"
SLOW_PAGES = "slow-pages"

# As slow as the platform was measured to be. It also needs 12 ms for every item of a page; without that, a page would
# be as cheap as an item.
_SLOW = {"read_delay": 50, "write_delay": 90, "basic_delay": 430, "workers": 2}
SWITCHES: dict[str, dict[str, int]] = {SIMULATOR: {}, SLOW: _SLOW, SLOW_PAGES: {**_SLOW, "item_delay": 12}}

_LOG_IN = re.compile(r"^/login_jwt")
_LIST = re.compile(r"^/api/[a-z]+/$")


class Served(Protocol):
    """What the child process needs of a server."""

    def environment(self) -> dict[str, str]:
        """Return the connection as environment variables."""

    def reset(self, count: int, share: float, secrets: bool) -> None:
        """Store the settings that a run begins with."""

    def counters(self) -> dict[str, Any]:
        """Return what was counted since the last ``reset``."""

    def settings(self, resource: str, subscriber_id: int) -> Settings:
        """Return what is stored for a subscriber."""


class _Fast:
    def __init__(self, count: int, folder: pathlib.Path) -> None:
        self._server = FastServer(count)
        self._authority = folder / "ca.pem"
        self._authority.write_bytes(self._server.authority)
        self._server.start()

    def environment(self) -> dict[str, str]:
        return {
            "NGCP_API_URL": self._server.url,
            "NGCP_API_USERNAME": USERNAME,
            "NGCP_API_PASSWORD": PASSWORD,
            "NGCP_API_CA_PATH": str(self._authority),
        }

    def reset(self, count: int, share: float, secrets: bool) -> None:
        self._server.put(stored(count, share, secrets))
        self._server.reset_counters()

    def counters(self) -> dict[str, Any]:
        return {"requests": dict(self._server.requests), "connections": self._server.connections}

    def settings(self, resource: str, subscriber_id: int) -> Settings:
        return self._server.settings(resource, subscriber_id)


class _Simulated:
    def __init__(self, count: int, folder: pathlib.Path, switches: dict[str, Any]) -> None:
        self._simulator = Simulator(subscribers=count, state=folder / "simulator", **switches)
        self._simulator.start()
        self._count = count
        self._connections = 0

    def environment(self) -> dict[str, str]:
        return dict(self._simulator.environment())

    def reset(self, count: int, share: float, secrets: bool) -> None:
        for name, settings_of in stored(count, share, secrets).items():
            self._simulator.put_many(name, {number: settings_of(number) for number in range(1, self._count + 1)})
        self._simulator.clear_audit()
        self._connections = self._simulator.connections

    def counters(self) -> dict[str, Any]:
        requests = Counter(_kind(entry.method, entry.path) for entry in self._simulator.audit)
        return {"requests": dict(requests), "connections": self._simulator.connections - self._connections}

    def settings(self, resource: str, subscriber_id: int) -> Settings:
        return cast(Settings, self._simulator.settings(resource, subscriber_id))


def _kind(method: str, path: str) -> str:
    if _LOG_IN.match(path):
        return "login"
    return "patch" if method == "PATCH" else "page" if _LIST.match(path) else "item"


def serve(kind: str, count: int) -> None:
    """Run a server in this process and do what comes in, until the input ends."""
    with tempfile.TemporaryDirectory(prefix="ngcp-benchmark-") as folder:
        served: Served
        if kind == FAST:
            served = _Fast(count, pathlib.Path(folder))
        else:
            served = _Simulated(count, pathlib.Path(folder), SWITCHES[kind])
        _say(served.environment())
        for line in sys.stdin:
            command = json.loads(line)
            if command["do"] == "reset":
                served.reset(command["count"], command["share"], command["secrets"])
                _say({})
            elif command["do"] == "counters":
                usage = resource.getrusage(resource.RUSAGE_SELF)
                _say({**served.counters(), "cpu": usage.ru_utime + usage.ru_stime})
            else:
                _say({"drifted": _drifted(served, command["count"], command["secrets"])})


def _drifted(served: Served, count: int, secrets: bool) -> dict[str, int]:
    """Return for each resource how many subscribers do not have what is declared; the order of lists does not count."""
    return {
        resource: sum(_differs(served.settings(resource, number), wanted(number)) for number in range(1, count + 1))
        for resource, wanted in ((RESOURCE, lambda number: declared(number, secrets)), (MAIL_RESOURCE, declared_mail))
    }


def _differs(settings: Settings, wanted: Settings) -> bool:
    return any(_comparable(settings[name]) != _comparable(value) for name, value in wanted.items())


def _comparable(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, list) else value


def _say(document: Any) -> None:
    print(json.dumps(document), flush=True)


class ServerProcess:
    """A server in a child process; use it as a context manager.

    :param kind: ``FAST``, ``SIMULATOR``, ``SLOW`` or ``SLOW_PAGES``.
    :param count: how many subscribers it has.
    """

    def __init__(self, kind: str, count: int) -> None:
        self.kind = kind
        self.count = count
        self.environment: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> ServerProcess:
        command = [sys.executable, "-m", "ngcp_benchmark.server_process", self.kind, str(self.count)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.environment = self._read()
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.communicate(timeout=60)

    def reset(self, count: int, share: float = 0, secrets: bool = False) -> None:
        """Give all subscribers the declared settings, then let a share of the first ``count`` drift; count anew."""
        self._ask(do="reset", count=count, share=share, secrets=secrets)

    def counters(self) -> dict[str, Any]:
        """Return the requests by kind and the connections since the last reset, and the server's CPU seconds so far."""
        return cast("dict[str, Any]", self._ask(do="counters"))

    def drifted(self, count: int, secrets: bool = False) -> dict[str, int]:
        """Return for each resource how many of the first ``count`` subscribers do not have the declared settings."""
        return cast("dict[str, int]", self._ask(do="drifted", count=count, secrets=secrets)["drifted"])

    def _ask(self, **command: Any) -> Any:
        stream = self._running().stdin
        if stream is not None:
            stream.write(json.dumps(command) + "\n")
            stream.flush()
        return self._read()

    def _read(self) -> Any:
        stream = self._running().stdout
        line = stream.readline() if stream is not None else ""
        if not line:
            raise RuntimeError(f"the server {self.kind!r} has ended")
        return json.loads(line)

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
