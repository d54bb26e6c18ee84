# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hostile server costs no more time and memory than is documented, and gets no traceback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile.attacks import Attack, End, dripping, endless
from hostile.runs import FORCE, KINDS, MOST_MEMORY, Worker, order_for
from hostile.server import HostileServer
from ngcp_simulator import Simulator

Try = Callable[[HostileServer, Attack, str], dict[str, Any]]


@pytest.fixture(scope="session")
def sim() -> Iterator[Simulator]:
    """The platform behind the hostile server."""
    with Simulator(subscribers=30) as running:
        yield running


@pytest.fixture(scope="session")
def server(sim: Simulator) -> Iterator[HostileServer]:
    """The hostile server, without TLS."""
    found = HostileServer(sim)
    yield found
    found.close()


@pytest.fixture(scope="session")
def tls_server(sim: Simulator) -> Iterator[HostileServer]:
    """The hostile server with TLS."""
    found = HostileServer(sim, tls=True)
    yield found
    found.close()


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """The process in which the tasks run."""
    found = Worker()
    yield found
    found.stop()


@pytest.fixture
def attempt(sim: Simulator, worker: Worker, tmp_path: Path, record_property: Callable[[str, object], None]) -> Try:
    """Return a function that lets a task meet an attack, checks what holds for all, and returns the result."""

    def run(server: HostileServer, attack: Attack, name: str) -> dict[str, Any]:
        kind = KINDS[name]
        order = order_for(sim, server.url, kind, str(tmp_path))
        with server.attacking(attack, kind.target):
            found = worker.run(order, kind.budget + FORCE)
        assert found is not None, f"no end within {kind.budget + FORCE:.0f} s, or the process died"
        memory = found["peak"] - found["idle"]
        record_property("hostile", [found["seconds"], kind.budget, memory])
        result: dict[str, Any] = found["result"]
        assert "traceback" not in result, result["traceback"]
        assert isinstance(result.get("changed"), bool)
        assert '"code": "unexpected"' not in json.dumps(result), result
        assert server.met > 0
        assert found["seconds"] <= kind.budget
        assert memory < MOST_MEMORY, f"{memory / 2**20:.0f} MiB above idle"
        return result

    return run


@pytest.mark.parametrize("kind", KINDS)
def test_honest_server(server: HostileServer, attempt: Try, kind: str) -> None:
    """Without an attack the same runs come to a good end."""
    if kind == "connect":
        pytest.skip("there is nothing to pass on")

    def honest(request: Any) -> Iterator[Any]:
        from hostile.server import _whole

        yield _whole(request)
        yield End.KEEP

    result = attempt(server, Attack("honest", honest), kind)
    assert not result.get("failed"), result


def test_attack(server: HostileServer, attempt: Try, hostile: tuple[str, Attack]) -> None:
    """Time, memory and result are as promised, whatever comes."""
    kind, attack = hostile
    attempt(server, attack, kind)


@pytest.mark.parametrize("name", ["silence", "slow", "rubbish", "endless", "close", "reset"])
def test_attack_on_the_handshake(tls_server: HostileServer, attempt: Try, name: str) -> None:
    """TLS that never comes to an agreement."""
    scripts: dict[str, Callable[[Any], Iterator[Any]]] = {
        "silence": lambda _request: iter(()),
        "slow": lambda _request: dripping(b"\x16\x03\x03\x40\x00" + b"\x02" * 2000),
        "rubbish": lambda _request: iter((b"HTTP/1.1 200 OK\r\n\r\n", End.CLOSE)),
        "endless": lambda _request: endless(b"\x16\x03\x03\x40\x00" + b"\x02" * 0x4000),
        "close": lambda _request: iter((End.CLOSE,)),
        "reset": lambda _request: iter((End.RESET,)),
    }
    result = attempt(tls_server, Attack(name, scripts[name]), "connect")
    assert result["failed"]


@pytest.mark.parametrize("kind", ["login", "item", "patch", "page", "post", "recording"])
def test_connection_that_is_cut(tls_server: HostileServer, attempt: Try, kind: str) -> None:
    """TLS that ends in the middle of a body of unknown length, without its own farewell."""

    def script(request: Any) -> Iterator[Any]:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
        yield head + request.body[: len(request.body) // 2]
        yield End.RESET

    attempt(tls_server, Attack("cut", script), kind)
