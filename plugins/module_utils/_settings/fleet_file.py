# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Fleet files: the entries of ``subscribers`` read from a CSV, JSON or YAML file."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Callable, NamedTuple, Optional

from .._errors import InputError, InputErrors
from .._names import (
    close_name,
    is_remark,
    looks_like_name,
    nearest_name,
)
from .._subscribers.keys import KEY_NAMES
from .._wording import printable
from .declarations import Entries, Entry
from .fields import Field
from .fleet_cells import APOSTROPHE, original_cell, text_of_cell
from .fleet_json import read_json
from .fleet_text import FormatError, read_text
from .resources import Resource

_DELIMITERS = ",;\t"

# The line that shows Excel what separates the cells; Excel does not display it.
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?[ ]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)

_CSV, _JSON = ".csv", ".json"
_ENDINGS = (_CSV, _JSON, ".yml", ".yaml")

# What the library says about a broken file, in words for somebody who uses a spreadsheet program.
_CSV_PROBLEMS = {
    "unexpected end of data": "a quote is not closed",
    "field larger than field limit": "a cell is too long",
    "expected after": "text follows a closing quote",
}
_MAX_COLUMNS = 1000

_CONTENT = re.compile(rf'[^{_DELIMITERS} "\r\n]')
_LINE_END = re.compile(r"[\r\n]")
_EXAMPLES = 3

# The columns that a file may have: fields, and None for the keys of subscribers.
Columns = Mapping[str, Optional[Field]]


def read_entries(resource: Resource, path: str, name: str = "") -> Sequence[Entry]:
    """Return the entries of a fleet file with the fields of one resource; see :func:`read_correct_table`.

    :raises InputError: the file cannot be read or has another form.
    :raises InputErrors: more than one cell or column is wrong.
    """
    columns = {**dict.fromkeys(KEY_NAMES), **{field.name: field for field in resource.fields}}
    return read_correct_table(columns, path, name)


def read_correct_table(columns: Columns, path: str, name: str = "") -> Sequence[Entry]:
    """Return the entries of a fleet file; see :func:`read_table`.

    :raises InputError: the file cannot be read or has another form.
    :raises InputErrors: more than one cell or column is wrong.
    """
    entries, errors = read_table(columns, path, name)
    if errors:
        raise errors[0] if len(errors) == 1 else InputErrors(errors)
    return entries


def read_table(columns: Columns, path: str, name: str = "") -> tuple[Entries, list[InputError]]:
    """Return the entries of a fleet file and what is wrong with its columns and cells; the kind follows from the ending
    (``.csv``, ``.json``, ``.yml``, ``.yaml``).

    CSV: the first row names the columns (keys and fields); an empty cell means "not given"; see
    :mod:`fleet_cells`. JSON and YAML: a list of entries, or a
    dictionary with such a list under ``subscribers``; their names are not checked here.

    :param name: how messages name the file, its base name by default; its ending determines the kind.
    :return: entries without what is wrong, and errors with the entry's ``index`` (None for the header). An error
        without ``field`` is about a whole row, whose entry is empty. Every value is a text as it is written, a list, a
        dictionary, or None; in JSON also a boolean.
    :raises InputError: the file cannot be read or has another form.
    """
    name = name or os.path.basename(path)
    kind = os.path.splitext(name)[1].lower()
    if kind not in _ENDINGS:
        raise _file_error(
            f"{name!r} must end in .csv, .json, .yml or .yaml, which determines its format; a spreadsheet program can "
            'save it as "CSV UTF-8"'
        )
    text = read_text(path, name, kind == _CSV)
    if kind == _CSV:
        return _read_csv(columns, text, name)
    return _entries_of(read_document(text, name, is_yaml=kind != _JSON), name), []


# ---------------------------------------------------------------------------------------------------------------------
# CSV
# ---------------------------------------------------------------------------------------------------------------------


class _Slot(NamedTuple):
    """What a column is for.

    :param column: its name; empty for a column without one, None for one that is wrong.
    :param read: what turns a cell into a value.
    """

    column: str | None
    read: Callable[[str], Any] = text_of_cell


class Sheet(NamedTuple):
    """A spreadsheet as a text.

    :param rows: yields the cells of each row as they are written; rows without content are there too.
    :param delimiter: what separates the cells.
    :param first_line: the line that says so, with its line end; empty where there is none.
    """

    rows: Any
    delimiter: str
    first_line: str


def open_sheet(text: str) -> Sheet:
    """Return the rows of a spreadsheet; reading them raises :class:`csv.Error` where it is not well-formed."""
    separator = _SEPARATOR_LINE.match(text)
    first_line = separator.group() if separator else ""
    text = text[len(first_line) :]
    delimiter = separator.group(1) if separator else _delimiter(text)
    # Without translation, so that all line ends are understood and those within cells are kept.
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return Sheet(rows, delimiter, first_line)


def _read_csv(columns: Columns, text: str, name: str) -> tuple[Entries, list[InputError]]:
    sheet = open_sheet(text)
    reader, before = sheet.rows, 1 if sheet.first_line else 0
    slots: list[_Slot] = []
    all_values: list[dict[str, Any]] = []
    places: list[tuple[int, int]] = []
    errors: list[InputError] = []
    shown = printable(name)
    line = before + 1
    try:
        for number, row in enumerate(reader, start=1):
            if not "".join(row).strip():
                pass
            elif not slots:
                slots = _header(columns, row, name, errors)
            else:
                values, wrong = _csv_values(slots, row)
                for error in wrong:
                    error.entry, error.index = f"{shown} row {number}", len(all_values)
                errors += wrong
                all_values.append(values)
                places.append((number, line))
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise _file_error(f"{name!r} is not well-formed CSV: line {line}: {_csv_problem(error)}") from None
    if not slots:
        raise _file_error(f"{name!r} is empty; the first row must name the columns")
    return Entries(all_values, lambda position: f"{shown} row {places[position][0]}", places), errors


def _delimiter(text: str) -> str:
    """Return what separates the cells: what the first line with content has most of."""
    content = _CONTENT.search(text)
    if content is None:
        return _DELIMITERS[0]
    start = max(text.rfind("\n", 0, content.start()), text.rfind("\r", 0, content.start())) + 1
    end = _LINE_END.search(text, content.start())
    line = text[start : end.start() if end else len(text)]
    return max(_DELIMITERS, key=line.count)


def _header(columns: Columns, row: Sequence[str], file: str, errors: list[InputError]) -> list[_Slot]:
    """Return what the columns of a file are for, and note what is wrong with them.

    :raises InputError: the row names no column: its cells are values, which are not shown.
    """
    names = [cell.strip() for cell in row]
    while names and not names[-1]:
        names.pop()
    if len(names) > _MAX_COLUMNS:
        raise _file_error(f"{file!r} has {len(names)} columns, but there are only {len(columns)} fields")
    if not any(name in columns or close_name(name, columns) for name in names):
        examples = ", ".join(list(columns)[:_EXAMPLES])
        raise _file_error(
            f"{file!r}: the header is missing; the first row with content must name the columns, such as {examples}"
        )
    is_header = any(name in KEY_NAMES for name in names)
    slots = []
    for position, name in enumerate(names):
        if is_remark(name):
            slots.append(_Slot(None))
            continue
        wrong = _column_problem(columns, names, position)
        if wrong:
            is_shown = name in columns or (is_header and looks_like_name(name))
            path = name if is_shown else f"column {position + 1}"
            errors.append(InputError(wrong, entry=printable(file), field=path))
        slots.append(_Slot(None) if wrong else _slot(name, columns.get(name)))
    return slots


def _column_problem(columns: Columns, names: Sequence[str], position: int) -> str | None:
    name = names[position]
    if not name:
        return None
    if name not in columns:
        return f"is not a column of a fleet file; {nearest_name(name, columns)}"
    return "is duplicated" if name in names[:position] else None


def _slot(name: str, field: Field | None) -> _Slot:
    return _Slot(name) if field is None else _Slot(name, field.cell_reader())


def _csv_values(slots: Sequence[_Slot], row: Sequence[str]) -> tuple[dict[str, Any], list[InputError]]:
    """Return what a row declares. Cells without content say nothing, wherever they are."""
    if len(row) > len(slots) and "".join(row[len(slots) :]).strip():
        return {}, [InputError(f"has {len(row)} cells, but the number of columns in the header is {len(slots)}")]
    values: dict[str, Any] = {}
    errors = []
    for cell, (column, read) in zip(row, slots):
        if not cell or column is None or not cell.strip():
            continue
        try:
            values[column] = read(original_cell(cell) if cell[0] == APOSTROPHE else cell)
        except InputError as error:
            error.field = column
            errors.append(error)
    if "" in values:
        del values[""]
        errors.append(InputError("has a value in a column without a name", field=f"column {_unnamed(slots, row)}"))
    return values, errors


def _unnamed(slots: Sequence[_Slot], row: Sequence[str]) -> int:
    """Return the number of the first column without a name in which a row has a value."""
    return next(n for n, (cell, slot) in enumerate(zip(row, slots), start=1) if slot.column == "" and cell.strip())


def _csv_problem(error: csv.Error) -> str:
    return next((text for sign, text in _CSV_PROBLEMS.items() if sign in str(error)), "unreadable")


# ---------------------------------------------------------------------------------------------------------------------
# JSON and YAML
# ---------------------------------------------------------------------------------------------------------------------


def _entries_of(document: Any, name: str) -> Entries:
    if isinstance(document, dict):
        document = document.get("subscribers")
    if not isinstance(document, list):
        raise _file_error(
            f"{name!r} must contain a list of entries, or a dictionary with such a list under the key subscribers"
        )
    shown = printable(name)
    return Entries(document, lambda position: f"{shown} entry {position + 1}")


def read_document(text: str, name: str, is_yaml: bool) -> Any:
    """Return what a JSON or YAML file holds; see :func:`fleet_json.read_json` and :func:`fleet_yaml.read_yaml`.

    :param name: how messages name the file.
    :raises InputError: the text cannot be read, or the library for it is missing.
    """
    try:
        return read_json(text)
    except FormatError as error:
        # JSON in a YAML file, which it is too, needs no library and is read much faster.
        if not (is_yaml and error.syntax):
            raise _format_error(error, name) from None
    # Imported here, because few tasks need it, and all would wait for it.
    from .fleet_yaml import read_yaml

    try:
        return read_yaml(text)
    except ImportError:
        raise InputError(
            f"{name!r} is YAML, which requires the Python library PyYAML on the host that runs the module",
            field="subscribers_file",
            hint="Use CSV or JSON, or install PyYAML there.",
        ) from None
    except FormatError as error:
        raise _format_error(error, name) from None


def _format_error(error: FormatError, name: str) -> InputError:
    if error.line is not None:
        return _file_error(f"{name!r}, line {error.line}: {error.problem}")
    return _file_error(f"{name!r} {error.problem}")


def _file_error(message: str) -> InputError:
    return InputError(message, field="subscribers_file")
