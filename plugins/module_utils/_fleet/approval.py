# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A plan that was approved, and what differs from it now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import FaxError
from .._settings.diff import mask_patch
from .._settings.outcomes import Outcome, planned
from .._wording import and_more, counted, shortened, visible
from .members import STALE, Member, Patches
from .report import FleetReport

ON_STALE = "on_stale"
SKIP = "skip"
STOP = "stop"

# How many stale subscribers a message names, and how much of a value and of the differences of one it shows.
_NAMED = 20
_LONGEST_VALUE = 200
_LONGEST_REASON = 600


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
        """Return whether a plan that was made again just before it is written is the approved one; otherwise that is
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
    stale = [member for member in report.notable if member.is_due and not _is_approved(member, approval)]
    for member in stale:
        error = _stale(member.patches(), approval.of(member))
        for outcome in member.due:
            outcome.fail(error, STALE)
    if stale and approval.on_stale == STOP:
        names = [f"{_name(member)}: {_reason(member)}" for member in stale[:_NAMED]]
        raise StaleError(
            f"{counted(len(stale), 'subscriber')} would change differently from what was approved. "
            "Nothing was written.\n" + and_more(names, len(stale), "\n"),
            hint=f"Create and approve a new plan, or set {ON_STALE} to {SKIP} to apply the others.",
        )


def _is_approved(member: Member, approval: Approval) -> bool:
    """Return whether everything that would be written to a subscriber was approved. Of what was approved, settings of
    one kind may need no change any more: each kind is one write."""
    approved = approval.of(member)
    return all(approved.get(module) == patch for module, patch in member.patches().items())


def _stale(now: Patches, approved: Patches) -> StaleError:
    left, right = _values(now), _values(approved)
    different = [place for place in {**left, **right} if left.get(place) != right.get(place)]
    shown = [_both(place, left.get(place), right.get(place)) for place in different]
    return StaleError(shortened("; ".join(shown), _LONGEST_REASON))


def _values(patches: Patches) -> dict[str, Mapping[str, Any]]:
    """Return the operations of patches by what messages call their place."""
    return {f"{module} {op['path'].lstrip('/')}": op for module, patch in patches.items() for op in patch}


def _both(place: str, now: Mapping[str, Any] | None, approved: Mapping[str, Any] | None) -> str:
    """Return both versions of what is planned for a field."""
    return f"{place}: now planned {_shown(now, approved)}, approved {_shown(approved, now)}"


def _shown(operation: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> str:
    """Return one version as JSON. Of a long list there are only the elements that the other version does not have."""
    if operation is None:
        return "nothing"
    value, other_value = operation.get("value"), other.get("value") if other is not None else None
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > _LONGEST_VALUE and isinstance(value, list):
        known = other_value if isinstance(other_value, list) else []
        own = [element for element in value if element not in known]
        text = f"{counted(len(value), 'element')}, only here: {json.dumps(own, ensure_ascii=False)}"
    # The same value may have to be added where the platform had no such field, and replaced where it has one now.
    verb = f"{operation['op']} " if other is not None and value == other_value else ""
    return visible(shortened(f"{verb}{text}", _LONGEST_VALUE))


def _name(member: Member) -> str:
    outcome = next(iter(member.outcomes.values()))
    return outcome.declaration.label


def _reason(member: Member) -> str:
    errors = [
        outcome.error.message for outcome in member.outcomes.values() if outcome.status == STALE and outcome.error
    ]
    return errors[0] if errors else ""
