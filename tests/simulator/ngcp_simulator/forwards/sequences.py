# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ids of new rows, as the platform's database gives them."""

from __future__ import annotations

from ..database import Database


class Sequences:
    """One counter for each table. It goes on when a transaction is rolled back, and beyond ids that were given."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next: dict[str, int] = {}

    def take(self, table: str, count: int = 1) -> int:
        """Return the first of so many new ids."""
        first = self._upcoming(table)
        self._next[table] = first + count
        return first

    def given(self, table: str, identifier: int) -> None:
        """Note an id that a row was given."""
        self._next[table] = max(self._upcoming(table), identifier + 1)

    def _upcoming(self, table: str) -> int:
        if table not in self._next:
            self._next[table] = int(self._database.value(f"SELECT coalesce(max(id), 0) FROM {table}")) + 1
        return self._next[table]
