# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of a collection: parameters, order, links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .answers import internal_error, refuse
from .call import Call

_NUMBER = re.compile(r"^\d+(?:\.\d+)?$")
DEFAULT_ROWS = 10
SUBSCRIBER_COLUMNS = {
    "id": "s.id",
    "uuid": "s.uuid",
    "username": "s.username",
    "external_id": "s.external_id",
    "contract_id": "s.contract_id",
    "domain_id": "s.domain_id",
    "status": "s.status",
    "create_timestamp": "s.create_timestamp",
}
"""By what a list of subscribers, or of anything that each of them has once, can be ordered."""
LARGEST = 2**62


@dataclass
class Page:
    """Which part of a collection is wanted."""

    page: str
    rows: str
    number: float
    size: int
    counted: bool

    @property
    def offset(self) -> int:
        """How many items come before the page."""
        return min(int((self.number - 1) * self.size), LARGEST)


def check_not_zero(call: Call) -> None:
    """Refuse a zero, which is looked for on items too."""
    if call.query.get("page") == "0" or call.query.get("rows") == "0":
        raise refuse(400, "Query parameters 'page' and 'rows', when specified, must be greater than 0.")


def wanted_page(call: Call) -> Page:
    """Read the page's parameters; everything that is no number breaks the platform."""
    page, rows = call.query.get("page", "1"), call.query.get("rows", str(DEFAULT_ROWS))
    for value in (page, rows):
        if isinstance(value, list) or not _NUMBER.match(value) or float(value) < 1:
            raise internal_error()
    return Page(
        page=str(page),
        rows=str(rows),
        number=float(str(page)),
        size=min(int(float(str(rows))), LARGEST),
        counted=call.query.get("no_count") not in ("1", "true"),
    )


def order(call: Call, columns: Mapping[str, str], default: str) -> str:
    """Return the ORDER BY clause; unknown columns are ignored."""
    column = columns.get(call.text("order_by") or "")
    if not column:
        return default
    direction = "DESC" if (call.text("order_by_direction") or "").lower() == "desc" else "ASC"
    return f"{column} {direction}"


def links(call: Call, resource: str, page: Page, more: bool) -> dict[str, Any]:
    """Return self, next and prev; all other parameters are kept, unescaped as on the platform."""
    others = "".join(f"&{name}={call.text(name)}" for name in call.query if name not in ("page", "rows"))

    def href(number: str) -> dict[str, str]:
        return {"href": f"/api/{resource}/?page={number}&rows={page.rows}{others}"}

    found: dict[str, Any] = {"self": href(page.page)}
    if more:
        found["next"] = href(str(int(page.number + 1)))
    if page.number > 1:
        found["prev"] = href(str(int(page.number - 1)))
    return found
