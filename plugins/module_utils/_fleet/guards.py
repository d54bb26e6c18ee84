# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a run must not do without being asked twice: change, deactivate or empty more than was expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .._errors import TooManyChangesError
from .._settings.limits import guard_changes, limit_of
from .._settings.outcomes import Outcome
from .._wording import counted
from .report import FleetReport

MAX_DEACTIVATED = "max_deactivated"
MAX_EMPTIED = "max_emptied"

# From which share of a fleet on what nobody has limited deserves a warning, and from how many subscribers on.
_NOTABLE_PERCENT = 10
_NOTABLE_FLEET = 10


class Limits(NamedTuple):
    """Numbers of subscribers or percentages of the fleet; None for no limit."""

    max_changes: str | None = None
    max_deactivated: str | None = None
    max_emptied: str | None = None

    def check(self) -> None:
        """Refuse limits that are neither a number nor a percentage.

        :raises InputError: names the option.
        """
        for name, limit in self._asdict().items():
            limit_of(limit, 0, name)


def guard(report: FleetReport, limits: Limits) -> None:
    """Count what is dangerous in the plans, warn of much of it, and refuse more of it than is allowed.

    :raises TooManyChangesError: nothing must be written.
    """
    due = [member for member in report.notable if member.is_due]
    total = len(report.roster)
    report.deactivated = sum(1 for member in due if _is_deactivated(member.due))
    report.emptied = sum(_emptied_lists(member.due) for member in due)
    guard_changes(len(due), total, limits.max_changes)
    services = counted(report.deactivated, "subscriber")
    lists = counted(report.emptied, "list")
    _check(
        report,
        report.deactivated,
        limits.max_deactivated,
        MAX_DEACTIVATED,
        f"The service of {services} would be switched off",
    )
    _check(report, report.emptied, limits.max_emptied, MAX_EMPTIED, f"{lists} would become empty")


def _check(report: FleetReport, count: int, limit: str | None, name: str, what: str) -> None:
    total = len(report.roster)
    allowed = limit_of(limit, total, name)
    if limit is not None and count > allowed:
        raise TooManyChangesError(
            f"{what}, but {name} allows {allowed} ({limit})",
            hint=f"Nothing was written. Check the declared settings, or raise {name}.",
        )
    if limit is None and total >= _NOTABLE_FLEET and count * 100 >= total * _NOTABLE_PERCENT:
        report.warnings.append(f"{what} (in a fleet of {counted(total, 'subscriber')}). Use {name} to limit this.")


def _is_deactivated(outcomes: Sequence[Outcome]) -> bool:
    return any(
        outcome.resource.goes_off(change.field, change.before, change.after)
        for outcome in outcomes
        if outcome.plan is not None
        for change in outcome.plan.changes
    )


def _emptied_lists(outcomes: Iterable[Outcome]) -> int:
    return sum(
        1
        for outcome in outcomes
        if outcome.plan is not None
        for change in outcome.plan.changes
        if change.before and not change.after and change.field in _lists(outcome)
    )


def _lists(outcome: Outcome) -> set[str]:
    return {field.name for field in outcome.resource.lists}
