# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From the newest entries of a subscriber's journal to reasons. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._errors import FaxError
from .._faxes.journal import INCOMING, MAIL_TO_FAX, OUTGOING, Fax
from .._wording import quoted
from .facts import JournalFacts, Known, LastFaxes
from .verdicts import ABILITIES, MAILS, RECEIVES, SENDS, Reason, reason

# The journal's word for each ability.
DIRECTIONS = {RECEIVES: INCOMING, SENDS: OUTGOING, MAILS: MAIL_TO_FAX}

_HAPPENED = {RECEIVES: "received", SENDS: "sent", MAILS: "sent by e-mail"}


def last_faxes(faxes: Sequence[Fax]) -> JournalFacts:
    """Return the newest fax that got through and the newest that did not, for each ability.

    :param faxes: newest first.
    """
    return {ability: _last([fax for fax in faxes if fax.direction == DIRECTIONS[ability]]) for ability in ABILITIES}


def _last(faxes: Sequence[Fax]) -> LastFaxes:
    ended = [fax for fax in faxes if fax.is_final]
    return LastFaxes(
        success=next((fax for fax in ended if not fax.has_failed), None),
        failure=next((fax for fax in ended if fax.has_failed), None),
    )


def judge_journal(journal: Known[JournalFacts]) -> Iterator[Reason]:
    """Yield the reasons that lie in the journal: the newest fax did not get through."""
    if isinstance(journal, FaxError):
        yield reason("journal_unknown", f"The journal cannot be read: {journal.message}")
        return
    for ability in ABILITIES:
        last = journal[ability]
        if last.failure is not None and (last.success is None or last.failure.id > last.success.id):
            yield _failed(ability, last.failure)


def _failed(ability: str, fax: Fax) -> Reason:
    why = f": {quoted(fax.reason)}" if fax.reason else ", and the journal does not say why"
    when = f", {fax.time}" if fax.time else ""
    text = f"The last fax that was {_HAPPENED[ability]} (fax {fax.id}{when}) failed{why}."
    return reason("last_fax_failed", text, affects=(ability,))
