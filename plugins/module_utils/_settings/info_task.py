# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The tasks ``fax_settings_info`` and ``mail2fax_settings_info``: which settings subscribers have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from .._api.client import Client
from .._api.lists import Reading, has_missing
from .._errors import FaxError
from .._subscribers.keys import SubscriberKeys
from .._subscribers.lookup import Resolution, resolve, select_and_read
from .._subscribers.subscriber import Subscriber
from .._task import Host, Task
from .declarations import (
    SELECT,
    check_criteria,
    entry_keys,
    form_of,
    reject_no_entries,
    task_entries,
)
from .options import info_options
from .plan import Policy
from .resources import Resource
from .unread import Unread, failure_of
from .values import shown_settings


def info_task(resource: Resource) -> Task:
    """Return the task that reads the settings of a resource."""
    return Task(info_options(resource), partial(read_info, resource))


def read_info(resource: Resource, params: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`_settings.options.info_options` describes them.
    :raises FaxError: nothing could be read.
    """
    form = form_of(params)
    if form == SELECT:
        check_criteria(params["select"])
    named = _named_keys(form, params) if form not in (None, SELECT) else None
    with host.connect(params) as client:
        try:
            return _read(client, resource, params, named)
        except FaxError as error:
            return {**error.as_result(), "subscribers": [], "summary": {"total": 0, **client.counters.as_dict()}}


def _read(
    client: Client, resource: Resource, params: Mapping[str, Any], named: list[SubscriberKeys] | None
) -> dict[str, Any]:
    if named is None:
        found, readings = select_and_read(
            client,
            params.get(SELECT) or {},
            lambda subscribers: resource.ways.read(client, resource, subscribers, policy=_policy(resource, params)),
            has_missing,
        )
        if params.get(SELECT) is not None:
            reject_no_entries(SELECT, params, len(found))
        return _result(client, resource, params, None, found, readings)
    resolutions = resolve(client, named, trust_ids=False)
    known = {item.id: item for item in resolutions if isinstance(item, Subscriber)}
    asked = [known[identifier] for identifier in sorted(known)]
    readings = resource.ways.read(client, resource, asked, policy=_policy(resource, params))
    return _result(client, resource, params, named, resolutions, readings)


def _policy(resource: Resource, params: Mapping[str, Any]) -> Policy:
    return Policy(options={name: params[name] for name in resource.info_options})


def _named_keys(form: str | None, params: Mapping[str, Any]) -> list[SubscriberKeys]:
    given = task_entries(str(form), params)
    reject_no_entries(str(form), params, len(given))
    return entry_keys(given)


def _result(
    client: Client,
    resource: Resource,
    params: Mapping[str, Any],
    named: list[SubscriberKeys] | None,
    resolutions: Sequence[Resolution],
    readings: Mapping[int, Reading],
) -> dict[str, Any]:
    found = {item.id: item for item in resolutions if isinstance(item, Subscriber)}
    shown = [
        _shown(resource, found[subscriber_id], readings[subscriber_id], bool(params.get("include_secrets")))
        for subscriber_id in sorted(found)
        if not isinstance(readings[subscriber_id], FaxError)
    ]
    wanted = params.get("active")
    result: dict[str, Any] = {
        "changed": False,
        "subscribers": [entry for entry in shown if wanted is None or entry.get("active") == wanted],
        "summary": {"total": len(resolutions), **client.counters.as_dict()},
    }
    result.update(failure_of(_unread(named, resolutions, readings)))
    return result


def _shown(resource: Resource, subscriber: Subscriber, document: Reading, include_secrets: bool) -> dict[str, Any]:
    """Return an entry that the settings module accepts unchanged."""
    if isinstance(document, FaxError):
        raise document
    settings = shown_settings(resource, document, include_secrets)
    return {"subscriber_id": subscriber.id, "subscriber": subscriber.name, **settings}


def _unread(
    named: list[SubscriberKeys] | None, resolutions: Sequence[Resolution], readings: Mapping[int, Reading]
) -> Iterator[Unread]:
    for index, item in enumerate(resolutions):
        reading = readings[item.id] if isinstance(item, Subscriber) else item
        if isinstance(reading, FaxError):
            yield Unread(index, str(named[index] if named is not None else item), reading)
