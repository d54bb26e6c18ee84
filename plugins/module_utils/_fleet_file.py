# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Fleet files: the entries of ``subscribers`` read from a CSV, JSON or YAML file."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._declarations import KEY_NAMES, Entry
from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._resources import CHOICE, Field, Resource

_DELIMITERS = ",;\t"
_ELEMENT_SEPARATOR = re.compile(r"[;\n]")


def read_entries(resource: Resource, path: str, name: str = "") -> list[Entry]:
    """Return the entries of a fleet file; the kind is told by the ending (``.csv``, ``.json``, ``.yml``, ``.yaml``).

    CSV: the first row names the columns (keys and fields); an empty cell means "not given"; see
    :func:`parse_list_cell` for lists. JSON and YAML: a list of entries, or a dictionary with such a list under
    ``subscribers``.

    :param name: how messages name the file, its base name by default.
    :raises InputError: the file cannot be read or has another form.
    """
    name = name or os.path.basename(path)
    kind = os.path.splitext(path)[1].lower()
    if kind not in _READERS:
        raise InputError(
            f"{name!r} must end in .csv, .json, .yml or .yaml, so that its form is known", field="subscribers_file"
        )
    return _READERS[kind](resource, _read_text(path, name), name)


def parse_list_cell(field: Field, cell: str) -> Any:
    """Return the list that a spreadsheet cell holds.

    Elements are separated by ``;`` or line breaks. An element is the value of its first field, followed by words: a
    choice (``PDF``) or ``name=value``: ``in@example.org PDF outgoing=no; copy@example.org``. A cell that begins with
    ``[`` is read as JSON (``[]`` is the empty list).

    :raises InputError: a word fits nothing.
    """
    text = cell.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError as error:
            raise InputError(f"begins with [ but is no JSON list: {error}", field=field.name) from None
    elements = [part.strip() for part in _ELEMENT_SEPARATOR.split(text)]
    return [_parse_element_words(field, element) for element in elements if element]


def _parse_element_words(field: Field, text: str) -> dict[str, Any]:
    names = {part.name for part in field.elements} | {"state"}
    element: dict[str, Any] = {}
    for position, word in enumerate(text.split()):
        name, equals, value = word.partition("=")
        if not equals or name not in names:
            name, value = (field.elements[0].name if position == 0 else _choice_name(field, word, text)), word
        if name in element:
            raise InputError(f"has {name!r} twice in {text!r}", field=field.name)
        element[name] = value
    return element


def _choice_name(field: Field, word: str, text: str) -> str:
    for part in field.elements:
        if part.kind == CHOICE and word.upper() in part.choices:
            return part.name
    raise InputError(f"has the word {word!r} in {text!r}, which fits no field of an element", field=field.name)


def _read_text(path: str, name: str) -> str:
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            return stream.read()
    except UnicodeDecodeError as error:
        raise InputError(f"{name!r} is not UTF-8: {error}", field="subscribers_file") from None
    except OSError as error:
        raise InputError(f"cannot read {name!r}: {error.strerror}", field="subscribers_file") from None


def _read_csv(resource: Resource, text: str, name: str) -> list[Entry]:
    header = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"{name!r} is no well-formed CSV: {error}", field="subscribers_file") from None
    if not rows or not rows[0]:
        raise InputError(f"{name!r} is empty: a row with the names of the columns is needed", field="subscribers_file")
    columns = [column.strip() for column in rows[0]]
    _check_columns(resource, columns, name)
    lists = {field.name: field for field in resource.lists}
    entries = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            entries.append(_csv_entry(columns, lists, row, f"{name} row {number}"))
    return entries


def _check_columns(resource: Resource, columns: list[str], name: str) -> None:
    known = KEY_NAMES + tuple(field.name for field in resource.fields)
    for column in columns:
        if column not in known:
            raise InputError(f"is no column of a fleet file; there are {', '.join(known)}", entry=name, field=column)
        if columns.count(column) > 1:
            raise InputError("is there twice", entry=name, field=column)


def _csv_entry(columns: list[str], lists: dict[str, Field], row: list[str], place: str) -> Entry:
    if len(row) > len(columns):
        raise InputError(f"has {len(row)} cells, but there are {len(columns)} columns", entry=place)
    values: dict[str, Any] = {}
    for column, cell in zip(columns, row):
        if not cell.strip():
            continue
        try:
            values[column] = parse_list_cell(lists[column], cell) if column in lists else cell
        except InputError as error:
            error.entry = place
            raise
    return Entry(place, values)


def _read_json(resource: Resource, text: str, name: str) -> list[Entry]:
    try:
        return _entries_of(json.loads(text), name)
    except ValueError as error:
        raise InputError(f"{name!r} is no JSON: {error}", field="subscribers_file") from None


def _read_yaml(resource: Resource, text: str, name: str) -> list[Entry]:
    """Read YAML. JSON, which is YAML too, is tried first: it needs no library and is much faster."""
    try:
        return _entries_of(json.loads(text), name)
    except ValueError:
        pass
    try:
        import yaml  # here, because few tasks need it, and all would wait for it
    except ImportError:
        raise InputError(
            f"{name!r} is YAML, which needs the Python library PyYAML on the host that runs the module",
            field="subscribers_file",
            hint="Use CSV or JSON, or install PyYAML there.",
        ) from None
    try:
        return _entries_of(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), name)
    except yaml.YAMLError as error:
        raise InputError(f"{name!r} is no YAML: {_yaml_place(error)}", field="subscribers_file") from None


def _yaml_place(error: Exception) -> str:
    """Return where the error is, without the line that the library quotes: it may hold a secret."""
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "unreadable"


def _entries_of(document: Any, name: str) -> list[Entry]:
    if isinstance(document, dict):
        document = document.get("subscribers")
    if not isinstance(document, list):
        raise InputError(
            f"{name!r} must hold a list of entries, or a dictionary with such a list under 'subscribers'",
            field="subscribers_file",
        )
    return [Entry(f"{name} entry {index}", values) for index, values in enumerate(document)]


_READERS = {".csv": _read_csv, ".json": _read_json, ".yml": _read_yaml, ".yaml": _read_yaml}
