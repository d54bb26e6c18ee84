# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A drift document in words: what the reports for people say, the same in all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import singledispatch
from typing import Any, NamedTuple

from ansible_collections.ngcp.fax.plugins.module_utils._masking import MASK
from ansible_collections.ngcp.fax.plugins.module_utils._settings.diff import yaml_scalar
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import Field
from ansible_collections.ngcp.fax.plugins.module_utils._settings.list_fields import ListOf
from ansible_collections.ngcp.fax.plugins.module_utils._wording import visible

from .document import (
    CORRECTED,
    DRIFTED,
    FAILED,
    IN_SYNC,
    MODULES,
    NOT_ATTEMPTED,
    UNVERIFIED,
)

STATUS_WORDS = {
    DRIFTED: "drifted",
    CORRECTED: "corrected",
    IN_SYNC: "in sync",
    FAILED: "failed",
    UNVERIFIED: "unverified",
    NOT_ATTEMPTED: "not attempted",
}

NOT_SET = "(not set)"
EMPTY = "(empty)"

# Elements of a list that a report for people shows on each side, at most and at least: the more rows there are, the
# fewer, so that the page stays small. drift.json has all of them.
MAX_ELEMENTS = 25
LEAST_ELEMENTS = 2
_ALL_ELEMENTS = 10_000

# What can begin something in Markdown, or in the HTML that it may hold. Entities stand for them: they are text
# wherever they are, and a vertical bar in a table cannot be written otherwise everywhere.
_MARKDOWN = re.compile(
    r"[\\`*\[\]<>|&~$#!{}]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis, but for an underscore within a word
    r"|(?<![^\W_])@"  # somebody's name
)


class ShownChange(NamedTuple):
    """One field that differs, as lines of text. A side of a list has none if all its elements are on the other one."""

    field: str
    before: list[str]
    after: list[str]


def label(row: Mapping[str, Any]) -> str:
    """Return what a report calls a subscriber: its name and id, or what went wrong where neither is known."""
    name, number = row["subscriber"], row["subscriber_id"]
    if name is not None:
        return visible(f"{name} ({number})" if number is not None else str(name))
    if number is not None:
        return f"subscriber {number}"
    errors = [part["error"] for part in row["settings"] if part["error"]]
    return visible(str(errors[0].get("message"))) if errors else "an unnamed entry"


def module_title(module: str | None) -> str:
    """Return what a report calls the settings of a module."""
    return MODULES[module].title if module in MODULES else visible(str(module or ""))


def max_elements(rows: int) -> int:
    """Return how many elements of a list are shown on each side in a report with this number of rows."""
    return max(LEAST_ELEMENTS, min(MAX_ELEMENTS, _ALL_ELEMENTS // max(1, rows)))


def shown_changes(part: Mapping[str, Any], limit: int = MAX_ELEMENTS) -> list[ShownChange]:
    """Return the changes of one subscriber's settings as lines of text.

    :param limit: of a list only the elements that differ are shown, and at most this number on each side.
    """
    fields = {field.name: field for field in MODULES[part["module"]].managed} if part["module"] in MODULES else {}
    return [_shown(fields.get(change["field"]), change, limit) for change in part["changes"]]


def change_text(change: ShownChange) -> str:
    """Return a change in one line: from what to what, or only what is added or taken away."""
    before, after = ", ".join(change.before), ", ".join(change.after)
    if before and after:
        return f"{change.field}: {before} → {after}"
    return f"{change.field}: + {after}" if after else f"{change.field}: − {before}"


def markdown(text: str) -> str:
    """Return a text as it can stand in a table of Markdown, and means nothing there but itself."""
    return _MARKDOWN.sub(lambda match: f"&#{ord(match.group())};", visible(text))


@singledispatch
def _shown(field: Field | None, change: Mapping[str, Any], limit: int) -> ShownChange:
    """Return a change as lines of text.

    :param field: None for one that is not known.
    """
    name, before, after = visible(str(change["field"])), change["before"], change["after"]
    if field is not None and field.secret:
        return ShownChange(name, [_secret(before, "old")], [_secret(after, "new")])
    return ShownChange(name, [_scalar(before)], [_scalar(after)])


@_shown.register
def _shown_list(field: ListOf, change: Mapping[str, Any], limit: int) -> ShownChange:
    before, after = change["before"] or [], change["after"] or []
    left, right = _differing(field, before, after)
    return ShownChange(field.name, _limited(left, bool(before), limit), _limited(right, bool(after), limit))


def _scalar(value: Any) -> str:
    return NOT_SET if value is None else yaml_scalar(value)


def _secret(value: Any, which: str) -> str:
    """Return what is shown of a secret: that it exists, whatever its value is."""
    return f"{MASK} ({which} value)" if value not in (None, "") else NOT_SET


def _differing(field: ListOf, before: list[Any], after: list[Any]) -> tuple[list[str], list[str]]:
    """Return the elements of both sides that the other side has not, and of those that differ what distinguishes them
    and what differs."""
    gone, new = field.differing(before, after)
    left, right = field.by_key(before), field.by_key(after)
    return (
        [_element(field, element, right.get(field.element_key(element))) for element in gone],
        [_element(field, element, left.get(field.element_key(element))) for element in new],
    )


def _element(field: ListOf, element: Mapping[str, Any], other: Mapping[str, Any] | None) -> str:
    words = [yaml_scalar(element[field.key[0]])] if len(field.key) == 1 else []
    shown = [name for name in element if not words or name != field.key[0]]
    if other is not None:
        shown = [name for name in shown if element[name] != other.get(name)]
    words += [f"{visible(name)}={yaml_scalar(element[name])}" for name in shown if element[name] is not None]
    return " ".join(words)


def _limited(lines: list[str], has_elements: bool, limit: int) -> list[str]:
    """Return the lines of one side of a list."""
    if not has_elements:
        return [EMPTY]
    more = len(lines) - limit
    return [*lines[:limit], f"(and {more} more)"] if more > 0 else lines
