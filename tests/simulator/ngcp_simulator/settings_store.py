# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings in the database: read as documents, written by deleting and inserting."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from .clock import Clock
from .columns import MAIL, RESOURCES, Column, ListField, Resource, UpdateFailed, newer_columns, stored
from .database import Database, among, collation_key
from .switches import Switches


class SettingsStore:
    """Reads and writes both settings resources."""

    def __init__(self, database: Database, switches: Switches, clock: Clock) -> None:
        self._database = database
        self._switches = switches
        self._clock = clock
        if database.is_new:
            for table, column in newer_columns():
                database.execute(f"ALTER TABLE {table} ADD COLUMN {column.definition}")
        self._sizes = {
            field.table: int(database.value(f"SELECT count(*) FROM {field.table}"))
            for resource in RESOURCES.values()
            for field in resource.lists
        }
        self.versions = dict.fromkeys(RESOURCES, 0)
        """Moves on with every write, so that lists can be kept."""

    def ensure(self, resource: Resource, identifiers: Sequence[int]) -> None:
        """Create the missing preference rows, as every read does."""
        clause, parameters = among("subscriber_id", identifiers)
        rows = self._database.rows(f"SELECT subscriber_id FROM {resource.table} WHERE {clause}", parameters)
        found = {row[0] for row in rows}
        missing = [(identifier,) for identifier in identifiers if identifier not in found]
        if missing:
            self._database.execute_many(f"INSERT INTO {resource.table} (subscriber_id) VALUES (?)", missing)
            self.versions[resource.name] += 1

    def documents(self, resource: Resource, identifiers: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return the documents of those who have a preference row."""
        rows = self._raw_rows(resource, identifiers)
        found = {identifier: self._document(resource, row) for identifier, row in rows.items()}
        for field in resource.lists:
            for identifier, element in self._elements(field, identifiers):
                if identifier in found:
                    found[identifier][field.name].append(_element(field, element))
        return found

    def document(self, resource: Resource, identifier: int) -> dict[str, Any] | None:
        """Return one document without creating anything."""
        return self.documents(resource, [identifier]).get(identifier)

    def base(self, resource: Resource, identifier: int) -> dict[str, Any]:
        """Return the document that a PATCH starts from: raw columns for fax, the document for mail to fax."""
        if resource is MAIL:
            return self.documents(resource, [identifier]).get(identifier) or {}
        row = self._raw_rows(resource, [identifier])[identifier]
        base = {name: row[name] for name in row.keys() if name != "id"}
        for field in resource.lists:
            base[field.name] = [
                {name: element[name] for name in element.keys() if name not in ("subscriber_id", "collation_key")}
                for _identifier, element in self._elements(field, [identifier])
            ]
        return base

    def write(self, resource: Resource, identifier: int, document: dict[str, Any]) -> None:
        """Replace the rows of a subscriber; raise UpdateFailed and change nothing if one is refused."""
        try:
            with self._database.transaction():
                changes = self._replace(resource, identifier, document)
        except sqlite3.IntegrityError as problem:
            raise UpdateFailed(str(problem)) from problem
        for table, change in changes.items():
            self._sizes[table] += change
        self.versions[resource.name] += 1

    def _replace(self, resource: Resource, identifier: int, document: dict[str, Any]) -> dict[str, int]:
        time = self._secret_time(identifier, document) if resource is MAIL else None
        self._database.execute(f"DELETE FROM {resource.table} WHERE subscriber_id = ?", (identifier,))
        values = {"subscriber_id": identifier, **self._values(resource.columns, document)}
        if resource is MAIL:
            values["last_secret_key_modify"] = time
        self._database.insert(resource.table, values)
        changes: dict[str, int] = {}
        for field in resource.lists:
            cursor = self._database.execute(f"DELETE FROM {field.table} WHERE subscriber_id = ?", (identifier,))
            elements = document.get(field.name, [])
            for element in elements:
                self._insert_element(field, identifier, element)
            changes[field.table] = len(elements) - cursor.rowcount
        return changes

    def _secret_time(self, identifier: int, document: dict[str, Any]) -> float | None:
        if "secret_key" in document:
            return self._clock.now()
        row = self._database.row(
            "SELECT last_secret_key_modify FROM mail_preferences WHERE subscriber_id = ?", (identifier,)
        )
        return row[0] if row else None

    def _values(self, columns: Iterable[Column], document: dict[str, Any]) -> dict[str, Any]:
        strict = self._switches.sql_mode == "strict"
        values = {}
        for column in columns:
            if column.kind == "time":
                continue
            if column.name in document:
                values[column.name] = stored(column, document[column.name], strict)
            elif column.implicit is not None and not strict:
                values[column.name] = column.implicit
        return values

    def _insert_element(self, field: ListField, identifier: int, element: Any) -> None:
        if element is None:
            raise UpdateFailed("null in a list")
        values = {"subscriber_id": identifier, **self._values(field.columns, element)}
        if field.unique:
            unique = values.get(field.unique)
            values["collation_key"] = None if unique is None else collation_key(unique)
        self._database.insert(field.table, values)

    def _raw_rows(self, resource: Resource, identifiers: Sequence[int]) -> dict[int, sqlite3.Row]:
        clause, parameters = among("subscriber_id", identifiers)
        rows = self._database.rows(f"SELECT * FROM {resource.table} WHERE {clause}", parameters)
        return {row["subscriber_id"]: row for row in rows}

    def _document(self, resource: Resource, row: sqlite3.Row) -> dict[str, Any]:
        document: dict[str, Any] = {column.name: self._shown(column, row[column.name]) for column in resource.columns}
        for field in resource.lists:
            document[field.name] = []
        return document

    def _shown(self, column: Column, value: Any) -> Any:
        if column.kind == "boolean":
            return bool(value)
        if column.kind == "time":
            return None if value is None else self._clock.text(value)
        return value

    def _elements(self, field: ListField, identifiers: Sequence[int]) -> list[tuple[int, sqlite3.Row]]:
        large = field.unique and self._sizes[field.table] >= self._switches.large_table
        clause, parameters = among("subscriber_id", identifiers)
        order = "subscriber_id, collation_key" if large else "id"
        rows = self._database.rows(f"SELECT * FROM {field.table} WHERE {clause} ORDER BY {order}", parameters)
        return [(row["subscriber_id"], row) for row in rows]


def _element(field: ListField, row: sqlite3.Row) -> dict[str, Any]:
    return {
        column.name: bool(row[column.name]) if column.kind == "boolean" else row[column.name]
        for column in field.columns
    }
