# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a hostile server sends: each attack as a script of bytes and pauses."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

PIECE = 1 << 20
GIBIBYTE = 1 << 30
NEARLY_ALLOWED = 2 * 1024 * 1024 - 4096
"""Bytes: a little below the largest document that is read."""


class End(Enum):
    """How a connection ends."""

    CLOSE = "close"
    RESET = "reset"
    KEEP = "keep"
    """It goes on with the next request."""


@dataclass(frozen=True)
class Request:
    """A request that is attacked, with the platform's true answer to it."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    def document(self) -> Any:
        """Return the JSON document of the true answer."""
        return json.loads(self.body)


Step = bytes | float | End
"""Bytes to be sent, seconds to wait, or the end. A script that ends leaves the connection open and silent."""
Script = Callable[[Request], Iterator[Step]]

ALL = frozenset(("login", "item", "page", "patch", "lookup", "post", "journal", "recording", "delete"))
DOCUMENTS = frozenset(("item", "page", "patch", "lookup", "journal"))
LISTS = frozenset(("page", "lookup", "journal"))


@dataclass(frozen=True)
class Attack:
    """One attack.

    :param kinds: the kinds of requests that it is tried with.
    """

    name: str
    script: Script = field(compare=False)
    kinds: frozenset[str] = ALL


def attacks() -> list[Attack]:
    """Return all attacks."""
    return [
        *_sizes(),
        *_paces(),
        *_status_lines(),
        *_header_fields(),
        *_lengths(),
        *_chunks(),
        *_connections(),
        *_documents(),
        *_lists(),
        *_recordings(),
    ]


# Building


def head(status: int | str = 200, **fields: str | int) -> bytes:
    """Return status line and header fields (underscores stand for dashes)."""
    lines = [f"HTTP/1.1 {status} Whatever"]
    if not any(name.lower() == "content_type" for name in fields):
        fields = {"Content_Type": "application/json", **fields}
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer(body: bytes, status: int = 200, **fields: str | int) -> Iterator[Step]:
    """Answer with a body, and go on."""
    yield head(status, Content_Length=len(body), **fields) + body
    yield End.KEEP


def document(content: Any) -> Iterator[Step]:
    """Answer with a document."""
    return answer(json.dumps(content).encode())


def endless(piece: bytes, pause: float = 0.0, most: int = GIBIBYTE) -> Iterator[Step]:
    """Send a piece again and again."""
    sent = 0
    while sent < most:
        yield piece
        sent += len(piece)
        if pause:
            yield pause


def dripping(content: bytes, pause: float = 0.25) -> Iterator[Step]:
    """Send byte by byte."""
    for position in range(len(content)):
        yield content[position : position + 1]
        yield pause


def good_status(request: Request) -> int:
    """Return the status that a client takes for success."""
    return request.status if request.status < 300 else 200


def bomb(size: int) -> bytes:
    """Return compressed blanks, a thousandth of their size: members of one file, one behind the other."""
    return gzip.compress(b" " * PIECE) * (size // PIECE)


def fixed(*steps: Step) -> Script:
    """Send the same whatever is asked."""
    return lambda _request: iter(steps)


# Much


def _sizes() -> Iterator[Attack]:
    def promised(request: Request) -> Iterator[Step]:
        yield head(good_status(request), Content_Length=GIBIBYTE)
        yield from endless(b" " * PIECE)

    def chunked(request: Request) -> Iterator[Step]:
        yield head(good_status(request), Transfer_Encoding="chunked")
        yield from endless(b"100000\r\n" + b" " * PIECE + b"\r\n")

    def unannounced(request: Request) -> Iterator[Step]:
        yield head(good_status(request))
        yield from endless(b" " * PIECE)

    def json_list(request: Request) -> Iterator[Step]:
        yield head(good_status(request)) + b"["
        yield from endless(b"1," * (PIECE // 2))

    def error(_request: Request) -> Iterator[Step]:
        yield head(500, Content_Length=GIBIBYTE) + b'{"code": 500, "message": "'
        yield from endless(b"x" * PIECE)

    def page(_request: Request) -> Iterator[Step]:
        yield head(502, Content_Type="text/html") + b"<!DOCTYPE html>"
        yield from endless(b"x" * PIECE)

    def compressed(encoding: str) -> Script:
        def script(request: Request) -> Iterator[Step]:
            content = bomb(GIBIBYTE)
            return answer(content, good_status(request), Content_Encoding=encoding)

        return script

    yield Attack("1-gib", promised)
    yield Attack("1-gib-chunked", chunked)
    yield Attack("1-gib-unannounced", unannounced)
    yield Attack("1-gib-json", json_list)
    yield Attack("1-gib-error", error)
    yield Attack("1-gib-page", page)
    yield Attack("gzip-bomb", compressed("gzip"))
    yield Attack("double-gzip-bomb", compressed("gzip, gzip"), frozenset(("item", "recording")))
    yield Attack("deflate-bomb", compressed("deflate"), frozenset(("item", "recording")))


# Slow and endless


def _paces() -> Iterator[Attack]:
    def slow_body(request: Request) -> Iterator[Step]:
        yield head(good_status(request), Content_Length=100_000)
        yield from dripping(b" " * 100_000)

    def slow_head(request: Request) -> Iterator[Step]:
        yield from dripping(head(good_status(request), Content_Length=len(request.body)) + request.body)

    def slow_status(_request: Request) -> Iterator[Step]:
        yield from dripping(b"HTTP/1.1 " + b"2" * 1000)

    def slow_chunks(request: Request) -> Iterator[Step]:
        yield head(good_status(request), Transfer_Encoding="chunked")
        yield from endless(b"1\r\n \r\n", 0.25)

    def slow_error(_request: Request) -> Iterator[Step]:
        yield head(503, Content_Length=1000, Retry_After=1)
        yield from dripping(b"x" * 1000)

    def continuing(pause: float) -> Script:
        return lambda _request: endless(b"HTTP/1.1 100 Continue\r\n\r\n", pause)

    def hints(_request: Request) -> Iterator[Step]:
        yield from endless(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n")

    def body_after(status: int, pause: float) -> Script:
        def script(_request: Request) -> Iterator[Step]:
            yield head(status)
            yield from endless(b"x" * (1 if pause else PIECE), pause)

        return script

    yield Attack("silence", fixed())
    yield Attack("slow-body", slow_body)
    yield Attack("slow-head", slow_head)
    yield Attack("slow-status", slow_status)
    yield Attack("slow-chunks", slow_chunks)
    yield Attack("slow-error", slow_error)
    yield Attack("endless-continue", continuing(0))
    yield Attack("endless-slow-continue", continuing(0.05))
    yield Attack("endless-hints", hints)
    for status in (201, 204, 200):
        yield Attack(f"endless-body-after-{status}", body_after(status, 0), frozenset(("post", "patch", "delete")))
        yield Attack(f"slow-body-after-{status}", body_after(status, 0.25), frozenset(("post", "patch", "delete")))


# The status line


def _status_lines() -> Iterator[Attack]:
    lines = {
        "099": b"HTTP/1.1 099 Odd",
        "999": b"HTTP/1.1 999 Odd",
        "600": b"HTTP/1.1 600 Odd",
        "000": b"HTTP/1.1 000 Odd",
        "negative": b"HTTP/1.1 -200 OK",
        "long": b"HTTP/1.1 " + b"2" * 5000 + b" OK",
        "word": b"HTTP/1.1 abc OK",
        "short": b"HTTP/1.1 2",
        "without-reason": b"HTTP/1.1 200",
        "future": b"HTTP/9.9 200 OK",
        "old": b"HTTP/1.0 200 OK",
        "other": b"ICY 200 OK",
        "switching": b"HTTP/1.1 101 Switching Protocols",
        "non-ascii": "HTTP/1.1 500 \u00e4\u0085\u001b[2J".encode(),
        "nul": b"HTTP/1.1 500 \x00\x00",
        "long-reason": b"HTTP/1.1 500 " + b"x" * 60_000,
    }
    for name, line in lines.items():
        yield Attack(f"status-{name}", fixed(line + b"\r\nContent-Length: 2\r\n\r\n{}", End.CLOSE))
    yield Attack("status-1-mib", fixed(b"HTTP/1.1 200 " + b"x" * PIECE + b"\r\n\r\n", End.CLOSE))
    yield Attack("no-http", fixed(b"\x00\x01\x02\r\n\r\n" * 100, End.CLOSE))
    yield Attack("ssh", fixed(b"SSH-2.0-OpenSSH_9.9\r\n", End.CLOSE))
    yield Attack("body-alone", fixed(b'{"active": true}', End.CLOSE))
    yield Attack("blank-lines", lambda _request: endless(b"\r\n" * 1000))


# Header fields


def _header_fields() -> Iterator[Attack]:
    def many(request: Request) -> Iterator[Step]:
        yield f"HTTP/1.1 {good_status(request)} OK\r\n".encode()
        yield from endless(b"".join(b"X-%d: y\r\n" % number for number in range(1000)))

    def one_long(size: int) -> Script:
        def script(request: Request) -> Iterator[Step]:
            yield f"HTTP/1.1 {good_status(request)} OK\r\nX-Long: ".encode()
            yield from endless(b"x" * min(size, PIECE), most=size)
            yield b"\r\nContent-Length: 2\r\n\r\n{}"
            yield End.CLOSE

        return script

    def field_of(name: str, value: str, status: int | None = None) -> Script:
        def script(request: Request) -> Iterator[Step]:
            return answer(b"{}", status or good_status(request), **{name: value})

        return script

    def lines(text: bytes) -> Script:
        def script(request: Request) -> Iterator[Step]:
            yield f"HTTP/1.1 {good_status(request)} OK\r\n".encode() + text + b"\r\nContent-Length: 2\r\n\r\n{}"
            yield End.CLOSE

        return script

    yield Attack("endless-headers", many)
    yield Attack("header-1-mib", one_long(PIECE))
    yield Attack("header-1-gib", one_long(GIBIBYTE))
    yield Attack("header-60-kib", one_long(60_000))
    yield Attack("header-without-colon", lines(b"no colon here"))
    yield Attack("header-folded", lines(b"X-A: b\r\n c\r\n\td"))
    yield Attack("header-nul", lines(b"X-A: \x00\xff\x1b[2J"))
    yield Attack("header-bare-newline", lines(b"X-A: b\nX-B: c\rX-C: d"))
    yield Attack("cookies", lines(b"\r\n".join(b"Set-Cookie: a%d=%s" % (number, b"x" * 3000) for number in range(15))))
    for name, value in {
        "broken": "http://[",
        "long": "https://example.org/" + "x" * 50_000,
        "control": "/\x1b[2J\x00",
        "odd-port": "https://example.org:99999999/",
        "itself": "/",
    }.items():
        yield Attack(f"location-{name}", field_of("Location", value, 302))
    for name, value in {
        "huge": "9" * 400,
        "negative": "-7",
        "nan": "nan",
        "infinite": "inf",
        "date": "Sun, 99",
    }.items():
        yield Attack(f"retry-after-{name}", field_of("Retry_After", value, 503))
    for name, value in {
        "long": "application/json; x=" + "y" * 50_000,
        "charset": "application/json; charset=no-such-thing",
        "utf-7": "application/json; charset=utf-7",
        "utf-16": "application/json; charset=utf-16",
        "odd": ";;;=;\x00",
    }.items():
        yield Attack(f"content-type-{name}", field_of("Content_Type", value))
    yield Attack("content-encoding-odd", field_of("Content_Encoding", "brotli-of-doom"))


# Lengths and chunks


def _lengths() -> Iterator[Attack]:
    for name, value in {
        "negative": "-5",
        "word": "many",
        "huge": "9" * 30,
        "plus": "+2",
        "hexadecimal": "0x2",
        "list": "2, 2",
        "different-list": "2, 200",
        "empty": "",
        "blank": "2 2",
    }.items():
        text = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {value}\r\n\r\n{{}}".encode()
        yield Attack(f"length-{name}", fixed(text, End.CLOSE))
    twice = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 200\r\n\r\n{}"
    yield Attack("length-twice", fixed(twice, End.CLOSE))
    both = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    yield Attack("length-and-chunks", fixed(both, End.CLOSE))

    def short(request: Request) -> Iterator[Step]:
        yield head(good_status(request), Content_Length=max(1, len(request.body) // 2)) + request.body
        yield End.KEEP

    def long(request: Request) -> Iterator[Step]:
        yield head(good_status(request), Content_Length=len(request.body) + 50) + request.body
        yield End.CLOSE

    yield Attack("length-too-small", short)
    yield Attack("length-too-large", long)


def _chunks() -> Iterator[Attack]:
    opening = head(200, Transfer_Encoding="chunked")
    for name, text in {
        "word": b"zzz\r\n{}\r\n0\r\n\r\n",
        "negative": b"-5\r\n{}\r\n0\r\n\r\n",
        "huge": b"f" * 40 + b"\r\n{}\r\n",
        "64-bit": b"ffffffffffffffff\r\n{}\r\n",
        "empty": b"\r\n{}\r\n0\r\n\r\n",
        "without-end": b"2\r\n{}0\r\n\r\n",
        "cut": b"200\r\n{}",
        "not-closed": b"2\r\n{}\r\n",
        "extension": b"2;" + b"x" * PIECE + b"\r\n{}\r\n0\r\n\r\n",
    }.items():
        yield Attack(f"chunk-{name}", fixed(opening + text, End.CLOSE))

    def trailers(_request: Request) -> Iterator[Step]:
        yield opening + b"2\r\n{}\r\n0\r\n"
        yield from endless(b"X-Trailer: y\r\n" * 1000)

    def tiny(_request: Request) -> Iterator[Step]:
        yield opening
        yield from endless(b"1\r\n \r\n" * 10_000)

    def long_size(_request: Request) -> Iterator[Step]:
        yield opening
        yield from endless(b"0" * PIECE)

    yield Attack("endless-trailers", trailers)
    # The time for a recording is limited by its rate, so that one of 128 MiB may take long.
    yield Attack("tiny-chunks", tiny, ALL - {"recording"})
    yield Attack("chunk-size-without-end", long_size)
    unknown = head(200, Transfer_Encoding="gzip, chunked") + b"2\r\n{}\r\n0\r\n\r\n"
    yield Attack("transfer-encoding-odd", fixed(unknown, End.CLOSE))


# The connection


def _connections() -> Iterator[Attack]:
    def poisoned(request: Request) -> Iterator[Step]:
        yield head(good_status(request), Content_Length=len(request.body)) + request.body
        yield head(200, Content_Length=40) + b'{"id": 99, "active": true, "name": "no"}'
        yield End.KEEP

    def cut(request: Request) -> Iterator[Step]:
        yield (
            head(good_status(request), Content_Length=len(request.body) or 10) + request.body[: len(request.body) // 2]
        )
        yield End.RESET

    yield Attack("close", fixed(End.CLOSE))
    yield Attack("reset", fixed(End.RESET))
    yield Attack("cut-and-reset", cut)
    yield Attack("second-answer", poisoned)


# Documents


def _documents() -> Iterator[Attack]:
    deep = b"[" * 100_000 + b"]" * 100_000
    bodies = {
        "deep-list": deep,
        "deep-object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "deep-unclosed": b"[" * 1_000_000,
        "deep-member": b'{"id": 1, "active": ' + deep + b"}",
        "deep-items": b'{"total_count": 1, "_embedded": ' + deep + b"}",
        "many-objects": b'{"a": [' + b"{}," * (NEARLY_ALLOWED // 3) + b"{}]}",
        "many-lists": b'{"a": [' + b"[]," * (NEARLY_ALLOWED // 3) + b"[]]}",
        "many-members": ("{" + ",".join(f'"{number}":1' for number in range(180_000)) + "}").encode(),
        "many-words": b'{"a": ["' + b'x","' * (NEARLY_ALLOWED // 4) + b'x"]}',
        "many-short-words": b'{"a": [' + b",".join(b'"%x"' % number for number in range(NEARLY_ALLOWED // 8)) + b"]}",
        "many-numbers": b'{"a": [' + b",".join(b"%d" % number for number in range(NEARLY_ALLOWED // 8)) + b"]}",
        "many-nested": b'{"a": [' + b"[[[1]]]," * (NEARLY_ALLOWED // 8) + b"1]}",
        "long-text": b'{"id": 1, "name": "' + b"x" * NEARLY_ALLOWED + b'"}',
        "long-number": b'{"id": ' + b"1" * NEARLY_ALLOWED + b"}",
        "long-exponent": b'{"id": 1e999999999, "total_count": 1e999999999}',
        "surrogates": b'{"id": 1, "name": "\\ud800\\udfff\\ud800", "active": "\\u0000\\u001b[2J"}',
        "nul": b'{"id": 1, "name": "\x00"}',
        "escape": b'{"id": 1, "name": "\\u001b]0;x\\u0007\\r\\nok: [localhost]"}',
        "latin-1": b'{"id": 1, "name": "\xe4\xf6"}',
        "utf-16": '{"id": 1}'.encode("utf-16"),
        "utf-32": '{"id": 1}'.encode("utf-32"),
        "mark": b'\xef\xbb\xbf{"id": 1}',
        "doubled": b'{"id": 1, "id": 2, "active": true, "active": false}',
        "not-a-number": b'{"id": NaN, "total_count": -Infinity, "active": Infinity}',
        "blanks": b" " * NEARLY_ALLOWED + b"{}",
        "nothing": b"",
        "prototype": b'{"__proto__": {"id": 1}, "__class__": "x", "constructor": {}}',
    }
    for name, body in bodies.items():
        yield Attack(f"json-{name}", _succeeding(body), DOCUMENTS | {"login"})
        yield Attack(f"error-{name}", _refusing(body), frozenset(("patch", "post", "login")))
    messages = {
        "long": "x" * 500_000,
        "control": "bad \u001b]0;x\u0007\r\nTASK [done] ***\nok: [localhost]",
        "object": {},
    }
    for name, message in messages.items():
        body = json.dumps({"code": 422, "message": message}).encode()
        yield Attack(f"message-{name}", _refusing(body))
    token = json.dumps({"jwt": "x\r\nX-Injected: y" + "z" * 10, "expires": 1}).encode()
    yield Attack("token-injection", lambda _request: answer(token), frozenset(("login",)))
    large = json.dumps({"jwt": "x" * 500_000}).encode()
    yield Attack("token-large", lambda _request: answer(large), frozenset(("login",)))


def _succeeding(body: bytes) -> Script:
    return lambda request: answer(body, good_status(request))


def _refusing(body: bytes) -> Script:
    return lambda _request: answer(body, 422)


# Lists


def _lists() -> Iterator[Attack]:
    def total(value: str) -> Script:
        def script(request: Request) -> Iterator[Step]:
            content = {**request.document(), "total_count": "@"}
            return answer(json.dumps(content).replace('"@"', value).encode())

        return script

    def items(change: Callable[[list[Any]], Any], total: Any = None) -> Script:
        def script(request: Request) -> Iterator[Step]:
            content = request.document()
            embedded = content.get("_embedded") or {"ngcp:x": []}
            content["_embedded"] = {name: change(list(found)) for name, found in embedded.items()}
            return document(content if total is None else {**content, "total_count": total})

        return script

    def identifiers(value: Any) -> Script:
        def changed(item: dict[str, Any]) -> Any:
            return {**{name: part for name, part in item.items() if name != "_links"}, "id": value}

        return items(lambda found: [changed(item) for item in found])

    for name, value in {
        "-1": "-1",
        "10e9": "1000000000",
        "10e12": "1000000000000",
        "10e30": "1" + "0" * 30,
        "1e400": "1e400",
        "text": '"12"',
        "null": "null",
        "true": "true",
        "list": "[]",
        "half": "1.5",
        "million": "1000000",
    }.items():
        yield Attack(f"total-{name}", total(value), LISTS)
    yield Attack("same-page-for-ever", items(lambda found: found, 100_000), LISTS)
    yield Attack("empty-pages-for-ever", items(lambda _found: [], 100_000), LISTS)
    yield Attack("one-item-pages", items(lambda found: found[:1], 100_000), LISTS)
    yield Attack("far-too-many-items", items(lambda found: found * 200), LISTS)
    yield Attack("items-no-list", items(lambda found: dict(enumerate(found))), LISTS)
    yield Attack("items-odd", items(lambda found: [None, 1, "x", [], *found]), LISTS)
    for name, identifier in {
        "text": "twelve",
        "digits": "12",
        "huge": 10**40,
        "negative": -3,
        "true": True,
        "null": None,
        "list": [],
        "part": 1.5,
    }.items():
        yield Attack(f"id-{name}", identifiers(identifier), LISTS)


# Recordings


def _recordings() -> Iterator[Attack]:
    kinds = frozenset(("recording",))

    def tiff(*directories: bytes, first: int = 8) -> bytes:
        return b"II*\0" + struct.pack("<I", first) + b"".join(directories)

    def directory(entries: int, following: int) -> bytes:
        entry = struct.pack("<HHII", 256, 3, 1, 1)
        return struct.pack("<H", entries) + entry * entries + struct.pack("<I", following)

    chain = b"".join(directory(1, 8 + 18 * (number + 1)) for number in range(50_000))
    files = {
        "tiff-loop": tiff(directory(1, 8)),
        "tiff-long-chain": tiff(chain),
        "tiff-many-entries": tiff(directory(65_535, 0)),
        "tiff-outside": tiff(directory(1, 0xFFFFFFF0)),
        "tiff-first-outside": tiff(first=0xFFFFFFFF),
        "tiff-huge-strip": tiff(
            struct.pack("<H", 2)
            + struct.pack("<HHII", 273, 4, 0xFFFFFFFF, 8)
            + struct.pack("<HHII", 279, 4, 0xFFFFFFFF, 8)
            + struct.pack("<I", 0)
        ),
        "pdf": b"%PDF-1.7\nstartxref\n99999999999999999999\n%%EOF\n",
        "blanks": b"II*\0" + b" " * (1 << 24),
        "empty": b"",
    }
    for name, content in files.items():
        yield Attack(f"recording-{name}", _recording(content), kinds)

    def promised(_request: Request) -> Iterator[Step]:
        yield head(200, Content_Type="image/tiff", Content_Length=GIBIBYTE) + b"II*\0"
        yield from endless(b"\0" * PIECE)

    def disposition(_request: Request) -> Iterator[Step]:
        return answer(b"II*\0", Content_Type="image/tiff", Content_Disposition='attachment; filename="../../etc/passwd')

    yield Attack("recording-1-gib", promised, kinds)
    yield Attack("recording-disposition", disposition, kinds)


def _recording(content: bytes) -> Script:
    return fixed(head(200, Content_Type="image/tiff", Content_Length=len(content)) + content, End.KEEP)
