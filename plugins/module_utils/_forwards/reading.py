# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The call forwards of subscribers, read: one by one or from lists, and only what the question needs.

Three things belong together: the subscriber with its primary number, its mappings, and the destination sets that belong
to it or that its mappings use. Reading creates nothing on the platform (contract: call forwards, section 3).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Callable, NamedTuple, Union

from .._api.client import Client
from .._api.lists import (
    LISTED_MAPPINGS_COST,
    LISTED_SET_COST,
    LISTED_SUBSCRIBER_COST,
    SETS_OF_ONE_COST,
    SINGLE_MAPPINGS_COST,
    read_items,
    worth_a_page,
    worth_the_list,
)
from .._concurrency import Outage, run_parallel
from .._errors import FaxError, ListChangedError, NotFoundError, ProtocolError
from .._subscribers.subscriber import Subscriber, subscriber_of
from .kinds import TYPES, ForwardType
from .situation import SET_NAME, DestinationSet, Situation, destination_set, fax_box, situation_of

MAPPINGS = "cfmappings"
SETS = "cfdestinationsets"

SituationReading = Union[Situation, FaxError]

# Takes a subscriber and the sets that belong to it, and returns whether its mappings are needed.
Need = Callable[[Subscriber, "Sequence[DestinationSet]"], bool]


def always(_subscriber: Subscriber, _sets: Sequence[DestinationSet]) -> bool:
    """Need the mappings of every subscriber."""
    return True


def where_a_box_is(_subscriber: Subscriber, sets: Sequence[DestinationSet]) -> bool:
    """Need the mappings only of those who have a set with a fax box, or one of ours: the others can have no forward to
    their own box, and nothing of ours."""
    return any(one.name == SET_NAME or any(fax_box(to) is not None for to in one.destinations) for one in sets)


def read_situations(
    client: Client,
    subscribers: Sequence[Subscriber],
    need: Need = always,
    kinds: Collection[ForwardType] = TYPES,
) -> dict[int, SituationReading]:
    """Return what each subscriber has in matters of call forwards, or the error, by the subscriber's id.

    Requests: the list of destination sets once (for few subscribers, their sets one by one); the mappings of those for
    whom they are needed, from the list where that is cheaper; subscribers only where their numbers are not known, that
    is where they have no name; and the sets of other subscribers that mappings use.

    :param subscribers: different ones. Those without a name were not looked up, and are read.
    :param need: says for whom mappings are needed; the situations of the others have none.
    :param kinds: the types whose sets matter; sets of other subscribers that only other types use are not read, and are
        None in the situation.
    :raises AccessError: the server refuses the user.
    :raises UnreachableError: there is no connection.
    :raises FaxError: the server no longer responds, or a list changed twice while it was read.
    """
    people = _with_numbers(client, subscribers)
    known = [one for one in people.values() if isinstance(one, Subscriber)]
    owned = _read_sets(client, [one.id for one in known])
    wanted = [one.id for one in known if one.id not in owned.broken and need(one, owned.of(one.id))]
    mappings = read_items(client, MAPPINGS, wanted, LISTED_MAPPINGS_COST, single_cost=SINGLE_MAPPINGS_COST)
    others = _read_others(client, mappings.values(), owned.sets, kinds)
    found: dict[int, SituationReading] = {}
    for identifier, subscriber in people.items():
        if isinstance(subscriber, FaxError):
            found[identifier] = subscriber
        elif identifier in owned.broken:
            found[identifier] = owned.broken[identifier]
        else:
            found[identifier] = _situation(subscriber, mappings.get(identifier), owned, others)
    return found


def read_situation(client: Client, subscriber: Subscriber, tries: int | None = None) -> Situation:
    """Return what one subscriber has now. Its number is taken to be known already.

    :param tries: maximum number of tries of each request, instead of that from the options.
    :raises FaxError: it cannot be read.
    """
    mappings = client.get_item(MAPPINGS, subscriber.id, tries=tries)
    owned = _by_owner(_sets_of(client, subscriber.id), {})
    reading = _situation(subscriber, mappings, owned, _read_others(client, [mappings], owned.sets, TYPES))
    if isinstance(reading, FaxError):
        raise reading
    return reading


def read_set(client: Client, subscriber: Subscriber, set_id: int) -> DestinationSet | None:
    """Return a set as it is now, or None where there is none with this id (any more) that the user can see.

    :param subscriber: whose set it should be.
    :raises FaxError: it cannot be read.
    """
    try:
        return destination_set(client.get_item(SETS, set_id), subscriber.id)
    except NotFoundError:
        return None


class _Owned(NamedTuple):
    """The sets that were read.

    :param sets: by id.
    :param broken: errors of subscribers whose sets could not be read.
    """

    sets: Mapping[int, DestinationSet]
    broken: Mapping[int, FaxError]
    by_owner: Mapping[int, list[DestinationSet]] = {}

    def of(self, subscriber_id: int) -> list[DestinationSet]:
        """Return the sets of a subscriber."""
        return self.by_owner.get(subscriber_id, [])


def _with_numbers(client: Client, subscribers: Sequence[Subscriber]) -> dict[int, Subscriber | FaxError]:
    """Return the subscribers by id, those that were not looked up yet as the platform describes them."""
    found: dict[int, Subscriber | FaxError] = {one.id: one for one in subscribers}
    unknown = [one.id for one in subscribers if one.name is None]
    for identifier, item in read_items(client, "subscribers", unknown, LISTED_SUBSCRIBER_COST).items():
        try:
            found[identifier] = item if isinstance(item, FaxError) else subscriber_of(item)
        except FaxError as error:
            found[identifier] = error
    return found


def _read_sets(client: Client, subscriber_ids: Sequence[int]) -> _Owned:
    """Return the destination sets: all that the user may see, or where that is cheaper those of each subscriber."""
    if worth_a_page(len(subscriber_ids), LISTED_SET_COST, SETS_OF_ONE_COST):
        items = _list_of_sets(client, len(subscriber_ids))
        owned = None if items is None else _sorted_out(items)
        if owned is not None:
            return owned
    outage = Outage()
    readings = run_parallel(
        lambda identifier: outage.result_of(lambda: _sets_of(client, identifier)), subscriber_ids, client.concurrency
    )
    sets: dict[int, DestinationSet] = {}
    broken: dict[int, FaxError] = {}
    for identifier, reading in zip(subscriber_ids, readings):
        if isinstance(reading, FaxError):
            broken[identifier] = reading
        else:
            sets.update(reading)
    return _by_owner(sets, broken)


def _list_of_sets(client: Client, wanted: int) -> list[dict[str, Any]] | None:
    """Return all sets, or None where the rest of their list costs more than asking for each subscriber's."""
    first = client.first_page(SETS)
    unread = first.total - len(first.items)
    if unread > 0 and not worth_the_list(wanted, unread, LISTED_SET_COST, SETS_OF_ONE_COST):
        return None
    try:
        return client.complete_list(SETS, first)
    except ListChangedError:
        client.counters.count_retry()
        return client.list_all(SETS)


def _sorted_out(items: Iterable[Mapping[str, Any]]) -> _Owned | None:
    """Return the sets of a list, or None where it does not say whose one of them is: it may be anybody's. A set that is
    not what the API promises otherwise is an error of its owner alone."""
    sets: dict[int, DestinationSet] = {}
    broken: dict[int, FaxError] = {}
    for item in items:
        try:
            one = destination_set(item)
            sets[one.id] = one
            owner: Any = one.owner
        except ProtocolError as error:
            owner = item.get("subscriber_id")
            broken[owner if owner.__class__ is int else 0] = error
        if owner.__class__ is not int:
            return None
    return _by_owner(sets, broken)


def _by_owner(sets: Mapping[int, DestinationSet], broken: Mapping[int, FaxError]) -> _Owned:
    by_owner: dict[int, list[DestinationSet]] = {}
    for one in sets.values():
        if one.owner is not None:
            by_owner.setdefault(one.owner, []).append(one)
    return _Owned(sets, broken, by_owner)


def _sets_of(client: Client, subscriber_id: int) -> dict[int, DestinationSet]:
    """Return the sets of one subscriber by id. A server that ignores the filter sends others as well."""
    items = client.list_all(SETS, {"subscriber_id": subscriber_id})
    return {one.id: one for item in items for one in [destination_set(item, subscriber_id)]}


def _read_others(
    client: Client,
    mappings: Iterable[dict[str, Any] | FaxError],
    known: Mapping[int, DestinationSet],
    kinds: Collection[ForwardType],
) -> dict[int, DestinationSet | FaxError | None]:
    """Return the sets that mappings use and that are not among those of the subscribers; None for those that the user
    cannot see."""
    used = {
        set_id
        for document in mappings
        if not isinstance(document, FaxError)
        for kind in kinds
        for set_id in _used_sets(document.get(kind.short))
    }
    missing = sorted(used.difference(known))
    outage = Outage()
    readings = run_parallel(
        lambda set_id: outage.result_of(lambda: destination_set(client.get_item(SETS, set_id))),
        missing,
        client.concurrency,
    )
    return {
        set_id: None if isinstance(reading, NotFoundError) else reading for set_id, reading in zip(missing, readings)
    }


def _used_sets(entries: Any) -> Iterable[int]:
    """Yield the ids of the sets that entries use; what is wrong with entries is found where they are judged."""
    for entry in entries if isinstance(entries, list) else ():
        set_id = entry.get("destinationset_id") if isinstance(entry, Mapping) else None
        if set_id.__class__ is int and set_id > 0:
            yield set_id


def _situation(
    subscriber: Subscriber,
    mappings: dict[str, Any] | FaxError | None,
    owned: _Owned,
    others: Mapping[int, DestinationSet | FaxError | None],
) -> SituationReading:
    if isinstance(mappings, FaxError):
        return mappings
    sets: dict[int, DestinationSet | None] = {one.id: one for one in owned.of(subscriber.id)}
    for kind in TYPES:
        for set_id in _used_sets((mappings or {}).get(kind.short)):
            one = owned.sets.get(set_id) or others.get(set_id)
            if isinstance(one, FaxError):
                return one
            sets[set_id] = one
    try:
        return situation_of(subscriber, mappings, sets)
    except ProtocolError as error:
        return error
