# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What deserves a warning although it works: settings with which the platform does something else than expected."""

from __future__ import annotations

import re
import warnings as warnings_module
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Callable, NamedTuple

from .._texts import shown_value
from .._wording import and_more, printable
from .declarations import Declaration
from .fields import Field
from .list_fields import ListOf, WantedList
from .outcomes import Outcome
from .plan import ALWAYS, ON_CREATE, Policy
from .resources import Need, Resource

_EXAMPLES = 3
_PATTERNS = 10

# Takes the declared fields, and the settings as they are meant to be afterwards.
Condition = Callable[[Mapping[str, Any], Mapping[str, Any]], bool]


def advice(resource: Resource, outcomes: Iterable[Outcome], policy: Policy) -> list[str]:
    """Return one warning for each condition that holds for some of the subscribers, with their number and examples."""
    outcomes = list(outcomes)
    planned = [(outcome, after) for outcome in outcomes for after in [outcome.meant()] if after is not None]
    warnings = []
    for holds, text in _conditions(resource, policy):
        found = [outcome for outcome, after in planned if holds(outcome.declaration.fields, after)]
        if found:
            warnings.append(f"{_who(found)}: {text}")
    return warnings + _odd_patterns(resource, [outcome.declaration for outcome in outcomes])


def _conditions(resource: Resource, policy: Policy) -> Iterator[tuple[Condition, str]]:
    """Yield what can be odd about settings of the resource, and what is said about it."""
    for need in resource.needs:
        yield partial(_lacks_all, need), need.warning
    fields = {field.name: field for field in resource.fields}
    for field in resource.managed:
        if field.renewed_by is not None and policy.secrets.get(field.name, ALWAYS) == ALWAYS:
            interval = fields[field.renewed_by]
            yield partial(_undoes_renewal, field, interval), _renewal_warning(field, interval)


def _lacks_all(need: Need, declared: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """The flag is set, and nothing is there of what it needs."""
    return bool(after.get(need.flag)) and not any(after.get(name) for name in need.one_of)


def _undoes_renewal(field: Field, interval: Field, declared: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """The platform replaces the secret by itself, and a declared one would put the old one back."""
    return bool(declared.get(field.name)) and after.get(interval.name) not in (None, interval.default)


def _renewal_warning(field: Field, interval: Field) -> str:
    name, option = field.name.replace("_", " "), field.update_option
    return (
        f"the platform renews the {name} by itself, and {option}={ALWAYS} sets the declared one again in each run; "
        f"use {option}={ON_CREATE}, or {interval.name}={interval.default}."
    )


def _who(outcomes: list[Outcome]) -> str:
    names = [str(outcome.subscriber) for outcome in outcomes[:_EXAMPLES]]
    return f"Subscriber{'' if len(outcomes) == 1 else 's'} {and_more(names, len(outcomes), ', ')}"


class _OddPattern(NamedTuple):
    """A regular expression that cannot be compiled here.

    :param label: the entry that declares it.
    :param wanted: the list that it is in.
    :param text: the place in the list, and the problem.
    """

    label: str
    wanted: WantedList
    text: str


def _odd_patterns(resource: Resource, declarations: Iterable[Declaration]) -> list[str]:
    """Return a warning for each regular expression that cannot be compiled here.

    The server takes broken ones and then matches nothing. But its dialect is Perl's, and Python's lacks parts of that
    (``\\h``, ``\\p{L}``, ``\\z``): only somebody who knows Perl can tell which of the two it is.
    """
    odd: dict[str, _OddPattern | None] = {}
    seen: set[int] = set()
    shared: set[int] = set()
    for field in resource.lists_with_patterns:
        for declaration in declarations:
            wanted = declaration.fields.get(field.name)
            if wanted is None:
                continue
            if id(wanted) in seen:
                shared.add(id(wanted))
                continue
            seen.add(id(wanted))
            for path, pattern in _patterns(field, wanted):
                if pattern not in odd:
                    problem = _pattern_problem(pattern)
                    text = f"{path}: {shown_value(pattern)} {problem}"
                    odd[pattern] = _OddPattern(declaration.label, wanted, text) if problem else None
    found = [item for item in odd.values() if item is not None]
    warnings = [item.text if id(item.wanted) in shared else f"{item.label}, {item.text}" for item in found[:_PATTERNS]]
    if len(found) > _PATTERNS:
        warnings.append(f"{len(found) - _PATTERNS} more regular expressions cannot be compiled here.")
    return warnings


def _patterns(field: ListOf, wanted: WantedList) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every regular expression of a list."""
    for position, element in enumerate(wanted.present):
        for part in field.patterns:
            if part.applies(element):
                yield f"{field.name}[{position}].{part.name}", element[part.name]


def _pattern_problem(pattern: str) -> str | None:
    try:
        with warnings_module.catch_warnings():
            warnings_module.simplefilter("ignore")
            re.compile(pattern)
    except re.error as error:
        where = f" at position {error.pos}" if error.pos is not None else ""
        problem = f"{printable(error.msg)}{where}"
    except (OverflowError, RecursionError):
        problem = "it is too large"
    else:
        return None
    return (
        f"cannot be compiled by Python ({problem}). The platform uses Perl regular expressions. If it is wrong "
        "there too, it matches nothing."
    )
