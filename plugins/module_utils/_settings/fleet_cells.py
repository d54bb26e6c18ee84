# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The cells of a fleet file in CSV: what they stand for, and which cell stands for a value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import InputError
from .fleet_json import read_json
from .fleet_text import FormatError
from .list_fields import ListOf

APOSTROPHE = "'"
_QUOTE = '"'
_ELEMENT_SEPARATOR = re.compile(r"[;\n]")
# What spreadsheet programs take for a formula, also behind apostrophes, so that one more can always be taken away.
_FORMULA = re.compile("'*[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]")
_SHOWN_WORDS = 60


def parse_list_cell(field: ListOf, cell: str) -> Any:
    """Return the list that a spreadsheet cell holds.

    Elements are separated by ``;`` or line breaks. An element is the value of its first field, followed by words: a
    choice (``PDF``) or ``name=value``: ``in@example.org PDF outgoing=no; copy@example.org``. A cell that begins with
    ``[`` is read as JSON (``[]`` is the empty list).

    :raises InputError: a word fits nothing.
    """
    text = cell.strip()
    if text.startswith("["):
        try:
            return read_json(text)
        except FormatError as error:
            raise InputError(f"begins with [ but {error.problem}", field=field.name) from None
    elements = [part.strip() for part in _ELEMENT_SEPARATOR.split(text)]
    return [_parse_element_words(field, element) for element in elements if element]


def text_of_cell(cell: str) -> str:
    """Return the text that a spreadsheet cell holds: itself without outer blanks. If that is in double quotes, it is
    what is between them, as it is: so a text can have outer blanks, and be empty (``""``), because an empty cell means
    "not given"."""
    text = cell.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == _QUOTE else text


def cell_of_text(text: str) -> str:
    """Return the cell that :func:`text_of_cell` reads as the text."""
    return text if text and text_of_cell(text) == text else f"{_QUOTE}{text}{_QUOTE}"


def harmless_cell(cell: str) -> str:
    """Return a cell that spreadsheet programs do not run as a formula: one apostrophe goes before what could be one.
    :func:`original_cell` takes it away again."""
    return f"{APOSTROPHE}{cell}" if _FORMULA.match(cell) else cell


def original_cell(cell: str) -> str:
    """Return a cell without the apostrophe of :func:`harmless_cell`."""
    return cell[1:] if cell.startswith(APOSTROPHE) and _FORMULA.match(cell) else cell


def _parse_element_words(field: ListOf, text: str) -> dict[str, Any]:
    names = {part.name for part in field.elements} | {"state"}
    element: dict[str, Any] = {}
    for position, word in enumerate(text.split()):
        name, equals, value = word.partition("=")
        if not equals or name not in names:
            name, value = (field.elements[0].name if position == 0 else _lone_word_name(field, word, text)), word
        if name in element:
            raise InputError(f"has {name!r} twice in {text[:_SHOWN_WORDS]!r}", field=field.name)
        element[name] = value
    return element


def _lone_word_name(field: ListOf, word: str, text: str) -> str:
    for part in field.elements:
        if part.is_meant_by(word):
            return part.name
    raise InputError(
        f"has the word {word[:_SHOWN_WORDS]!r} in {text[:_SHOWN_WORDS]!r}, which does not match a field of an element",
        field=field.name,
    )


def cell_of_list(field: ListOf, elements: Sequence[Mapping[str, Any]]) -> str:
    """Return the cell that :func:`parse_list_cell` reads as the list: words if these are read as the same list, else
    JSON."""
    words = "; ".join(_element_words(field, element) for element in elements)
    try:
        if words and "\0" not in words and field.parse(parse_list_cell(field, words)) == field.parse(elements):
            return words
    except InputError:
        pass
    return json.dumps(elements, ensure_ascii=False)


def _element_words(field: ListOf, element: Mapping[str, Any]) -> str:
    words = []
    for part in field.elements:
        value = element.get(part.name)
        if value is None or value == part.default:
            continue
        word = part.word(value)
        stands_alone = part.is_meant_by(word) or field.key == (part.name,)
        words.append(word if stands_alone else f"{part.name}={word}")
    return " ".join(words)
