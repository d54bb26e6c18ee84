# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""In which portions a fleet is written, and how much may fail before the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from .._errors import FaxError, InputError
from .._settings.limits import limit_of
from .._wording import counted

WAVES = "waves"
MAX_FAILURES = "max_failures"
# One subscriber first, so that what is wrong for all of them is seen at the first.
DEFAULT_WAVES = ("1", "100%")

Item = TypeVar("Item")


def check_waves(waves: Sequence[str]) -> None:
    """Refuse waves that have no size.

    :raises InputError: there is none, or one is neither a positive number nor a positive percentage.
    """
    if not waves:
        raise InputError("must not be empty", field=WAVES)
    for position, wave in enumerate(waves):
        name = f"{WAVES}[{position}]"
        if limit_of(wave, 100, name) < 1:
            raise InputError(f"must be greater than zero, not {wave!r}", field=name)


def in_waves(items: Sequence[Item], waves: Sequence[str]) -> Iterator[Sequence[Item]]:
    """Yield the items in portions of the given sizes; the last size holds until there is nothing left, as with
    Ansible's ``serial``.

    :param waves: numbers of items, or percentages of all of them (at least one item each).
    """
    begin, number = 0, 0
    while begin < len(items):
        size = max(1, limit_of(waves[min(number, len(waves) - 1)], len(items), WAVES))
        yield items[begin : begin + size]
        begin += size
        number += 1


def guard_failures(failed: int, written: int, waves: int, max_failures: str | None) -> None:
    """Refuse the next wave after too many failures.

    :param failed: how many subscribers failed or are unverified so far.
    :param written: how many were tried so far; percentages are of these.
    :param waves: how many waves that were.
    :raises FaxError: more than ``max_failures`` allows.
    """
    limit = limit_of(max_failures, written, MAX_FAILURES)
    if failed > limit:
        raise FaxError(
            f"{failed} of {counted(written, 'subscriber')} failed in {counted(waves, 'wave')}, but max_failures allows "
            f"{limit} ({max_failures})",
            code="too_many_failures",
            hint="The following waves were not attempted. Fix the cause and run the task again.",
        )
