# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A report as the result of a task: the one shape of single and fleet form, with secrets masked."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .._api.transport import Counters
from .._errors import as_fax_error
from .._task import count_statuses
from .._wording import and_more, with_hints
from .diff import mask_patch, mask_settings, shown_changes, shown_diff
from .outcomes import (
    CHANGED,
    FAILED,
    NOT_ATTEMPTED,
    STATUSES,
    UNCHANGED,
    UNVERIFIED,
    Outcome,
    Report,
)
from .resources import Resource

_SENT = (CHANGED, FAILED, UNVERIFIED)
_EXAMPLES = 3


def build_result(
    resource: Resource, report: Report, counters: Counters, return_unchanged: bool, single: bool = False
) -> dict[str, Any]:
    """Return the result of a task: ``changed``, ``subscribers``, ``summary``, ``diff``, and after a failure ``failed``,
    ``msg`` and ``error``: why the run as a whole stopped or, of a task for one subscriber, why that failed.

    :param return_unchanged: whether subscribers without a change are listed too.
    :param single: whether the task is for one subscriber, so that messages need not name the entry.
    """
    shown = [outcome for outcome in report.outcomes if return_unchanged or outcome.status != UNCHANGED]
    result: dict[str, Any] = {
        "changed": any(outcome.status == CHANGED for outcome in report.outcomes),
        "subscribers": [_shown_or_error(resource, outcome) for outcome in shown],
        "summary": _summary(report.outcomes, counters),
        "diff": [_shown_diff(resource, outcome) for outcome in report.outcomes if outcome.status == CHANGED],
    }
    message = failure_message(report, single)
    if message:
        result["failed"] = True
        result["msg"] = message
    error = report.error or (report.outcomes[0].error if single and report.outcomes else None)
    if error is not None:
        result["error"] = error.as_dict()
    return result


def failure_message(report: Report, single: bool = False) -> str:
    """Return why the task fails and what users can do about it, or an empty text when it does not fail.

    :param single: whether the task is for one subscriber.
    """
    counts = Counter(outcome.status for outcome in report.outcomes)
    total = len(report.outcomes)
    bad = [
        f"{counts[status]} {status.replace('_', ' ')}"
        for status in (FAILED, UNVERIFIED, NOT_ATTEMPTED)
        if counts[status]
    ]
    if report.error is not None:
        message = report.error.message
        message += f" (of {total} subscribers: {_done(counts)}{', '.join(bad)})" if total > 1 else ""
        return with_hints(message, [report.error.hint])
    if not bad:
        return ""
    failed = [(outcome, outcome.error) for outcome in report.outcomes if outcome.error is not None]
    shown = failed[:_EXAMPLES]
    texts = [error.message if single else f"{outcome.declaration.label}: {error.message}" for outcome, error in shown]
    examples = with_hints(and_more(texts, len(failed)), [error.hint for _outcome, error in shown])
    return examples if total == 1 else f"Of {total} subscribers: {_done(counts)}{', '.join(bad)}. {examples}"


def _done(counts: Counter[str]) -> str:
    return "".join(f"{counts[status]} {status}, " for status in (CHANGED, UNCHANGED) if counts[status])


def _summary(outcomes: list[Outcome], counters: Counters) -> dict[str, int]:
    return {**count_statuses([outcome.status for outcome in outcomes], STATUSES), **counters.as_dict()}


def _shown_or_error(resource: Resource, outcome: Outcome) -> dict[str, Any]:
    """Return the outcome of one subscriber or, if that fails, at least its status, so that the others are not lost."""
    try:
        return _shown_outcome(resource, outcome)
    except Exception as error:  # pylint: disable=broad-except
        return {
            "index": outcome.declaration.index,
            "subscriber_id": outcome.declaration.keys.subscriber_id,
            "subscriber": outcome.declaration.keys.subscriber,
            "status": outcome.status,
            "changes": [],
            "patch": [],
            "settings": None,
            "error": as_fax_error(error).as_dict(),
        }


def _shown_outcome(resource: Resource, outcome: Outcome) -> dict[str, Any]:
    plan, settings = outcome.plan, outcome.settings()
    shown: dict[str, Any] = {
        "index": outcome.declaration.index,
        "subscriber_id": _subscriber_id(outcome),
        "subscriber": _name(outcome),
        "status": outcome.status,
        "changes": shown_changes(resource, plan) if plan else [],
        "patch": mask_patch(resource, plan.patch) if plan and outcome.status in _SENT else [],
        "settings": mask_settings(resource, settings) if settings is not None else None,
    }
    if outcome.error is not None:
        shown["error"] = outcome.error.as_dict()
    return shown


def _shown_diff(resource: Resource, outcome: Outcome) -> dict[str, str]:
    subscriber_id, name = _subscriber_id(outcome), _name(outcome)
    header = f"{name} ({subscriber_id})" if name else f"subscriber {subscriber_id}"
    if outcome.plan is None:
        raise ValueError("a change without a plan")
    return shown_diff(resource, outcome.plan, header)


def _subscriber_id(outcome: Outcome) -> int | None:
    return outcome.subscriber.id if outcome.subscriber else outcome.declaration.keys.subscriber_id


def _name(outcome: Outcome) -> str | None:
    return (outcome.subscriber.name if outcome.subscriber else None) or outcome.declaration.keys.subscriber
