# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The outcomes of a task: one for each declaration, and that of the task as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._errors import FaxError
from .._subscribers.subscriber import Subscriber
from .declarations import Declaration
from .plan import Plan
from .resources import Resource

CHANGED = "changed"
UNCHANGED = "unchanged"
FAILED = "failed"
UNVERIFIED = "unverified"
NOT_ATTEMPTED = "not_attempted"
STATUSES = (CHANGED, UNCHANGED, FAILED, UNVERIFIED, NOT_ATTEMPTED)


@dataclass
class Outcome:
    """The outcome of one declaration.

    :param resource: what it is about.
    :param status: one of ``STATUSES``.
    :param plan: what was to be done, where it got that far.
    :param stored: canonical settings as the server has them after the run (check mode: as predicted), where known; of
        a subscriber that needs no change they are made only when they are asked for, from the ``document``.
    :param document: what the server sent, where a glance at it showed that nothing has to be done.
    :param error: why it failed, is unverified, or was not attempted.
    """

    resource: Resource
    declaration: Declaration
    subscriber: Subscriber | None = None
    status: str = NOT_ATTEMPTED
    plan: Plan | None = None
    stored: dict[str, Any] | None = None
    document: dict[str, Any] | None = None
    error: FaxError | None = None

    def settings(self) -> dict[str, Any] | None:
        """Return the canonical settings that the server has after the run (check mode: as predicted), where known."""
        if self.stored is None and self.document is not None:
            self.stored = self.resource.ways.settings(self.resource, self.document)
        return self.stored

    @property
    def is_due(self) -> bool:
        """Whether there is something to be written."""
        return self.plan is not None and bool(self.plan.changes) and self.status == NOT_ATTEMPTED

    def meant(self) -> Mapping[str, Any] | None:
        """Return the canonical settings as the declaration wants them, where it got as far as a comparison."""
        return self.plan.after if self.plan is not None else self.settings()

    def fail(self, error: FaxError, status: str = FAILED) -> None:
        """Note that it did not work."""
        self.status, self.error = status, error


@dataclass
class Report:
    """The outcomes of all declarations, in the order of the input.

    :param error: why the run as a whole stopped or was refused, if it was.
    """

    outcomes: list[Outcome]
    error: FaxError | None = None
    warnings: list[str] = field(default_factory=list)


def planned(outcome: Outcome) -> Plan:
    """Return the plan of an outcome that has one.

    :raises ValueError: it has none.
    """
    if outcome.plan is None:
        raise ValueError("there is no plan")
    return outcome.plan


def identified(outcome: Outcome) -> Subscriber:
    """Return the subscriber of an outcome that has one.

    :raises ValueError: it has none.
    """
    if outcome.subscriber is None:
        raise ValueError("there is no subscriber")
    return outcome.subscriber


def stopped_by(outcome: Outcome) -> FaxError:
    """Return why a run ends that shall end with its first failure."""
    cause = f": {outcome.error.message}" if outcome.error is not None else ""
    return FaxError(
        f"Stopped after the failure of {outcome.declaration.label}{cause}",
        code="stopped",
        hint="on_error is stop, so the other subscribers were not attempted.",
    )
