# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the platform's forms check in forwards and sets, in their words; what they do to what they let pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ..answers import internal_error, refuse
from ..columns import perl_text
from ..forms import SINGLE, Problem, has_value, refuse_problems
from .destinations import CUSTOM_HOURS
from .kinds import DESTINATIONS, KINDS, MODE, TIMES, TYPES, SetKind

Document = dict[str, Any]
Check = Callable[[Any], list[str]]

_WHOLE = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?\.?[0-9.]+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
NO_INTEGER = "Value must be an integer"
NOT_POSITIVE = "Value must be a positive integer"
LIMITS = {"year": (1990, 3000), "month": (1, 12), "mday": (1, 31), "wday": (1, 7), "hour": (0, 23), "minute": (0, 59)}


def is_whole(value: Any) -> bool:
    """Tell whether the platform takes a value for a whole number."""
    return value is not None and _WHOLE.fullmatch(perl_text(value)) is not None


def check_set(kind: SetKind, document: Any, with_owner: bool) -> Document:
    """Return what a form leaves of a set; refuse it with a 422.

    :param with_owner: whether the form has a `subscriber_id`, as all have but the one of subscribers.
    """
    checks = _set_checks(kind, with_owner)
    found = _cleaned(_object(document), checks)
    elements = found.get(kind.elements)
    if isinstance(elements, dict):
        found[kind.elements] = {}
    elif isinstance(elements, list):
        found[kind.elements] = [_cleaned(_element(one), _ELEMENTS[kind.resource]) for one in elements]
    problems = _problems(found, checks, "")
    problems += _element_problems(found.get(kind.elements), _ELEMENTS[kind.resource])
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
    found = _cleaned(document, _MAPPINGS)
    problems = _problems(found, _MAPPINGS, "")
    for name in TYPES:
        mappings = found.get(name)
        if isinstance(mappings, list):
            found[name] = [_cleaned(_element(one), _MAPPING) for one in mappings]
            problems += _element_problems(found[name], _MAPPING)
    refuse_problems(problems)
    return found


def check_simple(document: Any) -> Document:
    """Return what the form leaves of the simplified view of all forwards; refuse it with a 422."""
    found = _cleaned(_object(document), dict.fromkeys(TYPES, _anything))
    problems: list[Problem] = []
    for name in TYPES:
        checks = {**_SIMPLE, "ringtimeout": _positive_twice} if name == "cft" else _SIMPLE
        forward = _cleaned(_element(found.get(name)), checks)
        problems += _problems(forward, checks, f"{name}_")
        for part, elements in _SIMPLE_ELEMENTS.items():
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
        if name not in document or check is _read_only:
            continue
        value = document[name]
        if isinstance(value, bool):
            value = int(value)
        elif isinstance(value, str) and check in _NUMERIC:
            value = _as_number(value)
        found[name] = value
    return found


def _as_number(text: str) -> Any:
    if _WHOLE.fullmatch(text):
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


# Checks of one member each: they return what is wrong with a value


def _anything(_value: Any) -> list[str]:
    return []


def _read_only(_value: Any) -> list[str]:
    return []


def _text(value: Any) -> list[str]:
    return [SINGLE] if isinstance(value, (list, dict)) and has_value(value) else []


def _integer(value: Any) -> list[str]:
    if not has_value(value):
        return []
    if isinstance(value, (list, dict)):
        return [SINGLE]
    return [] if _WHOLE.fullmatch(perl_text(value)) else [NO_INTEGER]


def _positive(value: Any) -> list[str]:
    return _integer(value) or ([NOT_POSITIVE] if _is_negative(value) else [])


def _positive_twice(value: Any) -> list[str]:
    """Check both properties of a positive integer, as the form's own field does: what is no number has neither."""
    errors = _integer(value)
    if errors == [SINGLE] or not has_value(value):
        return errors
    is_number = _NUMBER.fullmatch(perl_text(value)) is not None
    return errors + ([] if is_number and not _is_negative(value) else [NOT_POSITIVE])


def _is_negative(value: Any) -> bool:
    return has_value(value) and perl_text(value).startswith("-") and perl_text(value).strip("-0.") != ""


def _required(label: str, check: Check, value: Any) -> list[str]:
    return check(value) if has_value(value) else [f"{label} field is required"]


def _choice(value: Any) -> list[str]:
    if isinstance(value, (list, dict)):
        return _text(value)
    return [f"'{perl_text(value)}' is not a valid value"] if perl_text(value).strip() not in MODE.choices else []


def _optional_choice(value: Any) -> list[str]:
    return _choice(value) if has_value(value) else []


def _range(limits: tuple[int, int], cyclic: bool, value: Any) -> list[str]:
    """Check a number or a range of a period; what has other characters breaks the platform."""
    if not has_value(value) or isinstance(value, (list, dict)):
        return _text(value)
    parts = perl_text(value).strip().split("-")
    first, last = parts[0], parts[1] if len(parts) > 1 and parts[1] else parts[0]
    if not first.isdigit() or not last.isdigit():
        raise internal_error()
    if not cyclic and int(last) < int(first):
        return ["Second value smaller than first"]
    if int(first) < limits[0]:
        return ["First value too small"]
    return ["Second value too big"] if int(last) > limits[1] else []


_NAME = partial(_required, "Name", _text)
_OWNER = partial(_required, "Subscriber id", _positive_twice)
_MODE = partial(_required, MODE.label, _choice)
_NUMERIC = (_integer, _positive, _positive_twice, _OWNER)


def _frozen(checks: Mapping[str, Check]) -> Mapping[str, Check]:
    return MappingProxyType(dict(checks))


_ELEMENTS: Mapping[str, Mapping[str, Check]] = {
    DESTINATIONS.resource: _frozen(
        {
            "destination": _text,
            "simple_destination": _read_only,
            "timeout": _positive,
            "priority": _positive,
            "announcement_id": _positive,
        }
    ),
    TIMES.resource: _frozen({name: partial(_range, limits, name != "year") for name, limits in LIMITS.items()}),
    **{kind.resource: _frozen({kind.columns[0].name: _text}) for kind in KINDS if kind.has_mode},
}


def _set_checks(kind: SetKind, with_owner: bool) -> Mapping[str, Check]:
    checks: dict[str, Check] = {"name": _NAME, "own": _positive_twice, "usage_count": _positive_twice}
    if with_owner:
        checks["subscriber_id"] = _OWNER
    if kind.has_mode:
        checks |= {"mode": _MODE, "is_regex": _anything}
    return {**checks, kind.elements: _anything}


def _names(names: Iterable[str], check: Check) -> dict[str, Check]:
    return dict.fromkeys(names, check)


_MAPPINGS = _frozen({**_names(TYPES, _anything), "cft_ringtimeout": _positive_twice})
_MAPPING = _frozen(
    {
        **_names((kind.member for kind in KINDS), _anything),
        **_names((f"{kind.member}_id" for kind in KINDS), _positive_twice),
        "enabled": _anything,
        "use_redirection": _anything,
        "cfm_id": _positive_twice,
    }
)
_SIMPLE = _frozen(
    {
        **_names((kind.elements for kind in KINDS), _anything),
        **_names((kind.simple for kind in KINDS), _anything),
        "sources_mode": _optional_choice,
        "sources_is_regex": _anything,
        "bnumbers_mode": _optional_choice,
        "bnumbers_is_regex": _anything,
    }
)
_SIMPLE_ELEMENTS: Mapping[str, Mapping[str, Check]] = {
    "destinations": _frozen(
        {
            "destination": _text,
            "simple_destination": _text,
            "timeout": _positive_twice,
            "priority": _integer,
            "announcement_id": _positive_twice,
        }
    ),
    "times": _frozen(_names(LIMITS, _text)),
    "sources": _frozen({"source": _text}),
    "bnumbers": _frozen({"bnumber": _text}),
}
