# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How rows of CSV become lines that every reader understands."""

from __future__ import annotations

import io


class CsvLines(io.StringIO):
    """Takes rows from a writer of CSV with ``CSV_END`` as line terminator, and ends each with another line end.

    Before Python 3.13 a writer quotes only those line breaks in cells that are also in its line terminator, and a bare
    carriage return cannot be read; thus the writer's terminator holds both characters.

    :param line_end: what each row ends with.
    """

    CSV_END = "\r\n"

    def __init__(self, line_end: str) -> None:
        super().__init__(newline="")
        self._line_end = line_end

    def write(self, row: str) -> int:
        return super().write(row.removesuffix(self.CSV_END) + self._line_end)
