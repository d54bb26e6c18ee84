# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Whether a fax has to be sent: what earlier runs, and others in the subscriber's name, have done already."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from .._errors import ProtocolError
from .journal import FAILED, Fax, Filter
from .receipts import Attempt, Receipt
from .send_report import (
    ALREADY_SENT,
    UNKNOWN,
    Earlier,
    FaxFailedError,
    UncertainError,
)
from .send_run import SendRun
from .timestamps import Bound

RESEND = "resend"


def status_before(run: SendRun, receipt: Receipt) -> str:
    """Return what has become of the fax before anything is known but its receipt."""
    is_open = receipt.sent is None and receipt.uncertain and not run.params["force"]
    return UNKNOWN if is_open else FAILED


def earlier_fax(run: SendRun, receipt: Receipt) -> Earlier | None:
    """Return the fax that was, or may have been, sent before, so that it is not sent now; None where it has to be.

    :raises FaxError: the journal cannot be read, so that nothing may be sent.
    """
    if run.params["force"]:
        return None
    found = _settle(run, receipt) if receipt.sent is None else None
    if receipt.sent is not None:
        return _already_sent(run, receipt.sent, found)
    if receipt.uncertain and run.params["on_uncertain"] != RESEND:
        error = UncertainError(
            f"It is not known whether an earlier run sent this fax to {run.destination}, and the journal does not "
            "show it"
        )
        return Earlier(UNKNOWN, error=error)
    return _sent_lately(run)


def _settle(run: SendRun, receipt: Receipt) -> Fax | None:
    """Look for the journal entry of attempts of earlier runs whose outcome was not known."""
    for attempt in receipt.uncertain:
        entry = run.tracker.find(receipt, attempt, is_recent=False)
        if entry is not None:
            run.complete(receipt)
            return entry
    return None


def _already_sent(run: SendRun, attempt: Attempt, entry: Fax | None) -> Earlier:
    if attempt.outcome == FAILED:
        return Earlier(FAILED, attempt.fax_id, entry, FaxFailedError(run.destination, attempt.reason))
    return Earlier(ALREADY_SENT, attempt.fax_id, entry)


def _sent_lately(run: SendRun) -> Earlier | None:
    """Return a fax to the same destination that came into the journal within the last moments, if that matters."""
    seconds = run.params.get("unless_sent_within")
    if seconds is None:
        return None
    since = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(seconds=seconds)
    lately = run.journal.read(Filter(run.subscriber.id, since=Bound(since)))
    found = [fax for fax in lately if run.tracker.goes_there(fax) and not fax.has_failed]
    if not found or not _is_later(run, found[0], since):
        return None
    return Earlier(ALREADY_SENT, found[0].id, found[0])


def _is_later(run: SendRun, fax: Fax, moment: datetime) -> bool:
    """Return whether an entry came at a moment or later. The server ignores filters that it does not know.

    :raises ProtocolError: the server does not show it, and nothing may be sent.
    """
    utc = run.journal.utc_time(fax.id)
    if utc is None:
        raise ProtocolError(f"The journal does not show when fax {fax.id} was sent", retryable=True)
    return utc >= moment.replace(tzinfo=None)
