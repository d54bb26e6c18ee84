# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The task ``fax_readiness_info``: whether subscribers receive faxes, send them and mail them, and if not, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import partial
from typing import Any

from .._api.client import Client
from .._api.lists import has_missing
from .._concurrency import collection_paused
from .._errors import FaxError, InputError
from .._fleet.schema import COLUMNS
from .._settings.declarations import (
    SELECT,
    SUBSCRIBERS,
    SUBSCRIBERS_FILE,
    Entry,
    check_criteria,
    entry_keys,
    form_of,
    reject_no_entries,
    task_entries,
)
from .._settings.fleet_file import read_correct_table
from .._settings.unread import Unread, failure_of
from .._subscribers.keys import SubscriberKeys, reject_empty
from .._subscribers.lookup import resolve, select_and_read
from .._subscribers.subscriber import Subscriber
from .._task import Host, Task
from .facts import Facts
from .options import CHECKS, HOSTS, JOURNAL, readiness_options
from .reading import read_facts
from .result import readiness_result
from .verdicts import ABILITIES

NAME = "fax_readiness_info"


def readiness_task() -> Task:
    """Return the task."""
    return Task(readiness_options(), read_readiness)


@collection_paused()
def read_readiness(params: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`options.readiness_options` describes them.
    :raises InputError: an option is wrong; nothing was read. Whatever happens later is part of the result.
    """
    form = form_of(params)
    if form == SELECT:
        check_criteria(params[SELECT])
    if params.get(HOSTS) is not None and form != SUBSCRIBERS:
        raise InputError("cannot be read without the collection's action plugin", field=HOSTS)
    reject_empty({CHECKS: params[CHECKS]})
    abilities = [ability for ability in ABILITIES if ability in params[CHECKS]]
    keys = None if form in (None, SELECT) else _named(str(form), params)
    with host.connect(params) as client:
        try:
            result = _readiness(client, params, keys, abilities)
        except FaxError as error:
            result = {**error.as_result(), "subscribers": [], "summary": {"total": 0}}
        result["summary"].update(client.counters.as_dict())
        return {**result, "run": {"module": NAME, "platform": client.address, "check_mode": host.check_mode}}


def _readiness(
    client: Client, params: Mapping[str, Any], keys: Sequence[SubscriberKeys] | None, abilities: Sequence[str]
) -> dict[str, Any]:
    """Return the result but for the numbers of requests.

    :param keys: None for everybody who is selected.
    :raises FaxError: nothing could be read.
    """
    read = partial(read_facts, abilities=abilities, journal=params[JOURNAL])
    failure: dict[str, Any] = {}
    if keys is None:
        found, facts = _read_selected(client, params, read)
    else:
        found, facts, failure = _read_named(client, keys, read)
    # The moment only matters for ages in days.
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    return {**readiness_result(found, facts, abilities, now), **failure}


def _read_selected(client: Client, params: Mapping[str, Any], read: Any) -> tuple[list[Subscriber], Facts]:
    """Return all subscribers that are selected, or that the user can see, with the facts.

    :raises InputError: that is nobody.
    """
    criteria = params.get(SELECT)
    found, facts = select_and_read(client, criteria or {}, partial(read, client), lambda one: has_missing(one.fax))
    if criteria is not None:
        reject_no_entries(SELECT, params, len(found))
    return found, facts


def _read_named(
    client: Client, keys: Sequence[SubscriberKeys], read: Any
) -> tuple[list[Subscriber], Facts, dict[str, Any]]:
    """Return those of the named subscribers that there are, with the facts, and a failure for the others."""
    resolutions = resolve(client, keys, trust_ids=False)
    found = {one.id: one for one in resolutions if isinstance(one, Subscriber)}
    subscribers = [found[subscriber_id] for subscriber_id in sorted(found)]
    missing = [
        Unread(index, str(keys[index]), one) for index, one in enumerate(resolutions) if isinstance(one, FaxError)
    ]
    return subscribers, read(client, subscribers), failure_of(missing)


def _named(form: str, params: Mapping[str, Any]) -> list[SubscriberKeys]:
    """Return the keys of the entries. Whatever else these hold does not matter here, so that a fleet file serves.

    :raises InputError: there are none, or some are wrong.
    """
    if form == SUBSCRIBERS_FILE:
        entries: Sequence[Entry] = read_correct_table(COLUMNS, params[SUBSCRIBERS_FILE])
    else:
        entries = _with_hosts(task_entries(form, params), params.get(HOSTS))
    reject_no_entries(form, params, len(entries))
    return entry_keys(entries)


def _with_hosts(entries: list[Entry], hosts: Sequence[str] | None) -> list[Entry]:
    """Return entries that messages name by the inventory hosts that they come from.

    :param hosts: one for each entry; the action plugin makes the entries.
    :raises InputError: it did not.
    """
    if hosts is None:
        return entries
    if len(hosts) != len(entries):
        raise InputError("must have one host for each entry", field=HOSTS)
    return [entry._replace(path=f"host {host}") for host, entry in zip(hosts, entries)]
