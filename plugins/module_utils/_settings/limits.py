# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Limits that users set on a run: a number of subscribers, or a percentage of them."""

from __future__ import annotations

from .._errors import InputError, TooManyChangesError
from .._wording import counted, quoted

MAX_CHANGES = "max_changes"

# More digits count nothing, and Python refuses to read thousands of them.
_MOST_DIGITS = 15


def limit_of(limit: str | None, total: int, name: str) -> int:
    """Return how many of ``total`` a limit allows.

    :param limit: a number, or a percentage such as ``"10%"``; None allows all.
    :param name: the option, for messages.
    :raises InputError: it is neither a number nor a percentage.
    """
    if limit is None:
        return total
    text = str(limit).strip()
    number = text[:-1].strip() if text.endswith("%") else text
    is_number = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    if not is_number or (text.endswith("%") and int(number) > 100):
        raise InputError(f"must be a number or a percentage such as 10%, not {quoted(text)}", field=name)
    return total * int(number) // 100 if text.endswith("%") else int(number)


def guard_changes(changing: int, total: int, max_changes: str | None) -> None:
    """Refuse to change more subscribers than is allowed.

    :param changing: how many of ``total`` would change.
    :raises TooManyChangesError: more than ``max_changes`` allows.
    :raises InputError: ``max_changes`` is neither a number nor a percentage.
    """
    limit = limit_of(max_changes, total, MAX_CHANGES)
    if changing > limit:
        raise TooManyChangesError(
            f"{changing} of {counted(total, 'subscriber')} would change, "
            f"but max_changes allows {limit} ({max_changes})",
            hint="Nothing was written. Check the declared settings, or raise max_changes.",
        )
