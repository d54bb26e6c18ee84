# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The form of the API's documents (HAL): items with their ids, and pages with their totals. Nothing is trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import ListChangedError, ProtocolError
from .._wording import counted

# The server needs 12 to 15 ms for each listed item, whatever the page's size, and proxies cut at about 60 s.
PAGE_ROWS = 100

# More items than this are not read of one list.
MAX_ITEMS = 1_000_000

_MAX_ID = 2**63 - 1
_ITEM_LINK = re.compile(r"/([0-9]{1,19})/?", re.ASCII)


class Page(NamedTuple):
    """One page of a list.

    :param items: each with an ``id`` and without its links.
    :param total: how many items all pages have.
    :param rows: maximum number of items of a page.
    """

    items: list[dict[str, Any]]
    total: int
    rows: int = PAGE_ROWS


def parse_page(document: Mapping[str, Any], name: str, number: int, rows: int) -> Page:
    """Return the page that a document of the API holds.

    :param name: the collection's name, for example ``subscribers``.
    :param number: which page it is, from 1.
    :param rows: how many items were asked for.
    :raises ProtocolError: it is not a page of this collection.
    :raises ListChangedError: it has more or fewer items than it should have according to the list's total.
    """
    total = total_count(document)
    items = [_without_links(item) for item in embedded_items(document, name)]
    expected = min(rows, max(0, total - (number - 1) * rows))
    if len(items) != expected:
        raise ListChangedError(
            f"Page {number} of the list of {name} has {counted(len(items), 'item')} instead of {expected}, although "
            f"its total is {total}",
            hint="Run the task again when no entries are being created or deleted.",
        )
    return Page(items, total, rows)


def embedded_items(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the items of a HAL list, always as a list.

    An empty list has no ``_embedded``; before mr12.1 a single item may be an object instead of a list.

    :raises ProtocolError: there is something else in their place.
    """
    embedded = document.get("_embedded", {})
    items = embedded.get(f"ngcp:{name}", []) if isinstance(embedded, dict) else None
    if isinstance(items, dict):
        return [items]
    if not isinstance(items, list) or not all(item.__class__ is dict for item in items):
        raise ProtocolError(f"The server's list of {name} does not have the form that the API defines")
    return items


def total_count(document: Mapping[str, Any]) -> int:
    """Return how many items a HAL list has on all pages.

    :raises ProtocolError: the server does not report the number, or reports an impossible one.
    """
    total = document.get("total_count")
    if total.__class__ is not int or total < 0:
        raise ProtocolError("The server's list has no usable total_count")
    if total > MAX_ITEMS:
        raise ProtocolError(f"The server's list has more than {MAX_ITEMS} items", code="too_many_items")
    return int(total)


def item_id(item: Mapping[str, Any]) -> int:
    """Return the id of a HAL item: from ``id``, or from its own link, because ``mailtofaxsettings`` has no id.

    :raises ProtocolError: there is neither.
    """
    identifier = item.get("id")
    if identifier.__class__ is int and 0 < identifier <= _MAX_ID:
        return int(identifier)
    linked = _linked_id(item)
    if linked is None:
        raise ProtocolError("An item from the server has neither an id nor a link to itself")
    return linked


def check_identity(document: Mapping[str, Any], wanted: int) -> None:
    """Refuse an item that is not the requested one.

    :raises ProtocolError: its id, or its link to itself, is another one or missing.
    """
    found = item_id(document)
    linked = _linked_id(document)
    other = linked if found == wanted and linked is not None else found
    if other != wanted:
        raise ProtocolError(f"The server returned item {other} instead of item {wanted}")


def _linked_id(item: Mapping[str, Any]) -> int | None:
    links = item.get("_links")
    link = links.get("self") if isinstance(links, dict) else None
    href = link.get("href") if isinstance(link, dict) else None
    if not isinstance(href, str):
        return None
    match = _ITEM_LINK.fullmatch(href[href.rstrip("/").rfind("/") :])
    return int(match.group(1)) if match else None


def _without_links(item: dict[str, Any]) -> dict[str, Any]:
    """Keep the id of an item, but not its links, which make up most of its size and are otherwise not needed."""
    item["id"] = item_id(item)
    item.pop("_links", None)
    return item
