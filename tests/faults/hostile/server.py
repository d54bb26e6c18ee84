# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hostile server: passes requests on to a simulated platform, but for those that it attacks."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from ngcp_simulator import Simulator

from .attacks import Attack, End, Request, Step

LONGEST = 30.0
"""Seconds after which an attack gives up, so that no thread stays."""
_LENGTH = re.compile(rb"(?im)^content-length:\s*(\d+)")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:\s*chunked")
_HOP = frozenset(("connection", "content-length", "transfer-encoding", "keep-alive", "date", "server"))


class HostileServer:
    """Listens on the loopback interface, plain or with TLS, in a thread of its own.

    :param tls: speak TLS with the platform's own certificate.
    """

    def __init__(self, sim: Simulator, tls: bool = False) -> None:
        self._sim = sim
        self._context = sim.server_context if tls else None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._target: re.Pattern[str] | None = None
        self._attack: Attack | None = None
        self._at_once: Iterator[Step] | None = None
        self._stopping = False
        self.met = 0
        """How many requests (or connections) were attacked."""
        port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def attacking(self, attack: Attack, target: str) -> Iterator[None]:
        """Attack requests whose method and path match an expression."""
        self._attack, self._target, self.met = attack, re.compile(target), 0
        try:
            yield
        finally:
            self._attack = self._target = None

    def close(self) -> None:
        """Stop listening."""
        self._stopping = True
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        upstream = http.client.HTTPSConnection(
            urlsplit(self._sim.url).netloc, context=ssl.create_default_context(cafile=self._sim.ca_path), timeout=10
        )
        with suppress(OSError, http.client.HTTPException, ValueError), client:
            attack = self._attack
            if attack is not None and self._target is not None and self._target.search("CONNECT"):
                self.met += 1
                self._play(client, attack.script(Request("CONNECT", "", 0, {}, b"")))
                return
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = client.makefile("rb")
            while self._answer(client, stream, upstream):
                pass
        upstream.close()

    def _answer(self, client: socket.socket, stream: object, upstream: http.client.HTTPSConnection) -> bool:
        """Answer one request; return whether the connection goes on."""
        head, body = _read_request(stream)
        if not head:
            return False
        method, path, _version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        attack, target = self._attack, self._target
        request = _forward(upstream, method, path, head, body)
        if attack is not None and target is not None and target.search(f"{method} {path}"):
            self.met += 1
            return self._play(client, attack.script(request))
        client.sendall(_whole(request))
        return True

    def _play(self, client: socket.socket, script: Iterator[Step]) -> bool:
        end = time.monotonic() + LONGEST
        client.settimeout(LONGEST)
        for step in script:
            if time.monotonic() > end or self._stopping:
                return False
            if isinstance(step, bytes):
                client.sendall(step)
            elif isinstance(step, float):
                time.sleep(step)
            elif step is End.RESET:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            else:
                return step is End.KEEP
        client.settimeout(max(0.1, end - time.monotonic()))
        while client.recv(65536):  # until the client gives up
            pass
        return False


def _read_request(stream: object) -> tuple[bytes, bytes]:
    lines = []
    while True:
        line = stream.readline()  # type: ignore[attr-defined]
        if not line:
            return b"", b""
        if line in (b"\r\n", b"\n"):
            break
        lines.append(line)
    head = b"".join(lines)
    length = _LENGTH.search(head)
    body = stream.read(int(length[1])) if length else b""  # type: ignore[attr-defined]
    return head, body


def _forward(upstream: http.client.HTTPSConnection, method: str, path: str, head: bytes, body: bytes) -> Request:
    headers = {}
    for line in head.split(b"\r\n")[1:]:
        name, _colon, value = line.partition(b":")
        if name and name.decode().lower() not in ("host", "connection", "content-length"):
            headers[name.decode()] = value.decode("latin-1").strip()
    upstream.request(method, path, body or None, headers)
    response = upstream.getresponse()
    content = response.read()
    kept = {name: value for name, value in response.getheaders() if name.lower() not in _HOP}
    return Request(method, path, response.status, kept, content)


def _whole(request: Request) -> bytes:
    lines = [f"HTTP/1.1 {request.status} As is", *(f"{name}: {value}" for name, value in request.headers.items())]
    if request.method != "HEAD":
        lines.append(f"Content-Length: {len(request.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + request.body
