# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a kind of request is, and which requests are meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ngcp_simulator import Record

from .case import Case

Rule = dict[str, Any]


@dataclass(frozen=True)
class RequestKind:
    """One kind of request.

    :param case: the task in which it occurs.
    :param sort: one of the catalogue's classes.
    :param match: which requests of the run are meant.
    :param setup: other rules, which bring it about.
    :param skip: how many such requests are not meant because they come earlier: a number, or counted in a run without
        faults.
    :param share: one of so many pairs of a sample is left, for a kind whose requests travel like those of other kinds.
    """

    name: str
    case: Case
    sort: str
    match: Rule
    setup: tuple[Rule, ...] = ()
    skip: int | Callable[[Sequence[Record]], int] = 0
    share: int = 1


def item(resource: str, number: int | None = None) -> Rule:
    """Match the GET of one item, whichever or that of an id."""
    return _item("GET", resource, number)


def patch(resource: str, number: int | None = None) -> Rule:
    """Match the PATCH of one item, whichever or that of an id."""
    return _item("PATCH", resource, number)


def delete(resource: str) -> Rule:
    """Match the DELETE of one item."""
    return _item("DELETE", resource, None)


def listing(resource: str, number: int | None = None, parameter: str = "") -> Rule:
    """Match the GET of a list, of one page of it, or with one parameter."""
    query = rf"(^|&)page={number}(&|$)" if number else rf"(^|&){parameter}=" if parameter else None
    return {"method": "GET", "path": rf"^/api/{resource}/$", "query": query}


def _item(method: str, resource: str, number: int | None) -> Rule:
    one = r"\d+" if number is None else str(number)
    return {"method": method, "path": f"^/api/{resource}/{one}$"}
