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

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, ProtocolError
from ansible_collections.ngcp.fax.plugins.module_utils._names import nearest_name, shown_name
from ansible_collections.ngcp.fax.plugins.module_utils._redact import MASK
from ansible_collections.ngcp.fax.plugins.module_utils._resources import BOOLEAN, CHOICE, LIST, TEXT, Field, Resource
from ansible_collections.ngcp.fax.plugins.module_utils._wording import printable

PRESENT = "present"
ABSENT = "absent"

# How a list is meant: as the whole list, or as the elements that are named.
REPLACE = "replace"
MERGE = "merge"

_TRUE = ("true", "yes", "on", "1", "y", "t", "1.0")
_FALSE = ("false", "no", "off", "0", "n", "f", "0.0")
_WORDS = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
_SHOWN_WORDS = "or yes, on, 1, no, off, 0"

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
_USUAL_ADDRESS = re.compile(rf"[{_ATOM_SIGNS}]+(?:\.[{_ATOM_SIGNS}]+)*@{_LABEL}(?:\.{_LABEL})+", re.ASCII)
_MAX_LOCAL_PART = 64

_MOST_SHOWN = 60

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
# What users write
# ---------------------------------------------------------------------------------------------------------------------


def parse_field(field: Field, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
    """Return what a user wrote for a field in canonical form; for a list a :class:`WantedList`.

    :param mode: how a list is meant; elements that shall not be there can be named only with ``MERGE``.
    :param doubts: takes the elements that are wrong unless the server has them; without it these are errors as well.
    :raises InputError: the value does not fit the field; ``field`` of the error names the place.
    """
    try:
        if field.kind == LIST:
            return _parse_list(field, value, mode, doubts)
        return _PARSERS[field.kind](field, value)
    except InputError as error:
        if not error.field:
            error.field = field.name
        raise


def usual_fields(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the managed fields that are given in the form of :func:`parse_field`, or None where one of them needs a
    closer look: most values of most fleets are of the usual form, and fleets are large."""
    fields = {}
    converters, lists = _usual_scalars(resource), resource.lists
    for name, value in values.items():
        if value is not None and name in converters:
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
def _usual_scalars(resource: Resource) -> dict[str, Converter]:
    return {field.name: _usual_converter(field) for field in resource.managed if field.kind != LIST}


@functools.cache
def _usual_elements(field: Field) -> Callable[[Any], dict[str, Any] | None]:
    """Return a function that returns the element that an entry of a list stands for, or None where the entry needs a
    closer look."""
    converters = [(part.name, _usual_converter(part)) for part in field.elements]
    defaults = {part.name: part.default for part in field.elements}

    def usual_element(entry: Any) -> dict[str, Any] | None:
        if entry.__class__ is not dict:
            return None
        element = {**defaults, **entry}
        if len(element) != len(converters):
            return None
        for name, convert in converters:
            value = element[name]
            converted = convert(value)
            if converted is not value:
                if converted is _UNUSUAL:
                    return None
                element[name] = converted
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
    if value.__class__ is bool:
        return value
    return _WORDS.get(value, _UNUSUAL) if value.__class__ is str else _UNUSUAL


def _usual_address(value: Any) -> Any:
    is_usual = value.__class__ is str and len(value) <= _MAX_LOCAL_PART and _USUAL_ADDRESS.fullmatch(value)
    return value if is_usual else _UNUSUAL


def _usual_list(field: Field, value: Any) -> WantedList | None:
    if value.__class__ is not list:
        return None
    elements = []
    usual_element = _usual_elements(field)
    for entry in value:
        element = usual_element(entry)
        if element is None:
            return None
        elements.append(element)
    if len(elements) > 1 and len({element_key(field, element) for element in elements}) < len(elements):
        return None
    return WantedList(elements, [])


def parse_boolean(value: Any) -> bool:
    """Return a boolean that is written in any of the ways that Ansible accepts.

    :raises InputError: it is none; the server would store most other values as false without a word.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    word = _WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if word is None:
        raise InputError(f"must be true or false ({_SHOWN_WORDS}), not {shown_value(value)}")
    return word


def address_problem(text: str) -> str | None:
    """Return what is wrong with an e-mail address, or None.

    Takes what the server takes: a dot in the host part or an IPv4 address in brackets, quoted parts, comments, and also
    ``Name <user@example.org>``; no characters beyond ASCII. Outer blanks do not count.
    """
    address = text.strip()
    if not address.isascii():
        return "has characters beyond ASCII, which the server refuses"
    # Compiled here, because nearly all addresses are told by the usual form, and these take their time.
    found = (re.fullmatch(form, address, re.ASCII) for form in _MAILBOXES)
    match = next((one for one in found if one is not None), None)
    if match is None:
        return "must have the form user@example.org"
    if len(match.group("local")) > _MAX_LOCAL_PART:
        return f"has more than {_MAX_LOCAL_PART} characters before the @"
    return None


def parse_text(value: Any) -> str:
    """Return a text that a user wrote.

    :raises InputError: it is not a text. Numbers are refused, because they may have been written otherwise: YAML reads
        ``0123`` as 83 and ``12:30`` as 750.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise InputError("must be a text, not a number; quote it, because YAML reads 0123 as 83 and 12:30 as 750")
    quote = "" if isinstance(value, (list, tuple, Mapping)) else "; quote it"
    raise InputError(f"must be a text, not a {_type_name(value)}{quote}")


def _parse_boolean(field: Field, value: Any) -> bool:
    return parse_boolean(value)


def _parse_text(field: Field, value: Any) -> str | None:
    text = _storable(field, parse_text(value))
    if field.secret and text == MASK:
        raise InputError(
            "is the mask that results show in place of a secret, not a secret",
            hint="Leave the field out to keep what the server has.",
        )
    if field.email:
        text = text.strip()
        problem = address_problem(text)
        if problem:
            raise InputError(f"{text!r} {problem}")
    return text or None


def _storable(field: Field, text: str) -> str:
    """Return the text if the server can store it.

    :raises InputError: it is too long, or has a character that the server cannot store.
    """
    if field.max_length is not None and len(text) > field.max_length:
        raise InputError(f"has {len(text)} characters, at most {field.max_length} are possible")
    if text and max(text) > "\uffff":
        raise InputError("has a character beyond U+FFFF (such as an emoji), which the server cannot store")
    if not text.isascii() and _SURROGATE.search(text):
        raise InputError("has half of a character (a lone surrogate), which the server cannot store")
    return text


_SURROGATE = re.compile("[\ud800-\udfff]")


def _parse_choice(field: Field, value: Any) -> str:
    word = value.strip().lower() if isinstance(value, str) else None
    for choice in field.choices:
        if choice.lower() == word:
            return choice
    raise InputError(f"must be one of {', '.join(field.choices)}, not {shown_value(value)}")


def shown_value(value: Any) -> str:
    """Return how messages quote a value: shortened, without control characters, and a list or dictionary by its type
    only."""
    if isinstance(value, (list, tuple, Mapping)):
        return f"a {_type_name(value)}"
    if isinstance(value, int) and abs(value) >= _NUMBER_BOUND:
        return "such a number"
    return repr(value) if not isinstance(value, str) or len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]!r}…"


def _type_name(value: Any) -> str:
    if isinstance(value, Mapping):
        return "dictionary"
    return {bool: "boolean", list: "list", tuple: "list"}.get(type(value), type(value).__name__)


def _parse_list(field: Field, value: Any, mode: str | None, doubts: list[Doubt] | None) -> WantedList:
    if not isinstance(value, (list, tuple)):
        raise InputError(f"must be a list, not a {_type_name(value)}")
    wanted = WantedList([], [])
    seen: dict[tuple[Any, ...], list[Any]] = {}
    usual_element = _usual_elements(field)
    for position, entry in enumerate(value):
        place = f"{field.name}[{position}]"
        element = usual_element(entry)
        present = True
        if element is None:
            present = _is_wanted(field, entry, place, mode)
            element = _parse_element(field, entry, place, doubts) if present else _parse_unwanted(field, entry, place)
        first, *same = seen.setdefault(element_key(field, element), [position, element, present])
        if first == position:
            (wanted.present if present else wanted.absent).append(element)
        elif _is_unique(field) or same != [element, present]:
            raise InputError(
                f"is the same as {field.name}[{first}]{_case_note(field)}: {_key_text(field, element)}",
                field=f"{place}.{field.key[0]}" if len(field.key) == 1 else place,
            )
    return wanted


def _is_wanted(field: Field, entry: Any, place: str, mode: str | None) -> bool:
    """Return whether an element of a list shall be there."""
    if not isinstance(entry, Mapping):
        raise InputError(f"must be a dictionary, not a {_type_name(entry)}", field=place)
    state = entry.get("state")
    word = PRESENT if state is None else state.strip().lower() if isinstance(state, str) else state
    if word not in (PRESENT, ABSENT):
        raise InputError(f"must be one of {PRESENT}, {ABSENT}, not {shown_value(state)}", field=f"{place}.state")
    if word == ABSENT and mode != MERGE:
        raise InputError(
            f"is possible only with {field.name}_mode: {MERGE} (in the role fleet: fleet_{field.name}_mode), because "
            "otherwise the elements that are given become the whole list",
            field=f"{place}.state",
        )
    return bool(word == PRESENT)


def _is_unique(field: Field) -> bool:
    """Whether the server has a unique index for the list; it takes the same ACL rule twice, which means the same."""
    return any(part.email for part in field.elements)


def _case_note(field: Field) -> str:
    return " (case does not count)" if _is_unique(field) else ""


def _key_text(field: Field, element: Mapping[str, Any]) -> str:
    return ", ".join(printable(str(element[name])) for name in field.key)


def _parse_element(field: Field, entry: Mapping[str, Any], place: str, doubts: list[Doubt] | None) -> dict[str, Any]:
    _reject_unknown(field, entry, place)
    problems: list[InputError] = []
    element = {part.name: _parse_part(part, entry.get(part.name), place, problems) for part in field.elements}
    if problems and doubts is None:
        raise problems[0]
    if doubts is not None:
        doubts.extend(Doubt(field.name, element, problem) for problem in problems)
    return element


def _reject_unknown(field: Field, entry: Mapping[str, Any], place: str) -> None:
    if entry.keys() <= field.element_names:
        return
    position, unknown = next((n, name) for n, name in enumerate(entry) if name not in field.element_names)
    names = [*(part.name for part in field.elements), "state"]
    raise InputError(
        f"has no such field; {nearest_name(str(unknown), names)}", field=f"{place}.{shown_name(unknown, position)}"
    )


def _parse_part(part: Field, value: Any, place: str, problems: list[InputError]) -> Any:
    """Return the value of a field of an element.

    :param problems: takes what is wrong with it unless the server has it so.
    """
    where = f"{place}.{part.name}"
    if value is None or (part.required and value == ""):
        if part.required:
            problems.append(InputError("is missing", field=where))
        return part.default
    if value == "":
        raise InputError("must not be empty; leave it out where it does not matter", field=where)
    try:
        return parse_field(part, value)
    except InputError as error:
        error.field = where
        if not (part.email and isinstance(value, str)):
            raise
        problems.append(error)
        return value.strip()


def _parse_unwanted(field: Field, entry: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return an element that shall not be there: any text may be what the server has, also an empty one."""
    _reject_unknown(field, entry, place)
    return {part.name: _parse_unwanted_part(part, entry.get(part.name), place) for part in field.elements}


def _parse_unwanted_part(part: Field, value: Any, place: str) -> Any:
    where = f"{place}.{part.name}"
    if value is None:
        if part.required:
            raise InputError("is missing", field=where)
        return part.default
    if part.kind != TEXT:
        return _parse_part(part, value, place, [])
    try:
        return parse_text(value) or None
    except InputError as error:
        error.field = where
        raise


_PARSERS: dict[str, Callable[[Field, Any], Any]] = {
    BOOLEAN: _parse_boolean,
    TEXT: _parse_text,
    CHOICE: _parse_choice,
}


# ---------------------------------------------------------------------------------------------------------------------
# What the server answers
# ---------------------------------------------------------------------------------------------------------------------


def check_document(resource: Resource, document: Any) -> None:
    """Refuse what cannot be the settings of a subscriber: whatever else a server or a proxy answers in JSON would be
    taken for settings that are empty, and reported so.

    Which members an answer has, and of which types, was seen on the platform; see :class:`_resources.Field`.

    :param document: a decoded JSON answer, or an item of a list.
    :raises ProtocolError: the document is not a dictionary, lacks a member that every answer has, or has one with an
        impossible value. The message names the member, but not the value.
    """
    if document.__class__ is dict and _usual_document(resource)(document):
        return
    if not isinstance(document, Mapping):
        raise _not_settings(resource, "it is not an object")
    for field in resource.fields:
        _check_member(resource, field, document, field.name)


def _not_settings(resource: Resource, problem: str) -> ProtocolError:
    return ProtocolError(f"The server's answer does not hold {resource.title}: {problem}")


def _check_member(resource: Resource, field: Field, document: Mapping[str, Any], place: str) -> None:
    if field.name not in document:
        if field.mandatory:
            raise _not_settings(resource, f"{place} is missing")
        return
    value = document[field.name]
    if field.kind != LIST:
        if not _is_possible(field, value):
            raise _not_settings(resource, f"{place} has an impossible value")
        return
    if not isinstance(value, list):
        raise _not_settings(resource, f"{place} is not a list")
    for position, element in enumerate(value):
        where = f"{place}[{position}]"
        if not isinstance(element, Mapping):
            raise _not_settings(resource, f"{where} is not an object")
        for part in field.elements:
            _check_member(resource, part, element, f"{where}.{part.name}")


def _is_possible(field: Field, value: Any) -> bool:
    """Return whether a member of an answer can have the value. Flags are booleans, but numbers in the database."""
    if isinstance(value, bool):
        return field.kind == BOOLEAN
    if isinstance(value, int):
        return field.kind == BOOLEAN or abs(value) < _NUMBER_BOUND
    if field.kind == BOOLEAN:
        return isinstance(value, str) and value.isascii() and value.isdigit()
    return value is None or isinstance(value, (str, float))


# For the quick check; other numbers, and texts for flags, are rare and take the long way.
_USUAL_TYPES = {BOOLEAN: (bool, int), TEXT: (str, type(None)), CHOICE: (str, type(None)), LIST: (list,)}

# Python refuses to turn very long numbers into texts.
_NUMBER_BOUND = 10**18


@functools.cache
def _usual_document(resource: Resource) -> Callable[[dict[str, Any]], bool]:
    """Return a function that tells the documents that are right at a glance: it is asked for every subscriber."""
    pick, known = _usual_members(resource.fields)
    lists = tuple((field.name, *_usual_members(field.elements)) for field in resource.lists)

    def usual_document(document: dict[str, Any]) -> bool:
        try:
            if (*map(type, pick(document)),) not in known:
                return False
            for name, pick_part, known_part in lists:
                for element in document[name]:
                    if element.__class__ is not dict or (*map(type, pick_part(element)),) not in known_part:
                        return False
        except KeyError:
            return False
        return True

    return usual_document


def _usual_members(fields: Sequence[Field]) -> tuple[Callable[[dict[str, Any]], Any], set[tuple[type, ...]]]:
    """Return a function that picks the values of all the fields, and the usual combinations of their types: there are
    few, so that each is looked at once."""
    names = [field.name for field in fields]
    pick = operator.itemgetter(*names) if len(names) > 1 else lambda document: (document[names[0]],)
    return pick, set(itertools.product(*(_USUAL_TYPES[field.kind] for field in fields)))


def canonical_settings(resource: Resource, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the managed fields of a server's document in canonical form.

    A missing list is an empty one. Other fields that the document lacks are left out: older servers do not have all.

    :param document: an answer that :func:`check_document` let pass, or settings in canonical form.
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
        [
            (value or "").strip().casefold() if part.email else value
            for part in field.key_fields
            for value in (element[part.name],)
        ]
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
    if part.email and value:
        return value.strip().casefold()
    return value


def _as_set(field: Field, elements: list[dict[str, Any]]) -> frozenset[tuple[Any, ...]]:
    return frozenset(tuple(_comparable(part, element[part.name]) for part in field.elements) for element in elements)
