# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The values that many entries give for a list: read all at once where they are written in the usual way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from .fields import UNUSUAL, Field
from .list_fields import Element, ListOf

_LISTS = frozenset((list,))
_ELEMENTS = frozenset((dict,))


def usual_lists(field: ListOf, values: Sequence[Any]) -> Sequence[Any]:
    """Return the elements that shall be there for each of many values, or ``UNUSUAL``; see
    :meth:`fields.Field.usual_column`."""
    lists = _canonical_lists(field, values)
    if lists is None:
        return [wanted if wanted is UNUSUAL else wanted.present for wanted in map(field.usual, values)]
    all_keys = [*_keys(field, chain.from_iterable(one for one in lists if len(one) > 1))]
    if len({*all_keys}) == len(all_keys):
        return lists
    keys = iter(all_keys)
    return [one if len(one) < 2 or len({*islice(keys, len(one))}) == len(one) else UNUSUAL for one in lists]


def _canonical_lists(field: ListOf, values: Sequence[Any]) -> Sequence[list[Element]] | None:
    """Return lists of elements in canonical form, or None where some need a closer look."""
    if not _LISTS.issuperset(map(type, values)):
        return None
    lists, elements = values, [*chain.from_iterable(values)]
    if not _ELEMENTS.issuperset(map(type, elements)):
        return None
    names = field.defaults.keys()
    if not all(element.keys() == names for element in elements):
        elements = [{**field.defaults, **element} for element in elements]
        if not all(len(element) == len(names) for element in elements):
            return None
        following = iter(elements)
        lists = [[*islice(following, len(value))] for value in values]
    return lists if all(_is_canonical(part, elements) for part in field.elements) else None


def _is_canonical(part: Field, elements: Iterable[Element]) -> bool:
    """Return whether all elements have a value in canonical form for a field of theirs."""
    values = [*map(itemgetter(part.name), elements)]
    if None in values and not part.required and part.default is None:
        values = [value for value in values if value is not None]
    return part.usual_column(values) is values


def _keys(field: ListOf, elements: Iterable[Element]) -> Iterator[tuple[Any, ...]]:
    """Yield what distinguishes each element from the others."""
    elements = [*elements]
    return zip(*(map(part.comparable, map(itemgetter(part.name), elements)) for part in field.key_fields))
