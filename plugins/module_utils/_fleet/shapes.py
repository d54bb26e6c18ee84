# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a document that was read from a file has to look like, as checks that can be combined. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Callable

# Takes a value and the place where it is, and raises :class:`ShapeError`.
Check = Callable[[Any, str], None]


class ShapeError(Exception):
    """A value is not what it has to be.

    :param place: where it is, for example ``subscribers[3].patch``.
    :param problem: what is wrong, without the value.
    """

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(problem)
        self.place = place
        self.problem = problem


def anything(_value: Any, _place: str) -> None:
    """Take every value."""


def text(value: Any, place: str) -> None:
    """Take a text."""
    _require(isinstance(value, str), place, "must be a string")


def text_like(pattern: str) -> Check:
    """Return a check that takes texts that match as a whole."""
    form = re.compile(pattern)

    def check(value: Any, place: str) -> None:
        text(value, place)
        _require(form.fullmatch(value) is not None, place, "does not have the required form")

    return check


def boolean(value: Any, place: str) -> None:
    """Take ``true`` and ``false``."""
    _require(isinstance(value, bool), place, "must be true or false")


def count(value: Any, place: str) -> None:
    """Take a whole number that is not negative."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    _require(is_number and value >= 0, place, "must be a whole number, 0 or more")


def scalar(value: Any, place: str) -> None:
    """Take what a field holds that is not a list: a text, a flag, or nothing."""
    _require(value is None or isinstance(value, (str, bool)), place, "must be a string, true, false or null")


def one_of(*words: str) -> Check:
    """Return a check that takes one of some texts."""

    def check(value: Any, place: str) -> None:
        _require(isinstance(value, str) and value in words, place, f"must be one of {', '.join(words)}")

    return check


def optional(check: Check) -> Check:
    """Return a check that takes null as well."""
    return lambda value, place: None if value is None else check(value, place)


def list_of(check: Check) -> Check:
    """Return a check that takes a list of such values."""

    def check_all(value: Any, place: str) -> None:
        _require(isinstance(value, list), place, "must be a list")
        for position, element in enumerate(value):
            check(element, f"{place}[{position}]")

    return check_all


def record(members: Mapping[str, Check], may_lack: Collection[str] = ()) -> Check:
    """Return a check that takes an object with these members; others do not matter.

    :param may_lack: names of members that need not be there.
    """

    def check(value: Any, place: str) -> None:
        _require(isinstance(value, dict), place, "must be an object")
        for name, check_member in members.items():
            where = f"{place}.{name}" if place else name
            if name in value:
                check_member(value[name], where)
            else:
                _require(name in may_lack, where, "is missing")

    return check


def closed(check: Check, names: Collection[str]) -> Check:
    """Return a check that takes only objects without other members than these."""

    def check_names(value: Any, place: str) -> None:
        check(value, place)
        _require(set(value) <= set(names), place, "has an unknown member")

    return check_names


def _require(is_right: bool, place: str, problem: str) -> None:
    if not is_right:
        raise ShapeError(place, problem)
