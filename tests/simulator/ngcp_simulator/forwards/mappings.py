# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource cfmappings."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from .. import paging, patch
from ..answers import JSON, Answer, document, error, internal_error, refuse
from ..body import json_body
from ..call import Call
from ..columns import UpdateFailed
from ..platform import Platform
from ..representation import content_type, expand_status, listed, written
from ..scope import seen_in_order, sees
from ..writing import Writing
from .documents import ForwardDocuments, no_mappings
from .forms import check_mappings
from .kinds import KINDS, TYPES
from .plan import Plan, Planner, apply_plan
from .rows import Document
from .scope import visible

FAILED = "Failed to create cfmapping."


@dataclass
class Wanted:
    """What a write wants to store."""

    document: Any
    add_only: bool = False


class Mappings(Writing):
    """Handlers of /api/cfmappings/."""

    name = "cfmappings"

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self._platform = platform
        self._store = platform.forwards
        self._documents = ForwardDocuments(platform)
        self._lock = asyncio.Lock()
        self._subscribers: Counter[int] = Counter()

    # Reading

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one subscriber's mappings; creates nothing."""
        self._visible(call, identifier, "subscriber")
        return document(self._item(call, identifier, expand=True), content_type(call), expand_status(call))

    def get_list(self, call: Call) -> Answer:
        """GET of a page: all subscribers, with mappings or without; there are no filters."""
        page = paging.wanted_page(call)
        ids = seen_in_order(self._platform, call, self.name)
        chosen = ids[page.offset : page.offset + page.size]
        documents = self._documents.mappings(chosen)
        items = [self._documents.mappings_item(documents[one], call.user) for one in chosen]
        return listed(call, self.name, page, len(ids), items, self._platform.switches.hal == "old")

    # Writing

    def begin_put(self, call: Call, identifier: int) -> Wanted:
        """Check a PUT and return what it wants to store."""
        self._visible(call, identifier, "subs_for_cfmapping")
        return Wanted(json_body(call, (JSON,), link_header_refused=True))

    def begin_patch(self, call: Call, identifier: int) -> Wanted:
        """Check a PATCH and return what it wants to store; one that only adds does not look at what is there."""
        operations = patch.check(json_body(call, ("application/json-patch+json",), link_header_refused=True))
        self._visible(call, identifier, "subs_for_cfmapping")
        add_only = all(operation["op"] == "add" for operation in operations)
        return Wanted(patch.apply(self._base(identifier, add_only), operations), add_only)

    def finish(self, call: Call, identifier: int, wanted: Wanted, repeated: bool = False) -> Answer:
        """Validate and store mappings, and answer as preferred."""
        if not isinstance(wanted.document, dict):
            raise refuse(422, "Must be a hash.")
        found = check_mappings(wanted.document)
        owner = self._store.owner(identifier)
        if owner is None:
            raise refuse(404, "Entity 'subs_for_cfmapping' not found.")
        plan = Planner(self._store, owner).plan(found)
        self._collide(identifier, plan)
        delete_unused = self._documents.newest and call.text("delete_unused_sets") not in (None, "", "0")
        try:
            with self._platform.database.transaction():
                apply_plan(self._store, owner, plan, wanted.add_only, found.get("cft_ringtimeout"), delete_unused)
        except UpdateFailed as problem:
            raise refuse(422, FAILED) from problem
        self._store.version += 1
        if wanted.add_only:
            shown = self._documents.mappings_item(self._base(identifier, add_only=True), call.user)
            return written(call, lambda: shown)
        return written(call, lambda: self._item(call, identifier, expand=call.method == "PUT"))

    def repeats(self, _call: Call) -> bool:
        """Tell whether the platform repeats a write that deadlocks: it does not."""
        return False

    def failure(self, call: Call) -> Answer:
        """Return the answer to a write that the database has rolled back."""
        return error(422, FAILED) if call.record.fault == "collision" else internal_error().answer

    def turn(self, identifier: int) -> AbstractAsyncContextManager[None]:
        """Wait for all other writes, whoever's mappings they are about: the platform locks the end of its tables."""
        return self._turn(identifier)

    @asynccontextmanager
    async def _turn(self, identifier: int) -> AsyncIterator[None]:
        self._subscribers[identifier] += 1
        try:
            async with self._lock:
                yield
        finally:
            self._subscribers[identifier] -= 1

    def _collide(self, identifier: int, plan: Plan) -> None:
        """Fail like parallel writes do that bring sets along, or that are about the same subscriber."""
        switches = self._platform.switches
        if self.writes_under_way < 2 or not (plan.sets or self._subscribers[identifier] > 1):
            return
        if random.random() < switches.forward_deadlock_probability:
            raise internal_error()
        if random.random() < switches.forward_collision_probability:
            raise refuse(422, FAILED)

    # Documents

    def _visible(self, call: Call, identifier: int, entity: str) -> None:
        if not sees(self._platform.database, call.user, self.name, identifier):
            raise refuse(404, f"Entity '{entity}' not found.")

    def _base(self, identifier: int, add_only: bool) -> Document:
        if add_only:
            return no_mappings(identifier, self._store.ringtimeouts([identifier]).get(identifier))
        return self._documents.mappings([identifier])[identifier]

    def _item(self, call: Call, identifier: int, expand: bool) -> Document:
        found = self._documents.mappings([identifier])[identifier]
        if expand and self._documents.newest:
            self._expand(call, found)
        return self._documents.mappings_item(found, call.user)

    def _expand(self, call: Call, found: Document) -> None:
        """Add the sets that the caller sees to the mappings of the types that shall be expanded."""
        wanted = (call.text("expand") or "").split(",")
        mappings = [one for name in TYPES if name in wanted or wanted == ["all"] for one in found[name]]
        for kind in KINDS:
            identifiers = [one[f"{kind.member}_id"] for one in mappings if one[f"{kind.member}_id"] is not None]
            seen = visible(self._platform.database, kind, call.user, identifiers)
            sets = self._documents.sets(kind, seen, call.user, raw=True)
            for one in mappings:
                if one[f"{kind.member}_id"] is not None:
                    one[f"{kind.member}_id_expand"] = sets.get(one[f"{kind.member}_id"])
