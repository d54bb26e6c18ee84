# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Fleet files: the entries of ``subscribers`` read from a CSV, JSON or YAML file."""

from __future__ import annotations

import csv
import difflib
import io
import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ansible_collections.ngcp.fax.plugins.module_utils._declarations import KEY_NAMES, Entry
from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._resources import CHOICE, LIST, Field, Resource

EMPTY_TEXT = '""'

_DELIMITERS = ",;\t"
_ELEMENT_SEPARATOR = re.compile(r"[;\n]")
# What spreadsheet programs take for a formula, also behind apostrophes, so that one more can always be taken away.
_FORMULA = re.compile("'*[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]")


# The columns that a file may have: fields, and None for the keys of subscribers.
Columns = Mapping[str, Optional[Field]]


def read_entries(resource: Resource, path: str, name: str = "") -> list[Entry]:
    """Return the entries of a fleet file with the fields of one resource; see :func:`read_table`.

    :raises InputError: the file cannot be read or has another form.
    :raises InputErrors: more than one cell or column is wrong.
    """
    columns = {**dict.fromkeys(KEY_NAMES), **{field.name: field for field in resource.fields}}
    entries, errors = read_table(columns, path, name)
    if errors:
        raise errors[0] if len(errors) == 1 else InputErrors(errors)
    return entries


def read_table(columns: Columns, path: str, name: str = "") -> tuple[list[Entry], list[InputError]]:
    """Return the entries of a fleet file and what is wrong with its columns and cells; the kind is told by the ending
    (``.csv``, ``.json``, ``.yml``, ``.yaml``).

    CSV: the first row names the columns (keys and fields); an empty cell means "not given"; see
    :func:`parse_list_cell` for lists and :func:`text_of_cell` for the others. JSON and YAML: a list of entries, or a
    dictionary with such a list under ``subscribers``; their names are not checked here.

    :param name: how messages name the file, its base name by default; its ending tells the kind.
    :return: entries without what is wrong, and errors with the entry's ``index`` (None for the header). An error
        without ``field`` is about a whole row, whose entry is empty.
    :raises InputError: the file cannot be read or has another form.
    """
    name = name or os.path.basename(path)
    kind = os.path.splitext(name)[1].lower()
    if kind not in _READERS:
        raise InputError(
            f"{name!r} must end in .csv, .json, .yml or .yaml, so that its form is known", field="subscribers_file"
        )
    return _READERS[kind](columns, _read_text(path, name), name)


def nearest_name(name: str, known: Iterable[str]) -> str:
    """Return a hint for a name that is not known: the one that was probably meant, or all there are."""
    names = list(known)
    close = difflib.get_close_matches(name.strip().lower(), names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"


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


def text_of_cell(cell: str) -> str:
    """Return the text that a spreadsheet cell holds: itself, and for two double quotes (``""``) the empty text, because
    an empty cell means "not given"."""
    return "" if cell.strip() == EMPTY_TEXT else cell


def harmless_cell(cell: str) -> str:
    """Return a cell that spreadsheet programs do not run as a formula: one apostrophe goes before what could be one.
    :func:`original_cell` takes it away again."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def original_cell(cell: str) -> str:
    """Return a cell without the apostrophe of :func:`harmless_cell`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


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


def _read_csv(columns: Columns, text: str, name: str) -> tuple[list[Entry], list[InputError]]:
    header = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    names: list[str] = []
    entries: list[Entry] = []
    errors: list[InputError] = []
    line = 1
    try:
        for number, row in enumerate(reader, start=1):
            if number == 1:
                names = [column.strip() for column in row]
                errors += _wrong_columns(columns, names, name)
            elif any(cell.strip() for cell in row):
                place, index = f"{name} row {number}", len(entries)
                values, wrong = _csv_values(columns, names, row)
                for error in wrong:
                    error.entry, error.index = place, index
                errors += wrong
                entries.append(Entry(place, values, number, line))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{name!r} is no well-formed CSV: line {line}: {error}", field="subscribers_file") from None
    if not names:
        raise InputError(f"{name!r} is empty: a row with the names of the columns is needed", field="subscribers_file")
    return entries, errors


def _wrong_columns(known: Columns, names: list[str], file: str) -> list[InputError]:
    errors = []
    for position, column in enumerate(names):
        if column not in known:
            hint = nearest_name(column, known)
            errors.append(InputError(f"is no column of a fleet file; {hint}", entry=file, field=column))
        elif column in names[:position]:
            errors.append(InputError("is there twice", entry=file, field=column))
    return errors


def _csv_values(columns: Columns, names: list[str], row: list[str]) -> tuple[dict[str, Any], list[InputError]]:
    if len(row) > len(names):
        return {}, [InputError(f"has {len(row)} cells, but there are {len(names)} columns")]
    values: dict[str, Any] = {}
    errors = []
    for column, cell in zip(names, map(original_cell, row)):
        if column not in columns or not cell.strip():
            continue
        field = columns[column]
        try:
            is_list = field is not None and field.kind == LIST
            values[column] = parse_list_cell(field, cell) if field is not None and is_list else text_of_cell(cell)
        except InputError as error:
            error.field = column
            errors.append(error)
    return values, errors


def _read_json(columns: Columns, text: str, name: str) -> tuple[list[Entry], list[InputError]]:
    try:
        return _entries_of(json.loads(text), name), []
    except ValueError as error:
        raise InputError(f"{name!r} is no JSON: {error}", field="subscribers_file") from None


def _read_yaml(columns: Columns, text: str, name: str) -> tuple[list[Entry], list[InputError]]:
    """Read YAML. JSON, which is YAML too, is tried first: it needs no library and is much faster."""
    try:
        return _entries_of(json.loads(text), name), []
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
        return _entries_of(yaml.load(text, Loader=yaml_loader(yaml)), name), []
    except yaml.YAMLError as error:
        raise InputError(f"{name!r} is no YAML: {yaml_place(error)}", field="subscribers_file") from None


def yaml_loader(yaml: Any) -> Any:
    """Return a loader for fleet files, in which texts may be marked for Ansible as none of its templates.

    :param yaml: the library.
    """

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
    return Loader


def yaml_place(error: Exception) -> str:
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
