# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a subscriber has in matters of call forwards, as plain values: mappings, the sets that they use, the number.

Documents of the API come in, nothing of them is believed, and a :class:`Situation` comes out, which :mod:`judging` and
:mod:`recipe` work on. Pure: no I/O, nothing of Ansible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import ProtocolError
from .._subscribers.subscriber import Subscriber
from .kinds import TYPES, UNCONDITIONAL

# The name of the sets that the collection creates. A set of this name that belongs to the subscriber is ours; no other
# set is ever changed or deleted.
SET_NAME = "ngcp.fax"

# The members of a mapping that restrict it to some times, callers or dialled numbers.
CONDITIONS = ("timeset", "sourceset", "bnumberset")

# How the server stores the word `fax2mail`, with `fax=` since mr11.1; the host is one for it only in small letters
# (contract: call forwards, section 2).
_FAX_BOX = re.compile(r"sip:(?:fax=)?([^@]*)@fax2mail\.local")
_BLANK = re.compile(r"sip:\s*@[^@]*")

_MAX_ID = 2**63 - 1


class Entry(NamedTuple):
    """One mapping of a type.

    :param set_id: the destination set that it uses.
    :param set_name: its name.
    :param enabled: whether the forward is on.
    :param conditions: which of ``CONDITIONS`` restrict it, each with the name of the set.
    :param redirects: its flag ``use_redirection``.
    """

    set_id: int
    set_name: str
    enabled: bool = True
    conditions: tuple[tuple[str, str], ...] = ()
    redirects: bool = False


class DestinationSet(NamedTuple):
    """One destination set.

    :param owner: the subscriber that it belongs to; None where the server does not say.
    :param destinations: addresses in the order of their priority.
    :param usage: how many mappings of all subscribers use it; None where the server does not say (before 26.2).
    """

    id: int
    owner: int | None
    name: str
    destinations: tuple[str, ...]
    usage: int | None = None


class Situation(NamedTuple):
    """What one subscriber has.

    :param subscriber_id: who that is.
    :param number: digits of its primary number; None where it has none.
    :param mappings: for each type's short name the entries; types without any may be missing.
    :param sets: the sets that belong to the subscriber, and those that its entries use, by id. None for a set that the
        user cannot see: it belongs to somebody else.
    :param ring_timeout: seconds until a forward of type ``timeout`` takes a call; None where none are set.
    :param profile_id: its subscriber profile, where it has one.
    """

    subscriber_id: int
    number: str | None
    mappings: Mapping[str, tuple[Entry, ...]] = {}
    sets: Mapping[int, DestinationSet | None] = {}
    ring_timeout: int | None = None
    profile_id: int | None = None

    def entries(self, short: str) -> tuple[Entry, ...]:
        """Return the entries of a type."""
        return self.mappings.get(short, ())

    def is_ours(self, set_id: int) -> bool:
        """Return whether a set is one that the collection created for this subscriber: by its owner and its name."""
        one = self.sets.get(set_id)
        return one is not None and one.owner == self.subscriber_id and one.name == SET_NAME

    @property
    def our_sets(self) -> list[DestinationSet]:
        """The sets that the collection created for this subscriber, used or not, in the order of ids."""
        return [one for _id, one in sorted(self.sets.items()) if one is not None and self.is_ours(one.id)]

    def uses(self, set_id: int) -> int:
        """Return how many of the subscriber's entries, of all types, use a set."""
        return sum(entry.set_id == set_id for entries in self.mappings.values() for entry in entries)

    def leads_to_own_box(self, set_id: int) -> bool:
        """Return whether a set is the subscriber's own and holds exactly the fax box of its primary number."""
        one = self.sets.get(set_id)
        return one is not None and one.owner == self.subscriber_id and self.is_own_box(one.destinations)

    def is_own_box(self, destinations: tuple[str, ...]) -> bool:
        """Return whether destinations are exactly the fax box of the subscriber's primary number."""
        return self.number is not None and len(destinations) == 1 and fax_box(destinations[0]) == self.number


def fax_box(address: str) -> str | None:
    """Return whose fax box an address is: digits of a number, or a UUID; None for any other address."""
    match = _FAX_BOX.fullmatch(address)
    return match.group(1) if match else None


def is_blank(address: str) -> bool:
    """Return whether an address leads nowhere: what the platform's self-care pages store for a draft."""
    return _BLANK.fullmatch(address) is not None


def situation_of(
    subscriber: Subscriber, mappings: Mapping[str, Any] | None, sets: Mapping[int, DestinationSet | None]
) -> Situation:
    """Return what a subscriber has.

    :param subscriber: with its primary number, if it has one.
    :param mappings: its item of ``/api/cfmappings/``; None where it was not read, because nothing depends on it.
    :param sets: at least those that belong to it, and those that its entries use; others are left out.
    :raises ProtocolError: the item is not what the API promises.
    """
    document = mappings or {}
    if mappings is not None and UNCONDITIONAL.short not in mappings:  # older platforms lack some of the other types
        raise _odd(UNCONDITIONAL.short)
    entries = {one.short: _entries(document, one.short) for one in TYPES if document.get(one.short) is not None}
    used = {entry.set_id for found in entries.values() for entry in found}
    known = {number: one for number, one in sets.items() if number in used or _owner(one) == subscriber.id}
    timeout = document.get("cft_ringtimeout")
    if timeout is not None and (timeout.__class__ is not int or timeout < 0):
        raise _odd("cft_ringtimeout")
    profile_id = subscriber.profile_id if _is_id(subscriber.profile_id) else None
    return Situation(subscriber.id, subscriber.primary_number, entries, known, timeout or None, profile_id)


def destination_set(item: Mapping[str, Any], caller: int | None = None) -> DestinationSet:
    """Return the set that an item of ``/api/cfdestinationsets/`` describes.

    :param caller: the subscriber whose sets were asked for, if it is one: items that lack the owner are its own, unless
        they say otherwise.
    :raises ProtocolError: it is not what the API promises.
    """
    identifier: Any = item.get("id")
    name = item.get("name")
    if not _is_id(identifier) or not isinstance(name, str):
        raise _odd("a set's id or name", "call forward destinations")
    owner = item.get("subscriber_id")
    if owner is None and caller is not None and item.get("own", 1) in (1, True, "1"):
        owner = caller
    if owner is not None and not _is_id(owner):
        raise _odd("a set's owner", "call forward destinations")
    usage = item.get("usage_count")
    return DestinationSet(
        identifier,
        owner,
        name,
        _addresses(item.get("destinations")),
        usage if usage.__class__ is int else None,
    )


def _addresses(value: Any) -> tuple[str, ...]:
    """Return the addresses of a set in the order in which they are tried; the server sends them in any order."""
    destinations = [] if value is None else value
    if not isinstance(destinations, list) or not all(isinstance(one, Mapping) for one in destinations):
        raise _odd("destinations", "call forward destinations")
    found = []
    for position, one in enumerate(destinations):
        address, priority = one.get("destination"), one.get("priority")
        if not isinstance(address, str) or not (priority is None or priority.__class__ is int):
            raise _odd("a destination", "call forward destinations")
        found.append((priority or 0, position, address))
    return tuple(address for _priority, _position, address in sorted(found))


def _entries(document: Mapping[str, Any], short: str) -> tuple[Entry, ...]:
    value = document[short]
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise _odd(short)
    return tuple(_entry(one, short) for one in value)


def _entry(one: Mapping[str, Any], short: str) -> Entry:
    set_id: Any = one.get("destinationset_id")
    name, enabled = one.get("destinationset"), one.get("enabled", True)
    if not _is_id(set_id) or not isinstance(name, str) or not _is_flag(enabled):
        raise _odd(short)
    return Entry(set_id, name, bool(enabled), tuple(_conditions(one)), one.get("use_redirection") == 1)


def _conditions(one: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for kind in CONDITIONS:
        if one.get(f"{kind}_id") is not None or one.get(kind) is not None:
            yield kind, str(one.get(kind))


def _owner(one: DestinationSet | None) -> int | None:
    return one.owner if one is not None else None


def _is_id(value: Any) -> bool:
    return value.__class__ is int and 0 < value <= _MAX_ID


def _is_flag(value: Any) -> bool:
    return value.__class__ is bool or (value.__class__ is int and value in (0, 1))


def _odd(what: str, title: str = "call forwards") -> ProtocolError:
    return ProtocolError(f"The server's response does not contain {title}: {what} has an impossible value")
