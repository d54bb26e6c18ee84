# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A subscriber of a fleet in one run, with its outcome over all settings resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._settings.diff import mask_patch
from .._settings.outcomes import CHANGED, FAILED, NOT_ATTEMPTED, UNCHANGED, UNVERIFIED, Outcome
from .._subscribers.subscriber import Subscriber
from .entries import FleetEntry

# Not written, because the plan is not the one that was approved.
STALE = "stale"
STATUSES = (CHANGED, UNCHANGED, FAILED, UNVERIFIED, NOT_ATTEMPTED, STALE)

# Which status counts for a subscriber whose resources have different ones.
_WEIGHTS = {UNCHANGED: 0, CHANGED: 1, NOT_ATTEMPTED: 2, STALE: 3, UNVERIFIED: 4, FAILED: 5}

# The patches of a subscriber with secrets masked, by the name of the module.
Patches = Mapping[str, "list[dict[str, Any]]"]


@dataclass
class Member:
    """One subscriber of a fleet.

    :param outcomes: the outcome for each module of which the entry declares fields.
    """

    entry: FleetEntry
    outcomes: Mapping[str, Outcome]

    @property
    def subscriber(self) -> Subscriber | None:
        """Who that is on the platform, where known; an entry that declares nothing is not looked up."""
        return next((outcome.subscriber for outcome in self.outcomes.values()), None)

    @property
    def status(self) -> str:
        """The status that weighs most among those of the resources; an entry that declares nothing is unchanged."""
        status = UNCHANGED
        for outcome in self.outcomes.values():
            if outcome.status != status and _WEIGHTS[outcome.status] > _WEIGHTS[status]:
                status = outcome.status
        return status

    @property
    def is_due(self) -> bool:
        """Whether there is something to be written, and nothing is known that speaks against it."""
        return any(outcome.is_due for outcome in self.outcomes.values()) and self.status == NOT_ATTEMPTED

    @property
    def due(self) -> list[Outcome]:
        """What is to be written."""
        return [outcome for outcome in self.outcomes.values() if outcome.is_due]

    @property
    def subscriber_id(self) -> int | None:
        """The platform's id, where known."""
        return self.subscriber.id if self.subscriber is not None else self.entry.keys.subscriber_id

    @property
    def name(self) -> str | None:
        """``user@domain``, where known."""
        known = self.subscriber.name if self.subscriber is not None else None
        return known or self.entry.keys.subscriber or self.entry.name

    def patches(self) -> dict[str, list[dict[str, Any]]]:
        """Return what is planned for the subscriber, by module, with secrets masked."""
        return {
            module: mask_patch(outcome.resource, outcome.plan.patch)
            for module, outcome in self.outcomes.items()
            if outcome.plan is not None and outcome.plan.patch
        }


def outcomes_of(members: Iterable[Member], module: str) -> list[Outcome]:
    """Return the outcomes of one resource."""
    return [member.outcomes[module] for member in members if module in member.outcomes]
