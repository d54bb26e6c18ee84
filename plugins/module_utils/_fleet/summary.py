# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The outcome of a fleet in numbers, and as lines for people.

A summary counts subscribers. One that failed with one resource counts as failed even if another one was changed; the
counts of each resource stand beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._api.transport import Counters
from .._errors import FaxError, NotFoundError
from .._resources import RESOURCES
from .._settings.outcomes import CHANGED, FAILED, NOT_ATTEMPTED, UNVERIFIED
from .._task import count_statuses
from .._wording import counted, more_line, shortened
from .members import STALE, STATUSES, Member
from .report import FleetReport

# How many failures a summary lists: thousands would hide the first ones.
SHOWN_FAILURES = 50
_LONGEST_MESSAGE = 500
_NOTED = (FAILED, UNVERIFIED, STALE)


def summary_of(report: FleetReport, counters: Counters) -> dict[str, Any]:
    """Return the counts of subscribers, of each resource, of requests, and the first failures."""
    failures = failures_of(report)
    return {
        **count_statuses(report.roster.statuses(), STATUSES),
        **counters.as_dict(),
        "deactivated": report.deactivated,
        "emptied": report.emptied,
        **{
            resource.module: count_statuses(report.roster.statuses_with(resource.module), STATUSES)
            for resource in RESOURCES
        },
        "failures": failures[:SHOWN_FAILURES],
        "more_failures": max(0, len(failures) - SHOWN_FAILURES),
    }


def failures_of(report: FleetReport) -> list[dict[str, Any]]:
    """Return what went wrong, in the order of the input, one entry for what several resources met alike."""
    return [failure for member in report.notable for failure in _failures(member)]


def report_lines(report: FleetReport, summary: Mapping[str, Any], check: bool) -> list[str]:
    """Return a summary as lines for people: why the run ended early, the counts of subscribers, those of each resource
    of which something is declared, and the failures.

    :param check: whether nothing was written.
    """
    lines = []
    if report.error is not None:
        lines += [report.error.message, *([report.error.hint] if report.error.hint else [])]
    counts = _counts_line(summary, check)
    lines.append(f"{counted(summary['total'], 'subscriber')}: {counts} ({counted(summary['requests'], 'request')})")
    declared = [resource.module for resource in RESOURCES if summary[resource.module]["total"]]
    lines += [f"{module}: {_counts_line(summary[module], check)}" for module in declared]
    if report.error is not None and report.error.code in (_NOT_PLANNED, STALE):
        return lines  # the failures stand in the error
    return lines + failure_lines(summary["failures"], summary["more_failures"])


def failure_lines(failures: Sequence[Mapping[str, Any]], more: int = 0) -> list[str]:
    """Return failures as lines for people, and what can be done about them.

    :param more: how many there are beside these.
    """
    lines = [_failure_line(failure) for failure in failures[:SHOWN_FAILURES]]
    more += len(failures) - len(lines)
    text = "\n".join(lines)
    hints = dict.fromkeys(failure["hint"] for failure in failures[:SHOWN_FAILURES] if failure.get("hint"))
    return [*lines, *more_line(more), *(hint for hint in hints if hint not in text)]


_NOT_PLANNED = "not_planned"


def not_planned(report: FleetReport) -> FaxError:
    """Return the error for a fleet with subscribers that cannot be planned."""
    failures = failures_of(report)
    failed = sum(1 for member in report.notable if member.status == FAILED)
    head = f"{failed} of {counted(len(report.roster), 'subscriber')} cannot be planned. Nothing was written."
    return FaxError("\n".join([head, *failure_lines(failures)]), code=_NOT_PLANNED)


def _failures(member: Member) -> list[dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for module, outcome in member.outcomes.items():
        error = outcome.error
        if outcome.status not in _NOTED or error is None:
            continue
        # That there is no such subscriber is said of each resource in its own words.
        reason = error.code if error.code == NotFoundError.code else error.message
        failure = found.get((outcome.status, reason))
        if failure is not None:
            failure["modules"].append(module)
            continue
        found[(outcome.status, reason)] = {
            "position": member.entry.position,
            "place": member.entry.path,
            "subscriber_id": member.subscriber_id,
            "subscriber": member.name,
            "status": outcome.status,
            "code": error.code,
            "message": shortened(error.message, _LONGEST_MESSAGE),
            "hint": error.hint,
            "modules": [module],
        }
    return list(found.values())


def _failure_line(failure: Mapping[str, Any]) -> str:
    name = failure["subscriber"] or failure["subscriber_id"]
    where = f"{failure['place']} ({name})" if name else failure["place"]
    return f"{where}: {failure['message']} [{', '.join(failure['modules'])}]"


def _counts_line(counts: Mapping[str, Any], check: bool) -> str:
    words = {CHANGED: "would change" if check else CHANGED, NOT_ATTEMPTED: "not attempted"}
    return ", ".join(f"{counts[name]} {words.get(name, name)}" for name in STATUSES if counts[name] or name == CHANGED)
