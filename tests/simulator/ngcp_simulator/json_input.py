# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading JSON like the platform: its own parser's messages, no duplicate members."""

from __future__ import annotations

import json
import re
from typing import Any

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'(?:[^\x00-\x1f\\"]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xfe\xff", b"\xff\xfe")


class Malformed(Exception):
    """JSON that the platform refuses; the text is its message."""


class Undecodable(Exception):
    """JSON that passes the check and then breaks the platform."""


class _Strict(Exception):
    pass


def decode(body: bytes) -> Any:
    """Return the document; raise Malformed or Undecodable."""
    if not body or body == b"0":
        raise Malformed("Missing or empty input")
    try:
        document = _decode_fast(body)
        if isinstance(document, (dict, list)):
            _refuse_halves(body, document)
            return document
    except (_Strict, ValueError, RecursionError):
        pass
    for mark in _MARKS:
        if body.startswith(mark):
            _Checker(_text(body[len(mark) :])).check()
            raise Undecodable
    _Checker(_text(body)).check()
    raise Undecodable


def _refuse_halves(body: bytes, document: Any) -> None:
    """Raise Undecodable for half a surrogate pair, which is no character."""
    if b"\\ud" in body or b"\\uD" in body:
        try:
            json.dumps(document, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as problem:
            raise Undecodable from problem


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _decode_fast(body: bytes) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise _Strict
        return found

    def constant(name: str) -> Any:
        raise _Strict(name)

    return json.loads(body.decode("utf-8"), object_pairs_hook=unique, parse_constant=constant)


class _Checker:
    """Walks through a text only to find the message that the platform gives."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def check(self) -> None:
        """Raise Malformed for the first fault."""
        self._space()
        if self._take("["):
            self._array()
            kind = "array"
        elif self._take("{"):
            self._object()
            kind = "object"
        else:
            self._fail("Expected array or object")
        self._space()
        if self._position < len(self._text):
            self._fail(f"Unexpected data after {kind}")

    def _space(self) -> None:
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position

    def _take(self, token: str) -> bool:
        if self._text.startswith(token, self._position):
            self._position += len(token)
            return True
        return False

    def _fail(self, what: str) -> None:
        self._space()
        before = self._text[: self._position]
        lines = before.split("\n") if before else []
        offset = len(lines[-1]) if lines else 0
        raise Malformed(f"Malformed JSON: {what} at line {len(lines)}, offset {offset}")

    def _array(self) -> None:
        self._space()
        if self._take("]"):
            return
        while True:
            self._value()
            self._space()
            if self._take("]"):
                return
            if not self._take(","):
                self._fail("Expected comma or right square bracket while parsing array")

    def _object(self) -> None:
        self._space()
        if self._take("}"):
            return
        names: set[str] = set()
        while True:
            self._space()
            if not self._take('"'):
                self._fail("Expected string while parsing object")
            name = self._string()
            if name in names:
                self._fail(f"Unexpected duplicate object member name {name}")
            names.add(name)
            self._space()
            if not self._take(":"):
                self._fail("Expected colon while parsing object")
            self._value()
            self._space()
            if self._take("}"):
                return
            if not self._take(","):
                self._fail("Expected comma or right curly bracket while parsing object")

    def _string(self) -> str:
        match = _STRING.match(self._text, self._position)
        content = match.group() if match else ""
        self._position += len(content)
        if not self._take('"'):
            if self._position < len(self._text):
                # No leading blanks are skipped here: the fault is the character itself.
                before = self._text[: self._position].split("\n")
                what = "Unexpected character or invalid escape while parsing string"
                raise Malformed(f"Malformed JSON: {what} at line {len(before)}, offset {len(before[-1])}")
            self._fail("Unterminated string")
        return content

    def _value(self) -> None:
        self._space()
        if self._take('"'):
            self._string()
        elif self._take("["):
            self._array()
        elif self._take("{"):
            self._object()
        elif self._take("true") or self._take("false") or self._take("null"):
            return
        else:
            match = _NUMBER.match(self._text, self._position)
            if not match:
                self._fail("Expected string, array, object, number, boolean or null")
            else:
                self._position = match.end()
