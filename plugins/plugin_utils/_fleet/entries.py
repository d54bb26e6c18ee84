# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""A fleet: its entries checked against all settings resources, and split into what each settings module takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._masking import Masker
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import (
    Declaration,
    Entry,
    named_twice,
    parse_fields,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import RESOURCES, Resource
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import SubscriberKeys, parse_keys
from ansible_collections.ngcp.fax.plugins.module_utils._wording import counted, more_line, printable, shortened

from .schema import Layout, Layouts, value_of

# How many wrong values a message tells, and how much of what is wrong with each.
SHOWN_ERRORS = 50
_LONGEST_MESSAGE = 300
_LONGEST_NAME = 150


class Member(NamedTuple):
    """What one entry declares for one resource.

    :param position: of the entry in the input.
    :param values: keys and fields as they were written, under the names that the settings module knows.
    """

    position: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Fleet:
    """A fleet without errors.

    :param paths: how messages name each entry.
    :param members: for each module what it declares, in the order of the input.
    :param idle: positions of entries that declare nothing.
    """

    paths: Sequence[str]
    members: Mapping[str, Sequence[Member]]
    idle: Sequence[int] = ()

    def only(self, positions: Sequence[int]) -> Fleet:
        """Return the fleet with these entries alone; positions stay those of the input."""
        wanted = set(positions)
        members = {name: [m for m in part if m.position in wanted] for name, part in self.members.items()}
        return Fleet(self.paths, members, [position for position in self.idle if position in wanted])


class FleetErrors(InputErrors):
    """Everything that is wrong with a fleet.

    :param entries: all entries, to which the errors' ``index`` leads.
    :param source: the file's name, or what else the entries come from.
    """

    advice = "Correct the input and run the task again."

    def __init__(self, errors: list[InputError], entries: Sequence[Entry], source: str) -> None:
        super().__init__(errors)
        self._entries = entries
        self._source = source
        wrong = {error.index for error in errors if error.index is not None}
        for error in errors:
            error.message = shortened(error.message, _LONGEST_MESSAGE)
            error.entry, error.field = shortened(error.entry, _LONGEST_NAME), shortened(error.field, _LONGEST_NAME)
        count = f"{counted(len(errors), 'error')} in {self._source}"
        total = f" ({len(wrong)} of {counted(len(entries), 'entry', 'entries')})" if wrong else ""
        lines = [f"{count}{total}. Nothing was written.", *(printable(str(error)) for error in errors[:SHOWN_ERRORS])]
        self.message = "\n".join([*lines, *more_line(len(errors) - SHOWN_ERRORS)])

    def details(self) -> list[dict[str, Any]]:
        """Return one dictionary for each error."""
        return [self._detail(error) for error in self.errors]

    def _detail(self, error: InputError) -> dict[str, Any]:
        entry = self._entries[error.index] if error.index is not None else None
        return {
            "file": self._source,
            "row": entry.row if entry is not None else None,
            "line": entry.line if entry is not None else None,
            "position": error.index,
            "entry": error.entry,
            "field": error.field,
            "message": error.message,
        }


def check_fleet(
    entries: Sequence[Entry],
    known_errors: Sequence[InputError],
    source: str,
    modes: Mapping[str, str] | None = None,
) -> Fleet:
    """Check all entries and split them.

    :param known_errors: what was wrong already when they were read; see :func:`_settings.fleet_file.read_table`.
    :param source: the file's name, or what else the entries come from.
    :param modes: how the settings modules will take each list; ``replace`` where it is not said.
    :raises FleetErrors: everything that is wrong.
    """
    checker = _Checker(known_errors, modes or {})
    for position, entry in enumerate(entries):
        checker.add(position, entry)
    errors = checker.errors + named_twice(checker.declarations)
    if errors:
        errors.sort(key=lambda error: -1 if error.index is None else error.index)
        raise FleetErrors(errors, entries, source)
    return Fleet([entry.path for entry in entries], checker.members, checker.idle)


class _Checker:
    """Checks entry after entry and collects what they declare and what is wrong."""

    def __init__(self, known_errors: Sequence[InputError], modes: Mapping[str, str]) -> None:
        self._modes = modes
        self.errors = list(known_errors)
        self.declarations: list[Declaration] = []
        self.members: dict[str, list[Member]] = {resource.module: [] for resource in RESOURCES}
        self.idle: list[int] = []
        self._layouts = Layouts()
        self._unreadable = {error.index for error in known_errors if not error.field}
        self._wrong_cells = {error.index for error in known_errors}

    def add(self, position: int, entry: Entry) -> None:
        """Check one entry."""
        if position in self._unreadable:
            return
        values: Any = entry.values  # whatever a file holds
        if not isinstance(values, Mapping):
            self.errors.append(InputError("must be a dictionary", entry=entry.path, index=position))
            return
        layout = self._layouts.of(values)
        errors = [InputError(error.message, field=error.field) for error in layout.errors]
        keys = SubscriberKeys()
        try:
            keys = parse_keys(values)
        except InputError as error:
            errors.append(error)
        else:
            self.declarations.append(Declaration(position, entry.path, keys, {}))
        declared = [self._add_to(resource, position, entry, layout, errors) for resource in RESOURCES]
        if not any(declared) and position not in self._wrong_cells:
            self.idle.append(position)
        if errors:
            self._note(errors, position, entry.path if keys == SubscriberKeys() else f"{entry.path} ({keys})")
            self._hide_secrets(errors, values, layout)

    def _add_to(
        self, resource: Resource, position: int, entry: Entry, layout: Layout, errors: list[InputError]
    ) -> bool:
        """Take what an entry declares for one resource, and return whether that is anything."""
        paths = layout.fields[resource.module]
        values = {field: value_of(entry.values, path) for field, path in paths.items()}
        given = {field: value for field, value in values.items() if value is not None}
        if not given:
            return False
        try:
            parse_fields(resource, given, self._modes)
        except InputErrors as problems:
            for error in problems.errors:
                error.field = _as_written(error.field, paths)
            errors += problems.errors
        keys = {name: entry.values[name] for name in layout.keys}
        self.members[resource.module].append(Member(position, {**keys, **given}))
        return True

    def _note(self, errors: list[InputError], position: int, label: str) -> None:
        for error in errors:
            error.entry, error.index = label, position
        self.errors += errors

    def _hide_secrets(self, errors: list[InputError], values: Mapping[str, Any], layout: Layout) -> None:
        """Mask the entry's own secrets in messages: a value may stand in a second field by mistake."""
        secrets = [
            value_of(values, path)
            for resource in RESOURCES
            for field, path in layout.fields[resource.module].items()
            if field in resource.secrets
        ]
        masker = Masker(secrets)
        for error in errors:
            error.message = masker.mask_quoted(error.message)


def _as_written(field: str, paths: Mapping[str, tuple[str, ...]]) -> str:
    """Return the place of an error with the name that the entry has for the field."""
    name = re.split(r"[.\[]", field, maxsplit=1)[0]
    return ".".join(paths[name]) + field[len(name) :]
