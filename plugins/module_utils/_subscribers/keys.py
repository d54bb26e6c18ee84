# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How a subscriber is named: by id, ``user@domain``, number or external id, each checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from .._errors import InputError
from .._texts import parse_text, shown_value
from .._wording import printable

KEY_NAMES = ("subscriber_id", "subscriber", "number", "subscriber_external_id")


# Most characters of a key in a message.
_LONGEST_NAME = 255


_ID_DIGITS = 18


_ID = re.compile(rf"0*[1-9][0-9]{{0,{_ID_DIGITS - 1}}}", re.ASCII)


_NUMBER_SEPARATORS = re.compile(r"[\s()./+-]")


class SubscriberKeys(NamedTuple):
    """How an entry names its subscriber; at least one is given, all that are given have to agree.

    :param subscriber_id: the platform's id.
    :param subscriber: ``user@domain``.
    :param number: digits only: country code, area code, number.
    :param external_id: the subscriber's external id.
    """

    subscriber_id: int | None = None
    subscriber: str | None = None
    number: str | None = None
    external_id: str | None = None

    def __str__(self) -> str:
        """Return the most telling key, as one printable line."""
        if self.subscriber is not None:
            return printable(self.subscriber, _LONGEST_NAME)
        if self.subscriber_id is not None:
            return str(self.subscriber_id)
        kind, value = ("number", self.number) if self.number is not None else ("external id", self.external_id)
        return f"{kind} {printable(value, _LONGEST_NAME)}"

    @property
    def only_id(self) -> bool:
        """Whether nothing has to be looked up."""
        return self.subscriber_id is not None and self.count(None) == len(self) - 1


NO_KEYS = SubscriberKeys()


def reject_empty(values: Mapping[str, Any], path: str = "", hint: str | None = None) -> None:
    """Refuse values that are given and empty: they come from an empty variable, and would mean somebody else,
    everybody, or no bound. None is not given.

    :param path: the option that holds the values.
    :param hint: what users can do about it, where leaving the value out is not all.
    :raises InputError: a value is empty, or is a list with an empty element.
    """
    for name, value in values.items():
        if value is None:
            continue
        if is_empty(value) or (isinstance(value, list) and any(map(is_empty, value))):
            raise _empty(name, path, hint)


def is_empty(value: Any) -> bool:
    """Return whether a value is None, a blank text, or a list or dictionary without content."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, (list, tuple, dict)) and not value)


def split_name(name: str) -> tuple[str, str]:
    """Return user and domain of ``user@domain``. The user is empty where there is no ``@``."""
    user, _at_sign, domain = name.rpartition("@")
    return user, domain


def digits_of(text: str) -> str | None:
    """Return the digits of a number, which may be written with ``+`` and separators; None for anything else."""
    digits = _NUMBER_SEPARATORS.sub("", text)
    return digits if digits.isascii() and digits.isdigit() else None


def parse_keys(values: Mapping[str, Any]) -> SubscriberKeys:
    """Return the subscriber keys among the values.

    :raises InputError: none is given, or one has a wrong form.
    """
    keys = SubscriberKeys(*[None if (value := values.get(name)) is None else parse(value) for name, parse in _KEYS])
    if keys == NO_KEYS:
        raise InputError(f"does not name a subscriber; one of {', '.join(KEY_NAMES)} is needed", field="subscriber_id")
    return keys


def usual_keys(entries: Sequence[Mapping[str, Any]]) -> list[SubscriberKeys] | None:
    """Return the keys of many entries that have the same names, or None where something is wrong with one of them.

    A quick form of :func:`parse_keys`, because fleets are large.
    """
    if not any(name in entries[0] for name in KEY_NAMES):
        return None
    try:
        keys = [*map(SubscriberKeys, *(_parsed_column(name, parse, entries) for name, parse in _KEYS))]
    except InputError:
        return None
    return None if NO_KEYS in keys else keys


def _parsed_column(name: str, parse: Callable[[Any], Any], entries: Sequence[Mapping[str, Any]]) -> Iterable[Any]:
    if name not in entries[0]:
        return repeat(None)
    values = [entry[name] for entry in entries]
    ids = _usual_ids(values) if parse is _parse_id else None
    return [None if value is None else parse(value) for value in values] if ids is None else ids


def _usual_ids(values: Sequence[Any]) -> Sequence[int] | None:
    """Return ids that are all written in the usual way, or None."""
    types = {*map(type, values)}
    if types == {str} and max(map(len, values)) <= _ID_DIGITS and all(values):
        digits = "".join(values)
        values = [*map(int, values)] if digits.isascii() and digits.isdigit() else ()
    elif types != {int}:
        return None
    return values if values and min(values) > 0 and max(values) < 10**_ID_DIGITS else None


def comparable_keys(keys: SubscriberKeys) -> Iterable[tuple[str, Any]]:
    if keys.subscriber_id is not None:
        yield "subscriber_id", keys.subscriber_id
    if keys.subscriber is not None:
        yield "subscriber", keys.subscriber.casefold()
    if keys.number is not None:
        yield "number", keys.number
    if keys.external_id is not None:
        yield "subscriber_external_id", keys.external_id


def are_distinct(all_keys: Sequence[SubscriberKeys]) -> bool:
    """Return whether no two of them have a key in common; a quick check, because fleets are large."""
    ids, names, numbers, external_ids = zip(*all_keys) if all_keys else ((), (), (), ())
    folded = [name.casefold() for name in names if name is not None]
    return all(map(_has_no_value_twice, (ids, folded, numbers, external_ids)))


def _has_no_value_twice(values: Sequence[Any]) -> bool:
    given = [value for value in values if value is not None]
    return len(set(given)) == len(given)


def first_key(keys: SubscriberKeys) -> str:
    return next(iter(comparable_keys(keys)))[0]


def _parse_id(value: Any) -> int:
    if value.__class__ is str and _ID.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**_ID_DIGITS:
        return int(value)
    text = value.strip() if isinstance(value, str) else ""
    if isinstance(value, str) and not text:
        raise _empty("subscriber_id")
    if not _ID.fullmatch(text):
        raise InputError(f"must be a whole number above 0, not {shown_value(value)}", field="subscriber_id")
    return int(text)


def _parse_name(value: Any) -> str:
    text = _key_text("subscriber", value).strip()
    user, domain = split_name(text)
    if not (user and domain) or " " in text or not text.isprintable():
        raise InputError(f"must have the form user@domain, not {shown_value(value)}", field="subscriber")
    return text


def _parse_number(value: Any) -> str:
    digits = digits_of(_key_text("number", value))
    if digits is None:
        raise InputError(
            f"must consist of digits (+ and separators are allowed), not {shown_value(value)}", field="number"
        )
    return digits


def _parse_external_id(value: Any) -> str:
    return _key_text("subscriber_external_id", value)


def _key_text(name: str, value: Any) -> str:
    """Return the text of a key.

    :raises InputError: it is not a text, or has no content: it comes from an empty variable and would mean somebody
        else, or everybody.
    """
    try:
        text = parse_text(value)
    except InputError as error:
        error.field = name
        raise
    if not text.strip():
        raise _empty(name)
    return text


# In the order of :class:`SubscriberKeys`.
_KEYS: tuple[tuple[str, Callable[[Any], Any]], ...] = tuple(
    zip(KEY_NAMES, (_parse_id, _parse_name, _parse_number, _parse_external_id))
)


def _empty(name: str, path: str = "", hint: str | None = None) -> InputError:
    message = "must not be empty" if hint else "must not be empty; omit it if it is not needed"
    return InputError(message, entry=path, field=name, hint=hint)
