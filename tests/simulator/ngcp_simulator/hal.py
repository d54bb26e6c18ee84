# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HAL documents: links of items and of pages, in the present and in the old shape."""

from __future__ import annotations

from typing import Any

CURIES = {"href": "http://purl.org/sipwise/ngcp-api/#rel-{rel}", "name": "ngcp", "templated": True}
PROFILE = {"href": "http://purl.org/sipwise/ngcp-api/"}


def common_links(resource: str, identifier: int) -> dict[str, Any]:
    """Return the links that every item has."""
    return {
        "collection": {"href": f"/api/{resource}/"},
        "curies": CURIES,
        "profile": PROFILE,
        "self": {"href": f"/api/{resource}/{identifier}"},
    }


def settings_links(resource: str, identifier: int, journal: bool) -> dict[str, Any]:
    """Return the links of a settings item."""
    links = common_links(resource, identifier)
    links[f"ngcp:{resource}"] = [{"href": f"/api/{resource}/{identifier}"}]
    links["ngcp:subscribers"] = [{"href": f"/api/subscribers/{identifier}"}]
    if journal:
        links["ngcp:journal"] = [{"href": f"/api/{resource}/{identifier}/journal/"}]
    return links


def old_links(links: dict[str, Any]) -> dict[str, Any]:
    """Turn lists of one link into the link, as older servers do."""
    return {name: link[0] if isinstance(link, list) and len(link) == 1 else link for name, link in links.items()}


def old_item(item: dict[str, Any], without_id: bool) -> dict[str, Any]:
    """Return an item as an older server shows it."""
    shown = {**item, "_links": old_links(item["_links"])}
    if without_id:
        shown.pop("id", None)
    return shown


def page(
    resource: str,
    items: list[dict[str, Any]],
    hrefs: list[str],
    links: dict[str, Any],
    total: int | None,
    old_shape: bool,
) -> dict[str, Any]:
    """Return one page of a collection."""
    relation = f"ngcp:{resource}"
    all_links: dict[str, Any] = {"curies": CURIES, "profile": PROFILE, **links}
    document: dict[str, Any] = {}
    if items:
        all_links[relation] = [{"href": href} for href in hrefs]
        embedded: Any = items
        if old_shape and len(items) == 1:
            all_links[relation] = all_links[relation][0]
            embedded = items[0]
        document["_embedded"] = {relation: embedded}
    document["_links"] = all_links
    document["total_count"] = total
    return document
