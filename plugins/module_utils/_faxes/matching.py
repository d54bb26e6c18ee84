# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Which entry of the journal belongs to which attempt to send a fax. Each is counted for one attempt only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from .receipts import Attempt, Receipt, Receipts, moment_of

# An attempt whose entry has not appeared for so long will not take a new one.
_COMPETING = timedelta(days=1)


def competing_attempts(receipts: Receipts, receipt: Receipt, attempt: Attempt) -> list[Attempt]:
    """Return all other attempts whose journal entries could be taken for the attempt's: those of the family that did
    not begin long before it.

    Uncertain attempts to send the same fax do not compete with each other: an entry of one of them proves that the fax
    was sent, and it does not matter which of them it was.

    :param receipt: the one that the attempt is part of.
    :raises FileError: another receipt of the family cannot be read.
    """
    found = [other for other in receipt.attempts if other is not attempt]
    if attempt.is_uncertain:
        found = [other for other in found if not other.is_uncertain]
    return [other for other in (*found, *receipts.others()) if _may_compete(other, attempt)]


def entry_of(attempt: Attempt, others: Sequence[Attempt], entries: Sequence[int]) -> int | None:
    """Return the journal entry that certainly belongs to an attempt, or None.

    :param others: all other attempts that the entries could belong to.
    :param entries: ids of the outgoing entries that fit, in rising order.

    Attempts that were certainly sent take the earliest entry that can be theirs. Uncertain ones get one only if there
    is still one left when all the other uncertain ones have taken as many as they can: better to say "unknown" than to
    call a fax sent because another one was.
    """
    taken = {other.fax_id for other in others if other.fax_id is not None}
    left = [entry for entry in entries if entry not in taken]
    competing = [other for other in others if other.owns_entry]
    for other in sorted((one for one in competing if not one.is_uncertain), key=lambda one: one.journal_before):
        if attempt.is_uncertain or other.journal_before < attempt.journal_before:
            _take(left, other.journal_before)
    own = [entry for entry in left if entry > attempt.journal_before]
    if attempt.is_uncertain:
        for other in sorted(competing, key=lambda one: -one.journal_before):
            if other.is_uncertain and own and own[-1] > other.journal_before:
                own.pop()
    return own[0] if own else None


def _may_compete(other: Attempt, attempt: Attempt) -> bool:
    """Return whether an entry that came after the attempt may be the other's: not if that began long before."""
    return moment_of(attempt.began) - moment_of(other.began) <= _COMPETING


def _take(entries: list[int], after: int) -> None:
    """Take the first entry that is greater out of the list."""
    for position, entry in enumerate(entries):
        if entry > after:
            del entries[position]
            return
