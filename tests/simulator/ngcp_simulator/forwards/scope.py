# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which sets an account sees, and whose it may write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..accounts import Account
from ..database import Database, among
from ..scope import sees_all
from .kinds import SetKind


def condition(kind: SetKind, account: Account) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL condition for the sets `t` of subscribers `s` that an account sees, and its parameters."""
    if sees_all(account, kind.resource):
        return "1 = 1", ()
    if account.role == "subscriberadmin":
        return "s.contract_id = ?", (account.customer_id,)
    if account.role == "subscriber":
        used = f"SELECT {kind.column} FROM cf_mappings WHERE subscriber_id = ?"
        return f"(t.subscriber_id = ? OR t.id IN ({used}))", (account.subscriber_id, account.subscriber_id)
    return "s.reseller_id = ?", (account.reseller_id,)


def visible(database: Database, kind: SetKind, account: Account, identifiers: Sequence[int]) -> list[int]:
    """Return those of the sets that an account sees."""
    clause, parameters = condition(kind, account)
    among_these, ids = among("t.id", identifiers)
    sets = f"{kind.table} t JOIN subscribers s ON s.id = t.subscriber_id"
    rows = database.rows(f"SELECT t.id FROM {sets} WHERE {among_these} AND {clause}", (*ids, *parameters))
    return [row[0] for row in rows]
