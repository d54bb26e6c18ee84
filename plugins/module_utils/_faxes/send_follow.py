# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A fax that was handed over, followed to its end."""

from __future__ import annotations

from .._errors import FaxError
from .._files import FileError
from .journal import FAILED, Fax
from .receipts import SENT, Attempt, Receipt
from .send_report import UNKNOWN, FaxFailedError
from .send_run import SendRun

# Seconds to wait for another run of the same family in a look that is repeated anyway.
_SHORT_PATIENCE = 5


class Follower:
    """Follows the fax of a run.

    :param receipt: as the run left it.
    :param own: the attempt of this run; None where the fax was sent before.
    """

    def __init__(self, run: SendRun, receipt: Receipt, own: Attempt | None) -> None:
        self._run = run
        self._report = run.report
        self._own = own
        self._followed = own or receipt.sent
        # Of the attempt in the receipt; None for a fax that somebody else sent.
        self._position = next(
            (position for position, one in enumerate(receipt.attempts) if one is self._followed), None
        )

    def wait(self) -> None:
        """Follow the fax to its end, and report and write down what that is."""
        try:
            self._run.tracker.follow(
                self._look, self._report.note, self._run.params["wait_timeout"], self._run.params["poll_interval"]
            )
        except FaxError as error:
            if self._report.status == UNKNOWN:  # this is not about the end of a fax that may not exist
                self._report.warn(f"The journal does not show the fax: {error.message}")
            else:
                self._report.error = error
            return
        self._write_outcome()
        entry = self._report.entry
        if entry is not None and entry.has_failed:
            self._report.status = FAILED
            self._report.error = FaxFailedError(self._run.destination, entry.reason)

    def _look(self) -> Fax | None:
        if self._report.fax_id is not None:
            return self._run.tracker.get(self._report.fax_id)
        if self._position is None:
            return None
        with self._run.receipts.locked(min(_SHORT_PATIENCE, self._run.patience)):
            receipt, attempt = self._stored_attempt(self._position)
            entry = self._run.tracker.find(receipt, attempt, is_recent=self._own is not None)
            if entry is not None:
                self._run.complete(receipt)
        return entry

    def _stored_attempt(self, position: int) -> tuple[Receipt, Attempt]:
        """Return the receipt as it is now, and the attempt that is followed. Where the receipt could not be completed,
        this run knows more than it says.

        :raises FaxError: the receipt is gone.
        """
        receipt, followed = self._run.receipts.load(), self._followed
        attempt = receipt.attempts[position] if position < len(receipt.attempts) else None
        if attempt is None or followed is None or attempt.began != followed.began:
            raise FileError(
                f"The receipt {self._run.receipts.path!r} was removed in the meantime", code="receipt_removed"
            )
        if self._own is not None and self._own.state == SENT and attempt.is_uncertain:
            attempt.state, attempt.ended = SENT, self._own.ended
        return receipt, attempt

    def _write_outcome(self) -> None:
        entry = self._report.entry
        if self._position is None or entry is None:
            return
        with self._run.completing(), self._run.receipts.locked(self._run.patience):
            receipt, attempt = self._stored_attempt(self._position)
            if (attempt.outcome, attempt.fax_id) != (entry.progress, entry.id):
                attempt.outcome, attempt.reason, attempt.fax_id = entry.progress, entry.reason, entry.id
                self._run.receipts.save(receipt)
