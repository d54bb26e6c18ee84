# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Values as the server stores them: what users wrote and what the server answered, in one comparable form.

The canonical form of a field is a bool, a text, None (also for an empty text: both mean "not there"), or for a list the
elements as dictionaries with every element field, ordered by key, because the server stores no order.
"""

from __future__ import annotations

import functools
import itertools
import operator
import re
from collections.abc import Mapping, Sequence
from typing import Any, Callable, NamedTuple

from .._errors import InputError, ProtocolError
from .._masking import MASK
from .._texts import NUMBER_BOUND
from .resources import BOOLEAN, CHOICE, LIST, TEXT, Field, Resource

PRESENT = "present"
ABSENT = "absent"

# How a list is meant: as the whole list, or as the elements that are named.
REPLACE = "replace"
MERGE = "merge"

_TRUE = ("true", "yes", "on", "1", "y", "t", "1.0")
_FALSE = ("false", "no", "off", "0", "n", "f", "0.0")
WORDS = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}

# Addresses in the form of RFC 822, as the library that the server uses (Email::Valid) takes them: words or quoted
# texts before the @, comments, and a name in front of an address in angle brackets.
_ATOM_SIGNS = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~-"
_QUOTED = r"\"(?:[^\"\\\r\n]|\\.)*\""
_COMMENT = r"\((?:[^()\\\r\n]|\\.|\((?:[^()\\\r\n]|\\.)*\))*\)"
_BLANKS = rf"(?:[ \t]|{_COMMENT})*"
_WORD = rf"(?:[{_ATOM_SIGNS}]+|{_QUOTED})"
_PHRASE = rf"{_WORD}(?:[ \t{_ATOM_SIGNS}]|{_QUOTED}|{_COMMENT})*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})+|\[{_OCTET}(?:\.{_OCTET}){{3}}\])"
_ADDRESS = rf"(?P<local>{_WORD}(?:\.{_WORD})*)@{_HOST}"
_MAILBOXES = (
    rf"{_BLANKS}{_ADDRESS}{_BLANKS}",
    rf"{_BLANKS}{_PHRASE}<{_BLANKS}{_ADDRESS}{_BLANKS}>{_BLANKS}",
)
_USUAL_ADDRESS = re.compile(rf"[{_ATOM_SIGNS}]+(?:\.[{_ATOM_SIGNS}]+)*@{_LABEL}(?:\.{_LABEL})+")
_MAX_LOCAL_PART = 64


# Returns the value that an input stands for, or ``_UNUSUAL``.
Converter = Callable[[Any], Any]
_UNUSUAL = object()


class WantedList(NamedTuple):
    """A list as a user declares it: the elements that shall be there and those that shall not, in canonical form."""

    present: list[dict[str, Any]]
    absent: list[dict[str, Any]]


class Doubt(NamedTuple):
    """An element that is wrong unless the server has it: what an older platform has stored may be declared as it is.

    :param field: name of the list.
    :param element: in canonical form.
    :param error: what is wrong with it.
    """

    field: str
    element: Mapping[str, Any]
    error: InputError


# ---------------------------------------------------------------------------------------------------------------------
# What users write in the usual form, see :mod:`input_values` for the others
# ---------------------------------------------------------------------------------------------------------------------


def usual_fields(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the managed fields that are given in the form of :func:`input_values.parse_field`, or None where one of
    them needs a closer look: most values of most fleets are of the usual form, and fleets are large."""
    fields: dict[str, Any] = {}
    flags, converters, lists = _usual_flags(resource), _usual_scalars(resource), resource.lists
    for name, value in values.items():
        if value.__class__ is bool and name in flags:
            fields[name] = value
        elif value is not None and name in converters:
            converted = converters[name](value)
            if converted is _UNUSUAL:
                return None
            fields[name] = converted
    for field in lists:
        value = values.get(field.name)
        if value is not None:
            wanted = _usual_list(field, value)
            if wanted is None:
                return None
            fields[field.name] = wanted
    return fields


@functools.cache
def _usual_flags(resource: Resource) -> frozenset[str]:
    return frozenset(field.name for field in resource.managed if field.kind == BOOLEAN)


@functools.cache
def _usual_scalars(resource: Resource) -> dict[str, Converter]:
    return {field.name: _usual_converter(field) for field in resource.managed if field.kind != LIST}


@functools.cache
def usual_elements(field: Field) -> Callable[[Any], dict[str, Any] | None]:
    """Return a function that returns the element that an entry of a list stands for, or None where the entry needs a
    closer look."""
    flags = tuple(part.name for part in field.elements if part.kind == BOOLEAN)
    others = tuple((part.name, _usual_converter(part)) for part in field.elements if part.kind != BOOLEAN)
    defaults = {part.name: part.default for part in field.elements}

    def usual_element(entry: Any) -> dict[str, Any] | None:
        if entry.__class__ is not dict:
            return None
        element = {**defaults, **entry}
        # Ansible fills the state in where a task has the list.
        if len(element) != len(defaults) and (element.pop("state", None) != PRESENT or len(element) != len(defaults)):
            return None
        for name in flags:
            if element[name].__class__ is not bool:
                element[name] = _usual_boolean(element[name])
                if element[name] is _UNUSUAL:
                    return None
        for name, convert in others:
            element[name] = convert(element[name])
            if element[name] is _UNUSUAL:
                return None
        return element

    return usual_element


def _usual_converter(field: Field) -> Converter:
    """Return a function that converts the usual ways to write a value, and has ``_UNUSUAL`` for all others."""
    if field.kind == BOOLEAN:
        return _usual_boolean
    if field.kind == CHOICE:
        return lambda value: value if value.__class__ is str and value in field.choices else _UNUSUAL
    if field.email:
        return _usual_address
    if field.pattern:
        return lambda value: _UNUSUAL
    longest = field.max_length or 0
    return lambda value: (
        value
        if value.__class__ is str and 0 < len(value) <= longest and value.isascii() and value != MASK
        else _UNUSUAL
    )


def _usual_boolean(value: Any) -> Any:
    """Return what a word means; booleans themselves are told before."""
    return WORDS.get(value, _UNUSUAL) if value.__class__ is str else _UNUSUAL


def _usual_address(value: Any) -> Any:
    is_usual = value.__class__ is str and len(value) <= _MAX_LOCAL_PART and _USUAL_ADDRESS.fullmatch(value)
    return value if is_usual else _UNUSUAL


def _usual_list(field: Field, value: Any) -> WantedList | None:
    if value.__class__ is not list or len(field.key) != 1:
        return None
    elements = []
    usual_element = usual_elements(field)
    for entry in value:
        element = usual_element(entry)
        if element is None:
            return None
        elements.append(element)
    name = field.key[0]
    # Quicker than :func:`element_key`, and at most it takes for the same what is not, which is then looked at closely.
    if len(elements) > 1 and len({element[name].casefold() for element in elements}) < len(elements):
        return None
    return WantedList(elements, [])


def address_problem(text: str) -> str | None:
    """Return what is wrong with an e-mail address, or None.

    Takes what the server takes: a dot in the host part or an IPv4 address in brackets, quoted parts, comments, and also
    ``Name <user@example.org>``; no characters beyond ASCII. Outer blanks do not count.
    """
    if _usual_address(text) is text:
        return None
    address = text.strip()
    if not address.isascii():
        return "has characters beyond ASCII, which the server refuses"
    # Compiled here, because nearly all addresses are told by the usual form, and these take their time.
    found = (re.fullmatch(form, address) for form in _MAILBOXES)
    match = next((one for one in found if one is not None), None)
    if match is None:
        return "must have the form user@example.org"
    if len(match.group("local")) > _MAX_LOCAL_PART:
        return f"has more than {_MAX_LOCAL_PART} characters before the @"
    return None


# ---------------------------------------------------------------------------------------------------------------------
# What the server answers
# ---------------------------------------------------------------------------------------------------------------------


def check_document(resource: Resource, document: Any) -> None:
    """Refuse what cannot be the settings of a subscriber: whatever else a server or a proxy answers in JSON would be
    taken for settings that are empty, and reported so.

    Which members a response has, and of which types, was seen on the platform; see :class:`resources.Field`.

    :param document: a decoded JSON answer, or an item of a list.
    :raises ProtocolError: the document is not a dictionary, lacks a member that every response has, or has one with an
        impossible value. The message names the member, but not the value.
    """
    if are_usual(resource, (document,)):
        return
    if not isinstance(document, Mapping):
        raise _not_settings(resource, "it is not an object")
    for field in resource.fields:
        _check_member(resource, field, document, field.name)


def _not_settings(resource: Resource, problem: str) -> ProtocolError:
    return ProtocolError(f"The server's answer does not hold {resource.title}: {problem}")


def _check_member(resource: Resource, field: Field, document: Mapping[str, Any], path: str) -> None:
    if field.name not in document:
        if field.mandatory:
            raise _not_settings(resource, f"{path} is missing")
        return
    value = document[field.name]
    if field.kind != LIST:
        if not _is_possible(field, value):
            raise _not_settings(resource, f"{path} has an impossible value")
        return
    if not isinstance(value, list):
        raise _not_settings(resource, f"{path} is not a list")
    for position, element in enumerate(value):
        where = f"{path}[{position}]"
        if not isinstance(element, Mapping):
            raise _not_settings(resource, f"{where} is not an object")
        for part in field.elements:
            _check_member(resource, part, element, f"{where}.{part.name}")


def _is_possible(field: Field, value: Any) -> bool:
    """Return whether a member of a response can have the value. Flags are booleans, but numbers in the database."""
    if isinstance(value, bool):
        return field.kind == BOOLEAN
    if isinstance(value, int):
        return field.kind == BOOLEAN or abs(value) < NUMBER_BOUND
    if field.kind == BOOLEAN:
        return isinstance(value, str) and value.isascii() and value.isdigit()
    return value is None or isinstance(value, (str, float))


# For the quick check; other numbers, and texts for flags, are rare and take the long way.
_USUAL_TYPES = {
    BOOLEAN: frozenset((bool, int)),
    TEXT: frozenset((str, type(None))),
    CHOICE: frozenset((str, type(None))),
    LIST: frozenset((list,)),
}
_OBJECT = frozenset((dict,))


def are_usual(resource: Resource, documents: Sequence[Any]) -> bool:
    """Return whether documents are surely settings of the resource, told at a glance: all of them at once, because
    this is asked for every subscriber.

    :param documents: decoded JSON answers, or items of a list.
    """
    try:
        return _have_usual_types(resource.fields, documents) and all(
            _have_usual_types(field.elements, [*itertools.chain.from_iterable(map(_picker(field.name), documents))])
            for field in resource.lists
        )
    except KeyError:
        return False


def _have_usual_types(fields: Sequence[Field], documents: Sequence[Any]) -> bool:
    """Return whether all documents are dictionaries whose values have the usual types.

    :raises KeyError: one lacks a field.
    """
    return _OBJECT.issuperset(map(type, documents)) and all(
        _USUAL_TYPES[field.kind].issuperset(map(type, map(_picker(field.name), documents))) for field in fields
    )


_picker = functools.cache(operator.itemgetter)


def canonical_settings(resource: Resource, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the managed fields of a server's document in canonical form.

    A missing list is an empty one. Other fields that the document lacks are left out: older servers do not have all.

    :param document: a response that :func:`check_document` let pass, or settings in canonical form.
    """
    settings = {}
    for field in resource.managed:
        if field.kind == LIST:
            settings[field.name] = _canonical_list(field, document.get(field.name))
        elif field.name in document:
            settings[field.name] = _canonical_scalar(field, document[field.name])
    return settings


def shown_settings(resource: Resource, document: Mapping[str, Any], secrets: bool = False) -> dict[str, Any]:
    """Return what users get to see of a server's document: the managed fields, and those that the server owns.

    :param secrets: whether the secret ones are among them.
    """
    settings = canonical_settings(resource, document)
    if not secrets:
        settings = {name: value for name, value in settings.items() if name not in resource.secrets}
    return {**settings, **{name: document.get(name) for name in resource.server_owned}}


def element_key(field: Field, element: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what tells an element of a list from the others: e-mail addresses without case and outer blanks,
    because the server's unique index does not see them."""
    return tuple(
        [_folded(value) if part.email else value for part in field.key_fields for value in (element[part.name],)]
    )


def equal_elements(field: Field, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two elements of a list mean the same."""
    return all(_comparable(part, one[part.name]) == _comparable(part, other[part.name]) for part in field.elements)


def equal_values(field: Field, one: Any, other: Any) -> bool:
    """Return whether two canonical values of a field mean the same; lists are compared as sets by key."""
    if one == other:
        return True
    if field.kind != LIST:
        return False
    return _as_set(field, one) == _as_set(field, other)


def _canonical_scalar(field: Field, value: Any) -> Any:
    if field.kind == BOOLEAN:
        return bool(value.strip("0")) if isinstance(value, str) else bool(value)
    if field.kind == CHOICE:
        return field.default if value is None else str(value)
    return None if value in (None, "") else str(value)


def _canonical_list(field: Field, value: Any) -> list[dict[str, Any]]:
    if not value:
        return []
    elements = [
        {part.name: _canonical_scalar(part, element.get(part.name)) for part in field.elements} for element in value
    ]
    return sorted_elements(field, elements) if len(elements) > 1 else elements


def sorted_elements(field: Field, elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the elements in the order in which the collection shows and sends them: by key."""
    return sorted(elements, key=lambda element: tuple(str(part or "") for part in element_key(field, element)))


def _comparable(part: Field, value: Any) -> Any:
    return _folded(value) if part.email and value else value


def _folded(email: str | None) -> str:
    return (email or "").strip().casefold()


def _as_set(field: Field, elements: list[dict[str, Any]]) -> frozenset[tuple[Any, ...]]:
    return frozenset(tuple(_comparable(part, element[part.name]) for part in field.elements) for element in elements)
