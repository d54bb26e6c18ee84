# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The life of a fleet: looked up once, each list read once, all resources planned, guarded, written in waves.

Everything is read and planned before the first write, so that wrong input and wrong playbooks write nothing. The
platform has no way to write only where a value is still what it was (contract: no conditional requests): where a plan
is older than a few seconds, the settings are read again before they are written, and the plan is made again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .._api.client import Client
from .._errors import FaxError, InputErrors, as_fax_error
from .._interruption import Interruption
from .._resources import RESOURCES
from .._settings.outcomes import FAILED, UNCHANGED, UNVERIFIED, Outcome, identified, planned, stopped_by
from .._settings.plan import Policy
from .._settings.reconcile import STOP, plan_outcome, predict_outcomes
from .approval import Approval, reject_stale
from .entries import FleetEntries
from .guards import Limits, guard
from .members import Member, outcomes_of
from .planning import read_and_plan, resolve
from .recorder import Recorder
from .report import FleetReport
from .roster import Roster
from .summary import not_planned
from .waves import DEFAULT_WAVES, guard_failures, in_waves

# Seconds for which a plan is taken to be what the platform has; older ones are compared again before they are written.
FRESH = 10.0


class FleetOptions(NamedTuple):
    """How to go about it.

    :param policies: for each module how declarations are interpreted.
    :param check: predict only; nothing is written.
    :param waves: see :func:`waves.in_waves`.
    :param max_failures: see :func:`waves.guard_failures`.
    :param on_error: ``continue`` with the other subscribers after a failed write, or ``stop``.
    :param on_plan_error: ``stop`` before the first write where a subscriber cannot be planned, or ``continue`` with the
        others.
    :param approval: the plan that was approved; None writes whatever is planned.
    :param keep_unchanged: whether the settings of subscribers without a change are kept for the result.
    """

    policies: Mapping[str, Policy]
    check: bool = False
    limits: Limits = Limits()
    waves: Sequence[str] = DEFAULT_WAVES
    max_failures: str | None = None
    on_error: str = "continue"
    on_plan_error: str = STOP
    approval: Approval | None = None
    keep_unchanged: bool = False


def run_fleet(client: Client, entries: FleetEntries, options: FleetOptions, recorder: Recorder) -> FleetReport:
    """Make the settings of a fleet match the entries, and report.

    :raises InputErrors: entries that turn out to be wrong when their subscribers are known; nothing was written.
    """
    report = FleetReport(Roster(entries), client.address)
    run = _Run(client, report, options, recorder)
    try:
        run.plan()
    except InputErrors:
        raise
    except Exception as error:  # pylint: disable=broad-except
        report.error = as_fax_error(error)
        report.roster.single_out_unfinished()
    # From here on signals wait until it is recorded what became of the run.
    with run.interruption:
        if report.error is None:
            report.error = run.write()
        try:
            recorder.ended(report)
        except FaxError as error:
            report.error = report.error or error
    return report


class _Run:
    """One run: what it works on, and how old its plan is.

    :param interruption: takes signals from the first write until the end of the run is recorded.
    """

    def __init__(self, client: Client, report: FleetReport, options: FleetOptions, recorder: Recorder) -> None:
        self._client = client
        self._report = report
        self._options = options
        self._recorder = recorder
        self.interruption = Interruption()
        self._read_at: dict[str, float] = {}
        self._member_of: dict[int, Member] = {}

    def plan(self) -> None:
        """Look up and read everything, plan, and refuse what must not be written.

        :raises FaxError: nothing must be written.
        """
        report, options = self._report, self._options
        self._recorder.reading("subscribers")
        resolve(self._client, report.roster)
        for resource in RESOURCES:
            if report.roster.declares(resource.module):
                self._recorder.reading(resource.title)
                self._read_at[resource.module] = time.monotonic()
                policy = options.policies[resource.module]
                read_and_plan(self._client, resource, report.roster, policy, options.keep_unchanged)
        if options.on_plan_error == STOP and any(member.status == FAILED for member in report.notable):
            raise not_planned(report)
        if options.approval is not None:
            reject_stale(report, options.approval)
        guard(report, options.limits)

    def write(self) -> FaxError | None:
        """Write what is due (check mode: note what that would come to), and return why that ended early, if it did."""
        due = [member for member in self._report.notable if member.is_due]
        failed = [member for member in self._report.notable if member.status == FAILED]
        if failed and self._options.on_error == STOP:
            return stopped_by(next(o for o in failed[0].outcomes.values() if o.status == FAILED))
        if self._options.check or not due:
            predict_outcomes(outcome for member in due for outcome in member.due)
            return None
        try:
            self._recorder.planned(self._report)
            return self._write_waves(due)
        except FaxError as error:
            return error

    def _write_waves(self, due: Sequence[Member]) -> FaxError | None:
        # Imported here, because most runs find no drift.
        from .._settings.writer import Writer

        self._member_of = {id(outcome): member for member in due for outcome in member.due}
        self._report.wrote = True
        writer = Writer(self._client, self._options.on_error == STOP, self._is_current, self._settle, self.interruption)
        written: list[Member] = []
        for number, wave in enumerate(in_waves(due, self._options.waves), start=1):
            for resource in RESOURCES:
                outcomes = [outcome for outcome in outcomes_of(wave, resource.module) if outcome.is_due]
                reason = writer.write(outcomes) if outcomes else None
                if reason is not None:
                    return reason
            written += wave
            if len(written) < len(due):
                failed = sum(1 for member in written if member.status in (FAILED, UNVERIFIED))
                guard_failures(failed, len(written), number, self._options.max_failures)
        return None

    def _is_current(self, outcome: Outcome) -> bool:
        """Return whether a plan is still to be written: one that is not fresh is made again from what the platform has
        now.

        :raises FaxError: that cannot be read, or the new plan would be refused.
        """
        module = outcome.resource.module
        if time.monotonic() - self._read_at[module] < FRESH:
            return True
        member, before = self._member_of[id(outcome)], planned(outcome)
        document = outcome.resource.ways.read_again(self._client, outcome.resource, identified(outcome))
        plan_outcome(outcome, document, self._options.policies[module])
        if outcome.error is not None:
            raise outcome.error
        if outcome.status == UNCHANGED:
            return False
        if outcome.plan != before:
            approval = self._options.approval
            if approval is not None and not approval.allows(member, outcome):
                return False
            self._note_replanned(member, outcome)
        return True

    def _note_replanned(self, member: Member, outcome: Outcome) -> None:
        """Tell the recorder of a new plan.

        :raises FaxError: it cannot be recorded; nothing more must be written.
        """
        try:
            self._recorder.replanned(member, outcome)
        except FaxError as error:
            error.halts = True
            raise

    def _settle(self, outcome: Outcome) -> None:
        self._recorder.settled(self._member_of[id(outcome)], outcome)
