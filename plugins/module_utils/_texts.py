# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Texts that users write: what counts as one, and how messages quote what is not one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._errors import InputError

_MOST_SHOWN = 60


def parse_text(value: Any) -> str:
    """Return a text that a user wrote.

    :raises InputError: it is not a text. Numbers are refused, because they may have been written otherwise: YAML reads
        ``0123`` as 83 and ``12:30`` as 750.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise InputError("must be a text, not a number; quote it, because YAML reads 0123 as 83 and 12:30 as 750")
    quote = "" if isinstance(value, (list, tuple, Mapping)) else "; quote it"
    raise InputError(f"must be a text, not a {type_name(value)}{quote}")


def shown_value(value: Any) -> str:
    """Return how messages quote a value: shortened, without control characters, and a list or dictionary by its type
    only."""
    if isinstance(value, (list, tuple, Mapping)):
        return f"a {type_name(value)}"
    if isinstance(value, int) and abs(value) >= NUMBER_BOUND:
        return "such a number"
    return repr(value) if not isinstance(value, str) or len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]!r}…"


def type_name(value: Any) -> str:
    if isinstance(value, Mapping):
        return "dictionary"
    return {bool: "boolean", list: "list", tuple: "list"}.get(type(value), type(value).__name__)


# Python refuses to turn very long numbers into texts.
NUMBER_BOUND = 10**18
