# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a task says about journal entries, turned into a filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._api.client import Client
from .._errors import InputError
from .._subscribers.keys import KEY_NAMES, parse_keys, reject_empty
from .._subscribers.lookup import resolve_one
from .journal import Filter
from .timestamps import parse_since, parse_until

# The options that choose entries.
_FILTERS = (*KEY_NAMES, "status", "since", "until", "limit")

HINT_EMPTY = "To leave it out, use default(omit, true)."


def parse_filter(params: Mapping[str, Any], default_direction: str) -> tuple[Filter, Any]:
    """Return the filter of a task, and the keys of its subscriber (None for all).

    :param default_direction: the direction that the module has by default.
    :raises InputError: a value is wrong or empty, or ``fax_id`` stands beside a filter.
    """
    _check_options(params, default_direction)
    keys = parse_keys(params) if any(params.get(name) is not None for name in KEY_NAMES) else None
    wanted = Filter(
        direction=params["direction"],
        statuses=frozenset(word.strip().casefold() for word in params.get("status") or []),
        since=parse_since(params["since"]) if params.get("since") is not None else None,
        until=parse_until(params["until"]) if params.get("until") is not None else None,
    )
    since, until = wanted.since, wanted.until
    if since and until and since.has_zone == until.has_zone and since.moment > until.moment:
        raise InputError("is later than until", field="since")
    return wanted, keys


def resolve_filter(client: Client, wanted: Filter, keys: Any) -> Filter:
    """Return a filter with the subscriber that its keys name.

    :raises FaxError: there is none, or more than one.
    """
    if keys is None:
        return wanted
    subscriber = resolve_one(client, keys)
    return Filter(subscriber.id, wanted.direction, wanted.statuses, wanted.since, wanted.until)


def check_subscriber(client: Client, wanted: Filter) -> None:
    """Tell an empty journal from a subscriber who is not there: for both the server has an empty list.

    :raises NotFoundError: this user cannot see such a subscriber.
    """
    if wanted.subscriber_id is not None:
        client.get_item("subscribers", wanted.subscriber_id)


def _check_options(params: Mapping[str, Any], default_direction: str) -> None:
    """Check the options that choose entries, as far as they do not need to be parsed.

    :raises InputError: a value is wrong or empty, or ``fax_id`` stands beside a filter.
    """
    reject_empty({name: params.get(name) for name in _FILTERS}, hint=HINT_EMPTY)
    if params.get("limit") is not None and params["limit"] < 1:
        raise InputError(f"must be at least 1, not {params['limit']}", field="limit")
    if params.get("fax_id") is None:
        return
    if params["fax_id"] < 1:
        raise InputError(f"must be at least 1, not {params['fax_id']}", field="fax_id")
    for name in _FILTERS:
        if params.get(name) is not None:
            raise InputError("cannot be combined with fax_id, which names one entry", field=name)
    if params["direction"] != default_direction:
        raise InputError("cannot be combined with fax_id, which names one entry", field="direction")
