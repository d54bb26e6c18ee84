# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What may watch a run of a fleet: to keep a record of it, or to show how far it got."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._errors import FaxError
from .._settings.outcomes import Outcome
from .members import Member
from .report import FleetReport


class Recorder:
    """Is informed of what happens in a run. What any of these methods raises (a :class:`_errors.FaxError`) ends the
    run: what must be recorded and cannot be is not written to the platform.

    Methods may be called from several threads, except :meth:`reading`, :meth:`planned` and :meth:`ended`.
    """

    def reading(self, what: str) -> None:
        """The run begins to read something from the platform.

        :param what: in words for people, for example ``fax settings``.
        """

    def planned(self, report: FleetReport) -> None:
        """The run is about to write for the first time; the plans of all members that are due are there."""

    def replanned(self, member: Member, outcome: Outcome) -> None:
        """The plan of an outcome has changed, because the platform has other settings than when it was made; it is
        about to be written."""

    def settled(self, member: Member, outcome: Outcome) -> None:
        """The final status of an outcome is known, as far as possible."""

    def ended(self, report: FleetReport) -> None:
        """Nothing more is written. Called once for each run, check mode and refused runs included."""

    def result(self) -> dict[str, Any]:
        """Return what the task's result says about the record, asked when the run has ended."""
        return {}


class Recorders(Recorder):
    """Several recorders in turn."""

    def __init__(self, recorders: Sequence[Recorder]) -> None:
        self._recorders = recorders

    def reading(self, what: str) -> None:
        for recorder in self._recorders:
            recorder.reading(what)

    def planned(self, report: FleetReport) -> None:
        for recorder in self._recorders:
            recorder.planned(report)

    def replanned(self, member: Member, outcome: Outcome) -> None:
        for recorder in self._recorders:
            recorder.replanned(member, outcome)

    def settled(self, member: Member, outcome: Outcome) -> None:
        for recorder in self._recorders:
            recorder.settled(member, outcome)

    def ended(self, report: FleetReport) -> None:
        """Let all of them end, also after one could not."""
        errors = []
        for recorder in self._recorders:
            try:
                recorder.ended(report)
            except FaxError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def result(self) -> dict[str, Any]:
        return {name: value for recorder in self._recorders for name, value in recorder.result().items()}
