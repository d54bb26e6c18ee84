# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources faxserversettings and mailtofaxsettings."""

from __future__ import annotations

import random
from typing import Any

from . import forms, hal, paging, patch
from .answers import JSON, Answer, document, error, internal_error, refuse
from .body import json_body
from .call import Call
from .columns import FAX, RESOURCES, Resource, UpdateFailed
from .platform import Platform
from .representation import (
    after_repetition,
    check_accept,
    content_type,
    expand_status,
    listed,
    refuse_csv,
    written,
)
from .scope import condition, seen_in_order, sees
from .wildcards import matcher
from .writing import Writing


class Settings(Writing):
    """Handlers of one settings resource."""

    def __init__(self, platform: Platform, resource: Resource) -> None:
        super().__init__()
        self._platform = platform
        self._resource = resource
        self._store = platform.settings
        self.name = resource.name

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one subscriber's settings; creates the row if it is missing."""
        if self._resource.checks_accept:
            check_accept(call)
        self._visible(call, identifier)
        return document(self._shown(identifier), content_type(call), expand_status(call))

    def get_list(self, call: Call) -> Answer:
        """GET of a page; creates the rows of all that it lists."""
        refuse_csv(call, self._resource.controller)
        page = paging.wanted_page(call)
        ids = self._matching(call)
        chosen = ids[page.offset : page.offset + page.size]
        self._store.ensure(self._resource, chosen)
        old = self._platform.switches.hal == "old"
        return listed(call, self.name, page, len(ids), self._items(chosen), old)

    def begin_put(self, call: Call, identifier: int) -> dict[str, Any]:
        """Check a PUT and return the document that it wants to store."""
        self._visible(call, identifier)
        wanted = json_body(call, (JSON,), link_header_refused=True)
        if not isinstance(wanted, dict):
            raise internal_error()
        return wanted

    def begin_patch(self, call: Call, identifier: int) -> dict[str, Any]:
        """Check a PATCH and return the document that it wants to store."""
        operations = patch.check(json_body(call, ("application/json-patch+json",), link_header_refused=True))
        self._visible(call, identifier)
        self._store.ensure(self._resource, [identifier])
        return patch.apply(self._store.base(self._resource, identifier), operations)

    def repeats(self, call: Call) -> bool:
        """Tell whether the platform deadlocks at this PATCH and repeats it by itself, as it does for fax settings."""
        if self._resource is not FAX or call.method != "PATCH":
            return False
        if call.record.fault == "deadlock_after":
            return True
        probability = self._platform.switches.fax_deadlock_probability
        return self.writes_under_way > 1 and random.random() < probability

    def failure(self, _call: Call) -> Answer:
        """Return the answer to a write that the database has rolled back."""
        return error(500, f"{self.name} could not be updated.")

    def finish(self, call: Call, identifier: int, wanted: Any, repeated: bool = False) -> Answer:
        """Validate and store a document, and answer as preferred."""
        resource = self._resource
        if not isinstance(wanted, dict):
            raise internal_error()
        wanted = {"secret_renew_notify": [], "acl": [], **wanted} if resource is not FAX else wanted
        for field in resource.lists:
            if not isinstance(wanted.setdefault(field.name, []), list):
                raise refuse(422, f"Invalid field '{field.name}'. Must be an array.")
        if any(not isinstance(one, dict) and one is not None for field in resource.lists for one in wanted[field.name]):
            raise internal_error()
        forms.check(resource, wanted, self._platform.switches.password_rules)
        try:
            self._deadlock()
            self._store.write(resource, identifier, wanted)
        except UpdateFailed as problem:
            raise refuse(500, f"{resource.name} could not be updated.") from problem
        answer = written(call, lambda: self._shown(identifier))
        return after_repetition(answer) if repeated else answer

    def _deadlock(self) -> None:
        """Fail like parallel writes do; the database has rolled everything back."""
        probability = self._platform.switches.deadlock_probability
        if self._resource is not FAX and self.writes_under_way > 1 and random.random() < probability:
            raise UpdateFailed("deadlock")

    def _shown(self, identifier: int) -> dict[str, Any]:
        self._store.ensure(self._resource, [identifier])
        return self._items([identifier])[0]

    def _items(self, identifiers: list[int]) -> list[dict[str, Any]]:
        resource = self._resource
        documents = self._store.documents(resource, identifiers)
        items = []
        for identifier in identifiers:
            item = documents[identifier]
            item["_links"] = hal.settings_links(resource.name, identifier, resource.has_journal)
            if resource.shows_id:
                item["id"] = identifier
            items.append(item)
        if self._platform.switches.hal == "old":
            return [hal.old_item(item, without_id=True) for item in items]
        return items

    def _visible(self, call: Call, identifier: int) -> None:
        if not sees(self._platform.database, call.user, self.name, identifier):
            raise refuse(404, f"Entity '{self._resource.entity}' not found.")

    def _matching(self, call: Call) -> list[int]:
        """Return the ids of all subscribers that a list has."""
        wanted, values = self._filters(call)
        if not wanted:
            return seen_in_order(self._platform, call, self.name)
        clause, parameters = condition(call.user, self.name)
        join = f" JOIN {self._resource.table} p ON p.subscriber_id = s.id"
        order = paging.order(call, paging.SUBSCRIBER_COLUMNS, "p.id")
        sql = f"SELECT s.id FROM subscribers s{join} WHERE {' AND '.join([clause, *wanted])} ORDER BY {order}"
        return self._platform.ids(sql, (*parameters, *values), (self._store.versions[self.name],))

    def _filters(self, call: Call) -> tuple[list[str], list[Any]]:
        wanted: list[str] = []
        values: list[Any] = []
        active = call.text("active")
        if active and active != "0":
            wanted.append("p.active = 1")
        if self._resource is FAX and "name_or_password" in call.query:
            by_name, value = matcher("p.name", call.text("name_or_password") or "")
            by_password, _same = matcher("p.password", call.text("name_or_password") or "")
            wanted.append(f"({by_name} OR {by_password})")
            values += [value, value]
        if self._resource is not FAX and "secret_key_renew" in call.query:
            wanted.append("p.secret_key_renew = ? COLLATE NOCASE")
            values.append(call.text("secret_key_renew"))
        return wanted, values


def handlers(platform: Platform) -> dict[str, Settings]:
    """Return the handlers of both resources."""
    return {name: Settings(platform, resource) for name, resource in RESOURCES.items()}
