# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a task declares for which subscriber: raw input of all forms, checked and turned into declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._resources import Resource
from ansible_collections.ngcp.fax.plugins.module_utils._values import parse_field, usual_fields
from ansible_collections.ngcp.fax.plugins.module_utils._wording import printable

KEY_NAMES = ("subscriber_id", "subscriber", "number", "subscriber_external_id")

# Most characters of a key in a message.
_LONGEST_NAME = 255

SINGLE = "single"
SUBSCRIBERS = "subscribers"
SUBSCRIBERS_FILE = "subscribers_file"
SELECT = "select"
FORMS = (SUBSCRIBERS, SUBSCRIBERS_FILE, SELECT)

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
        return self.subscriber_id is not None and (self.subscriber, self.number, self.external_id) == (None, None, None)


_NO_KEYS = SubscriberKeys()


@dataclass(frozen=True)
class Declaration:
    """What one entry of the input declares.

    :param index: position of the entry in the input.
    :param place: how messages name the entry, for example ``subscribers[3]`` or ``row 5``.
    :param keys: which subscriber.
    :param fields: declared fields in the form of :func:`_values.parse_field`.
    """

    index: int
    place: str
    keys: SubscriberKeys
    fields: Mapping[str, Any]

    @property
    def label(self) -> str:
        """The entry's name in messages: place and subscriber."""
        return f"{self.place} ({self.keys})"


class Entry(NamedTuple):
    """One raw entry of the input and its name in messages; for a spreadsheet also its row and the line of the file in
    which that begins."""

    place: str
    values: Mapping[str, Any]
    row: int | None = None
    line: int | None = None


def form_of(params: Mapping[str, Any], entries: Any) -> str | None:
    """Return in which form a task names its subscribers: ``SINGLE``, one of ``FORMS``, or None for none of them.

    :param params: the task's options.
    :param entries: the raw value of ``subscribers``, or None where it is not given.
    :raises InputError: more than one form is given.
    """
    given = [name for name in (SUBSCRIBERS_FILE, SELECT) if params.get(name) is not None]
    if entries is not None:
        given.insert(0, SUBSCRIBERS)
    keys = [name for name in KEY_NAMES if params.get(name) not in (None, "")]
    if len(given) + bool(keys) > 1:
        raise InputError(f"{' and '.join([*given, *keys[:1]])} are given together, but only one of them can be meant")
    if keys:
        return SINGLE
    return given[0] if given else None


def check_selection(criteria: Mapping[str, Any]) -> None:
    """Refuse a ``select`` with an empty criterion: it comes from an empty variable and would mean everybody.

    :raises InputError: a criterion is empty, or there is none.
    """
    reject_empty(criteria, SELECT)
    if all(value is None for value in criteria.values()):
        raise InputError("needs at least one criterion", field=SELECT)


def reject_empty(criteria: Mapping[str, Any], place: str = "") -> None:
    """Refuse an empty text as a criterion: it comes from an empty variable and would mean everybody.

    :param place: the option that holds the criteria.
    :raises InputError: a criterion is empty.
    """
    for name, value in criteria.items():
        if value == "":
            raise InputError("must not be empty", entry=place, field=name)


def task_entries(form: str, params: Mapping[str, Any], entries: Any) -> list[Entry]:
    """Return the raw entries of a task of the form ``SINGLE`` or ``SUBSCRIBERS``.

    :raises InputError: ``subscribers`` is no list.
    """
    if form == SINGLE:
        return [Entry("task", {name: params.get(name) for name in KEY_NAMES})]
    if not isinstance(entries, list):
        raise InputError("must be a list of dictionaries", field=SUBSCRIBERS)
    return [Entry(f"{SUBSCRIBERS}[{index}]", values) for index, values in enumerate(entries)]


def parse_fields(resource: Resource, values: Mapping[str, Any], place: str = "") -> dict[str, Any]:
    """Return those managed fields that are given (not None), in the form of :func:`_values.parse_field`.

    :raises InputErrors: one or more values are wrong.
    """
    usual = usual_fields(resource, values)
    if usual is not None:
        return usual
    fields: dict[str, Any] = {}
    errors: list[InputError] = []
    for field in resource.managed:
        value = values.get(field.name)
        if value is None:
            continue
        try:
            fields[field.name] = parse_field(field, value)
        except InputError as error:
            error.entry = place
            errors.append(error)
    if errors:
        raise InputErrors(errors)
    return fields


def parse_declarations(resource: Resource, entries: Sequence[Entry], defaults: Mapping[str, Any]) -> list[Declaration]:
    """Return one declaration for each entry; ``defaults`` are parsed fields that hold where an entry gives none.

    :raises InputErrors: every wrong value of every entry, and every subscriber that is named twice.
    """
    declarations: list[Declaration] = []
    errors: list[InputError] = []
    known = _known_names(resource)
    for index, entry in enumerate(entries):
        try:
            declarations.append(_parse_entry(resource, entry, index, defaults, known))
        except InputErrors as problems:
            errors += problems.errors
    errors += named_twice(declarations)
    if errors:
        raise InputErrors(errors)
    return declarations


def parse_keys(values: Mapping[str, Any]) -> SubscriberKeys:
    """Return the subscriber keys among the values.

    :raises InputError: none is given, or one has a wrong form.
    """
    keys = SubscriberKeys(
        subscriber_id=_parse_id(values.get("subscriber_id")),
        subscriber=_parse_name(values.get("subscriber")),
        number=_parse_number(values.get("number")),
        external_id=_parse_external_id(values.get("subscriber_external_id")),
    )
    if keys == _NO_KEYS:
        raise InputError(f"names no subscriber: one of {', '.join(KEY_NAMES)} is needed", field="subscriber_id")
    return keys


def reject_duplicates(subscriber_ids: Iterable[tuple[Declaration, int]]) -> None:
    """Refuse two declarations that turned out to be for the same subscriber.

    :raises InputErrors: names every such pair.
    """
    first: dict[int, Declaration] = {}
    errors = []
    for declaration, subscriber_id in subscriber_ids:
        other = first.setdefault(subscriber_id, declaration)
        if other is not declaration:
            errors.append(_duplicate(declaration, other, _first_key(declaration.keys)))
    if errors:
        raise InputErrors(errors)


def _known_names(resource: Resource) -> frozenset[str]:
    return frozenset(KEY_NAMES) | {field.name for field in resource.fields}


def _parse_entry(
    resource: Resource, entry: Entry, index: int, defaults: Mapping[str, Any], known: frozenset[str]
) -> Declaration:
    if not isinstance(entry.values, Mapping):
        raise InputErrors([InputError("must be a dictionary", entry=entry.place, index=index)])
    errors = []
    if not entry.values.keys() <= known:
        unknown = [str(name) for name in entry.values if name not in known]
        errors = [InputError("is not a field of a subscriber's entry", field=name) for name in unknown]
    keys = _NO_KEYS
    try:
        keys = parse_keys(entry.values)
    except InputError as error:
        errors.append(error)
    fields: dict[str, Any] = {}
    try:
        fields = parse_fields(resource, entry.values)
    except InputErrors as problems:
        errors += problems.errors
    if errors:
        label = entry.place if keys == _NO_KEYS else f"{entry.place} ({keys})"
        for problem in errors:
            problem.entry, problem.index = label, index
        raise InputErrors(errors)
    return Declaration(index, entry.place, keys, {**defaults, **fields} if defaults else fields)


def named_twice(declarations: Iterable[Declaration]) -> list[InputError]:
    """Return an error for every declaration that names a subscriber by a key that another one had before it."""
    first: dict[tuple[str, Any], Declaration] = {}
    errors = []
    for declaration in declarations:
        for name, value in _comparable_keys(declaration.keys):
            other = first.setdefault((name, value), declaration)
            if other is not declaration:
                errors.append(_duplicate(declaration, other, name))
                break
    return errors


def _duplicate(declaration: Declaration, other: Declaration, name: str) -> InputError:
    return InputError(
        f"is the same subscriber as {other.label}", entry=declaration.label, field=name, index=declaration.index
    )


def _comparable_keys(keys: SubscriberKeys) -> Iterable[tuple[str, Any]]:
    if keys.subscriber_id is not None:
        yield "subscriber_id", keys.subscriber_id
    if keys.subscriber is not None:
        yield "subscriber", keys.subscriber.casefold()
    if keys.number is not None:
        yield "number", keys.number
    if keys.external_id is not None:
        yield "subscriber_external_id", keys.external_id


def _first_key(keys: SubscriberKeys) -> str:
    return next(iter(_comparable_keys(keys)))[0]


def _parse_id(value: Any) -> int | None:
    if value is None or value == "":
        return None
    if value.__class__ is int and 0 < value < 10**_ID_DIGITS:
        return value
    text = str(value).strip()
    if isinstance(value, (bool, float)) or not _ID.fullmatch(text):
        raise InputError(f"must be a whole number above 0, not {text[:40]!r}", field="subscriber_id")
    return int(text)


def _parse_name(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    user, at_sign, domain = text.rpartition("@")
    if not (user and at_sign and domain) or any(character.isspace() for character in text):
        raise InputError(f"must have the form user@domain, not {value!r}", field="subscriber")
    return text


def _parse_number(value: Any) -> str | None:
    if value is None or value == "":
        return None
    digits = _NUMBER_SEPARATORS.sub("", str(value))
    if isinstance(value, (bool, float)) or not (digits.isascii() and digits.isdigit()):
        raise InputError(f"must be a number of digits (+ and separators are allowed), not {value!r}", field="number")
    return digits


def _parse_external_id(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, (bool, list, dict)):
        raise InputError("must be a text", field="subscriber_external_id")
    return str(value)
