# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The subscribers that a task could not read, in the shape that results of info modules carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .._errors import FaxError
from .._wording import and_more, counted, printable, with_hints

_EXAMPLES = 3


class Unread(NamedTuple):
    """One of them.

    :param position: in the input.
    :param name: what the input calls it.
    """

    position: int
    name: str
    error: FaxError


def failure_of(unread: Iterable[Unread]) -> dict[str, Any]:
    """Return what a result has beside the subscribers that were read: nothing where these are all."""
    missing = list(unread)
    if not missing:
        return {}
    errors = [{"index": one.position, "subscriber": one.name, "error": one.error.as_dict()} for one in missing]
    return {"failed": True, "errors": errors, "msg": _message(missing)}


def _message(missing: list[Unread]) -> str:
    shown = missing[:_EXAMPLES]
    texts = [f"{printable(one.name)}: {one.error.as_dict()['message']}" for one in shown]
    message = f"{counted(len(missing), 'subscriber')} cannot be read: {and_more(texts, len(missing))}"
    return with_hints(message, [one.error.hint for one in shown])
