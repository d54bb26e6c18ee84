# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What users write for a field, in every form that is accepted: checked, and in canonical form.

The usual forms are told more quickly by :func:`values.usual_fields`; what is read here is loaded for the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Callable

from .._errors import InputError
from .._masking import MASK
from .._names import nearest_name, shown_name
from .._texts import kind_of, parse_text, shown_value
from .._wording import printable, quoted
from .resources import BOOLEAN, CHOICE, LIST, TEXT, Field
from .values import (
    ABSENT,
    MERGE,
    PRESENT,
    REPLACE,
    WORDS,
    Doubt,
    WantedList,
    address_problem,
    element_key,
    usual_elements,
)

_SHOWN_WORDS = "or yes, on, 1, no, off, 0"
_SURROGATE = re.compile("[\ud800-\udfff]")


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


def parse_boolean(value: Any) -> bool:
    """Return a boolean that is written in any of the ways that Ansible accepts.

    :raises InputError: it is none; the server would store most other values as false without a word.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    word = WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if word is None:
        raise InputError(f"must be true or false ({_SHOWN_WORDS}), not {shown_value(value)}")
    return word


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


def _parse_choice(field: Field, value: Any) -> str:
    word = value.strip().lower() if isinstance(value, str) else None
    for choice in field.choices:
        if choice.lower() == word:
            return choice
    raise InputError(f"must be one of {', '.join(field.choices)}, not {shown_value(value)}")


def _parse_list(field: Field, value: Any, mode: str | None, doubts: list[Doubt] | None) -> WantedList:
    if not isinstance(value, (list, tuple)):
        raise InputError(f"must be a list, not {kind_of(value)}")
    wanted = WantedList([], [])
    seen: dict[tuple[Any, ...], list[Any]] = {}
    usual_element = usual_elements(field)
    for position, entry in enumerate(value):
        path = f"{field.name}[{position}]"
        element = usual_element(entry)
        present = True
        if element is None:
            present = _is_wanted(field, entry, path, mode)
            element = _parse_element(field, entry, path, doubts) if present else _parse_unwanted(field, entry, path)
        first, *same = seen.setdefault(element_key(field, element), [position, element, present])
        if first == position:
            (wanted.present if present else wanted.absent).append(element)
        elif _is_unique(field) or same != [element, present]:
            raise InputError(
                f"is the same as {field.name}[{first}]{_case_note(field)}{_key_text(field, element)}",
                field=f"{path}.{field.key[0]}" if len(field.key) == 1 else path,
            )
    return wanted


def _is_wanted(field: Field, entry: Any, path: str, mode: str | None) -> bool:
    """Return whether an element of a list shall be there."""
    if not isinstance(entry, Mapping):
        raise InputError(f"must be a dictionary, not {kind_of(entry)}", field=path)
    state = entry.get("state")
    word = PRESENT if state is None else state.strip().lower() if isinstance(state, str) else state
    if word not in (PRESENT, ABSENT):
        raise InputError(f"must be one of {PRESENT}, {ABSENT}, not {shown_value(state)}", field=f"{path}.state")
    if word == ABSENT and mode != MERGE:
        raise InputError(
            f"is possible only with {field.name}_mode: {MERGE} (in the role fleet: fleet_{field.name}_mode), because "
            "otherwise the elements that are given become the whole list",
            field=f"{path}.state",
        )
    return bool(word == PRESENT)


def _is_unique(field: Field) -> bool:
    """Whether the server has a unique index for the list; it takes the same ACL rule twice, which means the same."""
    return any(part.email for part in field.elements)


def _case_note(field: Field) -> str:
    return " (case does not count)" if _is_unique(field) else ""


def _key_text(field: Field, element: Mapping[str, Any]) -> str:
    """Return what makes two elements the same, as the end of a sentence; what neither says is left out."""
    if len(field.key) == 1:
        return f": {printable(str(element[field.key[0]]))}"
    given = [part.name for part in field.key_fields if element[part.name] != part.default]
    shown = ", ".join(f"{name} {_key_value(element[name])}" for name in given)
    return f": {shown}" if shown else ""


def _key_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else quoted(value)


def _parse_element(field: Field, entry: Mapping[str, Any], path: str, doubts: list[Doubt] | None) -> dict[str, Any]:
    _reject_unknown(field, entry, path)
    problems: list[InputError] = []
    element = {part.name: _parse_part(part, entry.get(part.name), path, problems) for part in field.elements}
    if problems and doubts is None:
        raise problems[0]
    if doubts is not None:
        doubts.extend(Doubt(field.name, element, problem) for problem in problems)
    return element


def _reject_unknown(field: Field, entry: Mapping[str, Any], path: str) -> None:
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
        raise InputError("must not be empty; leave it out where it does not matter", field=where)
    try:
        return parse_field(part, value)
    except InputError as error:
        error.field = where
        if not (part.email and isinstance(value, str)):
            raise
        problems.append(error)
        return value.strip()


def _parse_unwanted(field: Field, entry: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return an element that shall not be there: any text may be what the server has, also an empty one."""
    _reject_unknown(field, entry, path)
    return {part.name: _parse_unwanted_part(part, entry.get(part.name), path) for part in field.elements}


def _parse_unwanted_part(part: Field, value: Any, path: str) -> Any:
    where = f"{path}.{part.name}"
    if value is None:
        if part.required:
            raise InputError("is missing", field=where)
        return part.default
    if part.kind != TEXT:
        return _parse_part(part, value, path, [])
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
