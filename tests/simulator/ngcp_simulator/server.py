# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTPS server: connections, faults, the audit log."""

from __future__ import annotations

import asyncio
import itertools
import re
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from .accounts import ADMIN_REALM, SUBSCRIBER_REALM
from .answers import Answer, Refusal
from .audit import Record
from .call import Call, method_of, split_target
from .control import CONTROL_PREFIX, Control
from .delivery import Delivery
from .dispatch import Dispatcher, crashed, now
from .faults import DELIVERY, Fault, invented
from .platform import Platform

LARGEST_BODY = 128 * 1024 * 1024
LONGEST_LINE = 65536
STAND_IN = "TRACE"
_REQUEST_LINE = re.compile(rb"^([A-Z-]+) /\S* HTTP/1\.[01]\r\n")
_KNOWN = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"))


class Connection(web.RequestHandler):
    """One connection; it has a number, and takes methods that nobody has heard of."""

    number = 0
    odd_method: str | None = None
    listener: Listener | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Number the connection."""
        super().connection_made(transport)
        if self.listener is not None:
            self.number = self.listener.opened(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection."""
        if self.listener is not None:
            self.listener.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a request; the parser refuses unknown methods, so they travel under another name."""
        match = _REQUEST_LINE.match(data)
        if match and match.group(1) not in _KNOWN:
            self.odd_method = match.group(1).decode()
            data = STAND_IN.encode() + data[match.end(1) :]
        super().data_received(data)


class _Server(web.Server):
    """A server that makes our connections."""

    def __init__(self, handler: Callable[[Any], Awaitable[Any]], listener: Listener) -> None:
        super().__init__(handler, request_factory=self._request, handler_cancellation=True)
        self._listener = listener

    def __call__(self) -> Connection:
        connection = Connection(
            self,
            loop=self._loop,
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            lingering_time=0.0,
        )
        connection.listener = self._listener
        return connection

    def _request(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> Any:
        return web.BaseRequest(message, payload, protocol, writer, task, self._loop, client_max_size=LARGEST_BODY)


class _Response(web.Response):
    """A response whose content type can be missing."""

    async def _prepare_headers(self) -> None:
        untyped = "Content-Type" not in self.headers
        await super()._prepare_headers()
        if untyped:
            self.headers.popall("Content-Type", None)


class _Delivered(Exception):
    """An answer that went out past the HTTP library; carries its status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Listener:
    """Listens at one address and answers for one realm."""

    def __init__(self, owner: Servers, realm: str) -> None:
        self._owner = owner
        self._realm = realm
        self._runner: web.ServerRunner | None = None
        self.connections: set[Connection] = set()
        self.port = 0

    async def start(self, host: str, port: int, context: ssl.SSLContext) -> None:
        """Begin to listen."""
        self._runner = web.ServerRunner(_Server(self._handle, self), shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, ssl_context=context, reuse_address=True, backlog=512)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    @property
    def listening(self) -> bool:
        """Whether clients can connect."""
        return self._runner is not None

    async def stop(self) -> None:
        """Close the listening socket and all connections at once."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for site in list(runner.sites):
            await site.stop()
        for connection in list(self.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await runner.cleanup()

    def opened(self, connection: Connection) -> int:
        """Count a new connection and return its number."""
        self.connections.add(connection)
        return self._owner.next_connection()

    def closed(self, connection: Connection) -> None:
        """Take a connection out of the list."""
        self.connections.discard(connection)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._owner.handle(request, self._realm)


class Servers:
    """Both addresses of the platform: the administrators' one and the subscribers' one."""

    def __init__(self, platform: Platform, dispatcher: Dispatcher, control: Control) -> None:
        self._platform = platform
        self._dispatcher = dispatcher
        self._control = control
        self._numbers = itertools.count(1)
        self.opened_connections = 0
        self.under_way = 0
        self.most_under_way = 0
        self.admin = Listener(self, ADMIN_REALM)
        self.subscriber = Listener(self, SUBSCRIBER_REALM)
        self._stopping: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int, subscriber_port: int, context: ssl.SSLContext) -> None:
        """Begin to listen at both addresses; a `stop` fault ends its work first."""
        if self._stopping is not None:
            await self._stopping
        await self.admin.start(host, port, context)
        await self.subscriber.start(host, subscriber_port, context)

    async def stop(self) -> None:
        """Vanish."""
        await self.admin.stop()
        await self.subscriber.stop()

    def next_connection(self) -> int:
        """Return the number of a new connection."""
        self.opened_connections += 1
        return next(self._numbers)

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        return len(self.admin.connections) + len(self.subscriber.connections)

    async def handle(self, request: web.BaseRequest, realm: str) -> web.StreamResponse:
        """Answer one request."""
        body = await request.read()
        if request.raw_path.startswith(CONTROL_PREFIX):
            return _response(self._control.answer(request, body))
        call = self._call(request, realm, body)
        self._platform.audit.begin(call.record, body)
        self.under_way += 1
        call.record.concurrent = self.under_way
        self.most_under_way = max(self.most_under_way, self.under_way)
        status = 0
        try:
            response = await self._faulty(request, call)
            status = response.status
            return response
        except _Delivered as done:
            status = done.status
            raise asyncio.CancelledError from None
        finally:
            self.under_way -= 1
            self._platform.audit.end(call.record, status, now())

    def _call(self, request: web.BaseRequest, realm: str, body: bytes) -> Call:
        target = request.raw_path
        raw_path, path, query = split_target(target)
        peer = request.transport.get_extra_info("peername") if request.transport else None
        secure = request.transport.get_extra_info("ssl_object") if request.transport else None
        host = request.headers.get("Host", "").rsplit(":", 1)[0]
        method = method_of(request.method, request.headers)
        if method == STAND_IN:
            method = getattr(request.protocol, "odd_method", None) or method
        connection = getattr(request.protocol, "number", 0)
        record = Record(0, now(), method, raw_path, target.partition("?")[2], realm, connection)
        certificate = (secure.getpeercert() if secure else None) or None
        address = str(peer[0]) if peer else ""
        return Call(
            method, raw_path, request.headers, body, realm, address, host, certificate, record, path=path, query=query
        )

    async def _faulty(self, request: web.BaseRequest, call: Call) -> web.StreamResponse:
        """Answer a request, with the faults that strike it."""
        struck = self._platform.faults.strike(call)
        for fault in struck:
            if fault.action == "delay":
                await asyncio.sleep(fault.seconds)
            elif fault.unprocessed:
                return await self._spoilt(request, fault, invented(fault, call.body), call)
        answer = await self._processed(call)
        for fault in struck:
            if fault.action == "delay_after":
                await asyncio.sleep(fault.seconds)
            else:
                return await self._spoilt(request, fault, answer, call)
        return _response(answer)

    async def _processed(self, call: Call) -> Answer:
        """Return the platform's own answer."""
        try:
            answer = await self._dispatcher.answer(call)
        except Refusal as refusal:
            answer = refusal.answer
        except Exception:  # a bug of the simulator must be seen, and must not end it
            call.record.fault = "bug"
            self._platform.report_bug()
            answer = crashed()
        call.record.scheme = call.scheme
        return answer

    async def _spoilt(self, request: web.BaseRequest, fault: Fault, answer: Answer, call: Call) -> web.StreamResponse:
        """Do what a fault does with an answer: the platform's, or one in its place."""
        action = fault.action
        if action in DELIVERY:
            return await self._delivered(request, fault, answer)
        if action in ("hang", "hang_after"):
            await asyncio.sleep(fault.seconds or 86400)
            return await self._cut(request)
        if action in ("stop", "stop_after"):
            return await self._vanish(request)
        if action in ("reset", "reset_after"):
            return await self._cut(request)
        if action in ("status_after", "garbage_after"):
            return _response(invented(fault, call.body))
        return _response(fault.change(answer) if fault.change else answer)

    async def _delivered(self, request: web.BaseRequest, fault: Fault, answer: Answer) -> web.StreamResponse:
        """Send an answer that is spoilt on its way, and close the connection."""
        transport = request.transport
        if not isinstance(transport, asyncio.Transport):
            return await self._cut(request)
        status = await Delivery(transport, fault, answer).run()
        transport.close()
        raise _Delivered(status)

    async def _cut(self, request: web.BaseRequest) -> web.StreamResponse:
        """Close the connection without an answer."""
        if request.transport is not None:
            request.transport.abort()
        raise asyncio.CancelledError

    async def _vanish(self, request: web.BaseRequest) -> web.StreamResponse:
        """Stop the whole server, as if its host were gone."""
        loop = asyncio.get_running_loop()
        self._stopping = loop.create_task(self.stop())
        return await self._cut(request)


def _response(answer: Answer) -> web.Response:
    response = _Response(status=answer.status, body=answer.body or None, headers=answer.headers)
    if answer.content_type is not None:
        response.headers["Content-Type"] = answer.content_type
    return response
