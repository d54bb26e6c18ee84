# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Undo files, read: nothing in them is believed, because they may be cut off, edited, or of something else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import InputError
from .._resources import RESOURCES
from .._settings.declarations import Declaration, Entry, entry_label, named_twice
from .._settings.fields import Choice, Field, Flag, Number, Text
from .._settings.fleet_file import read_document
from .._settings.fleet_text import read_text
from .._settings.list_fields import ListOf, WantedList
from .._settings.resources import Resource
from .._subscribers.keys import NO_KEYS, SubscriberKeys, parse_keys
from .._wording import printable, quoted
from .entries import FleetEntry, FleetErrors
from .undo import UndoDeclaration
from .undo_format import (
    COLLECTION,
    FORMAT,
    LEFT_OUT,
    NOT_WRITTEN,
    REASONS,
    RUN,
    SET,
    STATUS,
    SUBSCRIBERS,
    WRITTEN,
)

_LONGEST_CHOICE = 64
_ID, _NAME = "subscriber_id", "subscriber"
_MEMBERS = frozenset((_ID, _NAME, *(resource.prefix for resource in RESOURCES)))
_MANAGED = {resource.prefix: {field.name: field for field in resource.managed} for resource in RESOURCES}
_ALL_FIELDS = frozenset(f"{resource.prefix}.{field.name}" for resource in RESOURCES for field in resource.fields)


class UndoContent(NamedTuple):
    """What an undo file holds.

    :param platform: address of the platform that the run wrote to.
    :param raw: entries as a fleet file has them, without what only an undo file has.
    :param entries: the same, checked; those of which nothing was written are left out.
    :param digest: SHA-256 of the file.
    """

    platform: str
    raw: Sequence[Entry]
    entries: Sequence[FleetEntry]
    digest: bytes


def read_undo(path: str, name: str) -> UndoContent:
    """Return what an undo file holds.

    :param name: how messages name the file.
    :raises InputError: it cannot be read, is cut off, or is something else.
    :raises FleetErrors: everything that is wrong with its entries.
    """
    text = read_text(path, name, is_csv=False)
    try:
        document = read_document(text, name, is_yaml=False)
    except InputError as error:
        error.hint = "An undo file that was cut off or edited incorrectly cannot be used."
        raise
    platform = _platform(document, name)
    reader = _Reader([Entry(f"{printable(name)} entry {n}", one) for n, one in enumerate(document[SUBSCRIBERS], 1)])
    entries = reader.entries()
    if reader.errors:
        raise FleetErrors(sorted(reader.errors, key=lambda error: error.index or 0), reader.raw, name)
    raw = [Entry(reader.raw[entry.position].path, _without_notes(reader.raw[entry.position])) for entry in entries]
    entries = [entry._replace(position=position) for position, entry in enumerate(entries)]
    return UndoContent(platform, raw, entries, hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


def _platform(document: Any, name: str) -> str:
    """Return the platform that a document is about.

    :raises InputError: it is not an undo file that can be read here.
    """
    run = document.get(RUN) if isinstance(document, Mapping) else None
    if not isinstance(run, Mapping) or run.get("collection") != COLLECTION or "format" not in run:
        raise InputError(f"{quoted(name)} is not an undo file of {COLLECTION}")
    if run["format"] != str(FORMAT):  # numbers are read as they are written
        raise InputError(
            f"{quoted(name)} has the format version {quoted(run['format'])}, but this version of the collection reads "
            f"{FORMAT}",
            hint="Use the version of the collection that wrote it.",
        )
    if not isinstance(run.get("platform"), str) or not isinstance(document.get(SUBSCRIBERS), list):
        raise InputError(f"{quoted(name)} is damaged: the platform or the list of subscribers is missing")
    return str(run["platform"])


def _without_notes(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in entry.values.items() if not name.startswith("_")}


class _Wrong(Exception):
    """Something is not as an undo file has it.

    :param place: within the entry.
    """

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem)
        self.problem, self.place = problem, place


class _Reader:
    """Reads the entries of an undo file.

    :param raw: as the file has them.
    """

    def __init__(self, raw: Sequence[Entry]) -> None:
        self.raw = raw
        self.errors: list[InputError] = []

    def entries(self) -> list[FleetEntry]:
        """Return the entries of which something was, or may have been, written, and note what is wrong."""
        entries, named = [], []
        for position, entry in enumerate(self.raw):
            keys = NO_KEYS
            try:
                values = _mapping(entry.values, "")
                keys = _keys(values)
                named.append(Declaration(position, entry.path, keys, {}))
                found = _fleet_entry(position, entry.path, keys, values)
            except _Wrong as wrong:
                label = entry_label(entry.path, keys)
                self.errors.append(InputError(wrong.problem, entry=label, field=wrong.place, index=position))
                continue
            if found.declarations or found.left_out:
                entries.append(found)
        self.errors += named_twice(named)
        return entries


def _keys(values: Mapping[str, Any]) -> SubscriberKeys:
    try:
        keys = parse_keys({_ID: values.get(_ID)})
    except InputError as error:
        raise _Wrong(error.message, error.field) from None
    for position, name in enumerate(values):
        if name not in _MEMBERS and not name.startswith("_"):
            raise _Wrong("has a member that undo files do not have", f"member {position + 1}")
    return keys


def _fleet_entry(position: int, path: str, keys: SubscriberKeys, values: Mapping[str, Any]) -> FleetEntry:
    """Return a checked entry. The subscriber is named by the id alone, which never changes; names may."""
    name = values.get(_NAME)
    if name is not None and not isinstance(name, str):
        raise _Wrong("must be a string", _NAME)
    sets, statuses = _mapping(values.get(SET), SET), _mapping(values.get(STATUS), STATUS)
    left_out = _reasons(values.get(LEFT_OUT))
    declarations = {}
    reasons: dict[str, str] = {}
    for resource in RESOURCES:
        if not (resource.prefix in values or resource.prefix in sets or resource.prefix in statuses):
            continue
        before = _fields(resource, values.get(resource.prefix), resource.prefix)
        expected = _fields(resource, sets.get(resource.prefix), f"{SET}.{resource.prefix}")
        if before.keys() != expected.keys():
            raise _Wrong(f"must have the same fields as {SET}.{resource.prefix}", resource.prefix)
        status = statuses.get(resource.prefix)
        if status not in (*WRITTEN, *NOT_WRITTEN) and (before or status is not None):
            raise _Wrong(f"must be one of {', '.join((*WRITTEN, *NOT_WRITTEN))}", f"{STATUS}.{resource.prefix}")
        if status not in WRITTEN:
            continue
        reasons.update({name: why for name, why in left_out.items() if name.startswith(f"{resource.prefix}.")})
        if before:
            fields = {
                name: WantedList(value, []) if isinstance(value, list) else value for name, value in before.items()
            }
            declarations[resource.module] = UndoDeclaration(position, path, keys, resource, fields, expected)
    return FleetEntry(position, path, keys, declarations, name=name, left_out=reasons)


def _reasons(value: Any) -> dict[str, str]:
    reasons = _mapping(value, LEFT_OUT)
    if not reasons.keys() <= _ALL_FIELDS or not all(
        isinstance(why, str) and why in REASONS for why in reasons.values()
    ):
        raise _Wrong("must have names of fields and known reasons", LEFT_OUT)
    return dict(reasons)


def _fields(resource: Resource, value: Any, place: str) -> dict[str, Any]:
    """Return the fields of one part in canonical form. What the platform had may be what nobody could declare."""
    given = _mapping(value, place)
    fields = _MANAGED[resource.prefix]
    if not given.keys() <= fields.keys():
        raise _Wrong("has a name that is not a field", place)
    return {
        name: None
        if one is None and _means_nothing_alone(resource, name)
        else _known(resource, fields[name], _value(fields[name], one, f"{place}.{name}"), f"{place}.{name}")
        for name, one in given.items()
    }


def _known(resource: Resource, field: Field, value: Any, place: str) -> Any:
    """Return a value of a field. Words that are ours and not the platform's are those that we know."""
    if isinstance(field, Choice) and not resource.has_whole_values and value not in field.choices:
        raise _Wrong(f"must be one of {', '.join(field.choices)}", place)
    return value


def _means_nothing_alone(resource: Resource, name: str) -> bool:
    """Return whether a field has no value where the leading one has none."""
    return resource.leading not in (None, name)


def _value(field: Field, value: Any, place: str) -> Any:
    if isinstance(field, ListOf):
        return _elements(field, value, place)
    if value is None:
        raise _Wrong("must not be null", place)
    return _scalar(field, value, place)


def _scalar(field: Field, value: Any, place: str) -> Any:
    if isinstance(field, Flag):
        if not isinstance(value, bool):
            raise _Wrong("must be true or false", place)
        return value
    if isinstance(field, Number):
        return _number(field, value, place)
    longest = field.max_length if isinstance(field, Text) else _LONGEST_CHOICE
    if value is not None and not isinstance(value, str):
        raise _Wrong("must be a string", place)
    if value and longest is not None and len(value) > longest:
        raise _Wrong(f"has {len(value)} characters; the maximum is {longest}", place)
    if isinstance(field, Choice) and not value:
        raise _Wrong("must not be empty", place)
    return value or None


def _number(field: Number, value: Any, place: str) -> int:
    """Return a number; the reader leaves numbers as they are written."""
    try:
        return int(field.parse(value))
    except InputError as error:
        raise _Wrong(error.message, place) from None


def _elements(field: ListOf, value: Any, place: str) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise _Wrong("must be a list", place)
    elements = []
    for position, one in enumerate(value):
        where = f"{place}[{position}]"
        element = _mapping(one, where)
        if element.keys() != {part.name for part in field.elements}:
            raise _Wrong(f"must have the fields {', '.join(part.name for part in field.elements)}", where)
        elements.append(
            {part.name: _scalar(part, element[part.name], f"{where}.{part.name}") for part in field.elements}
        )
    return field.ordered(elements)


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    """Return a dictionary; nothing is an empty one, unless it is the entry itself."""
    if value is None and place:
        return {}
    if not isinstance(value, Mapping):
        raise _Wrong("must be a dictionary", place)
    return value
