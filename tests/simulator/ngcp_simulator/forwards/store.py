# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mappings, sets and preferences in the database, as they are written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from ..columns import UNSIGNED, Column, UpdateFailed, stored
from ..database import Database, collation_key
from ..switches import Switches
from .kinds import IS_REGEX, KINDS, MODE, TYPES, SetKind
from .rows import NAME, RINGTIMEOUT, Document, ForwardRows
from .sequences import Sequences

ENABLED = Column("enabled", "boolean")


class ForwardStore(ForwardRows):
    """Writes the rows behind the call forwards; callers open transactions themselves."""

    def __init__(self, database: Database, switches: Switches) -> None:
        super().__init__(database)
        self._switches = switches
        self.sequences = Sequences(database)
        self.version = 0
        """Moves on with every write, so that lists can be kept."""

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
        if isinstance(ringtimeout, (int, float)) and ringtimeout > 0:
            self.set_preference(subscriber, RINGTIMEOUT, min(int(ringtimeout), UNSIGNED[1]))
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
