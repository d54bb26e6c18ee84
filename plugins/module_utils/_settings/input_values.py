# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What users write for a field that is not a list, in every form that is accepted: checked, and in canonical form.

The usual forms are recognised more quickly by :meth:`fields.Field.usual`; what is read here is loaded for the others.
"""

from __future__ import annotations

import re
from typing import Any

from .._errors import InputError
from .._masking import MASK
from .._texts import parse_text, shown_value
from .fields import WORDS, Choice, Number, Text

_SHOWN_WORDS = "or yes, on, 1, no, off, 0"
_LONGEST_NUMBER = 20
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_boolean(value: Any) -> bool:
    """Return a boolean that is written in any of the ways that Ansible accepts.

    :raises InputError: it is none; the server would store most other values as false without a word.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    word = WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if word is None:
        raise InputError(f"must be true or false ({_SHOWN_WORDS}), not {shown_value(value)}")
    return word


def parse_number(field: Number, value: Any) -> int:
    """Return a whole number.

    :raises InputError: it is not one that the server can store.
    """
    text = value.strip() if isinstance(value, str) else str(value)
    is_number = not isinstance(value, bool) and text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    if not is_number or not field.lowest <= int(text) <= field.highest:
        raise InputError(f"must be a whole number from {field.lowest} to {field.highest}, not {shown_value(value)}")
    return int(text)


def parse_storable(field: Text, value: Any) -> str:
    """Return a text that the server can store.

    :raises InputError: it is not a text, too long, or has a character that the server cannot store; or it is the mask
        in place of a secret.
    """
    text = parse_text(value)
    if field.max_length is not None and len(text) > field.max_length:
        raise InputError(f"has {len(text)} characters; the maximum is {field.max_length}")
    if text and max(text) > "\uffff":
        raise InputError("has a character beyond U+FFFF (such as an emoji), which the server cannot store")
    if not text.isascii() and _SURROGATE.search(text):
        raise InputError("has half of a character (a lone surrogate), which the server cannot store")
    if field.secret and text == MASK:
        raise InputError(
            "is the mask that results show instead of a secret, not a secret",
            hint="Leave out the field to keep the value on the server.",
        )
    return text


def parse_address(field: Text, value: Any) -> str | None:
    """Return an e-mail address.

    :raises InputError: the server does not take it.
    """
    text = parse_storable(field, value).strip()
    # Imported here, because nearly all addresses are of the usual form.
    from .addresses import address_problem

    problem = address_problem(text)
    if problem:
        raise InputError(f"{text!r} {problem}")
    return text or None


def parse_choice(field: Choice, value: Any) -> str:
    """Return the choice that a word means.

    :raises InputError: it means none.
    """
    choice = field.meant(value) if isinstance(value, str) else None
    if choice is None:
        raise InputError(f"must be one of {', '.join(field.choices)}, not {shown_value(value)}")
    return choice
