# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests do to forwards behind the clients' back, and what they see of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..answers import Refusal
from ..columns import UpdateFailed
from ..platform import Platform
from .destinations import BrokenDestination, address
from .forms import check_mappings
from .kinds import BY_RESOURCE, DESTINATIONS, KINDS, TYPES, SetKind
from .plan import Planner, apply_plan
from .rows import Document, Owner

FAX_SET = "ngcp.fax"
FAX_BOX = "fax2mail"
TABLES = (
    "cf_mappings",
    *(table for kind in KINDS for table in (kind.table, kind.element_table)),
    "cf_preferences",
)
PROFILE_TABLES = ("subscriber_profiles", "subscriber_profile_attributes")


class ForwardOperations:
    """Direct access to forwards and sets, without a request.

    Documents have the form of a PUT of cfmappings. Types that are left out are empty, and destinations can be texts:
    `{"cfu": [{"destinationset": {"name": "ngcp.fax", "destinations": ["fax2mail"]}}]}`.
    """

    _platform: Platform

    # Writing

    def put_forwards(self, identifier: int, document: Document) -> None:
        """Replace the mappings of a subscriber; sets stay, and those within the document are created."""
        self.put_many_forwards({identifier: document})

    def put_many_forwards(self, documents: Mapping[int, Document]) -> None:
        """Replace the mappings of many subscribers."""
        self._store_forwards(documents, add_only=False)

    def add_forwards(self, identifier: int, document: Document) -> None:
        """Add mappings to those that a subscriber has."""
        self._store_forwards({identifier: document}, add_only=True)

    def add_fax_forwards(
        self, identifiers: Iterable[int], name: str = "cfu", set_name: str = FAX_SET, **mapping: Any
    ) -> None:
        """Add a forward to its own fax box to each of the subscribers.

        :param name: the type.
        :param mapping: other members of the mapping, for example `enabled=False` or a `timeset`.
        """
        destinations = {"name": set_name, "destinations": [FAX_BOX]}
        documents = {one: {name: [{**mapping, "destinationset": dict(destinations)}]} for one in identifiers}
        self._store_forwards(documents, add_only=True)

    def add_set(self, resource: str, subscriber_id: int, document: Document) -> int:
        """Create a set that no mapping uses; return its id."""
        kind, owner = _kind(resource), self._owner(subscriber_id)
        wanted = _expanded(kind, {"mode": "whitelist", **document})
        store = self._platform.forwards
        elements = wanted.get(kind.elements, [])
        with self._platform.database.transaction():
            identifier = store.insert_set(kind, subscriber_id, wanted)
            if kind is DESTINATIONS:
                elements = [{**one, "destination": _address(one, owner)} for one in elements]
            store.insert_elements(kind, identifier, elements)
        store.version += 1
        return identifier

    def clear_forwards(self, identifiers: Iterable[int] | None = None) -> None:
        """Delete mappings, sets and preferences: of these subscribers, or all."""
        database = self._platform.database
        owned = ("cf_mappings", "cf_preferences", *(kind.table for kind in KINDS))
        with database.transaction():
            for table in owned:
                if identifiers is None:
                    database.execute(f"DELETE FROM {table}")
                else:
                    database.execute_many(
                        f"DELETE FROM {table} WHERE subscriber_id = ?", [(one,) for one in identifiers]
                    )
        self._platform.forwards.version += 1

    def add_profile(self, name: str, attributes: Iterable[str], reseller_id: int = 1) -> int:
        """Create a subscriber profile that allows these attributes; return its id, for `change_subscriber`."""
        database = self._platform.database
        with database.transaction():
            values = {"reseller_id": reseller_id, "profile_set_id": 1, "name": name, "description": name}
            identifier = database.insert("subscriber_profiles", values)
            for attribute in attributes:
                row = {"profile_id": identifier, "attribute": attribute}
                database.insert("subscriber_profile_attributes", row)
        return identifier

    # Reading

    def forwards(self, identifier: int) -> Document:
        """Return the forwards of a subscriber by type, with the contents of their sets and without ids of rows."""
        return self.all_forwards([identifier])[identifier]

    def all_forwards(self, identifiers: Iterable[int] | None = None) -> dict[int, Document]:
        """Return the forwards of these subscribers, or of all who have any."""
        store, database = self._platform.forwards, self._platform.database
        with database.lock:
            if identifiers is None:
                identifiers = [row[0] for row in database.rows("SELECT DISTINCT subscriber_id FROM cf_mappings")]
            chosen = sorted(identifiers)
            timeouts = store.ringtimeouts(chosen)
            rows = store.mappings(chosen)
            contents = {kind.resource: _contents(self.sets(kind.resource)) for kind in KINDS}
        found = {}
        for identifier in chosen:
            document: Document = {**{name: [] for name in TYPES}, "cft_ringtimeout": timeouts.get(identifier)}
            for row in rows[identifier]:
                mapping: Document = {kind.member: contents[kind.resource].get(row[kind.column]) for kind in KINDS}
                mapping |= {"enabled": bool(row["enabled"]), "use_redirection": bool(row["use_redirection"])}
                document[row["type"]].append(mapping)
            found[identifier] = document
        return found

    def sets(self, resource: str, subscriber_id: int | None = None) -> list[Document]:
        """Return the sets of one kind, of all subscribers or of one, in the order of their ids."""
        kind, database = _kind(resource), self._platform.database
        clause, values = ("1 = 1", ()) if subscriber_id is None else ("subscriber_id = ?", (subscriber_id,))
        with database.lock:
            rows = database.rows(f"SELECT id FROM {kind.table} WHERE {clause} ORDER BY id", values)
            stored = self._platform.forwards.sets(kind, [row[0] for row in rows])
        found = []
        for _identifier, one in sorted(stored.items()):
            document: Document = {"id": one.id, "subscriber_id": one.subscriber_id, "name": one.name}
            mode = {"mode": one.mode, "is_regex": one.is_regex} if kind.has_mode else {}
            found.append({**document, **mode, kind.elements: one.elements})
        return found

    def tables(self, *names: str) -> dict[str, list[Document]]:
        """Return whole tables of the database, row by row: those behind the forwards, or those that are named."""
        database = self._platform.database
        with database.lock:
            known = {row[0] for row in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
            unknown = [name for name in names if name not in known]
            if unknown:
                raise ValueError(f"unknown table {unknown[0]!r}; there are: {', '.join(sorted(known))}")
            return {
                name: [dict(row) for row in database.rows(f"SELECT * FROM {name} ORDER BY 1, 2")]
                for name in names or TABLES
            }

    # Inside

    def _store_forwards(self, documents: Mapping[int, Document], add_only: bool) -> None:
        store = self._platform.forwards
        with self._platform.database.transaction():
            for identifier, document in documents.items():
                owner = self._owner(identifier)
                try:
                    found = check_mappings(_complete(document))
                    plan = Planner(store, owner).plan(found)
                    apply_plan(store, owner, plan, add_only, found.get("cft_ringtimeout"))
                except (Refusal, UpdateFailed) as problem:
                    raise ValueError(_reason(problem)) from problem
        store.version += 1

    def _owner(self, identifier: int) -> Owner:
        found = self._platform.forwards.owner(identifier)
        if found is None:
            raise ValueError(f"there is no subscriber {identifier}")
        return found


def _kind(resource: str) -> SetKind:
    if resource not in BY_RESOURCE:
        raise ValueError(f"unknown resource {resource!r}; there are: {', '.join(BY_RESOURCE)}")
    return BY_RESOURCE[resource]


def _complete(document: Document) -> Document:
    """Return a document of mappings with all types, and sets with whole elements."""
    unknown = document.keys() - {*TYPES, "cft_ringtimeout"}
    if unknown:
        raise ValueError(f"unknown type {min(unknown)!r}; there are: {', '.join(TYPES)}")
    found: Document = {**{name: [] for name in TYPES}, **document}
    for name in TYPES:
        found[name] = [
            {
                **mapping,
                **{
                    kind.member: _expanded(kind, mapping[kind.member])
                    for kind in KINDS
                    if isinstance(mapping.get(kind.member), dict)
                },
            }
            for mapping in found[name]
        ]
    return found


def _expanded(kind: SetKind, document: Document) -> Document:
    """Return a set whose elements are objects; destinations get the priorities 1, 2, … and the usual timeout."""
    elements = document.get(kind.elements, [])
    usual = {"timeout": 300} if kind is DESTINATIONS else {}
    found = []
    for index, one in enumerate(elements, 1):
        priority = {"priority": index} if kind is DESTINATIONS else {}
        found.append({kind.columns[0].name: one, **priority, **usual} if isinstance(one, str) else one)
    return {**document, kind.elements: found}


def _address(destination: Document, owner: Owner) -> str:
    try:
        return address(destination.get("destination"), owner.digits, owner.domain)
    except BrokenDestination as problem:
        raise ValueError("a destination is empty") from problem


def _contents(sets: list[Document]) -> dict[int, Document]:
    return {one["id"]: {name: value for name, value in one.items() if name != "id"} for one in sets}


def _reason(problem: Exception) -> str:
    return problem.answer.body.decode().strip() if isinstance(problem, Refusal) else str(problem)
