# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparing an answer with a recorded one, by all marks of the format."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote, urlsplit

from replay_http import Reply

Path = tuple[str, ...]
SECRET = "***"


def compare(expected: dict[str, Any], reply: Reply, newer: Collection[str] = ()) -> list[str]:
    """Return what differs; an empty list if the answer is as recorded."""
    problems: list[str] = []
    if reply.status != expected["status"]:
        problems.append(f"status: {reply.status} in place of {expected['status']}; {reply.body[:300]!r}")
    problems += _headers(expected.get("headers", {}), reply)
    return problems + _body(expected, reply, newer)


def _headers(expected: dict[str, Any], reply: Reply) -> list[str]:
    problems = []
    for name, wanted in expected.items():
        given = reply.headers.get(name)
        if name.lower() == "location" and given and wanted:
            parts = urlsplit(given)
            given = parts.path + (f"?{parts.query}" if parts.query else "")
        if not _header_matches(wanted, given):
            problems.append(f"header {name}: {given!r} in place of {wanted!r}")
    return problems


def _header_matches(wanted: Any, given: str | None) -> bool:
    if wanted is None or given is None:
        return wanted is None and given is None
    if str(wanted).startswith("~"):
        return re.search(str(wanted)[1:], given) is not None
    return bool(given == wanted)


def _body(expected: dict[str, Any], reply: Reply, newer: Collection[str]) -> list[str]:
    text = reply.body.decode("utf-8", "replace")
    problems: list[str] = []
    if expected.get("empty") and reply.body:
        problems.append(f"body: not empty: {text[:200]!r}")
    if "text" in expected and text.strip() != expected["text"].strip():
        problems.append(f"body: {text[:200]!r} in place of {expected['text']!r}")
    if "text_prefix" in expected and not text.startswith(expected["text_prefix"]):
        problems.append(f"body: {text[:200]!r} does not begin with {expected['text_prefix']!r}")
    if "text_contains" in expected and expected["text_contains"] not in text:
        problems.append(f"body: {text[:200]!r} does not contain {expected['text_contains']!r}")
    if "bytes_magic" in expected and not reply.body.startswith(expected["bytes_magic"].encode("latin-1")):
        problems.append(f"body: begins with {reply.body[:8]!r}")
    if expected.get("broken_body") and _is_sound(reply.body):
        problems.append("body: is well-formed, though the server's own one is not")
    if "json" in expected and not expected.get("broken_body"):
        problems += _json(expected, reply, newer)
    return problems


def _is_sound(body: bytes) -> bool:
    try:
        json.loads(body.decode("utf-8"))
    except ValueError:
        return False
    return True


def _json(expected: dict[str, Any], reply: Reply, newer: Collection[str]) -> list[str]:
    try:
        given = json.loads(reply.body.decode("utf-8"))
    except ValueError as problem:
        return [f"body: no JSON ({problem}): {reply.body[:200]!r}"]
    comparison = Comparison(expected, newer)
    comparison.compare(expected["json"], given, ())
    return comparison.problems


def segments(pointer: str) -> Path:
    """Return the segments of a JSON pointer."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def pointer_value(document: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to, or None."""
    for part in segments(pointer):
        try:
            document = document[int(part)] if isinstance(document, list) else document[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return document


def _fits(pattern: Path, path: Path) -> bool:
    return len(pattern) == len(path) and all(want in ("*", part) for want, part in zip(pattern, path, strict=True))


class Comparison:
    """Compares two documents.

    :param newer: names of members that the recorded server may not have had yet.
    """

    def __init__(self, expected: dict[str, Any], newer: Collection[str] = ()) -> None:
        self._newer = newer
        self.problems: list[str] = []
        self._volatile = [segments(one) for one in expected.get("volatile", [])]
        self._unordered = [segments(one) for one in expected.get("unordered", [])]
        self._shape = [segments(one) for one in expected.get("shape", [])]
        self._optional = [segments(one) for one in expected.get("optional", [])]
        self._patterns = [(segments(one), text) for one, text in expected.get("patterns", {}).items()]
        self._message_fields = bool(expected.get("message_fields"))

    def compare(self, wanted: Any, given: Any, path: Path) -> None:
        """Compare one value and everything below it."""
        if any(_fits(pattern, path) for pattern in self._volatile):
            return
        for pattern, text in self._patterns:
            if _fits(pattern, path):
                if not isinstance(given, str) or not re.fullmatch(text, given):
                    self._differs(path, f"{given!r} does not match {text!r}")
                return
        if any(_fits(pattern, path) for pattern in self._shape):
            self._compare_shape(wanted, given, path)
        elif isinstance(wanted, dict) and isinstance(given, dict):
            self._compare_objects(wanted, given, path)
        elif isinstance(wanted, list) and isinstance(given, list):
            self._compare_lists(wanted, given, path)
        elif not self._same(wanted, given, path):
            self._differs(path, f"{given!r} in place of {wanted!r}")

    def _differs(self, path: Path, text: str) -> None:
        self.problems.append(f"/{'/'.join(path)}: {text}")

    def _is_optional(self, path: Path) -> bool:
        return any(_fits(pattern, path) for pattern in self._optional)

    def _compare_objects(self, wanted: dict[str, Any], given: dict[str, Any], path: Path) -> None:
        for name in sorted(wanted.keys() | given.keys()):
            below = (*path, name)
            if name in wanted and name in given:
                self.compare(wanted[name], given[name], below)
            elif name in given and name in self._newer:
                continue
            elif not self._is_optional(below):
                self._differs(below, "is missing" if name in wanted else f"is not expected: {given[name]!r}")

    def _compare_lists(self, wanted: list[Any], given: list[Any], path: Path) -> None:
        if len(wanted) != len(given):
            self._differs(path, f"{len(given)} elements in place of {len(wanted)}: {given!r:.300}")
        elif any(_fits(pattern, path) for pattern in self._unordered):
            self._compare_unordered(wanted, given, path)
        else:
            for index, (one, other) in enumerate(zip(wanted, given, strict=True)):
                self.compare(one, other, (*path, str(index)))

    def _compare_unordered(self, wanted: list[Any], given: list[Any], path: Path) -> None:
        left = list(range(len(given)))
        for position, one in enumerate(wanted):
            for index in left:
                if self._agrees(one, given[index], (*path, str(position))):
                    left.remove(index)
                    break
            else:
                self._differs((*path, str(position)), f"{one!r} is not among {given!r}")

    def _agrees(self, wanted: Any, given: Any, path: Path) -> bool:
        before, self.problems = self.problems, []
        self.compare(wanted, given, path)
        found, self.problems = self.problems, before
        return not found

    def _compare_shape(self, wanted: Any, given: Any, path: Path) -> None:
        if _kind(wanted) != _kind(given):
            self._differs(path, f"a {_kind(given)} in place of a {_kind(wanted)}")
        elif isinstance(wanted, dict):
            for name in wanted:
                if name not in given and not self._is_optional((*path, name)):
                    self._differs((*path, name), "is missing")

    def _same(self, wanted: Any, given: Any, path: Path) -> bool:
        if wanted == SECRET and isinstance(given, str):
            return True
        if _kind(wanted) != _kind(given):
            return False
        if path and path[-1] == "href":
            return _same_href(str(wanted), str(given))
        if path == ("message",) and self._message_fields:
            return _message_parts(str(wanted)) == _message_parts(str(given))
        return bool(wanted == given)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {dict: "object", list: "array", str: "string", type(None): "null"}[type(value)]


def _same_href(wanted: str, given: str) -> bool:
    """Compare path and query parameters, whose order is random; the server does not escape them."""
    if wanted == given:
        return True
    wanted_path, _mark, wanted_query = wanted.partition("?")
    given_path, _mark, given_query = given.partition("?")
    if wanted_path != given_path:
        return False
    pairs = sorted(wanted_query.split("&"))
    return pairs in (sorted(given_query.split("&")), sorted(unquote(one) for one in given_query.split("&")))


def _message_parts(message: str) -> list[str]:
    head, _dot, fields = message.partition(". ")
    return [head, *sorted(fields.split("; "))]
