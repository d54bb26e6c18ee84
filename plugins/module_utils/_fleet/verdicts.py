# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What the result files say about one subscriber of a fleet."""

from __future__ import annotations

from typing import NamedTuple

from .._errors import FaxError
from .._masking import Masker
from .._settings.outcomes import CHANGED, NOT_ATTEMPTED, UNVERIFIED
from .._wording import printable, shortened
from .members import Member
from .report import FleetReport

_WOULD_CHANGE = "would_change"
_LONGEST_MESSAGE = 500

# The names of the columns; the reader of fleet files takes names that begin with an underscore for remarks.
VERDICT_COLUMNS = ("_status", "_code", "_message", "_hint")


class Verdict(NamedTuple):
    """The outcome of a subscriber, in the order of ``VERDICT_COLUMNS``. All of it is printable and without secrets."""

    status: str
    code: str = ""
    message: str = ""
    hint: str = ""


class Verdicts:
    """Describes the outcomes of the subscribers of one run.

    :param report: of the run.
    :param check: whether nothing was written.
    :param masker: knows the credentials; secrets of subscribers were masked when the message was created.
    """

    def __init__(self, report: FleetReport, check: bool, masker: Masker) -> None:
        self._report = report
        self._check = check
        self._masker = masker
        self._known: dict[tuple[str | None, ...], Verdict] = {}

    def of(self, member: Member) -> Verdict:
        """Return what is known now."""
        status = member.status
        error = _error_of(member)
        if status == NOT_ATTEMPTED and error is None:
            error = self._report.error or _UNDER_WAY
        shown = _WOULD_CHANGE if self._check and status == CHANGED else status
        if error is None:
            return Verdict(shown)
        # Thousands of rows say the same.
        facts = (shown, error.code, error.message, error.hint, _written_parts(member))
        verdict = self._known.get(facts)
        if verdict is None:
            verdict = self._known[facts] = self._worded(shown, error, _written_parts(member))
        return verdict

    def _worded(self, status: str, error: FaxError, written: str) -> Verdict:
        # The lines that follow the first one name other subscribers.
        message = shortened(self._tidy(error.message.split("\n", 1)[0]), _LONGEST_MESSAGE)
        return Verdict(status, error.code, f"{message} ({written})" if written else message, self._tidy(error.hint))

    def _tidy(self, text: str | None) -> str:
        return printable(self._masker.mask_quoted(text)) if text else ""


_UNDER_WAY = FaxError(
    "This was noted before the first write, and the run has not ended; the subscriber may have been changed",
    code="under_way",
    hint="Wait for the run to end. If it was killed, run the task again; it compares first.",
)


def _error_of(member: Member) -> FaxError | None:
    """Return the error of the resource that decides about the subscriber's status."""
    errors = [
        outcome.error
        for outcome in member.outcomes.values()
        if outcome.status == member.status and outcome.error is not None
    ]
    return errors[0] if errors else None


def _written_parts(member: Member) -> str:
    """Return what a subscriber's status hides: writes of one resource where another one decides."""
    hidden = [
        f"{module}: {outcome.status}"
        for module, outcome in member.outcomes.items()
        if outcome.status in (CHANGED, UNVERIFIED) and outcome.status != member.status
    ]
    return ", ".join(hidden)
