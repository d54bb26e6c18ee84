# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths, the methods that they know, and which resource they lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .accounts import Account
from .call import READING
from .forwards.kinds import KINDS, TYPES, SetKind

SUBSCRIBER_SORTING = ("id", "uuid", "username", "external_id", "contract_id", "create_timestamp")


@dataclass(frozen=True)
class Route:
    """One resource: its methods in the order in which OPTIONS lists them."""

    collection: tuple[str, ...]
    item: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    sorting: tuple[str, ...] = ()
    listed: bool = True


READ = ("GET", "OPTIONS", "HEAD")
MAPPING_FIELDS = (*TYPES, "cft_ringtimeout", "id")


def _sets(kind: SetKind) -> Route:
    mode = ("mode", "is_regex") if kind.has_mode else ()
    return Route(
        ("GET", "POST", "OPTIONS", "HEAD"),
        ("GET", "OPTIONS", "HEAD", "PATCH", "PUT", "DELETE"),
        (kind.elements, "id", "name", "subscriber_id", "usage_count", *mode),
        ("subscriber_id", "name"),
        ("id", "name", "subscriber_id"),
    )


ROUTES: dict[str, Route] = {
    "faxserversettings": Route(
        READ,
        ("GET", "OPTIONS", "HEAD", "PATCH", "PUT"),
        ("active", "destinations", "ecm", "id", "name", "password", "t38"),
        ("active", "name_or_password"),
        SUBSCRIBER_SORTING,
    ),
    "mailtofaxsettings": Route(
        READ,
        ("GET", "OPTIONS", "HEAD", "PATCH", "PUT"),
        ("acl", "active", "last_secret_key_modify", "secret_key", "secret_key_renew", "secret_renew_notify"),
        ("active", "secret_key_renew"),
        SUBSCRIBER_SORTING,
    ),
    "faxes": Route(
        ("GET", "POST", "OPTIONS", "HEAD"),
        ("GET", "OPTIONS", "HEAD", "DELETE"),
        ("callee", "caller", "direction", "duration", "filename", "id", "pages", "quality", "reason", "signal_rate")
        + ("status", "subscriber_id", "time"),
        ("subscriber_id", "time_from", "time_to", "sid", "tz", "use_owner_tz", "number_rewrite_mode"),
        ("id", "time", "direction", "status", "sid"),
    ),
    "faxrecordings": Route(("OPTIONS",), READ, parameters=("format", "tz")),
    "subscribers": Route(
        READ,
        ("GET", "OPTIONS", "HEAD", "PATCH"),
        ("id", "username", "domain", "external_id", "primary_number", "alias_numbers", "status"),
        ("username", "domain", "webusername", "customer_id", "customer_external_id", "subscriber_external_id")
        + ("alias", "primary_number", "reseller_id", "contact_id", "is_admin", "display_name"),
        SUBSCRIBER_SORTING,
    ),
    "customers": Route(READ, READ, ("id", "external_id", "status", "type"), ("external_id", "status", "not_status")),
    "domains": Route(READ, READ, ("id", "domain", "reseller_id"), ("domain", "reseller_id")),
    "capabilities": Route(READ, READ, ("id", "name", "enabled"), ("name",)),
    "cfmappings": Route(READ, ("GET", "OPTIONS", "HEAD", "PATCH", "PUT"), MAPPING_FIELDS, (), SUBSCRIBER_SORTING),
    "callforwards": Route(
        READ, ("GET", "OPTIONS", "HEAD", "PATCH", "PUT", "DELETE"), MAPPING_FIELDS[:7], (), SUBSCRIBER_SORTING
    ),
    **{kind.resource: _sets(kind) for kind in KINDS},
    "subscriberprofiles": Route(
        READ, READ, ("attributes", "description", "id", "name", "profile_set_id", "set_default"), ("name",)
    ),
    "authtokens": Route(("POST", "OPTIONS"), listed=False),
    "admincerts": Route(("POST", "OPTIONS"), listed=False),
}

_IDENTIFIER = re.compile(r"^[+-]?\d+$")


@dataclass
class Target:
    """Where a path leads."""

    resource: str
    identifier: str | None = None
    missing_slash: bool = False


def find(path: str) -> Target | None:
    """Return where a path leads, or None."""
    if not path.startswith("/api/"):
        return None
    rest = path[5:]
    name, slash, item = rest.partition("/")
    if name not in ROUTES:
        return None
    if not slash:
        return Target(name, missing_slash=True)
    if not item:
        return Target(name)
    item = item[:-1] if item.endswith("/") else item
    if not item or "/" in item or not ROUTES[name].item:
        return None
    return Target(name, item)


def allowed_methods(methods: tuple[str, ...], account: Account) -> tuple[str, ...]:
    """Return the methods that an account may use."""
    return tuple(method for method in methods if method in READING) if account.read_only else methods


def identifier_of(text: str) -> int | None:
    """Return the id that a path names; None if it is no whole number."""
    return int(text) if _IDENTIFIER.match(text) else None
