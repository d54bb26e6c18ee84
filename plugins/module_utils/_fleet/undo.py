# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What an undo restores: the previous value of a field that still has the value that the run set."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._masking import mask_value
from .._settings.declarations import Declaration
from .._settings.fields import Field
from .._settings.list_fields import WantedList
from .._settings.plan import Change, Plan, obstacle
from .._settings.resources import Resource
from .._subscribers.keys import SubscriberKeys
from .._wording import and_more, counted, quoted
from .entries import FleetEntry
from .members import Member
from .report import FleetReport
from .undo_format import LOST, NOT_SHOWN, RENEWED, SECRET, SERVER

# A former value that the platform would not take any more.
REFUSED = "refused"

_NAMED = 10
_LONGEST_VALUE = 60

_REASONS = {
    SECRET: "Not restored, because secrets were left out of the undo file",
    RENEWED: "Not restored, because the platform may have renewed it since the run",
    LOST: "Not restored, because somebody else had set it up",
    NOT_SHOWN: "Not restored, because the platform did not show it before the run",
    REFUSED: "Not restored, because the platform no longer accepts the previous value",
}


class Conflict(NamedTuple):
    """A field that is left as it is, because it no longer has the value that the run set: canonical values, secrets in
    clear."""

    field: str
    before: Any
    set: Any
    now: Any


class UndoDeclaration(Declaration):
    """What an entry of an undo file declares for one resource.

    :param resource: what it is about.
    :param fields: the values before the run.
    :param expected: the values that the run set, canonical.
    """

    def __init__(
        self,
        index: int,
        path: str,
        keys: SubscriberKeys,
        resource: Resource,
        fields: Mapping[str, Any],
        expected: Mapping[str, Any],
    ) -> None:
        super().__init__(index, path, keys, fields)
        self.resource = resource
        self.expected = expected
        # What the last comparison left as it is, and the fields whose former values the platform would refuse.
        self.conflicts: list[Conflict] = []
        self.refused: list[str] = []

    def wanted(self, stored: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the fields to restore, and note the others."""
        self.conflicts, self.refused = [], []
        given_back = {}
        for one in self.resource.managed:
            if one.name not in self.fields:
                continue
            now, before = stored.get(one.name), _canonical(self.fields[one.name])
            if one.equal(now, before):
                continue
            if not one.equal(now, self.expected[one.name]):
                self.conflicts.append(Conflict(one.name, before, self.expected[one.name], now))
            elif _is_refused(self.resource, one, before):
                self.refused.append(one.name)
            else:
                given_back[one.name] = self.fields[one.name]
        return given_back


def _canonical(value: Any) -> Any:
    return value.present if isinstance(value, WantedList) else value


def _is_refused(resource: Resource, one: Field, value: Any) -> bool:
    """Return whether the platform is known to refuse a value that it has stored itself once."""
    plan = Plan({}, (Change(one.name, None, value),), [], {one.name: value})
    return obstacle(resource, plan) is not None


def undo_notes(member: Member) -> dict[str, list[dict[str, Any]]]:
    """Return what an undo has not restored for a subscriber, as results show it: ``conflicts`` with the values before
    and after the run and now, and ``left_out`` with the reason. Secrets are masked. Empty where there is nothing to be
    said."""
    if member.entry.left_out is None:
        return {}
    conflicts = [
        {"module": declaration.resource.module, "field": one.field}
        | {side: _shown(declaration, one.field, getattr(one, side)) for side in ("before", "set", "now")}
        for declaration in _declarations(member.entry)
        for one in declaration.conflicts
    ]
    left_out = [{"field": name, "reason": reason} for name, reason in _left_out(member)]
    return {"conflicts": conflicts, "left_out": left_out} if conflicts or left_out else {}


def is_notable(member: Member) -> bool:
    """Return whether an undo has left something undone that it could have been expected to do."""
    if member.entry.left_out is None:
        return False
    return any(declaration.conflicts for declaration in _declarations(member.entry)) or any(
        reason != SERVER for _name, reason in _left_out(member)
    )


def undo_warnings(report: FleetReport) -> list[str]:
    """Return what an undo has not restored, for people: conflicts with both values, and the fields that cannot come
    back."""
    members = [member for member in report.notable if member.entry.left_out is not None]
    conflicts = [line for member in members for line in _conflict_lines(member)]
    warnings = []
    if conflicts:
        fields = counted(len(conflicts), "field")
        warnings.append(
            f"{fields} left unchanged, because the values are no longer those that the run set: "
            + and_more(conflicts[:_NAMED], len(conflicts))
        )
    for reason, words in _REASONS.items():
        names = Counter(name for member in members for name, why in _left_out(member) if why == reason)
        if names:
            shown = ", ".join(f"{name} of {counted(count, 'subscriber')}" for name, count in sorted(names.items()))
            warnings.append(f"{words}: {shown}.")
    return warnings


def undo_secrets_of(entries: Iterable[FleetEntry]) -> list[Any]:
    """Return the secrets that the run set, as far as an undo file has them."""
    return [
        declaration.expected.get(name)
        for entry in entries
        if entry.left_out is not None
        for declaration in _declarations(entry)
        for name in declaration.resource.secrets
    ]


def _declarations(entry: FleetEntry) -> Iterator[UndoDeclaration]:
    return (one for one in entry.declarations.values() if isinstance(one, UndoDeclaration))


def _left_out(member: Member) -> Iterator[tuple[str, str]]:
    yield from (member.entry.left_out or {}).items()
    for declaration in _declarations(member.entry):
        yield from ((f"{declaration.resource.prefix}.{name}", REFUSED) for name in declaration.refused)


def _shown(declaration: UndoDeclaration, name: str, value: Any) -> Any:
    return mask_value(value) if name in declaration.resource.secrets else value


def _conflict_lines(member: Member) -> Iterator[str]:
    for declaration in _declarations(member.entry):
        for one in declaration.conflicts:
            place = f"{declaration.label}, {declaration.resource.prefix}.{one.field}"
            if one.field in declaration.resource.secrets:
                yield f"{place} has another value"
            else:
                yield f"{place} is {_worded(one.now)}, but the run set {_worded(one.set)}"


def _worded(value: Any) -> str:
    """Return a value for a message: what subscribers may have written stands between quotes."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    return quoted(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), _LONGEST_VALUE)
