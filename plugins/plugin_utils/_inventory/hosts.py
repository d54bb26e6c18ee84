# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Subscribers as hosts of an inventory: which ones there are, how they are called, and what variables they have."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Callable, NamedTuple

from ansible_collections.ngcp.fax.plugins.module_utils._api.client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._api.connections import connected
from ansible_collections.ngcp.fax.plugins.module_utils._api.lists import LISTED_CUSTOMER_COST, Reading, read_items
from ansible_collections.ngcp.fax.plugins.module_utils._errors import AccessError, FaxError, NotFoundError
from ansible_collections.ngcp.fax.plugins.module_utils._files import file_error
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, Resource
from ansible_collections.ngcp.fax.plugins.module_utils._settings.values import shown_settings
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import reject_empty, split_name
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.lookup import select_and_read
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.subscriber import Subscriber
from ansible_collections.ngcp.fax.plugins.module_utils._wording import and_more, counted

CUSTOMER = "customer"
DETAILS = (CUSTOMER, *(resource.prefix for resource in RESOURCES))
CRITERIA = ("customer_id", "customer_external_id", "domain")

# What decides which data the platform gives, apart from secrets.
_IDENTITY = ("api_url", "auth_method", "api_username", "client_cert", *CRITERIA, "active", "status", "details")

# How often a token or certificate is hashed for the name of an entry in the cache: some hundredths of a second, so that
# nobody can guess it from there.
_HASH_ROUNDS = 50_000

# A name in front of the at sign consists of letters, digits and the signs that the platform allows. Others break
# inventories: a slash leads out of the folder host_vars, braces are templates to older versions of Ansible, blanks
# split patterns. It must not begin with what makes it something else than a name: an option of ssh and other programs
# (-), or a pattern for other hosts (!, ~, *). A domain is a host name or an address.
_LABEL = r"(?![-])[\w-]{1,63}(?<!-)"
_SAFE_USER = re.compile(r"(?![-!~*])[\w=+,;.~'()!*-]+")
_SAFE_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_MAX_CERTIFICATE = 1024 * 1024  # bytes
_EXAMPLES = 3
_LONGEST_NAME = 250  # characters; longer ones make no file names


class HostList(NamedTuple):
    """The hosts of an inventory, free of secrets. It consists of what JSON can hold, so that it can be cached.

    :param hosts: the variables of each host, by its name ``user@domain``, in the order of ids.
    :param left_out: subscribers whose names no host can have.
    :param warnings: what else the user should know.
    """

    hosts: dict[str, dict[str, Any]]
    left_out: list[str]
    warnings: list[str]


def read_hosts(
    params: Mapping[str, Any], connect: Callable[[Mapping[str, Any]], AbstractContextManager[Client]] = connected
) -> HostList:
    """Return the subscribers that fit the options of an inventory as hosts.

    :param params: the connection's options, the ``CRITERIA``, ``active``, ``status``, ``details`` and ``allow_empty``.
    :param connect: lends a client for the connection options, and takes it back.
    :raises FaxError: the inventory would not be complete, or nobody fits the options and that is not allowed.
    """
    criteria = {name: params.get(name) for name in CRITERIA}
    reject_empty(criteria)
    with connect(params) as client:
        found = _host_list(client, params, criteria)
    if not found.hosts and not params.get("allow_empty"):
        raise _nobody(found)
    return found


def identity(params: Mapping[str, Any]) -> str:
    """Return a short text that differs for options with which the platform would give other hosts, and for others who
    are asking.

    Passwords do not count, because a name stands beside each. Tokens and certificates do, and cannot be found out from
    the text.

    :raises FaxError: the certificate cannot be read.
    """
    options = json.dumps([params.get(name) for name in _IDENTITY], default=str)
    callers = [_hashed(str(params[name]).encode("utf-8")) for name in ("api_token",) if params.get(name)]
    if params.get("client_cert"):
        callers.append(_hashed(_content(str(params["client_cert"]))))
    return hashlib.sha256("\n".join([options, *callers]).encode("utf-8")).hexdigest()[:32]


def cached_hosts(cached: Any) -> HostList | None:
    """Return what a cache holds, or None if it is damaged or anything else than a list of hosts."""
    if not isinstance(cached, Mapping) or set(cached) != set(HostList._fields):
        return None
    found = HostList(**cached)
    if not isinstance(found.hosts, Mapping) or not all(_is_host(*item) for item in found.hosts.items()):
        return None
    texts = (found.left_out, found.warnings)
    if not all(isinstance(part, list) and all(isinstance(text, str) for text in part) for part in texts):
        return None
    return found


def _is_host(name: Any, variables: Any) -> bool:
    return (
        isinstance(name, str)
        and _is_safe(name)
        and isinstance(variables, Mapping)
        and isinstance(variables.get("ngcp_subscriber_id"), int)
        and all(isinstance(variable, str) and variable.startswith("ngcp_") for variable in variables)
    )


def _hashed(secret: bytes) -> str:
    return hashlib.pbkdf2_hmac("sha256", secret, b"ngcp.fax inventory", _HASH_ROUNDS).hex()


def _content(path: str) -> bytes:
    try:
        with open(os.path.expanduser(path), "rb") as stream:
            return stream.read(_MAX_CERTIFICATE)
    except OSError as error:
        raise file_error(f"cannot read the certificate {path}", error) from None


def _nobody(found: HostList) -> NotFoundError:
    if found.left_out:
        names = ", ".join(found.left_out[:3])
        message = f"The names of the subscribers that match the options cannot be host names: {names}"
    else:
        message = "No subscriber matches the inventory's options"
    return NotFoundError(
        message,
        hint="Check for a misspelt domain or customer, or set allow_empty if an empty inventory is intended.",
    )


class _Chosen(NamedTuple):
    """Who becomes a host, and what was read about them.

    :param left_out: subscribers whose names no host can have.
    :param settings: for the resources the settings by id, None where there are none for this user.
    :param is_whole: whether settings of every subscriber in the list were read.
    """

    subscribers: list[Subscriber]
    left_out: list[Subscriber]
    settings: dict[Resource, dict[int, Any]]
    is_whole: bool

    @property
    def is_doubtful(self) -> bool:
        """Whether a subscriber may have gone while the list was read, which pulls another one out of sight."""
        return not self.is_whole or any(None in by_id.values() for by_id in self.settings.values())


def _host_list(client: Client, params: Mapping[str, Any], criteria: Mapping[str, Any]) -> HostList:
    _listed, chosen = select_and_read(
        client, criteria, lambda listed: _choose(client, params, listed), lambda result: result.is_doubtful
    )
    subscribers, details = chosen.subscribers, params["details"]
    customers = _customer_external_ids(client, subscribers) if CUSTOMER in details else None
    shown = {one: by_id for one, by_id in chosen.settings.items() if one.prefix in details}
    return HostList(
        hosts={str(item.name): _variables(item, shown, customers) for item in subscribers},
        left_out=[f"{item.name!r} ({item.id})" for item in chosen.left_out],
        warnings=list(_warnings(subscribers, shown)),
    )


def _choose(client: Client, params: Mapping[str, Any], listed: Sequence[Subscriber]) -> _Chosen:
    """Return those of the listed subscribers that fit the inventory's options, and their settings."""
    status, active, details = params.get("status"), params.get("active"), params["details"]
    found = [subscriber for subscriber in listed if status in (None, subscriber.status)]
    subscribers = [subscriber for subscriber in found if _is_safe(str(subscriber.name))]
    left_out = [subscriber for subscriber in found if not _is_safe(str(subscriber.name))]
    settings: dict[Resource, dict[int, Any]] = {}
    if active is not None:
        by_id = settings[FAX_SETTINGS] = _visible_settings(client, FAX_SETTINGS, subscribers)
        subscribers = [item for item in subscribers if (by_id[item.id] or {}).get("active") == active]
    for resource in RESOURCES:
        if resource.prefix in details and resource not in settings:
            settings[resource] = _visible_settings(client, resource, subscribers)
    is_whole = any(len(by_id) == len(listed) for by_id in settings.values())
    return _Chosen(subscribers, left_out, settings, is_whole)


def _is_safe(name: str) -> bool:
    user, domain = split_name(name)
    if len(name) > _LONGEST_NAME or not _SAFE_USER.fullmatch(user):
        return False
    return _SAFE_DOMAIN.fullmatch(domain) is not None or _is_address(domain)


def _is_address(domain: str) -> bool:
    """Return whether a domain is an IPv6 address, in brackets or without."""
    in_brackets = domain.startswith("[") and domain.endswith("]")
    try:
        ipaddress.IPv6Address(domain[1:-1] if in_brackets else domain)
    except ValueError:
        return False
    return "%" not in domain


def _variables(
    subscriber: Subscriber, settings: Mapping[Resource, Mapping[int, Any]], customers: Mapping[int | None, Any] | None
) -> dict[str, Any]:
    variables: dict[str, Any] = {
        "ngcp_subscriber_id": subscriber.id,
        "ngcp_subscriber_external_id": subscriber.external_id,
        "ngcp_domain": split_name(str(subscriber.name))[1],
        "ngcp_customer_id": subscriber.customer_id,
        "ngcp_primary_number": subscriber.primary_number,
        "ngcp_alias_numbers": list(subscriber.alias_numbers),
        "ngcp_status": subscriber.status,
        "ngcp_administrative": subscriber.administrative,
    }
    if customers is not None:
        variables["ngcp_customer_external_id"] = customers.get(subscriber.customer_id)
    for resource, by_id in settings.items():
        variables[resource.host_variable] = by_id[subscriber.id]
    return variables


def _visible_settings(client: Client, resource: Resource, subscribers: Sequence[Subscriber]) -> dict[int, Any]:
    """Return the settings of each subscriber without secrets; None where this user may not see them: some roles see
    more subscribers than settings.

    :raises FaxError: those of a subscriber could not be read for another reason.
    """
    readings = resource.ways.read(client, resource, subscribers)
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
        messages = [f"{what} {item}: {error.message}" for item, error in failed[:_EXAMPLES]]
        raise FaxError(
            f"Cannot read {and_more(messages, len(failed))}",
            code=first.code,
            http_status=first.http_status,
            retryable=first.retryable,
            hint=first.hint,
        )


def _warnings(subscribers: Sequence[Subscriber], settings: Mapping[Resource, Mapping[int, Any]]) -> Iterable[str]:
    if not subscribers:
        yield "No subscriber matches the inventory's options."
    for resource, by_id in settings.items():
        unseen = sum(by_id[subscriber.id] is None for subscriber in subscribers)
        if unseen:
            yield (
                f"The user cannot see the {resource.title} of {unseen} of "
                f"{counted(len(subscribers), 'subscriber')}: their {resource.host_variable} is null."
            )
