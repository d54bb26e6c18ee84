# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Rows of a spreadsheet as result files: the user's own columns and cells, and the outcome of each row."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .._names import is_remark
from .._settings.csv_lines import CsvLines
from .._settings.fleet_cells import harmless_cell, original_cell, text_of_cell
from .._settings.fleet_file import Sheet, open_sheet
from .._settings.fleet_text import encoding_of
from .schema import SLOTS
from .verdicts import VERDICT_COLUMNS, Verdict

_LINE_ENDS = ("\r\n", "\n", "\r")


class _Columns(NamedTuple):
    """Positions of a sheet's columns.

    :param width: how many there are.
    :param kept: those that are written again, in their order.
    :param secret: those of them whose cells are left empty.
    :param remarks: those in which anything may stand.
    """

    width: int
    kept: Sequence[int]
    secret: Sequence[int]
    remarks: Sequence[int]


class ResultSheet:
    """A spreadsheet that is written again in parts, in its own encoding and with its own delimiter and line ends.

    :param content: of a file that :func:`_settings.fleet_file.read_table` has read without errors.
    """

    ending = ".csv"

    def __init__(self, content: bytes) -> None:
        self._encoding, self._mark = encoding_of(content)
        text = content[len(self._mark) :].decode(self._encoding)
        sheet = open_sheet(text)
        self._delimiter, self._first_line = sheet.delimiter, sheet.first_line
        self._line_end = _line_end(text)
        self._text = text
        header: list[str] = next(_filled(sheet), [])
        self._columns = _columns_of(header)
        self._header = [header[position] for position in self._columns.kept]

    def content(self, verdicts: Sequence[tuple[int, Verdict]]) -> bytes:
        """Return a file of some rows.

        :param verdicts: positions of entries, counted from 0, in this order, and their outcomes.
        """
        stream = CsvLines(self._line_end)
        writer = csv.writer(stream, delimiter=self._delimiter, lineterminator=CsvLines.CSV_END)
        writer.writerow([*self._header, *VERDICT_COLUMNS])
        rows = self._rows(n for n, _verdict in verdicts)
        writer.writerows(
            [*self._cells(row), *map(harmless_cell, verdict)] for row, (_n, verdict) in zip(rows, verdicts)
        )
        text = stream.getvalue()
        return self._mark + f"{self._opening(text)}{text}".encode(self._encoding)

    def _rows(self, positions: Iterable[int]) -> Iterator[list[str]]:
        """Yield some rows. They are read each time: as texts, 100,000 of them would take a tenth of a gigabyte."""
        wanted = iter(positions)
        sought = next(wanted, None)
        for position, row in enumerate(_filled(open_sheet(self._text)), start=-1):
            if position == sought:
                yield row
                sought = next(wanted, None)

    def _cells(self, row: Sequence[str]) -> list[str]:
        """Return the user's cells unchanged, without secrets: neither in their own columns nor in remarks."""
        columns = self._columns
        cells = [*row, *[""] * (columns.width - len(row))]
        secrets = {_text(cells[position]) for position in columns.secret} - {""}
        for position in columns.secret:
            cells[position] = ""
        if secrets:
            for position in columns.remarks:
                if any(secret in cells[position] for secret in secrets):
                    cells[position] = ""
        return [cells[position] for position in columns.kept]

    def _opening(self, text: str) -> str:
        """Return the line that names the delimiter, if the file had one or needs one now."""
        if self._first_line or open_sheet(text).delimiter == self._delimiter:
            return self._first_line
        return f"sep={self._delimiter}{self._line_end}"


def _filled(sheet: Sheet) -> Iterator[list[str]]:
    """Yield the rows of a sheet with content; the first one is the header."""
    return (row for row in sheet.rows if "".join(row).strip())


def _columns_of(header: Sequence[str]) -> _Columns:
    """Return what the columns are for; those of an earlier result file, and those without a name at the end, go."""
    names = [cell.strip() for cell in header]
    while names and not names[-1]:
        names.pop()
    kept = [position for position, name in enumerate(names) if name not in VERDICT_COLUMNS]
    return _Columns(
        len(names),
        kept,
        [n for n in kept if (slot := SLOTS.get(names[n])) is not None and slot.field.secret],
        [n for n in kept if is_remark(names[n])],
    )


def _text(cell: str) -> str:
    return text_of_cell(original_cell(cell))


def _line_end(text: str) -> str:
    """Return how the lines of a text end, by the first line break."""
    found = {end: text.find(end) for end in _LINE_ENDS if end in text}
    return min(found, key=lambda end: (found[end], -len(end)), default=CsvLines.CSV_END)
