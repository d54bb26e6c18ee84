# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What deserves a warning although it works: settings with which the platform does something else than expected."""

from __future__ import annotations

import re
import warnings as warnings_module
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Callable, NamedTuple

from .._texts import shown_value
from .._wording import and_more, printable
from .declarations import Declaration
from .outcomes import Outcome
from .plan import ALWAYS, Policy
from .resources import MAIL2FAX_SETTINGS, Field, Resource
from .values import WantedList

_EXAMPLES = 3
_PATTERNS = 10

# Takes the declared fields, the settings as they are meant to be in the end, and the policy.
Condition = Callable[[Mapping[str, Any], Mapping[str, Any], Policy], bool]


def advice(resource: Resource, outcomes: Iterable[Outcome], policy: Policy) -> list[str]:
    """Return one warning for each condition that holds for some of the subscribers, with their number and examples."""
    conditions = _CONDITIONS.get(resource.name, ())
    outcomes = list(outcomes)
    planned = [(outcome, after) for outcome in outcomes for after in [outcome.meant()] if after is not None]
    warnings = []
    for holds, text in conditions:
        found = [outcome for outcome, after in planned if holds(outcome.declaration.fields, after, policy)]
        if found:
            warnings.append(f"{_who(found)}: {text}")
    return warnings + _odd_patterns(resource, [outcome.declaration for outcome in outcomes])


def _who(outcomes: list[Outcome]) -> str:
    names = [str(outcome.subscriber) for outcome in outcomes[:_EXAMPLES]]
    return f"Subscriber{'' if len(outcomes) == 1 else 's'} {and_more(names, len(outcomes), ', ')}"


def _refuses_all_mail(declared: Mapping[str, Any], after: Mapping[str, Any], policy: Policy) -> bool:
    """The mail gateway refuses all mail when there is neither a key nor a rule."""
    return bool(after.get("active")) and not after.get("secret_key") and not after.get("acl")


def _undoes_rotation(declared: Mapping[str, Any], after: Mapping[str, Any], policy: Policy) -> bool:
    """The platform replaces the key by itself, and a declared key would put the old one back."""
    rotates = after.get("secret_key_renew") not in (None, "never")
    return policy.secrets == ALWAYS and bool(declared.get("secret_key")) and rotates


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
    for field in resource.lists:
        for declaration in declarations:
            wanted = declaration.fields.get(field.name)
            if wanted is None or not any(part.pattern for part in field.elements):
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


def _patterns(field: Field, wanted: WantedList) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every regular expression of a list."""
    for position, element in enumerate(wanted.present):
        if element.get("use_regex"):
            for part in field.elements:
                if part.pattern and element[part.name] is not None:
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
        f"cannot be compiled by Python ({problem}). The platform has the regular expressions of Perl: if it is wrong "
        "there too, it matches nothing."
    )


_CONDITIONS: dict[str, tuple[tuple[Condition, str], ...]] = {
    MAIL2FAX_SETTINGS.name: (
        (_refuses_all_mail, "active without a secret key and without ACL rules; the mail gateway refuses all mail."),
        (
            _undoes_rotation,
            "the platform renews the secret key by itself, and update_secret_key=always sets the declared one again in "
            "every run; use update_secret_key=on_create, or secret_key_renew=never.",
        ),
    ),
}
