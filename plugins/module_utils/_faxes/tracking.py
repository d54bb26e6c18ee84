# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What became of a fax: the journal's entry that belongs to an attempt, and its way to the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from .._concurrency import Outage
from .._errors import FaxError, NotFoundError, ProtocolError
from .._wording import counted
from .destinations import Destination
from .journal import MAIL_TO_FAX, OUTGOING, Fax, Journal
from .matching import competing_attempts, entry_of
from .receipts import (
    SENT,
    Attempt,
    Receipt,
    Receipts,
    moment_of,
)

# How far the time of a journal entry may be from the attempt that it is taken for: the platform's own retries take
# minutes, and clocks differ. Without it a fax that somebody else sends much later would pass for this one.
_NEARNESS = timedelta(hours=2)

# Entries of a page where only what came within the last moments is of interest, and where it may be older.
_FEW, _MANY = 10, 100

_HINT_GO_ON = "Run the task again to continue waiting; the fax is not sent again."


class WaitTimeoutError(FaxError):
    """The fax had not come to its end when the time was over."""

    code = "wait_timeout"
    retryable = True


class LostTrackError(FaxError):
    """What becomes of the fax cannot be found out at present."""

    code = "lost_track"
    retryable = True


class Tracker:
    """Follows the faxes of one family in the journal.

    :param subscriber_id: whose journal it is.
    :param destination: where the fax goes.
    """

    def __init__(self, journal: Journal, receipts: Receipts, subscriber_id: int, destination: Destination) -> None:
        self._journal = journal
        self._impatient = journal.impatient()
        self._receipts = receipts
        self._subscriber_id = subscriber_id
        self._destination = destination
        self._outage = Outage()

    def goes_there(self, fax: Fax) -> bool:
        """Return whether an entry is a fax to the destination, sent by anybody in the subscriber's name."""
        return fax.direction in (OUTGOING, MAIL_TO_FAX) and self._destination.matches(fax.callee)

    def get(self, fax_id: int) -> Fax:
        """Return the entry of a fax whose id is known.

        :raises NotFoundError: it was deleted.
        :raises ProtocolError: the server returns somebody else's entry, or one of another kind.
        """
        entry = (self._impatient if self._outage.suspected else self._journal).get(fax_id)
        if (entry.id, entry.subscriber_id) != (fax_id, self._subscriber_id) or not self.goes_there(entry):
            raise ProtocolError(f"The server returned a fax other than fax {fax_id} of this subscriber")
        return entry

    def find(self, receipt: Receipt, attempt: Attempt, is_recent: bool = True) -> Fax | None:
        """Return the journal entry that belongs to an attempt without doubt, or None; the receipt is changed, not
        written.

        Has to be called while the family is locked.

        :param is_recent: whether the attempt was made just now; there will then be more looks.
        :raises FaxError: the journal or a receipt cannot be read.
        """
        journal = self._impatient if is_recent else self._journal
        competing = competing_attempts(self._receipts, receipt, attempt)
        oldest = min(other.journal_before for other in (attempt, *competing))
        newer = journal.newer_than(oldest, self._subscriber_id, _FEW if is_recent else _MANY)
        matching = {fax.id: fax for fax in newer if fax.direction == OUTGOING and self._destination.matches(fax.callee)}
        found = entry_of(attempt, competing, sorted(matching))
        if found is None or (attempt.is_uncertain and not _is_near(journal.utc_time(found), attempt)):
            return None
        attempt.state, attempt.fax_id = SENT, found
        return matching[found]

    def find_soon(self, receipt: Receipt, attempt: Attempt, pauses: tuple[float, ...]) -> Fax | None:
        """Look several times for the entry of an attempt: it may come late. Single looks may fail.

        :param pauses: seconds to wait before each look.
        :raises FaxError: the journal or a receipt cannot be read.
        """
        problem: FaxError | None = None
        for pause in pauses:
            time.sleep(pause)
            entry, problem = self._look(lambda: self.find(receipt, attempt))
            if entry is not None:
                return entry
            if self._outage.certain:
                break
        if problem is not None:
            raise problem
        return None

    def follow(
        self, look: Callable[[], Fax | None], seen: Callable[[Fax], None], timeout: float, interval: float
    ) -> None:
        """Look at a fax again and again until it has come to its end.

        Single looks may fail; an outage ends it. It takes at most the time-out and what one look takes.

        :param look: returns its entry, or None while there is none.
        :param seen: gets the entry each time.
        :param timeout: seconds after which to give up.
        :param interval: seconds between two looks.
        :raises WaitTimeoutError: it has not come to its end.
        :raises LostTrackError: the server no longer responds, or refuses the user.
        :raises NotFoundError: its entry was deleted.
        """
        deadline = time.monotonic() + timeout
        while True:
            entry, problem = self._look(look)
            if entry is not None:
                seen(entry)
                if entry.is_final:
                    return
            if self._outage.cause is not None:
                raise _lost_track(self._outage.cause)
            left = deadline - time.monotonic()
            if left <= 0:
                raise _timed_out(timeout, problem)
            time.sleep(min(interval, left))

    def _look(self, look: Callable[[], Fax | None]) -> tuple[Fax | None, FaxError | None]:
        """Return what a look shows, or why it shows nothing.

        :raises NotFoundError: there is nothing to be seen any more.
        """
        try:
            entry = look()
        except NotFoundError:
            raise
        except FaxError as error:
            self._outage.note(error)
            return None, error
        self._outage.note(None)
        return entry, None


def _is_near(utc: datetime | None, attempt: Attempt) -> bool:
    return utc is not None and abs(utc - moment_of(attempt.began)) <= _NEARNESS


def _timed_out(timeout: float, problem: FaxError | None) -> WaitTimeoutError:
    reason = f" (the journal could not be read: {problem.message})" if problem is not None else ""
    return WaitTimeoutError(
        f"The fax was submitted, but did not reach a final status within {counted(timeout, 'second')}{reason}",
        hint=_HINT_GO_ON,
    )


def _lost_track(cause: FaxError) -> LostTrackError:
    return LostTrackError(
        f"The fax was submitted, but its outcome cannot be determined: {cause.message}",
        code=cause.code,
        http_status=cause.http_status,
        hint=" ".join(hint for hint in (cause.hint, _HINT_GO_ON) if hint),
    )
