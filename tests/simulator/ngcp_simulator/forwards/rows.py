# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mappings, sets and preferences in the database, as they are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..columns import UNSIGNED, Column, stored
from ..database import Database, among, collation_key
from .kinds import KINDS, SetKind

Document = dict[str, Any]

NAME = Column("name", "text")
RINGTIMEOUT = "ringtimeout"
PROVISIONING = 3
"""How far the ids of the provisioning database are from those of the billing database."""


@dataclass
class StoredSet:
    """A set as the database holds it; elements in the order of their rows."""

    id: int
    subscriber_id: int
    name: str
    mode: str | None = None
    is_regex: bool = False
    elements: list[Document] = field(default_factory=list)


@dataclass(frozen=True)
class Owner:
    """What is stored about the owner of a set: digits for the words, domain for addresses without one."""

    id: int
    number: str | None
    uuid: str
    domain: str

    @property
    def digits(self) -> str:
        """The primary number, or what most resources take in its place."""
        return self.uuid if self.number is None else self.number


class ForwardRows:
    """Reads the rows behind the call forwards."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def owner(self, identifier: int) -> Owner | None:
        """Return a subscriber, unless it is terminated."""
        row = self.database.row(
            "SELECT s.uuid, d.domain, n.number FROM subscribers s JOIN domains d ON d.id = s.domain_id"
            " LEFT JOIN numbers n ON n.subscriber_id = s.id AND n.is_primary"
            " WHERE s.id = ? AND s.status <> 'terminated'",
            (identifier,),
        )
        return Owner(identifier, row["number"], row["uuid"], row["domain"]) if row else None

    def mappings(self, identifiers: Sequence[int]) -> dict[int, list[sqlite3.Row]]:
        """Return the mappings of subscribers, with the names of their sets, in the order of the rows."""
        names = ", ".join(f"{kind.table}.name AS {kind.member}" for kind in KINDS)
        joins = " ".join(f"LEFT JOIN {kind.table} ON {kind.table}.id = m.{kind.column}" for kind in KINDS)
        clause, parameters = among("m.subscriber_id", identifiers)
        rows = self.database.rows(
            f"SELECT m.*, {names} FROM cf_mappings m {joins} WHERE {clause} ORDER BY m.id", parameters
        )
        found: dict[int, list[sqlite3.Row]] = {identifier: [] for identifier in identifiers}
        for row in rows:
            found[row["subscriber_id"]].append(row)
        return found

    def sets(self, kind: SetKind, identifiers: Sequence[int]) -> dict[int, StoredSet]:
        """Return sets by their ids."""
        clause, parameters = among("id", identifiers)
        found = {}
        for row in self.database.rows(f"SELECT * FROM {kind.table} WHERE {clause}", parameters):
            one = StoredSet(row["id"], row["subscriber_id"], row["name"])
            if kind.has_mode:
                one.mode, one.is_regex = row["mode"], bool(row["is_regex"])
            found[one.id] = one
        clause, parameters = among("set_id", identifiers)
        for row in self.database.rows(f"SELECT * FROM {kind.element_table} WHERE {clause} ORDER BY id", parameters):
            found[row["set_id"]].elements.append({column.name: row[column.name] for column in kind.columns})
        return found

    def set(self, kind: SetKind, identifier: int) -> StoredSet | None:
        """Return one set."""
        return self.sets(kind, [identifier]).get(identifier)

    def exists(self, kind: SetKind, identifier: int) -> bool:
        """Tell whether there is a set, whoever's it is."""
        if not 0 <= identifier <= UNSIGNED[1]:
            return False
        return self.database.row(f"SELECT 1 FROM {kind.table} WHERE id = ?", (identifier,)) is not None

    def highest(self, kind: SetKind) -> int:
        """Return the highest id of all sets; sets that are brought along get every second one from there."""
        return int(self.database.value(f"SELECT coalesce(max(id), -1) FROM {kind.table}"))

    def is_used_by_others(self, kind: SetKind, identifier: int, subscriber: int) -> bool:
        """Tell whether mappings of other subscribers use a set."""
        sql = f"SELECT 1 FROM cf_mappings WHERE {kind.column} = ? AND subscriber_id <> ?"
        return self.database.row(sql, (identifier, subscriber)) is not None

    def set_named(self, kind: SetKind, subscriber: int, name: Any) -> int | None:
        """Return the id of a subscriber's set with a name, blind to case and to trailing blanks."""
        key = collation_key(stored(NAME, name, False) or "")
        found: int | None = self.database.value(
            f"SELECT min(id) FROM {kind.table} WHERE subscriber_id = ? AND collation_key = ?", (subscriber, key)
        )
        return found

    def usage(self, kind: SetKind, identifiers: Sequence[int]) -> dict[int, int]:
        """Return how many mappings of all subscribers use each set."""
        clause, parameters = among(kind.column, identifiers)
        rows = self.database.rows(
            f"SELECT {kind.column}, count(*) FROM cf_mappings WHERE {clause} GROUP BY {kind.column}", parameters
        )
        return {**dict.fromkeys(identifiers, 0), **{row[0]: row[1] for row in rows}}

    def ringtimeouts(self, identifiers: Sequence[int]) -> dict[int, int]:
        """Return the seconds before a forward for no answer, of those who have any."""
        clause, parameters = among("subscriber_id", identifiers)
        rows = self.database.rows(
            f"SELECT subscriber_id, value FROM cf_preferences WHERE attribute = ? AND {clause}",
            (RINGTIMEOUT, *parameters),
        )
        return {row[0]: row[1] for row in rows}
