# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The plan of a fleet as a document: composed, written as text, and read from text. Pure: no I/O.

``docs/fleet-plan.schema.json`` describes its form. It holds no secrets: patches and former values are masked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .._errors import InputError
from .._settings.diff import mask_patch, mask_settings
from .._settings.outcomes import CHANGED, FAILED, NOT_ATTEMPTED, UNCHANGED, Outcome, planned
from .._wording import quoted
from .members import Member, Patches
from .options import PLAN
from .plan_form import check_plan_form
from .report import FleetReport
from .shapes import ShapeError
from .version import VERSION

FORMAT = "ngcp.fax.fleet_plan"
# Within one major version (before the dot), members are only added.
MAJOR = 1
FORMAT_VERSION = f"{MAJOR}.0"

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_CHECKSUM = "checksum"
_COUNTED = ("total", CHANGED, UNCHANGED, FAILED, NOT_ATTEMPTED)
_AGAIN = "Create and approve a new plan."


class Origin(NamedTuple):
    """What a plan was made from.

    :param platform: address of the platform.
    :param input: ``name``, ``entries`` and ``digest``, see :mod:`plan_input`.
    :param options: those that decide what is planned.
    """

    platform: str
    input: Mapping[str, Any]
    options: Mapping[str, str]


class FleetPlan(NamedTuple):
    """A plan that was read: its form is right, and nobody has edited it by mistake.

    :param name: what messages call it.
    :param document: what it holds, as the schema describes it.
    """

    name: str
    document: Mapping[str, Any]

    @property
    def created(self) -> datetime:
        """When it was made."""
        return _moment(self.document["created"])

    def patches(self) -> dict[int, Patches]:
        """Return what it allows, by the subscriber's id."""
        return {
            subscriber["subscriber_id"]: {module: part["patch"] for module, part in subscriber["settings"].items()}
            for subscriber in self.document["subscribers"]
        }

    def error(self, message: str, hint: str = _AGAIN) -> InputError:
        """Return the error for a plan that cannot be used."""
        return InputError(f"{quoted(self.name)} {message}", field=PLAN, hint=hint)


# ---------------------------------------------------------------------------------------------------------------------
# Made
# ---------------------------------------------------------------------------------------------------------------------


def create_document(
    report: FleetReport, origin: Origin, summary: Mapping[str, Any], created: datetime
) -> dict[str, Any]:
    """Return the plan of a run that only predicted.

    :param summary: see :func:`summary.summary_of`.
    :param created: now.
    """
    changing = [member for member in report.notable if any(o.status == CHANGED for o in member.outcomes.values())]
    left_out = [member for member in report.notable if member.status == FAILED]
    document = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "collection_version": VERSION,
        "platform": origin.platform,
        "created": created.astimezone(timezone.utc).strftime(_MOMENT),
        "input": dict(origin.input),
        "options": dict(origin.options),
        "summary": _summary(summary),
        "not_planned": [{**_identity(member), "settings": _failures(member)} for member in left_out],
        "subscribers": [{**_identity(member), "settings": _changes(member)} for member in changing],
    }
    return {**document, _CHECKSUM: checksum(document)}


def as_text(document: Mapping[str, Any]) -> str:
    """Return a plan as JSON with one line for each subscriber, so that it is small and tools like grep help."""
    lists = ("not_planned", "subscribers")
    members = [f"{json.dumps(name)}: {_indented(value, name in lists)}" for name, value in document.items()]
    return "{\n  " + ",\n  ".join(members) + "\n}\n"


def checksum(document: Mapping[str, Any]) -> str:
    """Return a checksum over what a document holds, however it is laid out. It finds accidents; whoever wants to forge
    a plan can compute it too."""
    content = {name: value for name, value in document.items() if name != _CHECKSUM}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"


def _identity(member: Member) -> dict[str, Any]:
    return {
        "subscriber_id": member.subscriber_id,
        "subscriber": member.name,
        "entry": member.entry.path,
        "row": member.entry.row,
    }


def _changes(member: Member) -> dict[str, Any]:
    return {module: _change(o) for module, o in member.outcomes.items() if o.status == CHANGED}


def _change(outcome: Outcome) -> dict[str, Any]:
    """Return what is planned for one resource and what is there before, both masked."""
    plan = planned(outcome)
    before = {change.field: change.before for change in plan.changes}
    return {"patch": mask_patch(outcome.resource, plan.patch), "before": mask_settings(outcome.resource, before)}


def _failures(member: Member) -> dict[str, Any]:
    return {
        module: {"status": o.status, "error": o.error.as_dict() if o.error is not None else None}
        for module, o in member.outcomes.items()
        if o.status in (FAILED, NOT_ATTEMPTED)
    }


def _summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return those counts that say something about a plan."""
    parts = {name: _counts(value) for name, value in summary.items() if isinstance(value, Mapping)}
    return {**_counts(summary), **{name: summary[name] for name in ("deactivated", "emptied", "requests")}, **parts}


def _counts(counts: Mapping[str, Any]) -> dict[str, int]:
    return {name: counts[name] for name in _COUNTED}


def _indented(value: Any, in_lines: bool) -> str:
    if in_lines and value:
        return "[\n    " + ",\n    ".join(json.dumps(element) for element in value) + "\n  ]"
    return json.dumps(value, indent=2).replace("\n", "\n  ")


# ---------------------------------------------------------------------------------------------------------------------
# Read
# ---------------------------------------------------------------------------------------------------------------------


def parse_document(content: bytes, name: str) -> FleetPlan:
    """Return a plan that was read from a file.

    :param name: what messages call it.
    :raises InputError: it is not a plan, has another format, or was edited or cut off.
    """
    try:
        document = json.loads(content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
        found = checksum(document) if isinstance(document, dict) else None
    except (ValueError, RecursionError):
        raise FleetPlan(name, {}).error("is not JSON; it was cut off or edited, or is not a plan") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FleetPlan(name, {}).error(f"is not a plan of the module fleet: its format is not {FORMAT}")
    plan = FleetPlan(name, document)
    version = document.get("format_version")
    if _major(version) != MAJOR:
        raise plan.error(f"has the format version {quoted(version)}, but this version of the collection reads {MAJOR}")
    if document.get(_CHECKSUM) != found:
        raise plan.error("was edited or damaged: its checksum does not match")
    try:
        check_plan_form(document)
        _moment(document["created"])
    except ShapeError as error:
        raise plan.error(f"does not have the form of a plan: {error.place} {error.problem}") from None
    except (ValueError, OverflowError):
        raise plan.error("does not have the form of a plan: created is not a time") from None
    return plan


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is duplicated")
    return members


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _major(version: Any) -> int | None:
    major = version.partition(".")[0] if isinstance(version, str) else ""
    return int(major) if major.isascii() and major.isdigit() and len(major) < _DIGITS else None


# More are not a version, and Python refuses to read thousands of them.
_DIGITS = 10


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=timezone.utc)
