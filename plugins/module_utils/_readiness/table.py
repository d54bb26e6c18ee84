# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Readiness as a table in plain text: the subscribers that lack something, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._wording import counted, more_line, printable, shortened
from .verdicts import BLOCKS, FALSE, TRUE, UNCERTAIN, UNKNOWN, WORDS

# Rows and characters of a name that are shown: thousands would hide the first ones, and a row has to fit a line.
MAX_ROWS = 50
_LONGEST_NAME = 60

_ORDER = (FALSE, UNKNOWN, TRUE)
_GAP = "  "


def table_lines(
    entries: Sequence[Mapping[str, Any]], summary: Mapping[str, Any], abilities: Sequence[str]
) -> list[str]:
    """Return one line about all, and a table of those that lack something, the worst first.

    :param entries: of a result.
    :param summary: their counts.
    :param abilities: those that are asked for.
    """
    lacking = [entry for entry in entries if any(entry[ability] != TRUE for ability in abilities)]
    lacking.sort(key=lambda entry: [_ORDER.index(entry[ability]) for ability in abilities])
    lines = [_headline(summary, abilities)]
    if lacking:
        shown = lacking[:MAX_ROWS]
        rows = [("subscriber", *abilities, "why"), *(_row(entry, abilities) for entry in shown)]
        lines += [*_aligned(rows), *more_line(len(lacking) - len(shown))]
    return lines


def _headline(summary: Mapping[str, Any], abilities: Sequence[str]) -> str:
    parts = []
    for ability in abilities:
        counts = summary[ability]
        unknown = f", {counts[UNKNOWN]} unknown" if counts[UNKNOWN] else ""
        parts.append(f"{ability} {counts[TRUE]} yes, {counts[FALSE]} no{unknown}")
    return f"{counted(summary['total'], 'subscriber')}: {'; '.join(parts)}"


def _row(entry: Mapping[str, Any], abilities: Sequence[str]) -> tuple[str, ...]:
    name = entry["subscriber"]
    label = f"{shortened(printable(name), _LONGEST_NAME)} ({entry['subscriber_id']})"
    codes = [reason["code"] for reason in entry["reasons"] if reason["level"] in (BLOCKS, UNCERTAIN)]
    return (label, *(WORDS[entry[ability]] for ability in abilities), ", ".join(dict.fromkeys(codes)))


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [_GAP.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
