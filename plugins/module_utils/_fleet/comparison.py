# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Which subscribers of groups have what is declared for them, found out page by page while the lists are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, Callable

from .roster import Group

# Is kept of settings that are as declared; nothing else is needed of them, and they are most of what is read.
AS_DECLARED: Any = object()

# Gets documents, and for each declared field the values for all of them, and returns the rows that need a closer look.
FindDoubtful = Callable[[Sequence[Any], Mapping[str, Sequence[Any]]], Collection[int]]


class Comparison:
    """Compares the settings of one resource with what is declared for it. Safe to use from several threads.

    :param groups: those that declare fields of it, each of the same ones for all its subscribers.
    :param module: of the resource.
    :param find_doubtful: compares.
    """

    def __init__(self, groups: Sequence[Group], module: str, find_doubtful: FindDoubtful) -> None:
        self._columns = [group.batch.columns[module] for group in groups]
        self._find_doubtful = find_doubtful
        self._places: dict[int, tuple[int, int]] = {}
        for number, group in enumerate(groups):
            for row, subscriber in enumerate(group.subscribers):
                self._places[subscriber.id] = number, row

    def keep(self, documents: Sequence[dict[str, Any]]) -> list[Any]:
        """Return ``AS_DECLARED`` for each document that is, and the others as they are.

        :param documents: each with the ``id`` of its subscriber.
        """
        kept: list[Any] = [*documents]
        for number, places in self._by_group(documents).items():
            positions, rows = [*places], [*places.values()]
            columns = {name: _picked(rows, column) for name, column in self._columns[number].items()}
            doubtful = self._find_doubtful(_picked(positions, documents), columns)
            for index, position in enumerate(positions):
                if index not in doubtful:
                    kept[position] = AS_DECLARED
        return kept

    def _by_group(self, documents: Sequence[dict[str, Any]]) -> dict[int, dict[int, int]]:
        """Return for each group which documents are about its subscribers, and about which ones."""
        found: dict[int, dict[int, int]] = {}
        for position, document in enumerate(documents):
            place = self._places.get(document["id"])
            if place is None:
                continue
            number, row = place
            if number in found:
                found[number][position] = row
            else:
                found[number] = {position: row}
        return found


def _picked(positions: Sequence[int], values: Sequence[Any]) -> Sequence[Any]:
    """Return the values at some positions, at least one."""
    return itemgetter(*positions)(values) if len(positions) > 1 else [values[positions[0]]]
