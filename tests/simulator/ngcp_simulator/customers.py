# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources customers and domains, as far as look-ups need them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from . import hal, paging
from .accounts import Account
from .answers import Answer, document, refuse
from .call import Call
from .platform import Platform
from .representation import content_type, expand_status, listed
from .wildcards import matcher


def _reseller_condition(account: Account) -> tuple[str, tuple[Any, ...]]:
    if account.role in ("admin", "ccareadmin"):
        return "1 = 1", ()
    return "t.reseller_id = ?", (account.reseller_id,)


class _Table:
    """A resource that is one table."""

    name = ""
    entity = ""
    order_columns: Mapping[str, str] = MappingProxyType({})

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one item."""
        clause, parameters = _reseller_condition(call.user)
        row = self._platform.database.row(
            f"SELECT * FROM {self.name} t WHERE t.id = ? AND {clause}", (identifier, *parameters)
        )
        if row is None:
            raise refuse(404, f"Entity '{self.entity}' not found.")
        return document(self._item(call, row), content_type(call), expand_status(call))

    def get_list(self, call: Call) -> Answer:
        """GET of a page."""
        page = paging.wanted_page(call)
        clause, parameters = _reseller_condition(call.user)
        wanted, values = self._filters(call)
        order = paging.order(call, self.order_columns, "t.id")
        rows = self._platform.database.rows(
            f"SELECT * FROM {self.name} t WHERE {' AND '.join([clause, *wanted])} ORDER BY {order}",
            (*parameters, *values),
        )
        chosen = rows[page.offset : page.offset + page.size]
        old = self._platform.switches.hal == "old"
        return listed(call, self.name, page, len(rows), [self._item(call, row) for row in chosen], old)

    def _filters(self, call: Call) -> tuple[list[str], list[Any]]:
        raise NotImplementedError

    def _item(self, call: Call, row: sqlite3.Row) -> dict[str, Any]:
        raise NotImplementedError


class Customers(_Table):
    """Handlers of /api/customers/."""

    name = "customers"
    entity = "customer"
    order_columns = MappingProxyType({"id": "t.id", "external_id": "t.external_id", "status": "t.status"})

    def _filters(self, call: Call) -> tuple[list[str], list[Any]]:
        wanted: list[str] = []
        values: list[Any] = []
        for name in call.query:
            value = call.text(name) or ""
            if name == "external_id":
                sql, pattern = matcher("t.external_id", value)
                wanted.append(sql)
                values.append(pattern)
            elif name in ("status", "not_status"):
                states = value.split(",")
                negation = "NOT " if name == "not_status" else ""
                wanted.append(f"t.status {negation}IN ({', '.join('?' * len(states))})")
                values += states
            elif name in ("reseller_id", "contact_id", "type"):
                wanted.append(f"t.{name} = ?")
                values.append(value)
        return wanted, values

    def _item(self, call: Call, row: sqlite3.Row) -> dict[str, Any]:
        clock, identifier = self._platform.clock, row["id"]
        links = hal.common_links("customers", identifier)
        links["ngcp:subscribers"] = [{"href": f"/api/subscribers/?customer_id={identifier}"}]
        return {
            "_links": links,
            "contact_id": row["contact_id"],
            "create_timestamp": clock.iso(row["create_timestamp"]),
            "external_id": row["external_id"],
            "id": identifier,
            "max_subscribers": None,
            "modify_timestamp": clock.iso(row["modify_timestamp"]),
            "status": row["status"],
            "type": row["type"],
        }


class Domains(_Table):
    """Handlers of /api/domains/."""

    name = "domains"
    entity = "domain"
    order_columns = MappingProxyType({"id": "t.id", "domain": "t.domain"})

    def _filters(self, call: Call) -> tuple[list[str], list[Any]]:
        wanted: list[str] = []
        values: list[Any] = []
        if "domain" in call.query:
            sql, pattern = matcher("t.domain", call.text("domain") or "", escapes=False)
            wanted.append(sql)
            values.append(pattern)
        if "reseller_id" in call.query:
            wanted.append("t.reseller_id = ?")
            values.append(call.text("reseller_id"))
        return wanted, values

    def _item(self, call: Call, row: sqlite3.Row) -> dict[str, Any]:
        identifier = row["id"]
        links = hal.common_links("domains", identifier)
        links["ngcp:domainpreferences"] = [{"href": f"/api/domainpreferences/{identifier}"}]
        links["ngcp:journal"] = [{"href": f"/api/domains/{identifier}/journal/"}]
        item: dict[str, Any] = {"_links": links, "domain": row["domain"], "id": identifier}
        if call.user.role in ("admin", "ccareadmin"):
            item["reseller_id"] = row["reseller_id"]
        return item
