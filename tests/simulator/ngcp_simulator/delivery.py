# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an answer goes out that is spoilt on its way: piece by piece, without an end, compressed, cut off.

Everything here is written past the HTTP library, which would refuse to.
"""

from __future__ import annotations

import asyncio
import gzip
import io
from http import HTTPStatus

from .answers import Answer
from .faults import Fault

LARGEST_BUFFER = 1 << 20
"""Bytes that may wait for the client; more are not written before it has read some."""
PIECE = 65536
DEFAULT_ENDLESS = 1 << 30
FILLING = b" "
"""Blanks may follow a JSON text, so what is endless is not wrong before its end."""


class Delivery:
    """Writes one answer to one connection."""

    def __init__(self, transport: asyncio.Transport, fault: Fault, answer: Answer) -> None:
        self._transport = transport
        self._fault = fault
        self._answer = answer

    async def run(self) -> int:
        """Deliver the answer as the fault wants it; return its status, 0 for one that did not end."""
        action = self._fault.action
        if action == "continue":
            return await self._continues()
        if action == "endless":
            return await self._endless()
        if action == "drip":
            return await self._drip()
        if action == "gzip":
            return await self._compressed()
        if action == "no_length":
            return await self._without_length()
        return await self._truncated()

    # The kinds

    async def _truncated(self) -> int:
        body = self._answer.body
        cut = min(self._fault.after_bytes, max(0, len(body) - 1))
        await self._write(self._head({"Content-Length": str(len(body))}) + body[:cut])
        return 0

    async def _without_length(self) -> int:
        body, cut = self._answer.body, self._fault.cut
        await self._write(self._head({}) + (body if cut is None else body[:cut]))
        return self._answer.status

    async def _drip(self) -> int:
        head, body = self._head({"Content-Length": str(len(self._answer.body))}), self._answer.body
        whole = head + body
        start, end = (0, len(head)) if self._fault.part == "headers" else (len(head), len(whole))
        await self._write(whole[:start])
        for position in range(start, end, self._fault.piece):
            await asyncio.sleep(self._fault.interval)
            if self._transport.is_closing():
                return 0
            await self._write(whole[position : min(position + self._fault.piece, end)])
        await self._write(whole[end:])
        return self._answer.status

    async def _endless(self) -> int:
        await self._write(self._head({"Transfer-Encoding": "chunked"}) + _chunk(self._answer.body))
        piece = _chunk(FILLING * self._fault.piece if self._fault.interval else FILLING * PIECE)
        left = self._fault.size or DEFAULT_ENDLESS
        while left > 0 and not self._transport.is_closing():
            await self._write(piece)
            await asyncio.sleep(self._fault.interval)
            left -= len(piece)
        return 0

    async def _continues(self) -> int:
        loop = asyncio.get_running_loop()
        end = loop.time() + (self._fault.seconds or 86400)
        while loop.time() < end and not self._transport.is_closing():
            await self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await asyncio.sleep(self._fault.interval)
        return 0

    async def _compressed(self) -> int:
        compressed = await asyncio.get_running_loop().run_in_executor(None, self._gzip)
        headers = {"Content-Encoding": "gzip", "Content-Length": str(len(compressed))}
        await self._write(self._head(headers) + compressed)
        return self._answer.status

    def _gzip(self) -> bytes:
        target = io.BytesIO()
        with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1) as stream:
            stream.write(self._answer.body)
            filling = FILLING * PIECE
            for _number in range(self._fault.size // PIECE):
                stream.write(filling)
        return target.getvalue()

    # How

    def _head(self, more: dict[str, str]) -> bytes:
        headers = {**self._answer.headers, **more, "Connection": "close"}
        if self._answer.content_type is not None:
            headers["Content-Type"] = self._answer.content_type
        try:
            reason = HTTPStatus(self._answer.status).phrase
        except ValueError:
            reason = "Unknown"
        lines = [f"HTTP/1.1 {self._answer.status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    async def _write(self, content: bytes) -> None:
        """Write as soon as the client has read enough of what came before."""
        for start in range(0, len(content), LARGEST_BUFFER):
            while self._transport.get_write_buffer_size() > LARGEST_BUFFER and not self._transport.is_closing():
                await asyncio.sleep(0.005)
            if self._transport.is_closing():
                return
            self._transport.write(content[start : start + LARGEST_BUFFER])


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content) if content else b""
