# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Texts that users write: what counts as one, and how messages quote what is not one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from ._errors import InputError

_MAX_SHOWN = 60

# What users call values of these types. The first that fits counts: a boolean of Python is a number as well.
_KINDS: tuple[tuple[Any, str], ...] = (
    (Mapping, "a dictionary"),
    ((list, tuple), "a list"),
    (str, "a string"),
    (bool, "a boolean"),
    ((int, float), "a number"),
    (datetime.date, "a date"),
    (type(None), "null"),
)


def parse_text(value: Any) -> str:
    """Return a text that a user wrote.

    :raises InputError: it is not a text. Numbers are refused, because they may have been written otherwise: YAML reads
        ``0123`` as 83 and ``12:30`` as 750.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise InputError("must be a string, not a number; quote it, because YAML reads 0123 as 83 and 12:30 as 750")
    quote = "" if isinstance(value, (list, tuple, Mapping)) else "; quote it"
    raise InputError(f"must be a string, not {kind_of(value)}{quote}")


def shown_value(value: Any) -> str:
    """Return how messages quote a value: shortened, without control characters, and a list or dictionary by its type
    only."""
    if isinstance(value, (list, tuple, Mapping)):
        return kind_of(value)
    if isinstance(value, int) and abs(value) >= NUMBER_BOUND:
        return "such a number"
    return repr(value) if not isinstance(value, str) or len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]!r}…"


def kind_of(value: Any) -> str:
    """Return what messages call a value that is of the wrong kind, for example ``a list``.

    Versions of Ansible have types of their own for what YAML holds, so that the name of a type says nothing.
    """
    return next((words for types, words in _KINDS if isinstance(value, types)), f"a {type(value).__name__}")


# Python refuses to turn very long numbers into texts.
NUMBER_BOUND = 10**18
