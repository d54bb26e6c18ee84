# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""When to read single items and when whole lists: the cost model, and many items read by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Union

from .._concurrency import Outage, run_parallel
from .._errors import (
    FaxError,
    ListChangedError,
    NotFoundError,
)
from .client import Client
from .hal import PAGE_ROWS, Page
from .pages import Keep, keep_all

# Milliseconds, measured on a running server: a single item, and one more item on a page of a list.
SINGLE_ITEM_COST = 45
LISTED_SETTINGS_COST = 13
LISTED_SUBSCRIBER_COST = 29
# Not measured: an item of a list that is as simple as the settings.
LISTED_CUSTOMER_COST = LISTED_SETTINGS_COST
# Measured on another machine in comparison with the settings: the call forwards of a subscriber, singly and on a page,
# and destination sets, those of one subscriber and one more on a page (contract: call forwards, section 8).
SINGLE_MAPPINGS_COST = 85
LISTED_MAPPINGS_COST = 46
SETS_OF_ONE_COST = 50
LISTED_SET_COST = 10

Reading = Union["dict[str, Any]", FaxError]


def worth_a_page(wanted: int, listed_cost: int, single_cost: int = SINGLE_ITEM_COST) -> bool:
    """Return whether reading one page costs no more than reading this number of items one by one.

    The first page is then read, because it also shows the length of the whole list.
    """
    return wanted * single_cost >= PAGE_ROWS * listed_cost


def worth_the_list(missing: int, unread: int, listed_cost: int, single_cost: int = SINGLE_ITEM_COST) -> bool:
    """Return whether the rest of a list costs no more than reading the missing items one by one.

    :param missing: how many wanted items are not there yet.
    :param unread: how many items of the list are not read yet.
    """
    return missing > 0 and missing * single_cost >= unread * listed_cost


def has_missing(readings: Mapping[int, Reading]) -> bool:
    """Return whether something that was listed is not there (any more)."""
    return any(isinstance(reading, NotFoundError) for reading in readings.values())


def read_items(
    client: Client,
    name: str,
    ids: Sequence[int],
    listed_cost: int,
    keep: Keep = keep_all,
    single_cost: int = SINGLE_ITEM_COST,
) -> dict[int, Any]:
    """Return the item of a collection (or the error) for each id, from pages of the list where that is cheaper.

    Items that a list lacks are read one by one. Nothing is lost if a list shifts in the meantime, and unknown ids are
    detected.

    :param name: the collection's name, for example ``customers``.
    :param listed_cost: milliseconds for one more item on a page of it.
    :param keep: gets the items that came together, and returns what is returned in place of each.
    :param single_cost: milliseconds for a single item.
    :raises AccessError: the server refuses the user.
    :raises UnreachableError: there is no connection.
    :raises FaxError: the server no longer responds.
    """

    def keep_with_ids(items: Sequence[dict[str, Any]]) -> Sequence[tuple[int, Any]]:
        return [*zip([item["id"] for item in items], keep(items))]

    readings: dict[int, Any] = {}
    if worth_a_page(len(ids), listed_cost, single_cost):
        wanted = set(ids)
        kept = _read_lists(client, name, wanted, (listed_cost, single_cost), keep_with_ids)
        readings.update(pair for pair in kept if pair[0] in wanted)
    missing = [identifier for identifier in ids if identifier not in readings]
    outage = Outage()
    singles = run_parallel(lambda identifier: _read_one(client, name, identifier, outage), missing, client.concurrency)
    readings.update(zip(missing, singles))
    readings.update(keep_with_ids([one for one in singles if not isinstance(one, FaxError)]))
    return readings


def _read_lists(
    client: Client, name: str, wanted: set[int], costs: tuple[int, int], keep: Keep
) -> Sequence[tuple[int, Any]]:
    first = Page([], 0)
    try:
        first = client.first_page(name)
        missing = len(wanted.difference([item["id"] for item in first.items]))
        if worth_the_list(missing, first.total - len(first.items), *costs):
            return client.complete_list(name, first, keep=keep)
    except ListChangedError:
        client.counters.count_retry()
    return keep(first.items)


def _read_one(client: Client, name: str, identifier: int, outage: Outage) -> Any:
    tries = 1 if outage.suspected else None
    # Items of lists have an id, even where single ones do not.
    return outage.result_of(lambda: {**client.get_item(name, identifier, tries=tries), "id": identifier})
