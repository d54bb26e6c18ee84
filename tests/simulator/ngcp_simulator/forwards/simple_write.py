# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a write of the simplified view does: it rewrites the forwards of all types, one after the other."""

from __future__ import annotations

import sqlite3
from typing import Any

from ..answers import internal_error, refuse
from ..columns import UpdateFailed, perl_text
from .checks import is_whole
from .destinations import CUSTOM_HOURS, BrokenDestination, address
from .forms import check_set, check_simple
from .kinds import CONDITIONS, DESTINATIONS, KINDS, SetKind
from .rows import Document, Owner
from .store import ForwardStore

QUICK = "quickset_"


class SimpleWrite:
    """One write for one subscriber, within a transaction.

    :param allowed: the types that may be written; all others are ignored.
    """

    def __init__(self, store: ForwardStore, owner: Owner, allowed: tuple[str, ...]) -> None:
        self._store = store
        self._owner = owner
        self._allowed = allowed

    def write(self, wanted: Any) -> None:
        """Store a document; refuse it where the platform does."""
        document = check_simple(wanted)
        for name in self._allowed:
            destinations = document[name].get("destinations")
            if isinstance(destinations, list):
                _check_destinations(name, destinations)
        for name in self._allowed:
            try:
                self._write_type(name, document[name])
            except (UpdateFailed, BrokenDestination) as problem:
                raise refuse(500, f"CallForward '{name}' could not be updated.") from problem
        ringtimeout = document["cft"].get("ringtimeout") if "cft" in self._allowed else None
        self._store.settle_ringtimeout(self._owner.id, ringtimeout)

    def _write_type(self, name: str, forward: Document) -> None:
        """Write the forward of a type. Without one there is a mapping at first, which goes if it has no destination."""
        elements = {kind.elements: _elements(kind, forward) for kind in KINDS}
        rows = [row for row in self._store.mappings([self._owner.id])[self._owner.id] if row["type"] == name]
        if len(rows) > 1:
            raise refuse(422, f"Not a simple cf. Multiple {name}-s configured.")
        mapping = rows[0]["id"] if rows else self._store.insert_mapping(self._owner.id, name, {})
        sets = _sets_of(rows[0]) if rows else self._create_sets(mapping, forward)
        self._store.set_preference(self._owner.id, name, mapping)
        target, is_there = self._write_destinations(name, mapping, sets[DESTINATIONS.column], elements["destinations"])
        for kind in CONDITIONS:
            is_assigned = bool(rows) and is_there
            self._write_condition(kind, name, mapping, sets[kind.column], elements[kind.elements], forward, is_assigned)
        if target is None or not elements["destinations"]:
            self._store.delete_mapping(mapping)
            self._store.set_preference(self._owner.id, name, None)

    def _create_sets(self, mapping: int, forward: Document) -> dict[str, int | None]:
        """Create the sets that a forward brings along when there is none of its type: only their names can be given."""
        created: dict[str, int | None] = dict.fromkeys(kind.column for kind in KINDS)
        for kind in KINDS:
            wanted = forward.get(kind.simple)
            if not wanted:
                continue
            if not isinstance(wanted, dict):
                raise internal_error()
            found = check_set(kind, {**wanted, "subscriber_id": self._owner.id}, with_owner=True)
            if wanted.keys() - {"name", "subscriber_id", "mode", "is_regex"} & {"id", *found}:
                raise internal_error()
            created[kind.column] = self._store.insert_set(kind, self._owner.id, found)
            self._store.update_mapping(mapping, kind.column, created[kind.column])
        return created

    def _write_destinations(
        self, name: str, mapping: int, identifier: int | None, destinations: list[Document]
    ) -> tuple[int | None, bool]:
        """Replace the destinations; without any, the set goes, and with it every mapping that uses it.

        :return: the set, and whether the mapping is still there.
        """
        if not destinations:
            if identifier is None:
                return None, True
            self._store.delete_set(DESTINATIONS, identifier)
            return None, False
        if identifier is None:
            identifier = self._create_quick_set(DESTINATIONS, name, mapping, {})
        rows = [
            {
                **{key: value for key, value in one.items() if key != "simple_destination"},
                "destination": address(
                    one.get("destination"), self._owner.digits, self._owner.domain, busy=name == "cfb"
                ),
            }
            for one in destinations
        ]
        self._store.replace_elements(DESTINATIONS, identifier, rows)
        return identifier, True

    def _write_condition(
        self,
        kind: SetKind,
        name: str,
        mapping: int,
        identifier: int | None,
        elements: list[Document],
        forward: Document,
        is_assigned: bool,
    ) -> None:
        """Replace the elements of a condition; without any, it is taken off the mapping."""
        if elements:
            modes = {part: forward.get(f"{kind.elements}_{part}") for part in ("mode", "is_regex") if kind.has_mode}
            if None in modes.values():
                raise UpdateFailed("null is no mode")
            if identifier is None:
                identifier = self._create_quick_set(kind, name, mapping, modes)
            stored = self._store.set(kind, identifier)
            if stored is not None and kind.has_mode:
                self._store.update_set(kind, identifier, stored.subscriber_id, {"name": stored.name, **modes})
            self._store.replace_elements(kind, identifier, elements)
        elif identifier is not None:
            stored = self._store.set(kind, identifier)
            if is_assigned:
                self._store.update_mapping(mapping, kind.column, None)
            if stored is not None and stored.name.startswith(QUICK):
                self._store.delete_set(kind, identifier)

    def _create_quick_set(self, kind: SetKind, name: str, mapping: int, values: Document) -> int:
        identifier = self._store.insert_set(kind, self._owner.id, {"name": f"{QUICK}{name}", **values})
        self._store.update_mapping(mapping, kind.column, identifier)
        return identifier


def _elements(kind: SetKind, forward: Document) -> list[Document]:
    found = forward.get(kind.elements)
    if found is not None and not isinstance(found, list):
        raise UpdateFailed("not an array")
    return found or []


def _sets_of(row: sqlite3.Row) -> dict[str, int | None]:
    return {kind.column: row[kind.column] for kind in KINDS}


def _check_destinations(name: str, destinations: list[Document]) -> None:
    for one in destinations:
        if "timeout" in one and not is_whole(one["timeout"]):
            raise refuse(422, f"Invalid timeout in '{name}'")
        announcement = one.get("announcement_id")
        if announcement is None:
            continue
        destination = perl_text(one.get("destination"))
        if destination != CUSTOM_HOURS[0]:
            shown = f"\xab{destination}\xbb" if destination else ""
            message = f"Invalid parameter 'announcement_id' for the destination '{shown}' in '{name}'"
            raise refuse(422, message)
        if not is_whole(announcement):
            raise refuse(422, f"Invalid announcement_id in '{name}'")
        raise refuse(422, f"Unknown announcement_id in '{name}'")
