# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Look-up of subscribers by ``user@domain``, number, external id, customer or domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Callable, TypeVar, Union

from .._api.client import Client
from .._api.lists import (
    LISTED_SUBSCRIBER_COST,
    worth_a_page,
    worth_the_list,
)
from .._concurrency import Outage, run_parallel
from .._errors import (
    AmbiguousError,
    FaxError,
    InputError,
    ListChangedError,
    NotFoundError,
    ProtocolError,
)
from .._wording import and_more, quoted
from .keys import SubscriberKeys, split_name
from .subscriber import Subscriber, subscriber_of

_EXAMPLES = 5

Resolution = Union[Subscriber, FaxError]
Result = TypeVar("Result")


def resolve(client: Client, all_keys: Sequence[SubscriberKeys], trust_ids: bool = True) -> list[Resolution]:
    """Return the subscriber (or the error) for each entry's keys: looked up one by one, or in the list of all
    subscribers where that is cheaper.

    :param trust_ids: take ids that stand alone as they are, because reading the settings shows whether they exist;
        names then stay unknown.
    :raises AccessError: the server refuses the user.
    :raises UnreachableError: there is no connection.
    """
    trusted = [trust_ids and keys.only_id for keys in all_keys]
    sought = [keys for keys, as_is in zip(all_keys, trusted) if not as_is]
    book = _subscriber_list(client, sought)
    if book is not None:
        found: Iterable[Resolution] = [book.resolve(keys) for keys in sought]
    else:
        outage = Outage()
        found = run_parallel(lambda keys: _look_up(client, keys, outage), sought, client.concurrency)
    responses = iter(found)
    return [Subscriber(_id_of(keys)) if as_is else next(responses) for keys, as_is in zip(all_keys, trusted)]


def resolve_one(client: Client, keys: SubscriberKeys) -> Subscriber:
    """Return the subscriber that the keys name; an id without other keys is not looked up.

    :raises FaxError: there is none, more than one, or the server cannot be asked.
    """
    (found,) = resolve(client, [keys])
    if isinstance(found, FaxError):
        raise found
    return found


def select(client: Client, criteria: Mapping[str, Any]) -> list[Subscriber]:
    """Return every subscriber that fits all criteria, in the order of ids.

    :param criteria: ``customer_id``, ``customer_external_id``, ``domain``, or none of them for everybody.
    :raises NotFoundError: the customer does not exist.
    :raises AmbiguousError: more than one customer has this external id.
    """
    filters = _selection_filters(client, criteria)
    return _selected(client.list_all("subscribers", filters), filters, criteria)


def select_and_read(
    client: Client,
    criteria: Mapping[str, Any],
    read: Callable[[list[Subscriber]], Result],
    is_doubtful: Callable[[Result], bool],
) -> tuple[list[Subscriber], Result]:
    """Return every subscriber that fits all criteria, and what was read about them.

    While a list is read page by page, a subscriber that is deleted pulls the first one of the next page to a page that
    was read already: it would be missing without a word. The deleted one is still among those that were listed, so that
    it shows when they are read; then the list is compared with the server again.

    :param criteria: as for :func:`select`.
    :param read: reads something about the subscribers.
    :param is_doubtful: returns whether a listed subscriber seems to be gone, or nothing was read that could show it.
    :raises ListChangedError: the list shifted twice.
    """
    filters = _selection_filters(client, criteria)
    for _again in range(2):
        items = client.list_all("subscribers", filters)
        subscribers = _selected(items, filters, criteria)
        result = read(subscribers)
        if not is_doubtful(result) or not client.is_shifted("subscribers", items, filters):
            return subscribers, result
        client.counters.count_retry()
    raise ListChangedError(
        "The list of subscribers changed twice while it was read",
        hint="Run the task again when no subscribers are being created or deleted.",
    )


def _selection_filters(client: Client, criteria: Mapping[str, Any]) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    if criteria.get("domain"):
        filters["domain"] = criteria["domain"]
    if criteria.get("customer_id") is not None:
        filters["customer_id"] = criteria["customer_id"]
    if criteria.get("customer_external_id"):
        filters["customer_id"] = _customer_id(client, criteria["customer_external_id"], filters.get("customer_id"))
    return filters


def _selected(
    items: Iterable[Mapping[str, Any]], filters: Mapping[str, Any], criteria: Mapping[str, Any]
) -> list[Subscriber]:
    subscribers = [subscriber_of(item) for item in items]
    return [subscriber for subscriber in subscribers if _matches_selection(subscriber, filters, criteria.get("domain"))]


class _SubscriberList:
    """All subscribers, indexed by whatever names one of them.

    Items that are not subscribers are kept separately, because a subscriber that is not found may be one of them.
    """

    def __init__(self, described: Iterable[Subscriber | ProtocolError]) -> None:
        self._all: list[Subscriber] = []
        self._odd: ProtocolError | None = None
        for one in described:
            if isinstance(one, ProtocolError):
                self._odd = one
            else:
                self._all.append(one)

    def resolve(self, keys: SubscriberKeys) -> Resolution:
        """Return the subscriber that the keys name, or why there is none."""
        found = self.candidates(keys)
        return self._odd if not found and self._odd is not None else _from_candidates(keys, found)

    def candidates(self, keys: SubscriberKeys) -> list[Subscriber]:
        """Return the subscribers that the first of the keys fits."""
        if keys.subscriber_id is not None:
            return self._ids.get(keys.subscriber_id, [])
        if keys.subscriber is not None:
            return self._names.get(keys.subscriber.casefold(), [])
        if keys.number is not None:
            return self._numbers.get(keys.number, [])
        return self._external_ids.get(str(keys.external_id), [])

    # Each index is built when a key of its kind is first looked for: most fleets have keys of one kind.

    @cached_property
    def _ids(self) -> dict[int, list[Subscriber]]:
        return {subscriber.id: [subscriber] for subscriber in self._all}

    @cached_property
    def _names(self) -> dict[str, list[Subscriber]]:
        return _indexed((str(subscriber.name).casefold(), subscriber) for subscriber in self._all)

    @cached_property
    def _numbers(self) -> dict[str, list[Subscriber]]:
        return _indexed((number, subscriber) for subscriber in self._all for number in set(subscriber.numbers))

    @cached_property
    def _external_ids(self) -> dict[str, list[Subscriber]]:
        return _indexed((str(one.external_id), one) for one in self._all if one.external_id is not None)


def _indexed(pairs: Iterable[tuple[str, Subscriber]]) -> dict[str, list[Subscriber]]:
    index: dict[str, list[Subscriber]] = {}
    for key, subscriber in pairs:
        index.setdefault(key, []).append(subscriber)
    return index


def _subscriber_list(client: Client, sought: Sequence[SubscriberKeys]) -> _SubscriberList | None:
    """Return the list of all subscribers where reading it is cheaper than single look-ups, else None."""
    if not worth_a_page(len(sought), LISTED_SUBSCRIBER_COST):
        return None
    first = client.first_page("subscribers")
    if first.total > len(first.items) and not worth_the_list(
        len(sought), first.total - len(first.items), LISTED_SUBSCRIBER_COST
    ):
        return None
    try:
        return _SubscriberList(client.complete_list("subscribers", first, keep=_described))
    except ListChangedError:
        client.counters.count_retry()
    return _SubscriberList(_described(client.list_all("subscribers")))


def _described(items: Iterable[Mapping[str, Any]]) -> list[Subscriber | ProtocolError]:
    """Return the subscribers that items describe, and an error for each item that describes none."""
    return [*map(_subscriber_or_error, items)]


def _subscriber_or_error(item: Mapping[str, Any]) -> Subscriber | ProtocolError:
    try:
        return subscriber_of(item)
    except ProtocolError as error:
        return error


def _look_up(client: Client, keys: SubscriberKeys, outage: Outage) -> Resolution:
    def look_up() -> Resolution:
        found = [subscriber_of(item) for item in _search(client, keys)]
        return _from_candidates(keys, [subscriber for subscriber in found if _is_meant(subscriber, keys)])

    return outage.result_of(look_up)


def _search(client: Client, keys: SubscriberKeys) -> list[dict[str, Any]]:
    """Return what the server finds for the first of the keys, which may be more than the subscriber itself."""
    if keys.subscriber_id is not None:
        return [client.get_item("subscribers", keys.subscriber_id)]
    if keys.subscriber is not None:
        user, domain = split_name(keys.subscriber)
        return client.list_all("subscribers", {"username": _literal(user), "domain": domain})
    if keys.number is not None:
        # On current servers "alias" also finds primary numbers; older ones may not, and find parts of other numbers.
        found = client.list_all("subscribers", {"alias": keys.number})
        if not any(keys.number in subscriber_of(item).numbers for item in found):
            found = client.list_all("subscribers", {"primary_number": keys.number})
        return found
    return client.list_all("subscribers", {"subscriber_external_id": str(keys.external_id)})


def _is_meant(subscriber: Subscriber, keys: SubscriberKeys) -> bool:
    """Check a found subscriber against the first of the keys: the server ignores filters that it does not know, and
    some versions search for parts of numbers."""
    if keys.subscriber_id is not None:
        return subscriber.id == keys.subscriber_id
    if keys.subscriber is not None:
        return str(subscriber.name).casefold() == keys.subscriber.casefold()
    if keys.number is not None:
        return keys.number in subscriber.numbers
    return subscriber.external_id == keys.external_id


def _from_candidates(keys: SubscriberKeys, candidates: list[Subscriber]) -> Resolution:
    if not candidates:
        return NotFoundError(
            f"There is no subscriber {keys}",
            hint="It does not exist, is terminated, or belongs to somebody else.",
        )
    if len(candidates) > 1:
        names = and_more([str(subscriber) for subscriber in candidates[:_EXAMPLES]], len(candidates), ", ")
        return AmbiguousError(
            f"{keys} matches {len(candidates)} subscribers: {names}", hint="Use subscriber_id or user@domain."
        )
    is_only_key = keys.count(None) == len(keys) - 1
    return candidates[0] if is_only_key else _contradiction(keys, candidates[0]) or candidates[0]


def _contradiction(keys: SubscriberKeys, subscriber: Subscriber) -> InputError | None:
    """Return the error for a key that names somebody else than the subscriber, if there is one."""
    checks = (
        ("subscriber", keys.subscriber, str(subscriber.name).casefold() == str(keys.subscriber).casefold()),
        ("number", keys.number, keys.number in subscriber.numbers),
        ("subscriber_external_id", keys.external_id, keys.external_id == subscriber.external_id),
    )
    for name, value, agrees in checks:
        if value is not None and not agrees:
            return InputError(
                f"{quoted(value)} does not belong to subscriber {subscriber}, which another key names", field=name
            )
    return None


def _customer_id(client: Client, external_id: str, also: int | None) -> int:
    """Return the id of the one customer that has the external id; terminated customers do not count."""
    items = client.list_all("customers", {"external_id": _literal(external_id), "not_status": "terminated"})
    ids = [
        int(item["id"])
        for item in items
        if item.get("external_id") == external_id and item.get("status") != "terminated"
    ]
    if not ids:
        raise NotFoundError(f"There is no customer with the external id {quoted(external_id)}")
    if len(ids) > 1:
        names = and_more([str(number) for number in ids[:_EXAMPLES]], len(ids), ", ")
        raise AmbiguousError(f"The external id {quoted(external_id)} matches the customers {names}")
    if also is not None and also != ids[0]:
        raise InputError(
            f"{quoted(external_id)} is customer {ids[0]}, not {also}", entry="select", field="customer_external_id"
        )
    return ids[0]


def _matches_selection(subscriber: Subscriber, filters: Mapping[str, Any], domain: str | None) -> bool:
    """Check again what the server was asked for: it ignores filters that it does not know."""
    if domain and split_name(str(subscriber.name))[1].casefold() != domain.casefold():
        return False
    customer_id = filters.get("customer_id")
    return customer_id is None or subscriber.customer_id == customer_id


def _literal(text: str) -> str:
    """Return a text as a filter value in which ``*`` is not a wildcard.

    Only for the filters ``username`` and ``external_id`` (of customers). The others keep the backslash and then find
    nothing, so that they are asked with the text as it is, and what they find is compared exactly (contract: observed,
    section 13).
    """
    return text.replace("*", "\\*")


def _id_of(keys: SubscriberKeys) -> int:
    if keys.subscriber_id is None:
        raise InputError("is missing", field="subscriber_id")
    return keys.subscriber_id
