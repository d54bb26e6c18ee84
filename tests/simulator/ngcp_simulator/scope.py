# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which role may use which resource, and which subscribers it sees there."""

from __future__ import annotations

from typing import Any

from . import paging
from .accounts import Account
from .call import Call
from .database import Database
from .platform import Platform

_STAFF = frozenset(("admin", "reseller"))
_CARE = frozenset(("ccare", "ccareadmin"))
_SELF_CARE = frozenset(("subscriber", "subscriberadmin"))

ROLES: dict[str, frozenset[str]] = {
    "faxserversettings": _STAFF | _CARE | _SELF_CARE,
    "mailtofaxsettings": _STAFF | _CARE | _SELF_CARE,
    "faxes": _STAFF | _SELF_CARE,
    "faxrecordings": _STAFF | _SELF_CARE,
    "subscribers": _STAFF | _CARE | _SELF_CARE,
    "customers": _STAFF | _CARE,
    "domains": _STAFF | _CARE,
    "cfmappings": _STAFF | _CARE | _SELF_CARE,
    "callforwards": _STAFF | _CARE | _SELF_CARE,
    "cfdestinationsets": _STAFF | _CARE | _SELF_CARE,
    "cftimesets": _STAFF | _CARE | _SELF_CARE,
    "cfsourcesets": _STAFF | _CARE | _SELF_CARE,
    "cfbnumbersets": _STAFF | _CARE | _SELF_CARE,
    "subscriberprofiles": _STAFF | _CARE | _SELF_CARE,
    "capabilities": _STAFF | _CARE | _SELF_CARE,
    "authtokens": _STAFF | _CARE | _SELF_CARE,
    "admincerts": frozenset(("admin", "reseller")),
}

LICENSED = frozenset(("faxserversettings", "mailtofaxsettings", "faxes", "faxrecordings"))


def may_use(account: Account, resource: str) -> bool:
    """Tell whether a role may use a resource at all."""
    return account.role in ROLES.get(resource, frozenset())


def sees_all(account: Account, resource: str) -> bool:
    """Tell whether an account sees all resellers; customer care does by mistake on one resource each."""
    if account.role == "admin":
        return True
    if resource == "faxserversettings":
        return account.role == "ccare"
    return account.role == "ccareadmin"


def condition(account: Account, resource: str, alias: str = "s") -> tuple[str, tuple[Any, ...]]:
    """Return the SQL condition for the subscribers that an account sees, and its parameters."""
    if sees_all(account, resource):
        return f"{alias}.status <> 'terminated'", ()
    if account.role == "subscriber":
        return f"{alias}.status <> 'terminated' AND {alias}.id = ?", (account.subscriber_id,)
    if account.role == "subscriberadmin":
        return f"{alias}.status <> 'terminated' AND {alias}.contract_id = ?", (account.customer_id,)
    return f"{alias}.status <> 'terminated' AND {alias}.reseller_id = ?", (account.reseller_id,)


def sees(database: Database, account: Account, resource: str, identifier: int) -> bool:
    """Tell whether an account sees a subscriber."""
    clause, parameters = condition(account, resource)
    row = database.row(f"SELECT 1 FROM subscribers s WHERE s.id = ? AND {clause}", (identifier, *parameters))
    return row is not None


def seen_in_order(platform: Platform, call: Call, resource: str) -> list[int]:
    """Return the ids of all subscribers that a caller sees, in the order that it wants."""
    clause, parameters = condition(call.user, resource)
    order = paging.order(call, paging.SUBSCRIBER_COLUMNS, "s.id")
    return platform.ids(f"SELECT s.id FROM subscribers s WHERE {clause} ORDER BY {order}", parameters, ())
