# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What forwards and sets look like to a caller."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from typing import Any

from .. import hal
from ..accounts import Account
from ..database import among
from ..platform import Platform
from .destinations import simple
from .kinds import DESTINATIONS, KINDS, TIMES, TYPES, SetKind
from .rows import Document, ForwardRows, StoredSet

STAFF = frozenset(("admin", "reseller"))
CARE = frozenset(("ccare", "ccareadmin"))


class ForwardDocuments:
    """Makes documents of rows."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._store: ForwardRows = platform.forwards

    @property
    def newest(self) -> bool:
        """Whether the platform has what only the newest release has."""
        return self._platform.switches.forwards == "current"

    def in_order(self, rows: list[Any]) -> list[Any]:
        """Return rows in the order in which the platform gives them, which nothing defines."""
        if self._platform.switches.row_order == "random":
            return random.sample(rows, len(rows))
        return rows

    # Mappings

    def mappings(self, identifiers: Sequence[int]) -> dict[int, Document]:
        """Return the mappings of subscribers by type."""
        timeouts = self._store.ringtimeouts(identifiers)
        found = {}
        for identifier, rows in self._store.mappings(identifiers).items():
            document = no_mappings(identifier, timeouts.get(identifier))
            for row in self.in_order(rows):
                document[row["type"]].append(_mapping(row))
            found[identifier] = document
        return found

    def mappings_item(self, document: Document, account: Account) -> Document:
        """Return a document of mappings with its links."""
        identifier = document["id"]
        links = hal.common_links("cfmappings", identifier)
        links["ngcp:subscribers"] = [{"href": f"/api/subscribers/{identifier}"}]
        if account.role in STAFF:
            links["ngcp:journal"] = [{"href": f"/api/cfmappings/{identifier}/journal/"}]
        return self.item({**document, "_links": links})

    def item(self, item: Document) -> Document:
        """Return an item in the shape of the platform's release."""
        return hal.old_item(item, without_id=False) if self._platform.switches.hal == "old" else item

    # Sets

    def sets(
        self, kind: SetKind, identifiers: Sequence[int], account: Account, raw: bool = False
    ) -> dict[int, Document]:
        """Return sets without links.

        :param raw: as they stand within other documents, with more of what the database holds.
        """
        stored = self._store.sets(kind, identifiers)
        usage = self._store.usage(kind, identifiers)
        domains = self.domains([one.subscriber_id for one in stored.values()])
        found = {}
        for identifier, one in stored.items():
            document = self._set(kind, one, domains[one.subscriber_id], raw)
            if account.subscriber_id is not None:
                document["own"] = int(one.subscriber_id == account.subscriber_id)
            if account.role == "subscriber" and not raw:
                del document["subscriber_id"]
            if self.newest:
                document["usage_count"] = usage[identifier]
            found[identifier] = document
        return found

    def set_items(self, kind: SetKind, identifiers: Sequence[int], account: Account) -> list[Document]:
        """Return sets with links, in the order of the ids, without those that were deleted meanwhile."""
        owners = {one.id: one.subscriber_id for one in self._store.sets(kind, identifiers).values()}
        documents = self.sets(kind, identifiers, account)
        items = []
        for identifier in identifiers:
            if identifier not in owners or identifier not in documents:
                continue
            links = hal.common_links(kind.resource, identifier)
            links["ngcp:subscribers"] = [{"href": f"/api/subscribers/{owners[identifier]}"}]
            if kind.links_itself:
                links[f"ngcp:{kind.resource}"] = [{"href": f"/api/{kind.resource}/{identifier}"}]
            if kind.has_journal and account.role in STAFF | CARE:
                links["ngcp:journal"] = [{"href": f"/api/{kind.resource}/{identifier}/journal/"}]
            items.append(self.item({**documents[identifier], "_links": links}))
        return items

    def domains(self, subscribers: Sequence[int]) -> dict[int, str]:
        """Return the domains of subscribers."""
        clause, parameters = among("s.id", subscribers)
        rows = self._platform.database.rows(
            f"SELECT s.id, d.domain FROM subscribers s JOIN domains d ON d.id = s.domain_id WHERE {clause}", parameters
        )
        return {row["id"]: row["domain"] for row in rows}

    def _set(self, kind: SetKind, one: StoredSet, domain: str, raw: bool) -> Document:
        elements = [dict(element) for element in self.in_order(one.elements)]
        for element in elements:
            if kind is DESTINATIONS:
                add_simple(element, element["destination"], domain)
            elif kind is TIMES and raw:
                element["time_set_id"] = one.id
        document: Document = {"id": one.id, "name": one.name, "subscriber_id": one.subscriber_id}
        document[kind.elements] = elements
        if kind.has_mode:
            document |= {"mode": one.mode, "is_regex": int(one.is_regex) if raw else one.is_regex}
        return document


def no_mappings(identifier: int, ringtimeout: int | None) -> Document:
    """Return a document without mappings."""
    return {**{name: [] for name in TYPES}, "cft_ringtimeout": ringtimeout, "id": identifier}


def add_simple(element: Document, stored: str, domain: str) -> None:
    """Add the simple form of an address to a destination that has one."""
    found = simple(stored, domain)
    if found is not None:
        element["simple_destination"] = found


def _mapping(row: sqlite3.Row) -> Document:
    shown: Document = {"cfm_id": row["id"]}
    for kind in KINDS:
        shown[kind.member] = row[kind.member]
        shown[f"{kind.member}_id"] = row[kind.column]
    shown["enabled"] = bool(row["enabled"])
    shown["use_redirection"] = bool(row["use_redirection"])
    return shown
