# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a document of mappings to the rows that it asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..answers import internal_error, refuse
from ..columns import UpdateFailed
from .checks import is_whole
from .destinations import BrokenDestination, address
from .forms import check_destinations, check_list, check_set
from .kinds import DESTINATIONS, KINDS, TYPES, SetKind
from .rows import Document, Owner
from .store import ForwardStore


@dataclass
class NewSet:
    """A set that a mapping brings along."""

    kind: SetKind
    id: int
    document: Document


@dataclass
class Plan:
    """The rows that a document asks for."""

    sets: list[NewSet] = field(default_factory=list)
    mappings: list[tuple[str, Document]] = field(default_factory=list)


class Planner:
    """Makes plans for one subscriber."""

    def __init__(self, store: ForwardStore, owner: Owner) -> None:
        self._store = store
        self._owner = owner
        self._highest = {kind.resource: store.highest(kind) for kind in KINDS}
        self._plan = Plan()

    def plan(self, document: Document) -> Plan:
        """Return the rows that a document asks for; refuse what cannot be stored."""
        for name in TYPES:
            mappings = document.get(name)
            if not isinstance(mappings, list):
                raise refuse(422, f"Invalid field '{name}'. Must be an array.")
            for mapping in mappings:
                self._plan.mappings.append((name, self._row(name, mapping)))
        return self._plan

    def _row(self, name: str, mapping: Document) -> Document:
        row: Document = {kind.column: self._set(kind, name, mapping) for kind in KINDS}
        for flag in ("enabled", "use_redirection"):
            if mapping.get(flag) is not None:
                row[flag] = mapping[flag]
        return row

    def _set(self, kind: SetKind, name: str, mapping: Document) -> int | None:
        """Return the id of a set that a mapping names by id or by name, or brings along."""
        identifier, value = mapping.get(f"{kind.member}_id"), mapping.get(kind.member)
        if identifier is not None:
            found = self._existing(kind, identifier)
        elif isinstance(value, dict):
            return self._bring(kind, value)
        elif _is_name(kind, value):
            found = self._store.set_named(kind, self._owner.id, value)
        elif kind is DESTINATIONS:
            raise refuse(422, f"Missing field 'destinationset' or 'destinationset_id' in '{name}'.")
        else:
            return None
        if found is None:
            raise refuse(422, f"Invalid '{kind.member}'. Could not be found.")
        return found

    def _existing(self, kind: SetKind, identifier: Any) -> int | None:
        """Return the id of a set of anybody's; empty lists and objects pass the form, and break the platform."""
        if isinstance(identifier, (list, dict)):
            raise internal_error()
        found = int(identifier) if is_whole(identifier) else 0
        return found if self._store.exists(kind, found) else None

    def _bring(self, kind: SetKind, value: Document) -> int:
        document = check_set(kind, value, with_owner=False)
        elements = check_list(document, kind.elements)
        if kind is DESTINATIONS:
            check_destinations(elements)
            for element in elements:
                try:
                    element["destination"] = address(element.get("destination"), self._owner.digits, self._owner.domain)
                except BrokenDestination as problem:
                    raise internal_error() from problem
        self._highest[kind.resource] += 2
        new = NewSet(kind, self._highest[kind.resource], document)
        self._plan.sets.append(new)
        return new.id


def _is_name(kind: SetKind, value: Any) -> bool:
    """Tell whether a member names a set; an empty name of destinations is none at all."""
    return value is not None and not isinstance(value, list) and (kind is not DESTINATIONS or value not in ("", "0", 0))


def apply_plan(
    store: ForwardStore, owner: Owner, plan: Plan, add_only: bool, ringtimeout: Any, delete_unused: bool = False
) -> None:
    """Write the rows of a plan, within a transaction; raise UpdateFailed where the database refuses them.

    :param add_only: whether the mappings that are there stay, untouched; all are deleted otherwise.
    """
    destinations = [one for new in plan.sets if new.kind is DESTINATIONS for one in new.document["destinations"]]
    if len({"timeout" in one for one in destinations}) > 1:
        raise UpdateFailed("the rows of one statement have the same columns, and null is no timeout")
    for new in plan.sets:
        store.insert_set(new.kind, owner.id, new.document, new.id)
    for new in plan.sets:
        store.insert_elements(new.kind, new.id, new.document[new.kind.elements])
    if delete_unused:
        _delete_unused(store, owner, plan)
    if not add_only:
        store.delete_mappings(owner.id)
    for name, row in plan.mappings:
        store.insert_mapping(owner.id, name, row)
    store.settle_preferences(owner.id, ringtimeout)


def _delete_unused(store: ForwardStore, owner: Owner, plan: Plan) -> None:
    """Delete the sets of the old mappings, unless others use them; a typing error fails whenever a mapping remains."""
    for mapping in store.mappings([owner.id])[owner.id]:
        for kind in KINDS:
            identifier = mapping[kind.column]
            found = store.set(kind, identifier) if identifier else None
            if found is None:
                continue
            if plan.mappings:
                raise UpdateFailed("Odd number of elements in anonymous hash")
            if found.subscriber_id == owner.id and not store.is_used_by_others(kind, identifier, owner.id):
                store.delete_set(kind, identifier)
