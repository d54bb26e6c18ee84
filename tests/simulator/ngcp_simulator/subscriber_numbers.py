# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers of a subscriber as a write of the subscriber stores them."""

from __future__ import annotations

import sqlite3
from typing import Any

from .answers import internal_error, refuse
from .columns import perl_text
from .database import Database
from .forwards.store import ForwardStore

PARTS = ("cc", "ac", "sn")
Parts = tuple[str, str, str]


def write_numbers(database: Database, forwards: ForwardStore, identifier: int, wanted: dict[str, Any]) -> None:
    """Store primary number and alias numbers, within a transaction.

    Another primary number goes into all forwards to a fax box or conference that the subscriber has, right or wrong.
    """
    primary = wanted.get("primary_number")
    if not isinstance(primary, dict) or not primary.get("cc"):
        raise refuse(422, "A primary_number is required for the SIP subscriber.")
    aliases = wanted.get("alias_numbers", [])
    if not isinstance(aliases, list) or any(not isinstance(one, dict) for one in aliases):
        raise internal_error()
    database.execute("DELETE FROM numbers WHERE subscriber_id = ? AND NOT is_primary", (identifier,))
    row = database.row("SELECT cc, ac, sn FROM numbers WHERE subscriber_id = ? AND is_primary", (identifier,))
    parts = _parts(primary)
    if row is None or tuple(row) != parts:
        database.execute("DELETE FROM numbers WHERE subscriber_id = ?", (identifier,))
        _insert(database, identifier, parts, is_primary=1)
        forwards.renumber(identifier, "".join(parts))
    for alias in aliases:
        _insert(database, identifier, _parts(alias), is_devid=int(bool(alias.get("is_devid"))))


def _parts(number: dict[str, Any]) -> Parts:
    cc, ac, sn = (perl_text(number.get(part)) for part in PARTS)
    return cc, ac, sn


def _insert(database: Database, identifier: int, parts: Parts, **flags: int) -> None:
    values = {"subscriber_id": identifier, **dict(zip(PARTS, parts, strict=True)), "number": "".join(parts), **flags}
    try:
        database.insert("numbers", values)
    except sqlite3.IntegrityError as problem:
        raise refuse(422, f"Number '{parts[2]}' already exists") from problem
