# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a task declares for which subscriber: raw input of all forms, checked and turned into declarations."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Callable, NamedTuple

from .._errors import InputError, InputErrors
from .._lazy import LazySequence
from .._names import is_remark, nearest_name, shown_name
from .._subscribers.keys import (
    KEY_NAMES,
    NO_KEYS,
    SubscriberKeys,
    are_distinct,
    comparable_keys,
    first_key,
    parse_keys,
    reject_empty,
)
from .fields import REPLACE, UNUSUAL, Doubt
from .resources import Resource

SINGLE = "single"
SUBSCRIBERS = "subscribers"
SUBSCRIBERS_FILE = "subscribers_file"
SELECT = "select"
FORMS = (SUBSCRIBERS, SUBSCRIBERS_FILE, SELECT)


_NO_MODES: Mapping[str, str] = MappingProxyType({})


@dataclass
class Declaration:
    """What one entry of the input declares.

    :param index: position of the entry in the input.
    :param path: how messages name the entry, for example ``subscribers[3]`` or ``row 5``; empty where the task is
        about one subscriber.
    :param keys: which subscriber.
    :param fields: declared fields in the form of :meth:`fields.Field.parse`.
    :param doubts: elements of lists that are wrong unless the server has them, see :func:`unfounded`.
    """

    index: int
    path: str
    keys: SubscriberKeys
    fields: Mapping[str, Any]
    doubts: tuple[Doubt, ...] = ()

    @property
    def label(self) -> str:
        """The entry's name in messages: place and subscriber."""
        return entry_label(self.path, self.keys)

    def wanted(self, stored: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the fields that are meant for what the server has: all of them, wherever nothing else is said.

        :param stored: canonical settings of the subscriber.
        """
        return self.fields


def entry_label(path: str, keys: SubscriberKeys) -> str:
    """Return how messages name an entry: by its place and its subscriber, as far as there are such."""
    if keys == NO_KEYS:
        return path
    if path:
        return f"{path} ({keys})"
    return f"subscriber {keys}" if keys.subscriber is not None or keys.subscriber_id is not None else str(keys)


class Entry(NamedTuple):
    """One raw entry of the input and its name in messages; for a spreadsheet also its row and the line of the file in
    which that begins."""

    path: str
    values: Mapping[str, Any]
    row: int | None = None
    line: int | None = None


class Entries(LazySequence[Entry]):
    """The raw entries of an input. Each of them is created when somebody asks for it, because fleets are large.

    :param values: of all entries.
    :param name: returns how messages name the entry at a position, counted from 0.
    :param places: for a spreadsheet the row and the line of each entry.
    """

    def __init__(
        self,
        values: Sequence[Any],
        name: Callable[[int], str],
        places: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        self.values = values
        self._name = name
        self._places = places

    def __len__(self) -> int:
        return len(self.values)

    def create(self, position: int) -> Entry:
        row, line = self._places[position] if self._places is not None else (None, None)
        return Entry(self._name(position), self.values[position], row, line)


def form_of(params: Mapping[str, Any]) -> str | None:
    """Return in which form a task names its subscribers: ``SINGLE``, one of ``FORMS``, or None for none of them.

    :param params: the task's options.
    :raises InputError: more than one form is given, or an option that names subscribers is empty.
    """
    given = [name for name in FORMS if params.get(name) is not None]
    keys = [name for name in KEY_NAMES if params.get(name) is not None]
    reject_empty({name: params.get(name) for name in (*KEY_NAMES, SUBSCRIBERS_FILE)})
    if len(given) + bool(keys) > 1:
        raise InputError(f"{' and '.join([*given, *keys[:1]])} cannot be combined")
    if keys:
        return SINGLE
    return given[0] if given else None


def check_criteria(criteria: Mapping[str, Any]) -> None:
    """Refuse a ``select`` with an empty criterion: it comes from an empty variable and would mean everybody.

    :raises InputError: a criterion is empty, or there is none.
    """
    reject_empty(criteria, SELECT)
    if all(value is None for value in criteria.values()):
        raise InputError("requires at least one criterion", field=SELECT)


def reject_no_entries(form: str, params: Mapping[str, Any], count: int) -> None:
    """Refuse a fleet without subscribers, which comes from an empty variable, a file without rows or a misspelt domain,
    and would look like success.

    :param params: the task's options; ``allow_empty`` says that nobody may be meant.
    :param count: how many subscribers there are.
    :raises InputError: there are none.
    """
    if count or params.get("allow_empty"):
        return
    problem = {
        SUBSCRIBERS: "is an empty list",
        SUBSCRIBERS_FILE: f"{os.path.basename(str(params.get(SUBSCRIBERS_FILE)))!r} has no entries",
        SELECT: f"{_criteria(params.get(SELECT) or {})} matches no subscriber",
    }[form]
    raise InputError(f"{problem}; set allow_empty if this is intended", field=form)


def _criteria(criteria: Mapping[str, Any]) -> str:
    return " and ".join(f"{name} {value!r}" for name, value in criteria.items() if value is not None)


def task_entries(form: str, params: Mapping[str, Any]) -> list[Entry]:
    """Return the raw entries of a task of the form ``SINGLE`` or ``SUBSCRIBERS``.

    :raises InputError: ``subscribers`` is not a list.
    """
    if form == SINGLE:
        return [Entry("", {name: params.get(name) for name in KEY_NAMES})]
    entries = params[SUBSCRIBERS]
    if not isinstance(entries, list):
        raise InputError("must be a list of dictionaries", field=SUBSCRIBERS)
    return [Entry(f"{SUBSCRIBERS}[{index}]", values) for index, values in enumerate(entries)]


def entry_keys(entries: Sequence[Entry]) -> list[SubscriberKeys]:
    """Return the keys of entries of which nothing else matters.

    :raises InputErrors: everything that is wrong with them.
    """
    errors = []
    keys = []
    for index, entry in enumerate(entries):
        try:
            keys.append(parse_keys(_key_values(entry)))
        except InputError as error:
            error.entry, error.index = entry.path, index
            errors.append(error)
    if errors:
        raise InputErrors(errors)
    return keys


def _key_values(entry: Entry) -> dict[str, Any]:
    if not isinstance(entry.values, Mapping):
        raise InputError("must be a dictionary")
    return {name: entry.values.get(name) for name in KEY_NAMES}


def parse_fields(
    resource: Resource,
    values: Mapping[str, Any],
    modes: Mapping[str, str] = _NO_MODES,
    doubts: list[Doubt] | None = None,
) -> dict[str, Any]:
    """Return those managed fields that are given (not None), in the form of :meth:`fields.Field.parse`.

    :param modes: how the lists are interpreted; ``replace`` by default.
    :param doubts: takes the elements of lists that are wrong unless the server has them; without it these are errors.
    :raises InputErrors: one or more values are wrong.
    """
    fields: dict[str, Any] = {}
    errors: list[InputError] = []
    for field, name, usual in resource.usual_readers:
        value = values.get(name)
        if value is None:
            continue
        found = usual(value)
        if found is not UNUSUAL:
            fields[name] = found
            continue
        try:
            fields[name] = field.parse_unusual(value, modes.get(name, REPLACE), doubts)
        except InputError as error:
            errors.append(error)
    if errors:
        raise InputErrors(errors)
    return fields


def parse_declarations(
    resource: Resource,
    entries: Sequence[Entry],
    defaults: Mapping[str, Any],
    modes: Mapping[str, str] = _NO_MODES,
) -> list[Declaration]:
    """Return one declaration for each entry; ``defaults`` are parsed fields that hold where an entry gives none.

    :param modes: how the lists are interpreted; ``replace`` by default.
    :raises InputErrors: every wrong value of every entry, and every subscriber that is named twice.
    """
    declarations: list[Declaration] = []
    errors: list[InputError] = []
    parser = _EntryParser(resource, defaults, modes)
    for index, entry in enumerate(entries):
        try:
            declarations.append(parser.parse(entry, index))
        except InputErrors as problems:
            errors += problems.errors
    errors += named_twice(declarations)
    if errors:
        errors += [problem for declaration in declarations for problem in _problems(declaration, declaration.doubts)]
        errors.sort(key=lambda error: -1 if error.index is None else error.index)
        raise InputErrors(errors)
    return declarations


def reject_incomplete(resource: Resource, declarations: Iterable[Declaration]) -> None:
    """Refuse declarations that lack the field without which the others mean nothing.

    :raises InputErrors: names every such entry.
    """
    leading = resource.leading
    if leading is None:
        return
    errors = [
        InputError("is missing", entry=declaration.label, field=leading, index=declaration.index)
        for declaration in declarations
        if leading not in declaration.fields
    ]
    if errors:
        raise InputErrors(errors)


def unfounded(resource: Resource, declaration: Declaration, stored: Mapping[str, Any]) -> list[InputError]:
    """Return what is wrong with a declaration after all: the elements that the server does not have.

    :param stored: canonical settings of the subscriber.
    """
    if not declaration.doubts:
        return []
    fields = {field.name: field for field in resource.lists}
    doubts = [
        doubt
        for doubt in declaration.doubts
        if not any(fields[doubt.field].equal_elements(doubt.element, element) for element in stored[doubt.field])
    ]
    return _problems(declaration, doubts)


def _problems(declaration: Declaration, doubts: Iterable[Doubt]) -> list[InputError]:
    errors = [doubt.error for doubt in doubts]
    for error in errors:
        error.entry, error.index = declaration.label, declaration.index
    return errors


def reject_duplicates(subscriber_ids: Iterable[tuple[Declaration, int]]) -> None:
    """Refuse two declarations that turned out to be for the same subscriber.

    :raises InputErrors: names every such pair.
    """
    first: dict[int, Declaration] = {}
    errors = []
    for declaration, subscriber_id in subscriber_ids:
        other = first.setdefault(subscriber_id, declaration)
        if other is not declaration:
            errors.append(_duplicate(declaration, other, first_key(declaration.keys)))
    if errors:
        raise InputErrors(errors)


class _EntryParser:
    """Turns entries into declarations; what is the same for all of them is prepared once."""

    def __init__(self, resource: Resource, defaults: Mapping[str, Any], modes: Mapping[str, str]) -> None:
        self._resource = resource
        self._defaults = defaults
        self._modes = modes
        self._names = (*KEY_NAMES, *(field.name for field in resource.fields))
        self._known = frozenset(self._names)

    def parse(self, entry: Entry, index: int) -> Declaration:
        """Return what an entry declares.

        :raises InputErrors: everything that is wrong with it.
        """
        values = entry.values
        if values.__class__ is not dict and not isinstance(values, Mapping):
            raise InputErrors([InputError("must be a dictionary", entry=entry.path, index=index)])
        errors = [] if values.keys() <= self._known else self._unknown(values)
        keys = NO_KEYS
        fields: dict[str, Any] = {}
        doubts: list[Doubt] = []
        try:
            keys = parse_keys(values)
        except InputError as error:
            errors.append(error)
        try:
            fields = parse_fields(self._resource, values, self._modes, doubts)
        except InputErrors as problems:
            errors += problems.errors
        if errors:
            errors += [doubt.error for doubt in doubts]
            for problem in errors:
                problem.entry, problem.index = entry_label(entry.path, keys), index
            raise InputErrors(errors)
        declared: Mapping[str, Any] = {**self._defaults, **fields} if self._defaults else fields
        if self._resource.implied:
            declared = self._resource.completed(declared)
        return Declaration(index, entry.path, keys, declared, tuple(doubts))

    def _unknown(self, values: Mapping[str, Any]) -> list[InputError]:
        return [
            InputError(
                f"is not a field of a subscriber's entry; {nearest_name(str(name), self._names)}",
                field=shown_name(name, position),
            )
            for position, name in enumerate(values)
            if name not in self._known and not is_remark(name)
        ]


def named_twice(declarations: Sequence[Declaration]) -> list[InputError]:
    """Return an error for every declaration that names a subscriber by a key that another one had before it."""
    if are_distinct([declaration.keys for declaration in declarations]):
        return []
    first: dict[tuple[str, Any], Declaration] = {}
    errors = []
    for declaration in declarations:
        for name, value in comparable_keys(declaration.keys):
            other = first.setdefault((name, value), declaration)
            if other is not declaration:
                errors.append(_duplicate(declaration, other, name))
                break
    return errors


def _duplicate(declaration: Declaration, other: Declaration, name: str) -> InputError:
    return InputError(
        f"is the same subscriber as {other.label}", entry=declaration.label, field=name, index=declaration.index
    )
