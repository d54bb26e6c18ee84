# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A plan that was approved, and what differs from it now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import FaxError
from .._settings.diff import mask_patch
from .._settings.outcomes import Outcome, planned
from .._wording import and_more, counted
from .members import STALE, FleetReport, Member, Patches

ON_STALE = "on_stale"
SKIP = "skip"
STOP = "stop"

_NAMED = 20


class Approval(NamedTuple):
    """What was approved.

    :param patches: by the subscriber's id, what may be sent to them.
    :param on_stale: ``stop`` before the first write where a subscriber's plan is another one now, or ``skip`` such
        subscribers.
    """

    patches: Mapping[int, Patches]
    on_stale: str = STOP

    def of(self, member: Member) -> Patches:
        """Return what was approved for a subscriber."""
        return self.patches.get(member.subscriber_id or 0, {})

    def allows(self, member: Member, outcome: Outcome) -> bool:
        """Return whether a plan that was made anew just before it is written is the approved one; otherwise that is
        noted."""
        module = outcome.resource.module
        now, approved = mask_patch(outcome.resource, planned(outcome).patch), self.of(member).get(module, [])
        if now != approved:
            outcome.fail(_stale({module: now}, {module: approved}), STALE)
        return now == approved


class StaleError(FaxError):
    """The plan of a subscriber is not the one that was approved: it was not written."""

    code = STALE


def reject_stale(report: FleetReport, approval: Approval) -> None:
    """Mark the members whose plan is not the approved one, and refuse the run where that is to stop it.

    :raises FaxError: ``on_stale`` is ``stop``, and there are such members; all of them are named, with both plans.
    """
    stale = [member for member in report.members if member.is_due and not _is_approved(member, approval)]
    for member in stale:
        error = _stale(member.patches(), approval.of(member))
        for outcome in member.due:
            outcome.fail(error, STALE)
    if stale and approval.on_stale == STOP:
        names = [f"{_name(member)}: {_reason(member)}" for member in stale[:_NAMED]]
        raise StaleError(
            f"{counted(len(stale), 'subscriber')} would change in another way than was approved. Nothing was written.\n"
            + and_more(names, len(stale), "\n"),
            hint=f"Make and approve a new plan, or set {ON_STALE} to {SKIP} to apply the others.",
        )


def _is_approved(member: Member, approval: Approval) -> bool:
    return member.patches() == {module: list(patch) for module, patch in approval.of(member).items()}


def _stale(now: Patches, approved: Patches) -> StaleError:
    return StaleError(f"now planned: {_shown(now)}; approved: {_shown(approved)}")


def _shown(patches: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    lines = [
        f"{module} {operation['path'].lstrip('/')} {json.dumps(operation.get('value'), ensure_ascii=False)}"
        for module, patch in patches.items()
        for operation in patch
    ]
    return ", ".join(lines) or "nothing"


def _name(member: Member) -> str:
    outcome = next(iter(member.outcomes.values()))
    return outcome.declaration.label


def _reason(member: Member) -> str:
    errors = [
        outcome.error.message for outcome in member.outcomes.values() if outcome.status == STALE and outcome.error
    ]
    return errors[0] if errors else ""
