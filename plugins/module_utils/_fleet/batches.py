# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Entries of a fleet that are looked at together, column by column. Pure.

Most entries of most fleets have the same few names, are written in the usual way, and declare what the platform has.
Whatever is found out about one of them costs many times as much as the same about a thousand of them. So entries become
objects of their own only where a column shows that there is something special about them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple, TypeVar

from .._settings.fields import UNUSUAL
from .._subscribers.keys import SubscriberKeys, usual_keys
from .schema import Layout, Layouts, Part

# Most entries of a batch: one unusual value makes a column of this length dearer, and so much stays in the cache.
MOST_ROWS = 1000

Value = TypeVar("Value")


class Batch(NamedTuple):
    """Entries with the same names that have nothing wrong with them.

    :param positions: of the entries in the input, counted from 0, in order.
    :param keys: which subscriber each of them is about.
    :param columns: for each module that they declare fields of, and for each of these fields, the canonical value of
        every entry; for a list the elements that shall be there.
    """

    positions: Sequence[int]
    keys: Sequence[SubscriberKeys]
    columns: Mapping[str, Mapping[str, Sequence[Any]]]

    def without(self, rows: Collection[int]) -> Batch:
        """Return the batch without some of its rows.

        :param rows: counted from 0.
        """
        return Batch(
            left_over(self.positions, rows),
            left_over(self.keys, rows),
            {
                module: {name: left_over(column, rows) for name, column in fields.items()}
                for module, fields in self.columns.items()
            },
        )


def left_over(values: Sequence[Value], rows: Collection[int]) -> list[Value]:
    """Return the values without those of some rows."""
    return [*compress(values, (row not in rows for row in range(len(values))))]


def form_batches(all_values: Sequence[Any], layouts: Layouts) -> tuple[list[Batch], list[int]]:
    """Return the entries that can be looked at together, and the positions of the others, in order.

    :param all_values: the values of all entries, whatever the input has.
    """
    batches: list[Batch] = []
    others: list[int] = []
    for layout, positions in _same_names(all_values, layouts):
        is_fit = layout is not None and not layout.errors and all(map(_is_compared_by_field, layout.parts))
        for start in range(0, len(positions), MOST_ROWS):
            part = positions[start : start + MOST_ROWS]
            batch = _batch(layout, part, all_values) if layout is not None and is_fit else None
            if batch is None:
                others += part
                continue
            if batch.positions:
                batches.append(batch)
            if len(batch.positions) < len(part):
                others += set(part).difference(batch.positions)
    return batches, sorted(others)


def _same_names(all_values: Sequence[Any], layouts: Layouts) -> Iterator[tuple[Layout | None, list[int]]]:
    """Yield the positions of entries that have the same names, and their layout; None for what is not an entry."""
    groups: dict[Any, list[int]] = {}
    for position, values in enumerate(all_values):
        signature = layouts.signature(values) if values.__class__ is dict else None
        group = groups.get(signature)
        if group is None:
            groups[signature] = [position]
        else:
            group.append(position)
    for signature, positions in groups.items():
        yield None if signature is None else layouts.of(all_values[positions[0]]), positions


def _is_compared_by_field(part: Part) -> bool:
    return part.resource.is_compared_by_field


def _batch(layout: Layout, positions: Sequence[int], all_values: Sequence[Any]) -> Batch | None:
    """Return the entries whose values all have the usual form, or None where that cannot be said."""
    rows = [all_values[position] for position in positions]
    keys = usual_keys(rows)
    columns: dict[str, dict[str, Sequence[Any]]] = {}
    unusual: set[int] = set()
    for part in layout.parts:
        found = _columns(part, rows, unusual)
        if found:
            columns[part.resource.module] = found
    if keys is None or not columns:
        return None
    batch = Batch(positions, keys, columns)
    return batch.without(unusual) if unusual else batch


def _columns(part: Part, rows: Sequence[Mapping[str, Any]], unusual: set[int]) -> dict[str, Sequence[Any]]:
    """Return the fields of one resource that entries declare, and note the rows that have an unusual value."""
    columns: dict[str, Sequence[Any]] = {}
    for field in part.fields:
        values = part.column(field.name, rows)
        usual = field.usual_column(values)
        if usual is not values and UNUSUAL in usual:
            if values.count(None) == len(values):
                continue  # nobody gives it
            unusual.update(row for row, value in enumerate(usual) if value is UNUSUAL)
        columns[field.name] = usual
    return columns
