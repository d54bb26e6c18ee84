# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mappings, sets and preferences in the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..columns import UNSIGNED, Column, UpdateFailed, stored
from ..database import Database, among, collation_key
from ..switches import Switches
from .kinds import IS_REGEX, KINDS, MODE, TYPES, SetKind
from .sequences import Sequences

Document = dict[str, Any]

NAME = Column("name", "text")
ENABLED = Column("enabled", "boolean")
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


class ForwardStore:
    """Reads and writes the rows behind the call forwards; writers open transactions themselves."""

    def __init__(self, database: Database, switches: Switches) -> None:
        self.database = database
        self._switches = switches
        self.sequences = Sequences(database)
        self.version = 0
        """Moves on with every write, so that lists can be kept."""

    # Reading

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

    # Writing

    def insert_set(self, kind: SetKind, subscriber: int, document: Document, identifier: int | None = None) -> int:
        """Insert a set without its elements; return its id, which is the next one unless it is given."""
        if identifier is None:
            identifier = self.sequences.take(kind.table)
        else:
            self.sequences.given(kind.table, identifier)
        self._insert(kind.table, {"id": identifier, "subscriber_id": subscriber, **self._set_values(kind, document)})
        return identifier

    def update_set(self, kind: SetKind, identifier: int, subscriber: int, document: Document) -> None:
        """Write a set's own row, its owner included."""
        values = {"subscriber_id": subscriber, **self._set_values(kind, document)}
        if kind.has_mode and document.get("is_regex") is None:
            del values["is_regex"]
        assignments = ", ".join(f"{name} = ?" for name in values)
        self._guarded(f"UPDATE {kind.table} SET {assignments} WHERE id = ?", (*values.values(), identifier))

    def replace_elements(self, kind: SetKind, identifier: int, elements: Iterable[Document]) -> None:
        """Delete all elements of a set and insert others."""
        self.database.execute(f"DELETE FROM {kind.element_table} WHERE set_id = ?", (identifier,))
        self.insert_elements(kind, identifier, elements)

    def insert_elements(self, kind: SetKind, identifier: int, elements: Iterable[Document]) -> None:
        """Insert elements; what is left out takes the database's default, but a condition has no default."""
        strict = self._switches.sql_mode == "strict"
        for element in elements:
            values = {"id": self.sequences.take(kind.element_table), "set_id": identifier}
            for column in kind.columns:
                if column.name in element or kind.has_mode:
                    values[column.name] = stored(column, element.get(column.name), strict)
            self._insert(kind.element_table, values)

    def delete_set(self, kind: SetKind, identifier: int) -> None:
        """Delete a set, and with it every mapping that uses it; the preferences do not notice."""
        self.database.execute(f"DELETE FROM {kind.table} WHERE id = ?", (identifier,))

    def insert_mapping(self, subscriber: int, name: str, values: Document) -> int:
        """Insert a mapping of a type; return its id."""
        strict = self._switches.sql_mode == "strict"
        identifier = self.sequences.take("cf_mappings")
        flags: Document = {
            flag: stored(ENABLED, values[flag], strict) for flag in ("enabled", "use_redirection") if flag in values
        }
        sets = {kind.column: values.get(kind.column) for kind in KINDS}
        self._insert("cf_mappings", {"id": identifier, "subscriber_id": subscriber, "type": name, **sets, **flags})
        return identifier

    def delete_mappings(self, subscriber: int) -> None:
        """Delete all mappings of a subscriber."""
        self.database.execute("DELETE FROM cf_mappings WHERE subscriber_id = ?", (subscriber,))

    def delete_mapping(self, identifier: int) -> None:
        """Delete one mapping."""
        self.database.execute("DELETE FROM cf_mappings WHERE id = ?", (identifier,))

    def unassign(self, kind: SetKind, identifier: int) -> None:
        """Take a condition off all mappings that have it."""
        self.database.execute(f"UPDATE cf_mappings SET {kind.column} = NULL WHERE {kind.column} = ?", (identifier,))

    def update_mapping(self, identifier: int, column: str, value: int | None) -> None:
        """Give a mapping another set, or none."""
        self.database.execute(f"UPDATE cf_mappings SET {column} = ? WHERE id = ?", (value, identifier))

    def set_preference(self, subscriber: int, attribute: str, value: int | None) -> None:
        """Store a hidden preference, or delete it."""
        if value is None:
            self.database.execute(
                "DELETE FROM cf_preferences WHERE subscriber_id = ? AND attribute = ?", (subscriber, attribute)
            )
        else:
            self.database.execute(
                "INSERT OR REPLACE INTO cf_preferences VALUES (?, ?, ?)", (subscriber, attribute, value)
            )

    def settle_preferences(self, subscriber: int, ringtimeout: Any) -> None:
        """Let the preferences name the mappings that there are.

        :param ringtimeout: as for `settle_ringtimeout`.
        """
        for name in TYPES:
            first = self.database.value(
                "SELECT min(id) FROM cf_mappings WHERE subscriber_id = ? AND type = ?", (subscriber, name)
            )
            self.set_preference(subscriber, name, first)
        self.settle_ringtimeout(subscriber, ringtimeout)

    def settle_ringtimeout(self, subscriber: int, ringtimeout: Any) -> None:
        """Store the seconds that were sent; without any, delete them unless a forward for no answer is enabled."""
        if ringtimeout and ringtimeout > 0:
            self.set_preference(subscriber, RINGTIMEOUT, int(ringtimeout))
        elif not self.database.value(
            "SELECT count(*) FROM cf_mappings WHERE subscriber_id = ? AND type = 'cft' AND enabled", (subscriber,)
        ):
            self.set_preference(subscriber, RINGTIMEOUT, None)

    def renumber(self, subscriber: int, digits: str) -> None:
        """Point every destination of a subscriber's sets that is any fax box or conference to another number."""
        for host, form in (("@fax2mail.local", "sip:fax={}"), ("@conference.local", "sip:conf={}")):
            self.database.execute(
                "UPDATE cf_destinations SET destination = ? WHERE substr(destination, ?) = ?"
                " AND set_id IN (SELECT id FROM cf_destination_sets WHERE subscriber_id = ?)",
                (form.format(digits) + host, -len(host), host, subscriber),
            )

    def _set_values(self, kind: SetKind, document: Document) -> Document:
        strict = self._switches.sql_mode == "strict"
        name = stored(NAME, document["name"], strict)
        values = {"name": name, "collation_key": collation_key(name)}
        if kind.has_mode:
            values["mode"] = stored(MODE, document.get("mode"), strict)
            values["is_regex"] = stored(IS_REGEX, document.get("is_regex") or 0, strict)
        return values

    def _insert(self, table: str, values: Document) -> None:
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        self._guarded(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))

    def _guarded(self, sql: str, parameters: Sequence[Any]) -> None:
        try:
            self.database.execute(sql, parameters)
        except sqlite3.IntegrityError as problem:
            raise UpdateFailed(str(problem)) from problem
