# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the platform's forms check in forwards and sets, in their words; what they do to what they let pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..answers import internal_error, refuse
from ..columns import perl_text
from ..forms import Problem, refuse_problems
from .checks import Check, anything, is_whole, positive_twice, read_only
from .destinations import CUSTOM_HOURS
from .form_tables import ELEMENTS, MAPPING, MAPPINGS, NUMERIC, SIMPLE, SIMPLE_ELEMENTS, set_checks
from .kinds import TYPES, SetKind
from .rows import Document

_DECIMAL = re.compile(r"[+-]?\.?[0-9.]+")


def check_set(kind: SetKind, document: Any, with_owner: bool) -> Document:
    """Return what a form leaves of a set; refuse it with a 422.

    :param with_owner: whether the form has a `subscriber_id`, as all have but the one of subscribers.
    """
    checks = set_checks(kind, with_owner)
    found = _cleaned(_object(document), checks)
    elements = found.get(kind.elements)
    if isinstance(elements, dict):
        found[kind.elements] = {}
    elif isinstance(elements, list):
        found[kind.elements] = [_cleaned(_element(one), ELEMENTS[kind.resource]) for one in elements]
    problems = _problems(found, checks, "")
    problems += _element_problems(found.get(kind.elements), ELEMENTS[kind.resource])
    refuse_problems(problems)
    return found


def check_list(document: Document, name: str) -> list[Any]:
    """Return a list that may be missing; refuse what is no list with a 422."""
    found = document.setdefault(name, [])
    if not isinstance(found, list):
        raise refuse(422, f"Invalid field '{name}'. Must be an array.")
    return found


def check_destinations(destinations: list[Any]) -> None:
    """Refuse destinations with a 422 for what the form does not look at: nulls, and announcements."""
    for one in destinations:
        destination = perl_text(one.get("destination"))
        for name in ("timeout", "priority"):
            if name in one and not is_whole(one[name]):
                raise refuse(422, f"Invalid {name} for the destination '{destination}'")
        announcement = one.get("announcement_id")
        if announcement is None:
            continue
        if destination not in CUSTOM_HOURS:
            raise refuse(422, f"Invalid parameter 'announcement_id' for the destination '{destination}'")
        if not is_whole(announcement):
            raise refuse(422, "Invalid announcement_id")
        raise refuse(422, f"Unknown announcement_id:{perl_text(announcement)}")


def check_mappings(document: Document) -> Document:
    """Return what the form leaves of a document of mappings; refuse it with a 422."""
    found = _cleaned(document, MAPPINGS)
    problems = _problems(found, MAPPINGS, "")
    for name in TYPES:
        mappings = found.get(name)
        if isinstance(mappings, list):
            found[name] = [_cleaned(_element(one), MAPPING) for one in mappings]
            problems += _element_problems(found[name], MAPPING)
    refuse_problems(problems)
    return found


def check_simple(document: Any) -> Document:
    """Return what the form leaves of the simplified view of all forwards; refuse it with a 422."""
    found = _cleaned(_object(document), dict.fromkeys(TYPES, anything))
    problems: list[Problem] = []
    for name in TYPES:
        checks = {**SIMPLE, "ringtimeout": positive_twice} if name == "cft" else SIMPLE
        forward = _cleaned(_element(found.get(name)), checks)
        problems += _problems(forward, checks, f"{name}_")
        for part, elements in SIMPLE_ELEMENTS.items():
            if isinstance(forward.get(part), list):
                forward[part] = [_cleaned(_element(one), elements) for one in forward[part]]
                problems += _element_problems(forward[part], elements)
        found[name] = forward
    refuse_problems(problems)
    return found


def _object(value: Any) -> Document:
    if not isinstance(value, dict):
        raise internal_error()
    return value


def _element(value: Any) -> Document:
    """Return an element; null passes for an empty one, everything else breaks the platform."""
    return {} if value is None else _object(value)


def _cleaned(document: Document, checks: Mapping[str, Check]) -> Document:
    """Return the known members; true and false as numbers, numbers that were sent as text as such."""
    found: Document = {}
    for name, check in checks.items():
        if name not in document or check is read_only:
            continue
        value = document[name]
        if isinstance(value, bool):
            value = int(value)
        elif isinstance(value, str) and check in NUMERIC:
            value = _as_number(value)
        found[name] = value
    return found


def _as_number(text: str) -> Any:
    if is_whole(text):
        return int(text)
    try:
        return float(text) if _DECIMAL.fullmatch(text) else text
    except ValueError:
        return text


def _problems(document: Document, checks: Mapping[str, Check], prefix: str) -> list[Problem]:
    problems = []
    for name, check in checks.items():
        errors = check(document.get(name))
        if errors:
            problems.append((prefix + name, perl_text(document.get(name)), errors))
    return problems


def _element_problems(elements: Any, checks: Mapping[str, Check]) -> list[Problem]:
    problems: list[Problem] = []
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        problems += _problems(element, checks, f"{index}_")
    return problems
