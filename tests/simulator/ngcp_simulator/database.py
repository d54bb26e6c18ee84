# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The database: one connection, explicit transactions, page-wise reads."""

from __future__ import annotations

import json
import sqlite3
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
SCHEMAS = (_HERE / "schema.sql", _HERE / "forwards" / "schema.sql")


def collation_key(text: str) -> str:
    """Fold a text like the platform's collation: blind to case, accents and trailing blanks."""
    folded = text.rstrip(" ")
    if folded.isascii():
        return folded.lower()
    parts = unicodedata.normalize("NFKD", folded)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


class Database:
    """SQLite behind a lock: the server's thread and the tests' threads share it."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.is_new = path is None or not path.exists()
        self._connection = sqlite3.connect(
            str(path) if path else ":memory:", isolation_level=None, check_same_thread=False, cached_statements=512
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA foreign_keys = ON")
        if path:
            self._connection.execute("PRAGMA journal_mode = WAL")
        if self.is_new:
            for schema in SCHEMAS:
                self._connection.executescript(schema.read_text(encoding="utf-8"))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block did, or nothing of it."""
        with self.lock:
            self._connection.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        with self.lock:
            return self._connection.execute(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows."""
        with self.lock:
            self._connection.executemany(sql, rows)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self.lock:
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        """Return the first row of a query."""
        with self.lock:
            return self._connection.execute(sql, parameters).fetchone()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Return the first column of the first row."""
        found = self.row(sql, parameters)
        return None if found is None else found[0]

    def insert(self, table: str, values: dict[str, Any]) -> int:
        """Insert one row; columns that are left out take the database's defaults."""
        columns = ", ".join(values)
        marks = ", ".join("?" * len(values))
        cursor = self.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))
        return int(cursor.lastrowid or 0)

    def close(self) -> None:
        """Close the connection."""
        with self.lock:
            self._connection.close()


def among(column: str, identifiers: Sequence[int]) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that a column is one of these ids, and its parameters; any number of them will do."""
    if len(identifiers) == 1:
        return f"{column} = ?", (identifiers[0],)
    return f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(list(identifiers)),)
