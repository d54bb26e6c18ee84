# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""The names that an entry of a fleet may have: subscriber keys, and the fields of all settings resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from .._errors import InputError
from .._names import is_remark, nearest_name, shown_name
from .._resources import RESOURCES
from .._settings.fields import Field
from .._settings.resources import Resource
from .._subscribers.keys import KEY_NAMES


class Slot(NamedTuple):
    """Where a value of an entry belongs."""

    resource: Resource
    field: Field


def _slots() -> dict[str, Slot]:
    """Return what every flat name means. A name that several resources have means the first of them."""
    slots: dict[str, Slot] = {}
    for resource in RESOURCES:
        for field in filter(resource.is_bare, resource.fields):
            slots.setdefault(field.name, Slot(resource, field))
    for resource in RESOURCES:
        slots.update({resource.prefixed(field): Slot(resource, field) for field in resource.fields})
    return slots


SLOTS: Mapping[str, Slot] = _slots()
COLUMNS: Mapping[str, Field | None] = {**dict.fromkeys(KEY_NAMES), **{name: slot.field for name, slot in SLOTS.items()}}
NESTED: Mapping[str, Mapping[str, Slot]] = {
    resource.prefix: {field.name: Slot(resource, field) for field in resource.fields} for resource in RESOURCES
}


class Part(NamedTuple):
    """Where entries with the same names have the managed fields of one resource.

    :param paths: for each field the name, for a nested one both names.
    :param flat: for each field the name, if none of them is nested.
    :param nested: the names of the fields, if all of them are nested.
    """

    resource: Resource
    paths: Mapping[str, tuple[str, ...]]
    flat: tuple[tuple[str, str], ...] | None
    nested: tuple[str, ...] | None = None

    @property
    def fields(self) -> list[Field]:
        """The fields that entries have, in the order of the resource."""
        return [field for field in self.resource.managed if field.name in self.paths]

    def column(self, name: str, entries: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the values of one field in many entries."""
        values: Iterable[Any] = entries
        for step in self.paths[name]:
            values = map(itemgetter(step), values)
        return [*values]

    def paths_of(self, fields: Iterable[str]) -> list[str]:
        """Return the names that an entry has for some of the fields."""
        return [".".join(self.paths[name]) for name in fields]

    def values(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that an entry gives (not None)."""
        if self.flat is not None:
            return {field: value for field, name in self.flat if (value := entry[name]) is not None}
        if self.nested is not None:
            inner = entry[self.resource.prefix]
            return {field: value for field in self.nested if (value := inner[field]) is not None}
        given = {field: value_of(entry, path) for field, path in self.paths.items()}
        return {field: value for field, value in given.items() if value is not None}


class Layout(NamedTuple):
    """How the values of entries with the same names are split.

    :param parts: of the resources whose managed fields the entry has.
    :param errors: what is wrong with the names.
    """

    parts: tuple[Part, ...]
    errors: tuple[InputError, ...]


class Layouts:
    """Finds the layout of entries; thousands of them have the same few."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Layout] = {}
        self._nested: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def of(self, values: Mapping[str, Any]) -> Layout:
        """Return the layout of an entry."""
        signature = self.signature(values)
        layout = self._known.get(signature)
        if layout is None:
            layout = self._known[signature] = _layout(values)
        return layout

    def signature(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what is the same for all entries with the same layout: their names, and those within nested ones."""
        names: tuple[Any, ...] = (*values,)
        nested = self._nested.get(names)
        if nested is None:
            nested = self._nested[names] = tuple(name for name in NESTED if name in values)
        return (*names, *[_nested_names(values[name]) for name in nested]) if nested else names


def value_of(values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return the value that an entry has at a path of a layout."""
    value = values[path[0]]
    return value if len(path) == 1 else value[path[1]]


def _nested_names(value: Any) -> tuple[Any, ...] | str:
    """Return the names within a nested entry, or what else stands in its place."""
    return tuple(value) if value.__class__ is dict or isinstance(value, Mapping) else type(value).__name__


def _layout(values: Mapping[str, Any]) -> Layout:
    fields: dict[str, dict[str, str]] = {resource.module: {} for resource in RESOURCES}
    errors: list[InputError] = []
    for name, slot in _named_slots(values, errors):
        taken = fields[slot.resource.module]
        if slot.field.name in taken:
            errors.append(InputError(f"is the same field as {taken[slot.field.name]}", field=name))
        else:
            taken[slot.field.name] = name
    parts = (_part(resource, fields[resource.module]) for resource in RESOURCES)
    return Layout(tuple(part for part in parts if part.paths), tuple(errors))


def _part(resource: Resource, names: Mapping[str, str]) -> Part:
    paths = {field.name: tuple(names[field.name].split(".")) for field in resource.managed if field.name in names}
    lengths = {len(path) for path in paths.values()}
    flat = tuple((field, path[0]) for field, path in paths.items()) if lengths == {1} else None
    return Part(resource, paths, flat, tuple(paths) if lengths == {2} else None)


def _named_slots(values: Mapping[str, Any], errors: list[InputError]) -> Iterator[tuple[str, Slot]]:
    """Yield the names of an entry that mean a field, and note those that mean nothing."""
    for position, (name, value) in enumerate(values.items()):
        if name in SLOTS:
            yield name, SLOTS[name]
        elif name in NESTED:
            yield from _nested_slots(name, value, errors)
        elif name not in KEY_NAMES and not is_remark(name):
            hint = nearest_name(str(name), [*COLUMNS, *NESTED])
            message = f"is not a field of a subscriber's entry; {hint}"
            errors.append(InputError(message, field=shown_name(name, position)))


def _nested_slots(name: str, value: Any, errors: list[InputError]) -> Iterator[tuple[str, Slot]]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        errors.append(InputError("must be a dictionary", field=name))
        return
    for position, inner in enumerate(value):
        path = f"{name}.{shown_name(inner, position)}"
        if inner in NESTED[name]:
            yield path, NESTED[name][inner]
        else:
            hint = nearest_name(str(inner), NESTED[name])
            errors.append(InputError(f"is not a field of the {name} settings; {hint}", field=path))
