# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource callforwards: one forward of each type, with the contents of its sets."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from .. import hal, paging, patch
from ..accounts import Account
from ..answers import JSON, Answer, document, error, refuse
from ..body import json_body
from ..call import Call
from ..platform import Platform
from ..profiles import allowed_attributes
from ..representation import (
    after_repetition,
    check_accept,
    content_type,
    empty,
    expand_status,
    listed,
    refuse_csv,
    written,
)
from ..scope import seen_in_order, sees
from ..writing import Writing
from .destinations import word
from .documents import ForwardDocuments, add_simple
from .kinds import DESTINATIONS, KINDS, TYPES, SetKind
from .rows import PROVISIONING, Document, StoredSet
from .simple_write import SimpleWrite

JOURNAL = ("admin", "reseller", "subscriberadmin", "subscriber")
REPEATED = ("PUT", "PATCH")


class SimpleForwards(Writing):
    """Handlers of /api/callforwards/."""

    name = "callforwards"

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self._platform = platform
        self._store = platform.forwards
        self._documents = ForwardDocuments(platform)

    # Reading

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one subscriber's forwards."""
        check_accept(call)
        self._visible(call, identifier)
        return document(self._items(call.user, [identifier])[0], content_type(call), expand_status(call))

    def get_list(self, call: Call) -> Answer:
        """GET of a page: all subscribers, with forwards or without; there are no filters."""
        refuse_csv(call, "CallForwards")
        page = paging.wanted_page(call)
        ids = seen_in_order(self._platform, call, self.name)
        items = self._items(call.user, ids[page.offset : page.offset + page.size])
        return listed(call, self.name, page, len(ids), items, self._platform.switches.hal == "old")

    # Writing

    def begin_put(self, call: Call, identifier: int) -> Any:
        """Check a PUT and return what it wants to store."""
        wanted = json_body(call, (JSON,), link_header_refused=True)
        self._visible(call, identifier)
        return wanted

    def begin_patch(self, call: Call, identifier: int) -> Any:
        """Check a PATCH and return what it wants to store: all types, as they are shown."""
        body = json_body(call, ("application/json-patch+json",), link_header_refused=True)
        operations = patch.check(body, patch.REPLACING)
        self._visible(call, identifier)
        return patch.apply(self._forwards(call.user, [identifier])[identifier], operations)

    def finish(self, call: Call, identifier: int, wanted: Any, repeated: bool = False) -> Answer:
        """Write the forwards of all types, and answer as preferred."""
        self._write(call, identifier, wanted)
        answer = written(call, lambda: self._items(call.user, [identifier])[0])
        return after_repetition(answer) if repeated else answer

    def delete_item(self, call: Call, identifier: int) -> Answer:
        """DELETE of all forwards: the same as a PUT of nothing."""
        self._visible(call, identifier)
        if call.record.fault in ("deadlock", "collision"):
            return self.failure(call)
        self._write(call, identifier, {})
        return empty(call, 204)

    def repeats(self, call: Call) -> bool:
        """Tell whether the platform deadlocks at this write and repeats it by itself."""
        return call.record.fault == "deadlock_after" and call.method in REPEATED

    def failure(self, _call: Call) -> Answer:
        """Return the answer to a write that failed in spite of all repetitions."""
        return error(500, f"CallForward '{TYPES[0]}' could not be updated.")

    def _write(self, call: Call, identifier: int, wanted: Any) -> None:
        owner = self._store.owner(identifier)
        if owner is None:
            raise refuse(404, "Entity 'callforward' not found.")
        allowed = self._allowed(call.user, [identifier])[identifier]
        with self._platform.database.transaction():
            SimpleWrite(self._store, owner, allowed).write(wanted)
        self._store.version += 1

    # Documents

    def _visible(self, call: Call, identifier: int) -> None:
        if not sees(self._platform.database, call.user, self.name, identifier):
            raise refuse(404, "Entity 'callforward' not found.")

    def _allowed(self, account: Account, identifiers: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return the types that an account may see and write: profiles protect some from subscribers."""
        if account.subscriber_id is None:
            return dict.fromkeys(identifiers, TYPES)
        found = allowed_attributes(self._platform.database, identifiers)
        return {one: _among(found[one]) for one in identifiers}

    def _items(self, account: Account, identifiers: Sequence[int]) -> list[Document]:
        forwards = self._forwards(account, identifiers)
        items = []
        for identifier in identifiers:
            links = hal.common_links(self.name, identifier)
            links["ngcp:callforwards"] = [{"href": f"/api/callforwards/{identifier}"}]
            links["ngcp:subscribers"] = [{"href": f"/api/subscribers/{identifier}"}]
            if account.role in JOURNAL:
                links["ngcp:journal"] = [{"href": f"/api/callforwards/{identifier}/journal/"}]
            items.append(self._documents.item({**forwards[identifier], "_links": links}))
        return items

    def _forwards(self, account: Account, identifiers: Sequence[int]) -> dict[int, Document]:
        """Return the forwards without links; of several mappings of a type the last one is shown."""
        allowed = self._allowed(account, identifiers)
        rows = self._store.mappings(identifiers)
        sets = {kind.resource: self._sets_of(kind, rows) for kind in KINDS}
        timeouts = self._store.ringtimeouts(identifiers)
        domains = self._documents.domains(identifiers)
        found = {}
        for identifier in identifiers:
            forwards: Document = {name: {} for name in allowed[identifier]}
            for row in self._documents.in_order(rows[identifier]):
                if row["type"] in forwards:
                    forwards[row["type"]] = self._forward(row, sets, domains[identifier])
            if forwards.get("cft"):
                forwards["cft"]["ringtimeout"] = timeouts.get(identifier)
            found[identifier] = forwards
        return found

    def _sets_of(self, kind: SetKind, rows: dict[int, list[sqlite3.Row]]) -> dict[int, StoredSet]:
        wanted = {row[kind.column] for several in rows.values() for row in several if row[kind.column] is not None}
        return self._store.sets(kind, sorted(wanted))

    def _forward(self, row: sqlite3.Row, sets: dict[str, dict[int, StoredSet]], domain: str) -> Document:
        """Return one forward: it hides whether it is enabled, and the number of any fax box."""
        shown: Document = {}
        for kind in KINDS:
            stored = sets[kind.resource].get(row[kind.column])
            elements = [dict(one) for one in self._documents.in_order(stored.elements)] if stored else []
            if kind is DESTINATIONS:
                elements = [_destination(one, domain) for one in elements]
            shown[kind.elements] = elements
            shown[kind.simple] = _own_row(kind, stored, row["subscriber_id"]) if stored else None
            if kind.has_mode:
                shown[f"{kind.elements}_mode"] = stored.mode if stored else "whitelist"
                shown[f"{kind.elements}_is_regex"] = bool(stored and stored.is_regex)
        return shown


def _among(attributes: frozenset[str] | None) -> tuple[str, ...]:
    return tuple(name for name in TYPES if attributes is None or name in attributes)


def _destination(element: Document, domain: str) -> Document:
    stored = element["destination"]
    add_simple(element, stored, domain)
    element["destination"] = word(stored) or stored
    return element


def _own_row(kind: SetKind, stored: StoredSet, subscriber: int) -> Document:
    """Return the row of a set, with the owner's id of another database."""
    row: Document = {"id": stored.id, "name": stored.name, "subscriber_id": stored.subscriber_id + PROVISIONING}
    if kind.has_mode:
        row |= {"mode": stored.mode, "is_regex": int(stored.is_regex)}
    return {**row, "own": int(stored.subscriber_id == subscriber)}
