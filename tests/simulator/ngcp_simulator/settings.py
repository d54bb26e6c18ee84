# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources faxserversettings and mailtofaxsettings."""

from __future__ import annotations

import random
from typing import Any

from . import forms, hal, paging, patch
from .answers import HAL, JSON, Answer, document, internal_error, refuse
from .body import json_body
from .call import Call
from .columns import FAX, RESOURCES, Resource, UpdateFailed
from .platform import Platform
from .scope import condition
from .wildcards import matcher

ORDER_COLUMNS = {
    "id": "s.id",
    "uuid": "s.uuid",
    "username": "s.username",
    "external_id": "s.external_id",
    "contract_id": "s.contract_id",
    "domain_id": "s.domain_id",
    "status": "s.status",
    "create_timestamp": "s.create_timestamp",
}


def content_type(call: Call) -> str:
    """Return the type of an answer: plain JSON only for those who ask for exactly that."""
    return JSON if call.headers.get("Accept") == JSON else HAL


def check_accept(call: Call) -> None:
    """Refuse what an item cannot be shown as."""
    accept = call.headers.get("Accept")
    if accept and "*/*" not in accept and JSON not in accept:
        raise refuse(500, f"Requested unknown type '{accept}', supported types: {JSON}.")


def expand_status(call: Call) -> int:
    """Return 409 for an unknown `expand`, which comes with the full body all the same."""
    return 409 if call.query.get("expand") and not call.query.get("soft_expand") else 200


class Settings:
    """Handlers of one settings resource."""

    def __init__(self, platform: Platform, resource: Resource) -> None:
        self._platform = platform
        self._resource = resource
        self._store = platform.settings
        self.name = resource.name
        self.writes_under_way = 0

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one subscriber's settings; creates the row if it is missing."""
        if self._resource.checks_accept:
            check_accept(call)
        self._visible(call, identifier)
        return document(self._shown(identifier), content_type(call), expand_status(call))

    def get_list(self, call: Call) -> Answer:
        """GET of a page; creates the rows of all that it lists."""
        if call.headers.get("Accept") == "text/csv":
            package = f"NGCP::Panel::Controller::API::{self._resource.controller}"
            raise refuse(400, f'Can\'t locate object method "check_create_csv" via package "{package}" at ...')
        page = paging.wanted_page(call)
        ids = self._matching(call)
        chosen = ids[page.offset : page.offset + page.size]
        self._store.ensure(self._resource, chosen)
        more = len(ids) > page.number * page.size
        links = paging.links(call, self._resource.name, page, more)
        items = self._items(chosen)
        hrefs = [f"/api/{self._resource.name}/{identifier}" for identifier in chosen]
        total = len(ids) if page.counted else None
        old = self._platform.switches.hal == "old"
        shown = hal.page(self._resource.name, items, hrefs, links, total, old)
        return document(shown, content_type(call), expand_status(call))

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
        answer = self._written(call, identifier)
        return _after_repetition(answer) if repeated else answer

    def _deadlock(self) -> None:
        """Fail like parallel writes do; the database has rolled everything back."""
        probability = self._platform.switches.deadlock_probability
        if self._resource is not FAX and self.writes_under_way > 1 and random.random() < probability:
            raise UpdateFailed("deadlock")

    def _written(self, call: Call, identifier: int) -> Answer:
        if "return=representation" in call.headers.get("Prefer", ""):
            answer = document(self._shown(identifier), content_type(call))
            answer.headers["Preference-Applied"] = "return=representation"
            return answer
        plain = JSON if call.headers.get("Accept") == JSON else None
        return Answer(204, b"", plain, {"Preference-Applied": "return=minimal"})

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
        clause, parameters = condition(call.user, self._resource.name)
        found = self._platform.database.row(
            f"SELECT 1 FROM subscribers s WHERE s.id = ? AND {clause}", (identifier, *parameters)
        )
        if found is None:
            raise refuse(404, f"Entity '{self._resource.entity}' not found.")

    def _matching(self, call: Call) -> list[int]:
        """Return the ids of all subscribers that a list has."""
        clause, parameters = condition(call.user, self._resource.name)
        wanted, values = self._filters(call)
        join = f" JOIN {self._resource.table} p ON p.subscriber_id = s.id" if wanted else ""
        order = paging.order(call, ORDER_COLUMNS, "p.id" if wanted else "s.id")
        sql = f"SELECT s.id FROM subscribers s{join} WHERE {' AND '.join([clause, *wanted])} ORDER BY {order}"
        versions = (self._store.versions[self._resource.name],) if wanted else ()
        return self._platform.ids(sql, (*parameters, *values), versions)

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


def _after_repetition(answer: Answer) -> Answer:
    """Return what the platform answers when it has repeated a write: it is applied, but a representation is a 500."""
    if answer.status == 204:
        return answer
    return Answer(500, answer.body, HAL, answer.headers)


def handlers(platform: Platform) -> dict[str, Settings]:
    """Return the handlers of both resources."""
    return {name: Settings(platform, resource) for name, resource in RESOURCES.items()}
