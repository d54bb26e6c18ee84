# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource subscribers: look-ups, and the few changes that are needed."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Any

from . import hal, paging, patch
from .answers import Answer, document, internal_error, refuse
from .body import json_body
from .call import Call
from .database import among
from .platform import Platform
from .representation import content_type, expand_status, listed, written
from .scope import condition, sees
from .subscriber_numbers import write_numbers
from .wildcards import matcher

ESCAPED_FILTERS = {"username": "s.username", "display_name": "s.display_name"}
"""Filters in which a backslash makes a star literal."""
RAW_FILTERS = {
    "subscriber_external_id": "s.external_id",
    "domain": "d.domain",
    "customer_external_id": "c.external_id",
}
"""Filters that keep a backslash, so that no value finds a literal star alone."""
EXACT_FILTERS = {
    "webusername": "s.webusername",
    "customer_id": "s.contract_id",
    "reseller_id": "s.reseller_id",
    "profile_id": "s.profile_id",
    "is_admin": "s.administrative",
}
TRUE_NULLS = {"$null": "IS NULL", "$not_null": "IS NOT NULL"}

_COLUMNS = (
    "s.id, s.uuid, s.username, s.domain_id, d.domain, s.contract_id, s.external_id, s.status, s.webusername,"
    " s.webpassword, s.administrative, s.lock, s.display_name, s.email, s.timezone, s.profile_id, s.profile_set_id,"
    " s.create_timestamp, s.modify_timestamp"
)


class Subscribers:
    """Handlers of /api/subscribers/."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._database = platform.database

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one subscriber."""
        self._visible(call, identifier)
        return document(self._items(call, [identifier])[0], content_type(call), expand_status(call))

    def get_list(self, call: Call) -> Answer:
        """GET of a page of subscribers."""
        page = paging.wanted_page(call)
        ids = self._matching(call)
        chosen = ids[page.offset : page.offset + page.size]
        old = self._platform.switches.hal == "old"
        return listed(call, "subscribers", page, len(ids), self._items(call, chosen), old)

    def patch_item(self, call: Call, identifier: int) -> Answer:
        """PATCH of one subscriber: primary number, alias numbers, external id, display name, e-mail."""
        operations = patch.check(json_body(call, ("application/json-patch+json",), link_header_refused=True))
        self._visible(call, identifier)
        before = self._items(call, [identifier])[0]
        before.pop("_links")
        wanted = patch.apply(before, operations)
        if not isinstance(wanted, dict):
            raise internal_error()
        self._store(identifier, wanted)
        return written(call, lambda: self._items(call, [identifier])[0])

    def _store(self, identifier: int, wanted: dict[str, Any]) -> None:
        names = ("external_id", "display_name", "email")
        values = [wanted.get(name) for name in names]
        with self._database.transaction():
            write_numbers(self._database, self._platform.forwards, identifier, wanted)
            self._database.execute(
                f"UPDATE subscribers SET {' = ?, '.join(names)} = ?, modify_timestamp = ? WHERE id = ?",
                (*values, self._platform.clock.now(), identifier),
            )
        self._platform.subscribers_version += 1

    def _visible(self, call: Call, identifier: int) -> None:
        if not sees(self._database, call.user, "subscribers", identifier):
            raise refuse(404, "Entity 'subscriber' not found.")

    def _matching(self, call: Call) -> list[int]:
        clause, parameters = condition(call.user, "subscribers")
        wanted, values = self._filters(call)
        order = paging.order(call, paging.SUBSCRIBER_COLUMNS, "s.id")
        where = " AND ".join([clause, *wanted])
        sql = (
            "SELECT s.id FROM subscribers s JOIN domains d ON d.id = s.domain_id"
            f" JOIN customers c ON c.id = s.contract_id WHERE {where} ORDER BY {order}"
        )
        return self._platform.ids(sql, (*parameters, *values), ())

    def _filters(self, call: Call) -> tuple[list[str], list[Any]]:
        wanted: list[str] = []
        values: list[Any] = []

        def add(sql: str, value: Any) -> None:
            wanted.append(sql)
            values.append(value)

        for name in call.query:
            value = call.text(name) or ""
            column = ESCAPED_FILTERS.get(name) or RAW_FILTERS.get(name)
            if column and value in TRUE_NULLS:
                wanted.append(f"{column} {TRUE_NULLS[value]}")
            elif column:
                add(*matcher(column, value, escapes=name in ESCAPED_FILTERS))
            elif name in EXACT_FILTERS:
                add(f"{EXACT_FILTERS[name]} = ?", value)
            elif name == "contact_id":
                add("c.contact_id = ?", value)
            elif name in ("alias", "primary_number"):
                sql, pattern = matcher("n.number", value, escapes=False)
                only = " AND n.is_primary" if name == "primary_number" else ""
                add(f"s.id IN (SELECT n.subscriber_id FROM numbers n WHERE {sql}{only})", pattern)
            elif name in ("is_pbx_group", "is_pbx_pilot", "pbx_extension"):
                wanted.append("1 = 1" if value in ("", "0") and name != "pbx_extension" else "1 = 0")
        return wanted, values

    def _items(self, call: Call, identifiers: list[int]) -> list[dict[str, Any]]:
        clause, parameters = among("s.id", identifiers)
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM subscribers s JOIN domains d ON d.id = s.domain_id WHERE {clause}", parameters
        )
        primary: dict[int, dict[str, Any]] = {}
        aliases: dict[int, list[dict[str, Any]]] = {}
        clause, parameters = among("subscriber_id", identifiers)
        for number in self._database.rows(f"SELECT * FROM numbers WHERE {clause} ORDER BY id", parameters):
            shown = {"ac": number["ac"], "cc": _whole(number["cc"]), "number_id": number["id"], "sn": number["sn"]}
            if number["is_primary"]:
                primary[number["subscriber_id"]] = shown
            else:
                shown["is_devid"] = bool(number["is_devid"])
                aliases.setdefault(number["subscriber_id"], []).append(shown)
        found = {row["id"]: self._item(call, row, primary.get(row["id"]), aliases.get(row["id"], [])) for row in rows}
        return [found[identifier] for identifier in identifiers]

    def _item(
        self, call: Call, row: sqlite3.Row, primary: dict[str, Any] | None, aliases: list[dict[str, Any]]
    ) -> dict[str, Any]:
        clock, user = self._platform.clock, call.user
        item: dict[str, Any] = {
            "administrative": bool(row["administrative"]),
            "alias_numbers": aliases,
            "display_name": row["display_name"],
            "domain": row["domain"],
            "domain_id": row["domain_id"],
            "email": row["email"],
            "id": row["id"],
            "primary_number": primary,
            "profile_id": row["profile_id"],
            "status": row["status"],
            "timezone": row["timezone"],
            "username": row["username"],
            "webusername": row["webusername"],
        }
        if user.role != "subscriber":
            item["customer_id"] = row["contract_id"]
            item["external_id"] = row["external_id"]
            item["lock"] = row["lock"]
            item["profile_set_id"] = row["profile_set_id"]
            item["create_timestamp"] = clock.iso(row["create_timestamp"])
            item["modify_timestamp"] = clock.iso(row["modify_timestamp"])
        if user.subscriber_id is None:
            item["uuid"] = row["uuid"]
        if user.show_passwords:
            item["password"] = _encrypted(row["uuid"])
            item["webpassword"] = _encrypted(row["webpassword"] or "")
        item["_links"] = _links(row["id"], row["contract_id"], row["domain_id"], user.role == "subscriber")
        if self._platform.switches.hal == "old":
            return hal.old_item(item, without_id=False)
        return item


def _whole(text: str) -> Any:
    return int(text) if text.isdigit() else text


def _encrypted(secret: str) -> str:
    """Return something as long and as opaque as the platform's encrypted passwords."""
    return hashlib.sha512(secret.encode()).hexdigest() * 2


def _links(identifier: int, customer: int, domain: int, reduced: bool) -> dict[str, Any]:
    links = hal.common_links("subscribers", identifier)
    for name in ("callforwards", "subscriberpreferences", "voicemailsettings"):
        links[f"ngcp:{name}"] = [{"href": f"/api/{name}/{identifier}"}]
    links["ngcp:reminders"] = [{"href": f"/api/reminders/?subscriber_id={identifier}"}]
    if not reduced:
        links["ngcp:calls"] = [{"href": f"/api/calls/?subscriber_id={identifier}"}]
        links["ngcp:customers"] = [{"href": f"/api/customers/{customer}"}]
        links["ngcp:domains"] = [{"href": f"/api/domains/{domain}"}]
        links["ngcp:journal"] = [{"href": f"/api/subscribers/{identifier}/journal/"}]
        registrations = f"/api/subscriberregistrations/?subscriber_id={identifier}"
        links["ngcp:subscriberregistrations"] = [{"href": registrations}]
    return links
