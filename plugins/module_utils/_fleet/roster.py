# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Who takes part in a run: in groups as long as nothing special is known of them, else each subscriber by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

from .._resources import RESOURCES
from .._settings.outcomes import NOT_ATTEMPTED, UNCHANGED, Outcome
from .._subscribers.subscriber import Subscriber
from .batches import Batch, left_over
from .entries import FleetEntries, FleetEntry
from .members import Member


class Group:
    """The subscribers of a batch.

    :param subscribers: who they are on the platform, as soon as that is known.
    :param satisfied: the modules whose settings were compared, and are as declared for all of them.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.subscribers: list[Subscriber] = []
        self.satisfied: set[str] = set()

    def __len__(self) -> int:
        return len(self.batch.positions)

    @property
    def status(self) -> str:
        """The status of each of them."""
        return UNCHANGED if self.batch.columns.keys() <= self.satisfied else NOT_ATTEMPTED

    def status_with(self, module: str) -> str:
        """Return the status of each of them with one resource."""
        return UNCHANGED if module in self.satisfied else NOT_ATTEMPTED

    def leave(self, rows: Collection[int]) -> None:
        """Take some of them out.

        :param rows: counted from 0.
        """
        self.batch = self.batch.without(rows)
        self.subscribers = left_over(self.subscribers, rows)


class Roster:
    """The subscribers of a run. Those of a group become members as soon as there is something special about them, or
    somebody asks for all members.

    :param entries: of the fleet.
    """

    def __init__(self, entries: FleetEntries) -> None:
        self._entries = entries
        self._members = {entry.position: _member(entry) for entry in entries.closely}
        self.groups = [Group(batch) for batch in entries.batches]

    def __len__(self) -> int:
        return len(self._entries)

    @cached_property
    def notable(self) -> list[Member]:
        """Those of which something special is known or to be expected, in the order of the input."""
        return [self._members[position] for position in sorted(self._members)]

    @property
    def members(self) -> list[Member]:
        """All of them, in the order of the input."""
        for group in self.groups:
            self.single_out(group, range(len(group)))
        return self.notable

    def declares(self, module: str) -> bool:
        """Return whether an entry declares something about a resource."""
        return any(module in member.outcomes for member in self.notable) or any(
            module in group.batch.columns and len(group) for group in self.groups
        )

    def single_out(self, group: Group, rows: Collection[int]) -> list[Member]:
        """Make members of some subscribers of a group, and return them.

        :param rows: counted from 0.
        """
        if not rows:
            return []
        members = [self._singled_out(group, row) for row in sorted(rows)]
        self._members.update((member.entry.position, member) for member in members)
        vars(self).pop("notable", None)
        group.leave(rows)
        return members

    def _singled_out(self, group: Group, row: int) -> Member:
        member = _member(self._entries[group.batch.positions[row]])
        for module, outcome in member.outcomes.items():
            outcome.subscriber = group.subscribers[row] if group.subscribers else None
            outcome.status = group.status_with(module)
        return member

    def single_out_unfinished(self) -> None:
        """Make members of all that were not compared completely."""
        for group in self.groups:
            if group.status != UNCHANGED:
                self.single_out(group, range(len(group)))

    def statuses(self) -> Iterable[str]:
        """Yield the status of each subscriber, in no particular order."""
        yield from (member.status for member in self.notable)
        for group in self.groups:
            yield from [group.status] * len(group)

    def statuses_with(self, module: str) -> Iterable[str]:
        """Yield the status of each subscriber with one resource, of which its entry declares something."""
        yield from (member.outcomes[module].status for member in self.notable if module in member.outcomes)
        for group in self.groups:
            if module in group.batch.columns:
                yield from [group.status_with(module)] * len(group)


def _member(entry: FleetEntry) -> Member:
    outcomes = {
        resource.module: Outcome(resource, entry.declarations[resource.module])
        for resource in RESOURCES
        if resource.module in entry.declarations
    }
    return Member(entry, outcomes)
