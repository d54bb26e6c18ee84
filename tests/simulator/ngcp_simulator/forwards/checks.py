# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of one member of a document each: they return what the platform's forms find wrong with a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..answers import internal_error
from ..columns import perl_text
from ..forms import SINGLE, has_value
from .kinds import MODE

Check = Callable[[Any], list[str]]

_WHOLE = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
NO_INTEGER = "Value must be an integer"
NOT_POSITIVE = "Value must be a positive integer"


def is_whole(value: Any) -> bool:
    """Tell whether the platform takes a value for a whole number."""
    return value is not None and _WHOLE.fullmatch(perl_text(value)) is not None


def anything(_value: Any) -> list[str]:
    return []


def read_only(_value: Any) -> list[str]:
    return []


def text(value: Any) -> list[str]:
    return [SINGLE] if isinstance(value, (list, dict)) and has_value(value) else []


def integer(value: Any) -> list[str]:
    if not has_value(value):
        return []
    if isinstance(value, (list, dict)):
        return [SINGLE]
    return [] if _WHOLE.fullmatch(perl_text(value)) else [NO_INTEGER]


def positive(value: Any) -> list[str]:
    return integer(value) or ([NOT_POSITIVE] if _is_negative(value) else [])


def positive_twice(value: Any) -> list[str]:
    """Check both properties of a positive integer, as the form's own field does: what is no number has neither."""
    errors = integer(value)
    if errors == [SINGLE] or not has_value(value):
        return errors
    is_number = _NUMBER.fullmatch(perl_text(value)) is not None
    return errors + ([] if is_number and not _is_negative(value) else [NOT_POSITIVE])


def _is_negative(value: Any) -> bool:
    return has_value(value) and perl_text(value).startswith("-") and perl_text(value).strip("-0.") != ""


def required(label: str, check: Check, value: Any) -> list[str]:
    return check(value) if has_value(value) else [f"{label} field is required"]


def choice(value: Any) -> list[str]:
    if isinstance(value, (list, dict)):
        return text(value)
    return [f"'{perl_text(value)}' is not a valid value"] if perl_text(value).strip() not in MODE.choices else []


def optional_choice(value: Any) -> list[str]:
    return choice(value) if has_value(value) else []


def number_range(limits: tuple[int, int], cyclic: bool, value: Any) -> list[str]:
    """Check a number or a range of a period; what has other characters breaks the platform."""
    if not has_value(value) or isinstance(value, (list, dict)):
        return text(value)
    parts = perl_text(value).strip().split("-")
    first, last = parts[0], parts[1] if len(parts) > 1 and parts[1] else parts[0]
    if not first.isdigit() or not last.isdigit():
        raise internal_error()
    if not cyclic and int(last) < int(first):
        return ["Second value smaller than first"]
    if int(first) < limits[0]:
        return ["First value too small"]
    return ["Second value too big"] if int(last) > limits[1] else []
