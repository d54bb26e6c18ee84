# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource subscriberprofiles: which features a subscriber's profile lets it use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import hal, paging
from .accounts import Account
from .answers import Answer, document, refuse
from .call import Call
from .database import Database, among
from .platform import Platform
from .representation import content_type, expand_status, listed
from .scope import sees_all
from .wildcards import matcher


def allowed_attributes(database: Database, subscribers: Sequence[int]) -> dict[int, frozenset[str] | None]:
    """Return the attributes of the profiles of subscribers; None for those without a profile, who may use all."""
    clause, parameters = among("s.id", subscribers)
    rows = database.rows(
        "SELECT s.id, s.profile_id, a.attribute FROM subscribers s"
        f" LEFT JOIN subscriber_profile_attributes a ON a.profile_id = s.profile_id WHERE {clause}",
        parameters,
    )
    found: dict[int, frozenset[str] | None] = dict.fromkeys(subscribers)
    for row in rows:
        if row["profile_id"] is not None:
            found[row["id"]] = (found[row["id"]] or frozenset()) | ({row["attribute"]} - {None})
    return found


class Profiles:
    """Handlers of /api/subscriberprofiles/, for reading only."""

    name = "subscriberprofiles"

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one profile."""
        found = self._found(call.user, "p.id = ?", (identifier,), "p.id")
        if not found:
            raise refuse(404, "Entity 'subscriberprofile' not found.")
        return document(found[0], content_type(call), expand_status(call))

    def get_list(self, call: Call) -> Answer:
        """GET of a page of profiles."""
        page = paging.wanted_page(call)
        wanted, values = ["1 = 1"], []
        if "profile_set_id" in call.query:
            wanted.append("p.profile_set_id = ?")
            values.append(call.text("profile_set_id"))
        if "name" in call.query:
            sql, value = matcher("p.name", call.text("name") or "")
            wanted.append(sql)
            values.append(value)
        order = paging.order(call, {"id": "p.id", "name": "p.name"}, "p.id")
        found = self._found(call.user, " AND ".join(wanted), values, order)
        old = self._platform.switches.hal == "old"
        return listed(call, self.name, page, len(found), found[page.offset : page.offset + page.size], old)

    def _found(self, account: Account, wanted: str, values: Sequence[Any], order: str) -> list[dict[str, Any]]:
        database = self._platform.database
        clause, parameters = self._condition(account)
        rows = database.rows(
            f"SELECT p.* FROM subscriber_profiles p WHERE {clause} AND {wanted} ORDER BY {order}",
            (*parameters, *values),
        )
        return [self._item(dict(row)) for row in rows]

    def _item(self, row: dict[str, Any]) -> dict[str, Any]:
        identifier = row["id"]
        attributes = self._platform.database.rows(
            "SELECT attribute FROM subscriber_profile_attributes WHERE profile_id = ? ORDER BY rowid", (identifier,)
        )
        links = hal.common_links(self.name, identifier)
        links["ngcp:subscriberprofilesets"] = [{"href": f"/api/subscriberprofilesets/{row['profile_set_id']}"}]
        item = {
            "_links": links,
            "attributes": [one["attribute"] for one in attributes],
            "description": row["description"],
            "id": identifier,
            "name": row["name"],
            "profile_set_id": row["profile_set_id"],
            "set_default": bool(row["set_default"]),
        }
        return hal.old_item(item, without_id=False) if self._platform.switches.hal == "old" else item

    def _condition(self, account: Account) -> tuple[str, tuple[Any, ...]]:
        if sees_all(account, self.name):
            return "1 = 1", ()
        if account.subscriber_id is not None:
            return "p.id = (SELECT profile_id FROM subscribers WHERE id = ?)", (account.subscriber_id,)
        return "p.reseller_id = ?", (account.reseller_id,)
