# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What users write for a list, in every form that is accepted: checked, and in canonical form.

The usual forms are recognised more quickly by :meth:`list_fields.ListOf.usual`; what is read here is loaded for the
others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import InputError
from .._names import nearest_name, shown_name
from .._texts import kind_of, shown_value
from .._wording import printable, quoted
from .fields import MERGE, Address, Doubt, Field
from .list_fields import ABSENT, PRESENT, Element, ListOf, WantedList


def parse_list(field: ListOf, value: Any, mode: str | None, doubts: list[Doubt] | None) -> WantedList:
    """Return a list that a user wrote; see :meth:`fields.Field.parse`.

    :raises InputError: the list or one of its elements is wrong; ``field`` of the error names the place within it.
    """
    if not isinstance(value, (list, tuple)):
        raise InputError(f"must be a list, not {kind_of(value)}")
    wanted = WantedList([], [])
    seen: dict[tuple[Any, ...], list[Any]] = {}
    for position, entry in enumerate(value):
        path = f"{field.name}[{position}]"
        element = field.usual_element(entry)
        present = True
        if element is None:
            present = _is_wanted(field, entry, path, mode)
            element = _parse_element(field, entry, path, doubts) if present else _parse_unwanted(field, entry, path)
        first, *same = seen.setdefault(field.element_key(element), [position, element, present])
        if first == position:
            (wanted.present if present else wanted.absent).append(element)
        elif field.unique or same != [element, present]:
            raise InputError(
                f"is the same as {field.name}[{first}]{_case_note(field)}{_key_text(field, element)}",
                field=f"{path}.{field.key[0]}" if len(field.key) == 1 else path,
            )
    return wanted


def _is_wanted(field: ListOf, entry: Any, path: str, mode: str | None) -> bool:
    """Return whether an element of a list shall be there."""
    if not isinstance(entry, Mapping):
        raise InputError(f"must be a dictionary, not {kind_of(entry)}", field=path)
    state = entry.get("state")
    word = PRESENT if state is None else state.strip().lower() if isinstance(state, str) else state
    if word not in (PRESENT, ABSENT):
        raise InputError(f"must be one of {PRESENT}, {ABSENT}, not {shown_value(state)}", field=f"{path}.state")
    if word == ABSENT and mode != MERGE:
        raise InputError(
            f"is possible only with {field.mode_option}: {MERGE} (in the role fleet: fleet_{field.mode_option}), "
            "because otherwise the declared elements become the whole list",
            field=f"{path}.state",
        )
    return bool(word == PRESENT)


def _case_note(field: ListOf) -> str:
    return " (case does not matter)" if any(isinstance(part, Address) for part in field.key_fields) else ""


def _key_text(field: ListOf, element: Mapping[str, Any]) -> str:
    """Return what makes two elements the same, as the end of a sentence; what neither says is left out."""
    if len(field.key) == 1:
        return f": {printable(str(element[field.key[0]]))}"
    given = [part.name for part in field.key_fields if element[part.name] != part.default]
    shown = ", ".join(f"{name} {_key_value(element[name])}" for name in given)
    return f": {shown}" if shown else ""


def _key_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else quoted(value)


def _parse_element(field: ListOf, entry: Mapping[str, Any], path: str, doubts: list[Doubt] | None) -> Element:
    _reject_unknown(field, entry, path)
    problems: list[InputError] = []
    element = {part.name: _parse_part(part, entry.get(part.name), path, problems) for part in field.elements}
    if problems and doubts is None:
        raise problems[0]
    if doubts is not None:
        doubts.extend(Doubt(field.name, element, problem) for problem in problems)
    return element


def _reject_unknown(field: ListOf, entry: Mapping[str, Any], path: str) -> None:
    if entry.keys() <= field.element_names:
        return
    position, unknown = next((n, name) for n, name in enumerate(entry) if name not in field.element_names)
    names = [*(part.name for part in field.elements), "state"]
    raise InputError(
        f"has no such field; {nearest_name(str(unknown), names)}", field=f"{path}.{shown_name(unknown, position)}"
    )


def _parse_part(part: Field, value: Any, path: str, problems: list[InputError]) -> Any:
    """Return the value of a field of an element.

    :param problems: takes what is wrong with it unless the server has it so.
    """
    where = f"{path}.{part.name}"
    if value is None or (part.required and value == ""):
        if part.required:
            problems.append(InputError("is missing", field=where))
        return part.default
    if value == "":
        raise InputError("must not be empty; leave it out to match any value", field=where)
    try:
        return part.parse(value)
    except InputError as error:
        error.field = where
        if not part.is_doubtful(value):
            raise
        problems.append(error)
        return value.strip()


def _parse_unwanted(field: ListOf, entry: Mapping[str, Any], path: str) -> Element:
    """Return an element that shall not be there: any text may be what the server has, also an empty one."""
    _reject_unknown(field, entry, path)
    return {part.name: _parse_unwanted_part(part, entry.get(part.name), path) for part in field.elements}


def _parse_unwanted_part(part: Field, value: Any, path: str) -> Any:
    where = f"{path}.{part.name}"
    if value is None:
        if part.required:
            raise InputError("is missing", field=where)
        return part.default
    try:
        return part.parse_unwanted(value)
    except InputError as error:
        error.field = where
        raise
