# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The outcome of a fleet as the result of a task, with secrets masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._api.transport import Counters
from .._errors import FaxError, as_fax_error
from .._settings.diff import mask_patch, mask_settings, shown_changes, shown_diff
from .._settings.outcomes import CHANGED, FAILED, UNCHANGED, UNVERIFIED, Outcome
from .members import Member
from .report import FleetReport
from .summary import report_lines, summary_of
from .undo import is_notable, undo_notes

_SENT = (CHANGED, FAILED, UNVERIFIED)


def fleet_result(report: FleetReport, counters: Counters, return_unchanged: bool, check: bool) -> dict[str, Any]:
    """Return the result of a task: ``changed``, ``subscribers``, ``summary``, ``lines``, ``diff``, and after a failure
    ``failed``, ``msg`` and ``error``.

    :param return_unchanged: whether subscribers without a change are listed too.
    :param check: whether nothing was written.
    """
    shown = [
        member
        for member in (report.members if return_unchanged else report.notable)
        if return_unchanged or member.status != UNCHANGED or is_notable(member)
    ]
    summary = summary_of(report, counters)
    lines = report_lines(report, summary, check)
    result: dict[str, Any] = {
        "changed": any(o.status == CHANGED for member in report.notable for o in member.outcomes.values()),
        "subscribers": [_shown_or_error(member) for member in shown],
        "summary": summary,
        "lines": lines,
        "diff": [
            shown_diff(outcome.resource, outcome.plan, f"{_header(member)}, {outcome.resource.title}")
            for member in report.notable
            for outcome in member.outcomes.values()
            if outcome.status == CHANGED and outcome.plan is not None
        ],
    }
    if report.error is not None or summary["total"] > summary["changed"] + summary["unchanged"]:
        result.update({"failed": True, "msg": "\n".join(lines)})
    if report.error is not None:
        result["error"] = report.error.as_dict()
    return result


def _header(member: Member) -> str:
    return f"{member.name} ({member.subscriber_id})" if member.name else f"subscriber {member.subscriber_id}"


def _shown_or_error(member: Member) -> dict[str, Any]:
    """Return the outcome of one subscriber or, if that fails, at least its status, so that the others are not lost."""
    shown = {
        "index": member.entry.position,
        "entry": member.entry.path,
        "subscriber_id": member.subscriber_id,
        "subscriber": member.name,
        "status": member.status,
        **undo_notes(member),
    }
    try:
        return {**shown, **_shown_outcomes(list(member.outcomes.values()))}
    except Exception as error:  # pylint: disable=broad-except
        empty: dict[str, Any] = {"modules": {}, "changes": [], "patch": [], "settings": {}}
        return {**shown, **empty, "error": as_fax_error(error).as_dict()}


def _shown_outcomes(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    shown: dict[str, Any] = {"modules": {}, "changes": [], "patch": [], "settings": {}}
    for outcome in outcomes:
        module, plan = outcome.resource.module, outcome.plan
        shown["modules"][module] = _shown_status(outcome.status, outcome.error)
        settings = outcome.settings()
        if settings is not None:
            shown["settings"][module] = mask_settings(outcome.resource, settings)
        if plan is None:
            continue
        shown["changes"] += [{"module": module, **change} for change in shown_changes(outcome.resource, plan)]
        if outcome.status in _SENT:
            shown["patch"] += [
                {"module": module, **operation} for operation in mask_patch(outcome.resource, plan.patch)
            ]
    errors = [outcome for outcome in outcomes if outcome.error is not None]
    if errors and errors[0].error is not None:
        shown["error"] = {**errors[0].error.as_dict(), "module": errors[0].resource.module}
    return shown


def _shown_status(status: str, error: FaxError | None) -> dict[str, Any]:
    return {"status": status} if error is None else {"status": status, "error": error.as_dict()}
