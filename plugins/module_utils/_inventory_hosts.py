# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Subscribers as hosts of an inventory: which ones there are, how they are called, and what variables they have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.ngcp.fax.plugins.module_utils._client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._connection import connect
from ansible_collections.ngcp.fax.plugins.module_utils._declarations import reject_empty
from ansible_collections.ngcp.fax.plugins.module_utils._errors import AccessError, FaxError, NotFoundError
from ansible_collections.ngcp.fax.plugins.module_utils._lookup import select
from ansible_collections.ngcp.fax.plugins.module_utils._reading import (
    LISTED_CUSTOMER_COST,
    Reading,
    read_items,
    read_settings,
)
from ansible_collections.ngcp.fax.plugins.module_utils._resources import FAX_SETTINGS, MAIL2FAX_SETTINGS, Resource
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers import Subscriber
from ansible_collections.ngcp.fax.plugins.module_utils._values import shown_settings

CUSTOMER = "customer"
FAX = "fax"
MAIL2FAX = "mail2fax"
DETAILS = (CUSTOMER, FAX, MAIL2FAX)
CRITERIA = ("customer_id", "customer_external_id", "domain")

_RESOURCES = {FAX: FAX_SETTINGS, MAIL2FAX: MAIL2FAX_SETTINGS}

# What decides which data the platform gives, apart from secrets.
_IDENTITY = ("api_url", "api_username", "client_cert", *CRITERIA, "active", "status", "details")

# Letters, digits and the signs that the platform allows in names. Others break inventories: a slash leads out of the
# folder host_vars, braces are templates to older versions of Ansible, blanks split patterns.
_SAFE_NAME = re.compile(r"[\w=+,;.~'()!*-]+@[\w.:\[\]-]+")


class HostList(NamedTuple):
    """The hosts of an inventory, free of secrets. It consists of what JSON can hold, so that it can be cached.

    :param hosts: the variables of each host, by its name ``user@domain``, in the order of ids.
    :param left_out: subscribers whose names no host can have.
    :param warnings: what else the user should know.
    """

    hosts: dict[str, dict[str, Any]]
    left_out: list[str]
    warnings: list[str]


def read_hosts(params: Mapping[str, Any]) -> HostList:
    """Return the subscribers that fit the options of an inventory as hosts.

    :param params: the connection's options, the ``CRITERIA``, ``active``, ``status`` and ``details``.
    :raises FaxError: the inventory would not be complete.
    """
    criteria = {name: params.get(name) for name in CRITERIA}
    reject_empty(criteria)
    client = connect(params)
    try:
        return _host_list(client, params, criteria)
    finally:
        client.close()


def identity(params: Mapping[str, Any]) -> str:
    """Return a short text that differs for options with which the platform would give other hosts.

    Passwords and tokens do not count, so that it tells nothing about them.
    """
    text = json.dumps([params.get(name) for name in _IDENTITY], default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _host_list(client: Client, params: Mapping[str, Any], criteria: Mapping[str, Any]) -> HostList:
    status, active, details = params.get("status"), params.get("active"), params["details"]
    found = [subscriber for subscriber in select(client, criteria) if status in (None, subscriber.status)]
    subscribers = [subscriber for subscriber in found if _is_safe(subscriber)]
    settings: dict[str, dict[int, Any]] = {}
    if FAX in details or active is not None:
        settings[FAX] = _visible_settings(client, FAX_SETTINGS, subscribers)
    if active is not None:
        subscribers = [item for item in subscribers if (settings[FAX][item.id] or {}).get("active") == active]
    if MAIL2FAX in details:
        settings[MAIL2FAX] = _visible_settings(client, MAIL2FAX_SETTINGS, subscribers)
    customers = _customer_external_ids(client, subscribers) if CUSTOMER in details else None
    shown = {name: by_id for name, by_id in settings.items() if name in details}
    return HostList(
        hosts={str(item.name): _variables(item, shown, customers) for item in subscribers},
        left_out=[f"{item.name!r} ({item.id})" for item in found if not _is_safe(item)],
        warnings=list(_warnings(subscribers, shown)),
    )


def _is_safe(subscriber: Subscriber) -> bool:
    return _SAFE_NAME.fullmatch(str(subscriber.name)) is not None


def _variables(
    subscriber: Subscriber, settings: Mapping[str, Mapping[int, Any]], customers: Mapping[int | None, Any] | None
) -> dict[str, Any]:
    variables: dict[str, Any] = {
        "ngcp_subscriber_id": subscriber.id,
        "ngcp_subscriber_external_id": subscriber.external_id,
        "ngcp_domain": str(subscriber.name).rpartition("@")[2],
        "ngcp_customer_id": subscriber.customer_id,
        "ngcp_primary_number": subscriber.primary_number,
        "ngcp_alias_numbers": list(subscriber.alias_numbers),
        "ngcp_status": subscriber.status,
        "ngcp_administrative": subscriber.administrative,
    }
    if customers is not None:
        variables["ngcp_customer_external_id"] = customers.get(subscriber.customer_id)
    for name, by_id in settings.items():
        variables[f"ngcp_{name}"] = by_id[subscriber.id]
    return variables


def _visible_settings(client: Client, resource: Resource, subscribers: Sequence[Subscriber]) -> dict[int, Any]:
    """Return the settings of each subscriber without secrets; None where this user may not see them: some roles see
    more subscribers than settings.

    :raises FaxError: those of a subscriber could not be read for another reason.
    """
    readings = read_settings(client, resource, [subscriber.id for subscriber in subscribers])
    _raise_failures(f"the {resource.title} of", subscribers, readings)
    return {
        subscriber_id: None if isinstance(reading, FaxError) else shown_settings(resource, reading)
        for subscriber_id, reading in readings.items()
    }


def _customer_external_ids(client: Client, subscribers: Iterable[Subscriber]) -> dict[int | None, Any]:
    """Return the external id of each customer that this user may see: subscribers see none."""
    ids = sorted({item.customer_id for item in subscribers if item.customer_id is not None})
    try:
        readings = read_items(client, "customers", ids, LISTED_CUSTOMER_COST)
    except AccessError as error:
        if error.code != "forbidden":
            raise
        return {}
    _raise_failures("customer", ids, readings)
    return {key: item.get("external_id") for key, item in readings.items() if not isinstance(item, FaxError)}


def _raise_failures(what: str, wanted: Sequence[Subscriber | int], readings: Mapping[int, Reading]) -> None:
    """Raise an error for what could not be read: an inventory that lacks something would be taken for the whole."""
    failed = []
    for item in wanted:
        reading = readings[item.id if isinstance(item, Subscriber) else item]
        if isinstance(reading, FaxError) and not isinstance(reading, NotFoundError):
            failed.append((item, reading))
    if failed:
        first = failed[0][1]
        messages = "; ".join(f"{what} {item}: {error.message}" for item, error in failed[:3])
        more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
        raise FaxError(
            f"Cannot read {messages}{more}",
            code=first.code,
            http_status=first.http_status,
            retryable=first.retryable,
            hint=first.hint,
        )


def _warnings(subscribers: Sequence[Subscriber], settings: Mapping[str, Mapping[int, Any]]) -> Iterable[str]:
    if not subscribers:
        yield "No subscriber fits the inventory's options."
    for name, by_id in settings.items():
        unseen = sum(by_id[subscriber.id] is None for subscriber in subscribers)
        if unseen:
            yield (
                f"The user may not see the {_RESOURCES[name].title} of {unseen} of {len(subscribers)} subscribers: "
                f"their ngcp_{name} is null."
            )
