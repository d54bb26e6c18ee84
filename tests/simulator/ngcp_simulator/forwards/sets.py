# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources cfdestinationsets, cftimesets, cfsourcesets and cfbnumbersets."""

from __future__ import annotations

from typing import Any

from .. import paging, patch
from ..answers import JSON, Answer, document, error, internal_error, refuse
from ..body import json_body
from ..call import Call
from ..columns import UNSIGNED, UpdateFailed
from ..platform import Platform
from ..representation import (
    after_repetition,
    check_accept,
    content_type,
    empty,
    expand_status,
    listed,
    refuse_csv,
    wants_representation,
    written,
)
from ..wildcards import matcher
from ..writing import Writing
from .destinations import BrokenDestination, address
from .documents import ForwardDocuments
from .forms import check_destinations, check_list, check_set
from .kinds import DESTINATIONS, KINDS, SetKind
from .rows import Document, Owner
from .scope import condition, visible

REPEATED = ("PUT", "PATCH")


class Sets(Writing):
    """Handlers of one kind of sets."""

    def __init__(self, platform: Platform, kind: SetKind) -> None:
        super().__init__()
        self.name = kind.resource
        self._platform = platform
        self._kind = kind
        self._store = platform.forwards
        self._documents = ForwardDocuments(platform)

    # Reading

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one set."""
        if self._kind.checks_accept:
            check_accept(call)
        self._visible(call, identifier)
        return document(self._item(call, identifier), content_type(call), expand_status(call))

    def get_list(self, call: Call) -> Answer:
        """GET of a page of sets; filters are `subscriber_id` and `name`."""
        refuse_csv(call, self._kind.controller)
        page = paging.wanted_page(call)
        ids = self._matching(call)
        items = self._documents.set_items(self._kind, ids[page.offset : page.offset + page.size], call.user)
        return listed(call, self.name, page, len(ids), items, self._platform.switches.hal == "old")

    def _matching(self, call: Call) -> list[int]:
        clause, parameters = condition(self._kind, call.user)
        wanted, values = [clause], list(parameters)
        if "subscriber_id" in call.query:
            wanted.append("t.subscriber_id = ?")
            values.append(call.text("subscriber_id"))
        if "name" in call.query:
            sql, value = matcher("t.name", call.text("name") or "")
            wanted.append(sql)
            values.append(value)
        columns = ("id", "name", "subscriber_id", *(("mode", "is_regex") if self._kind.has_mode else ()))
        order = paging.order(call, {name: f"t.{name}" for name in columns}, "t.id")
        sql = (
            f"SELECT t.id FROM {self._kind.table} t JOIN subscribers s ON s.id = t.subscriber_id"
            f" WHERE {' AND '.join(wanted)} ORDER BY {order}"
        )
        return self._platform.ids(sql, values, (self._store.version,))

    # Writing

    def post(self, call: Call) -> Answer:
        """POST of a set: 201 and its address."""
        if call.record.fault in ("deadlock", "collision"):
            return self.failure(call)
        wanted = self._checked(call, json_body(call, (JSON,), link_header_refused=True))
        owner = self._owner(call, wanted)
        self._check(owner, wanted, None)
        try:
            with self._platform.database.transaction():
                identifier = self._store.insert_set(self._kind, owner.id, wanted)
                self._store.insert_elements(self._kind, identifier, self._elements(owner, owner.number or "", wanted))
        except (UpdateFailed, BrokenDestination) as problem:
            raise refuse(500, f"Failed to create {self.name[:-1]}.") from problem
        self._store.version += 1
        headers = {"Location": f"/api/{self.name}/{identifier}"}
        if not wants_representation(call):
            return empty(call, 201, headers)
        answer = document(self._item(call, identifier), JSON, 201)
        return Answer(201, answer.body, None, headers)

    def begin_put(self, call: Call, identifier: int) -> Any:
        """Check a PUT and return what it wants to store."""
        wanted = json_body(call, (JSON,), link_header_refused=True)
        self._visible(call, identifier)
        return wanted

    def begin_patch(self, call: Call, identifier: int) -> Any:
        """Check a PATCH and return what it wants to store."""
        body = json_body(call, ("application/json-patch+json",), link_header_refused=True)
        operations = patch.check(body, self._kind.operations)
        self._visible(call, identifier)
        base = self._documents.sets(self._kind, [identifier], call.user, raw=True)[identifier]
        return patch.apply(base, operations)

    def finish(self, call: Call, identifier: int, wanted: Any, repeated: bool = False) -> Answer:
        """Validate and store a set, and answer as preferred; its elements are deleted and inserted again."""
        self._check_owner(call, identifier)
        found = self._checked(call, wanted)
        owner = self._owner(call, found)
        self._check(owner, found, identifier)
        try:
            with self._platform.database.transaction():
                self._store.update_set(self._kind, identifier, owner.id, found)
                elements = self._elements(owner, owner.digits, found)
                self._store.replace_elements(self._kind, identifier, elements)
        except (UpdateFailed, BrokenDestination) as problem:
            raise refuse(500, f"Failed to create {self.name[:-1]}.") from problem
        self._store.version += 1
        answer = written(call, lambda: self._item(call, identifier))
        return after_repetition(answer) if repeated else answer

    def delete_item(self, call: Call, identifier: int) -> Answer:
        """DELETE of a set, and with it of every mapping that uses it, of any type and any subscriber."""
        self._visible(call, identifier, self.name[:-1])
        self._check_owner(call, identifier)
        if call.record.fault in ("deadlock", "collision"):
            raise internal_error()
        with self._platform.database.transaction():
            if self._kind is not DESTINATIONS and call.text("unassign_first") not in (None, "", "0"):
                self._store.unassign(self._kind, identifier)
            self._store.delete_set(self._kind, identifier)
        self._store.version += 1
        return empty(call, 204)

    def repeats(self, call: Call) -> bool:
        """Tell whether the platform deadlocks at this write and repeats it by itself."""
        return call.record.fault == "deadlock_after" and call.method in REPEATED

    def failure(self, _call: Call) -> Answer:
        """Return the answer to a write that failed in spite of all repetitions."""
        return error(500, f"Failed to create {self.name[:-1]}.")

    # Checks

    def _visible(self, call: Call, identifier: int, entity: str | None = None) -> None:
        if not visible(self._platform.database, self._kind, call.user, [identifier]):
            raise refuse(404, f"Entity '{entity or self._kind.entity}' not found.")

    def _check_owner(self, call: Call, identifier: int) -> None:
        """Refuse a subscriber who uses a set of somebody else and would write it."""
        stored = self._store.set(self._kind, identifier)
        if stored is None:
            raise refuse(404, f"Entity '{self._kind.entity}' not found.")
        if call.user.role == "subscriber" and stored.subscriber_id != call.user.subscriber_id:
            raise refuse(403, f"This {self._kind.title} does not belong to the user")

    def _checked(self, call: Call, wanted: Any) -> Document:
        found = check_set(self._kind, wanted, with_owner=call.user.role != "subscriber")
        if call.user.role == "subscriber":
            found["subscriber_id"] = call.user.subscriber_id
        return found

    def _owner(self, call: Call, wanted: Document) -> Owner:
        """Return the subscriber that a set is for; whether the caller sees it is asked of few."""
        identifier = int(wanted["subscriber_id"])
        row = None
        if 0 <= identifier <= UNSIGNED[1]:
            row = self._platform.database.row("SELECT contract_id FROM subscribers WHERE id = ?", (identifier,))
        foreign = row is not None and call.user.role == "subscriberadmin" and row[0] != call.user.customer_id
        if row is None or foreign:
            raise refuse(422, "Invalid 'subscriber_id'.")
        owner = self._store.owner(identifier)
        if owner is None:
            raise refuse(422, "Invalid subscriber.")
        return owner

    def _check(self, owner: Owner, wanted: Document, identifier: int | None) -> None:
        elements = check_list(wanted, self._kind.elements)
        if self._kind is DESTINATIONS:
            check_destinations(elements)
        same = self._store.set_named(self._kind, owner.id, wanted["name"]) if self._documents.newest else None
        if same is not None and same != identifier:
            raise refuse(422, f"a {self._kind.title} with this name already exists")

    def _elements(self, owner: Owner, digits: str, wanted: Document) -> list[Document]:
        elements: list[Document] = wanted[self._kind.elements]
        if self._kind is not DESTINATIONS:
            return elements
        return [{**one, "destination": address(one.get("destination"), digits, owner.domain)} for one in elements]

    def _item(self, call: Call, identifier: int) -> Document:
        return self._documents.set_items(self._kind, [identifier], call.user)[0]


def handlers(platform: Platform) -> dict[str, Sets]:
    """Return the handlers of all kinds of sets."""
    return {kind.resource: Sets(platform, kind) for kind in KINDS}
