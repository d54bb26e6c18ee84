# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""The entries of a fleet, checked against all settings resources, and split into what is declared for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, Callable, NamedTuple

from .._errors import InputError, InputErrors
from .._lazy import LazySequence
from .._masking import Masker
from .._resources import RESOURCES
from .._settings.declarations import Declaration, Entries, Entry, entry_label, named_twice, parse_fields
from .._subscribers.keys import NO_KEYS, SubscriberKeys, are_distinct, parse_keys
from .._wording import counted, joined, more_line, printable, shortened
from .batches import Batch, form_batches
from .schema import Layout, Layouts, Part, value_of

# How many wrong values a message reports, and how much of what is wrong with each.
SHOWN_ERRORS = 50
_LONGEST_MESSAGE = 300
_LONGEST_NAME = 150


class FleetEntry(NamedTuple):
    """One entry of a fleet, checked.

    :param position: in the input, counted from 0.
    :param path: how messages name it, for example ``fleet.csv row 5``.
    :param keys: which subscriber.
    :param declarations: for each module whose fields the entry has, what is declared.
    :param row: of a spreadsheet, counted from 1.
    :param name: ``user@domain`` where the input says so without naming the subscriber by it.
    :param left_out: the fields that cannot be restored, and why; None for entries that are not of an undo file.
    """

    position: int
    path: str
    keys: SubscriberKeys
    declarations: Mapping[str, Declaration]
    row: int | None = None
    name: str | None = None
    left_out: Mapping[str, str] | None = None


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

    def as_dict(self) -> dict[str, Any]:
        """Return the error with one entry for each wrong value, as far as the message lists them."""
        left_out = len(self.errors) - SHOWN_ERRORS
        shown = {**super().as_dict(), "details": self.details()[:SHOWN_ERRORS]}
        return {**shown, "details_left_out": left_out} if left_out > 0 else shown

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


class FleetEntries(LazySequence[FleetEntry]):
    """The checked entries of a fleet, in the order of the input. Those of batches are created when somebody asks for
    them.

    :param closely: the entries that are looked at one by one, in order.
    :param batches: the others.
    :param check: returns the entry of a batch at a position.
    """

    def __init__(
        self,
        closely: Sequence[FleetEntry],
        batches: Sequence[Batch] = (),
        check: Callable[[int], FleetEntry] | None = None,
    ) -> None:
        self.closely = closely
        self.batches = batches
        self._check = check

    @cached_property
    def _closely_at(self) -> dict[int, FleetEntry]:
        return {entry.position: entry for entry in self.closely}

    @cached_property
    def _count(self) -> int:
        return len(self.closely) + sum(len(batch.positions) for batch in self.batches)

    def __len__(self) -> int:
        return self._count

    def create(self, position: int) -> FleetEntry:
        found = self._closely_at.get(position)
        return self._check(position) if found is None and self._check is not None else self._closely_at[position]

    def keys(self) -> list[SubscriberKeys]:
        """Return the keys of all entries, in no particular order."""
        return [*(entry.keys for entry in self.closely), *chain.from_iterable(batch.keys for batch in self.batches)]

    def secrets(self) -> list[Any]:
        """Return the secrets that the entries declare, None for one that shall be cleared, in no particular order."""
        found = []
        for resource in RESOURCES:
            for name in resource.secrets:
                for entry in self.closely:
                    declaration = entry.declarations.get(resource.module)
                    if declaration is not None and name in declaration.fields:
                        found.append(declaration.fields[name])
                for batch in self.batches:
                    found += batch.columns.get(resource.module, {}).get(name, ())
        return found


def check_fleet(
    entries: Sequence[Entry],
    known_errors: Sequence[InputError],
    source: str,
    modes: Mapping[str, str] | None = None,
    in_batches: bool = False,
) -> FleetEntries:
    """Check all entries and return them in the order of the input.

    :param known_errors: what was wrong already when they were read; see :func:`_settings.fleet_file.read_table`.
    :param source: the file's name, or what else the entries come from.
    :param modes: how each list is interpreted; ``replace`` by default.
    :param in_batches: whether entries may be looked at together, see :mod:`batches`.
    :raises FleetErrors: everything that is wrong.
    """
    checker = _Checker(known_errors, modes or {})
    if in_batches and not known_errors:
        found = checker.add_in_batches(entries)
        if not checker.errors and are_distinct(found.keys()):
            return found
        checker = _Checker(known_errors, modes or {})  # looks at all of them closely, and says what is wrong
    for position, entry in enumerate(entries):
        checker.add(position, entry)
    errors = checker.errors + named_twice(checker.named)
    if errors:
        errors.sort(key=lambda error: -1 if error.index is None else error.index)
        raise FleetErrors(errors, entries, source)
    return FleetEntries(checker.entries)


class _Checker:
    """Checks entry after entry and collects what they declare and what is wrong."""

    def __init__(self, known_errors: Sequence[InputError], modes: Mapping[str, str]) -> None:
        self._modes = modes
        self.errors = list(known_errors)
        self.named: list[Declaration] = []
        self.entries: list[FleetEntry] = []
        self._layouts = Layouts()
        self._unreadable = {error.index for error in known_errors if not error.field}

    def add_in_batches(self, entries: Sequence[Entry]) -> FleetEntries:
        """Check all entries, and return those that have nothing wrong with them."""
        values = entries.values if isinstance(entries, Entries) else [entry.values for entry in entries]
        batches, others = form_batches(values, self._layouts)
        for position in others:
            self.add(position, entries[position])
        return FleetEntries(self.entries[:], batches, lambda position: self._created(position, entries[position]))

    def _created(self, position: int, entry: Entry) -> FleetEntry:
        """Return an entry of a batch."""
        self.add(position, entry)
        return self.entries.pop()

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
        keys = NO_KEYS
        try:
            keys = parse_keys(values)
        except InputError as error:
            errors.append(error)
        declarations = {}
        for part in layout.parts:
            given = part.values(values)
            if given:
                fields = self._fields(part, given, errors)
                declarations[part.resource.module] = Declaration(position, entry.path, keys, fields)
        if keys is not NO_KEYS:
            self.named.append(next(iter(declarations.values()), None) or Declaration(position, entry.path, keys, {}))
        if errors:
            self._note(errors, position, entry_label(entry.path, keys))
            self._hide_secrets(errors, values, layout)
        self.entries.append(FleetEntry(position, entry.path, keys, declarations, entry.row))

    def _fields(self, part: Part, given: Mapping[str, Any], errors: list[InputError]) -> Mapping[str, Any]:
        """Return what the fields of one resource declare, and note what is wrong with them."""
        try:
            fields = parse_fields(part.resource, given, self._modes)
        except InputErrors as problems:
            for error in problems.errors:
                error.field = _as_written(error.field, part.paths)
            errors += problems.errors
            return {}
        leading = part.resource.leading
        if leading is not None and leading not in fields:
            errors.append(InputError(f"is missing, and {joined([*part.paths_of(fields)])} needs it", field=leading))
        return part.resource.completed(fields)

    def _note(self, errors: list[InputError], position: int, label: str) -> None:
        for error in errors:
            error.entry, error.index = label, position
        self.errors += errors

    def _hide_secrets(self, errors: list[InputError], values: Mapping[str, Any], layout: Layout) -> None:
        """Mask the entry's own secrets in messages: a value may stand in a second field by mistake."""
        secrets = [
            value_of(values, path)
            for part in layout.parts
            for field, path in part.paths.items()
            if field in part.resource.secrets
        ]
        masker = Masker(secrets)
        for error in errors:
            error.message = masker.mask_quoted(error.message)


def _as_written(field: str, paths: Mapping[str, tuple[str, ...]]) -> str:
    """Return the place of an error with the name that the entry has for the field."""
    name = re.split(r"[.\[]", field, maxsplit=1)[0]
    return ".".join(paths[name]) + field[len(name) :]
