# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What the collection knows of a subscriber, and how it reads that from the platform's responses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._api.hal import item_id
from .._errors import ProtocolError
from .._wording import printable

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)

# Most characters of a name in a message: the platform allows 127 on each side of the @.
_LONGEST_NAME = 255


class Subscriber(NamedTuple):
    """What the platform knows of a subscriber, as far as the collection needs it.

    :param id: the billing id, which is also the id of the settings resources.
    :param name: ``user@domain``; None where it was not looked up.
    :param numbers: primary and alias numbers: country code, area code and number as one text of digits.
    :param primary_number: which of the numbers is the primary one, where there is one.
    :param administrative: whether it may manage the other subscribers of its customer.
    :param lock: the level at which its calls are locked, 0 for none; None where the platform does not show it.
    :param profile_id: its subscriber profile, where it has one.
    """

    id: int
    name: str | None = None
    customer_id: int | None = None
    external_id: str | None = None
    numbers: tuple[str, ...] = ()
    primary_number: str | None = None
    status: str | None = None
    administrative: bool | None = None
    lock: int | None = None
    profile_id: int | None = None

    @property
    def alias_numbers(self) -> tuple[str, ...]:
        """The numbers beside the primary one."""
        return self.numbers if self.primary_number is None else self.numbers[1:]

    def __str__(self) -> str:
        """Return the id, with the name where it is known, as one printable line."""
        return f"{printable(self.name, _LONGEST_NAME)} ({self.id})" if self.name else str(self.id)


def subscriber_of(item: Mapping[str, Any]) -> Subscriber:
    """Return the subscriber that an item of ``/api/subscribers/`` describes.

    :raises ProtocolError: it describes none.
    """
    primary = item.get("primary_number")
    aliases = item.get("alias_numbers") or []
    administrative = item.get("administrative")
    username, domain = item.get("username"), item.get("domain")
    if not (username.__class__ is str and domain.__class__ is str):
        raise _odd(item, "user name and domain")
    if not isinstance(aliases, list):
        raise _odd(item, "alias numbers")
    numbers = tuple([_digits(item, number) for number in (primary, *aliases) if number])
    return Subscriber(
        id=item_id(item),
        name=f"{username}@{domain}",
        customer_id=_optional(item, "customer_id", int),
        external_id=_optional(item, "external_id", str),
        numbers=numbers,
        primary_number=numbers[0] if primary else None,
        status=_optional(item, "status", str),
        administrative=None if administrative is None else administrative in (True, 1, "1"),
        lock=_lock(item),
        profile_id=_number(item.get("profile_id")),
    )


# Of the parts of a number: country code, area code and subscriber number.
_NUMBER_TYPES = frozenset((str, int, type(None)))


def _digits(item: Mapping[str, Any], number: Any) -> str:
    if not isinstance(number, dict):
        raise _odd(item, "numbers")
    parts = number.get("cc"), number.get("ac"), number.get("sn")
    if not _NUMBER_TYPES.issuperset(map(type, parts)):
        raise _odd(item, "numbers")
    return "".join([str(part) for part in parts if part])


def _lock(item: Mapping[str, Any]) -> int | None:
    """Return the level of a lock. Without one the platform shows null (contract: subscribers)."""
    value = item.get("lock", False)
    return 0 if value is None or value == "" else _number(value)


def _number(value: Any) -> int | None:
    """Return a whole number that is not negative, which older servers write as text; None for anything else."""
    if value.__class__ is str and _DIGITS.fullmatch(value):
        return int(value)
    return int(value) if value.__class__ is int and value >= 0 else None


def _optional(item: Mapping[str, Any], name: str, kind: type) -> Any:
    value = item.get(name)
    if value is not None and value.__class__ is not kind:
        raise _odd(item, name)
    return value


def _odd(item: Mapping[str, Any], what: str) -> ProtocolError:
    return ProtocolError(
        f"The server's response about subscriber {item.get('id')} lacks {what}, or has an unexpected form of it"
    )
