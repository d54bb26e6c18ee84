# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""JSON in which every number is the text that is written, so that ``1.10`` and ``1e5`` stay what they are."""

from __future__ import annotations

import json
import re
from typing import Any

from .._names import looks_like_name
from .fleet_text import FormatError

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]')

# What the library says that does not quote the text.
_PLAIN_PROBLEMS = ("Expecting", "Unterminated", "Extra data")


class _KeyTwice(Exception):
    """An object has a key twice."""


def read_json(text: str) -> Any:
    """Return what the text holds; numbers as texts.

    :raises FormatError: the text is not JSON, is nested too deeply, or has a key twice in one object.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, **_NUMBERS)
    except _KeyTwice:
        raise _twice(text) from None
    except json.JSONDecodeError as error:
        detail = f": {error.msg}" if error.msg.startswith(_PLAIN_PROBLEMS) else ""
        raise FormatError(f"is not JSON: line {error.lineno}, column {error.colno}{detail}", syntax=True) from None
    except RecursionError:
        raise FormatError("is nested too deeply") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _KeyTwice
    return members


def _refuse_constant(name: str) -> Any:
    raise FormatError(f"is not JSON: it has the number {name}", syntax=True)


_NUMBERS: dict[str, Any] = {"parse_int": str, "parse_float": str, "parse_constant": _refuse_constant}


def _twice(text: str) -> FormatError:
    """Return the error for the first key that an object of a well-formed text has twice."""
    objects: list[set[str]] = []
    last: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign in ("{", "["):
            objects.append(set())
        elif sign in ("}", "]"):
            objects.pop()
        elif sign == ":" and last is not None:
            name = json.loads(last.group())
            if name in objects[-1]:
                shown = f"the key {name!r}" if looks_like_name(name) else "a key"
                return FormatError(f"{shown} is duplicated", text.count("\n", 0, last.start()) + 1)
            objects[-1].add(name)
        last = token
    return FormatError("a key is duplicated")
