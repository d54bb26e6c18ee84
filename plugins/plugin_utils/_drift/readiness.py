# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From the results of ``fax_readiness_info`` to one readiness document. Pure: no I/O, nothing of Ansible.

The document is what ``readiness.json`` holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._readiness.task import NAME
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.verdicts import (
    ABILITIES,
    FALSE,
    UNKNOWN,
    VERDICTS,
)

from .document import TASK_FAILED, TaskResult, moment_text, problem_of, single_results

SCHEMA_VERSION = 1

# What a row comes to: the worst of its verdicts.
READY, NOT_READY, UNCERTAIN = "ready", "not_ready", "unknown"
STATUSES = (NOT_READY, UNCERTAIN, READY)

# What every reason has.
_REASON = {"code", "level", "affects", "message", "fix"}

# What a fix for several subscribers has.
_FIX = ("code", "subscribers", "fix")

# How many of those that could not be found are listed.
_MAX_PROBLEMS = 50


def is_about_readiness(result: Any) -> bool:
    """Return whether a result is one of ``fax_readiness_info``, single or of a loop over it."""
    if not isinstance(result, Mapping):
        return False
    items = result.get("results")
    if isinstance(items, list):
        return any(map(is_about_readiness, items))
    run, entries = result.get("run"), result.get("subscribers")
    return (
        isinstance(run, Mapping)
        and run.get("module") == NAME
        and isinstance(result.get("summary"), Mapping)
        and isinstance(entries, list)
        and all(map(_is_entry, entries))
    )


def _is_entry(entry: Any) -> bool:
    """Return whether something is a subscriber of a result: playbooks can change what a task has registered."""
    return (
        isinstance(entry, Mapping)
        and isinstance(entry.get("subscriber_id"), int)
        and "subscriber" in entry
        and all(entry[ability] in VERDICTS for ability in ABILITIES if ability in entry)
        and isinstance(entry.get("reasons"), list)
        and all(isinstance(one, Mapping) and set(one) >= _REASON for one in entry["reasons"])
    )


def build_readiness(
    results: Iterable[TaskResult], *, title: str, generated: datetime, started: datetime | None = None
) -> dict[str, Any]:
    """Return the readiness document of results.

    :param results: in the order in which they were made: what a later one says about a subscriber counts.
    :param generated: now.
    :param started: when the tasks began, where known.
    """
    report = _Report()
    for result in results:
        for single in single_results(result):
            report.take(single)
    return report.document(title, generated, started)


class _Report:
    """Takes in result after result, and puts the document together."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], dict[str, Any]] = {}
        self._platforms: dict[str, dict[str, Any]] = {}
        self._problems: list[dict[str, Any]] = []
        self._fixes: list[dict[str, Any]] = []
        self._tasks = 0
        self._requests = 0

    def take(self, task: TaskResult) -> None:
        """Take in one result that is none of a loop."""
        result = task.result
        if result.get("skipped"):
            return
        if not is_about_readiness(result):
            self._problems.append(problem_of(replace(task, module=NAME)))
            return
        platform = str(result["run"]["platform"])
        self._tasks += 1
        self._requests += int(result["summary"].get("requests", 0))
        if isinstance(result.get("platform"), Mapping):
            self._platforms[platform] = {"address": platform, **result["platform"]}
        self._fixes += [{name: one.get(name) for name in _FIX} for one in result.get("fixes") or ()]
        for entry in result["subscribers"]:
            self._take_entry(platform, entry)
        self._problems += _problems(task)

    def _take_entry(self, platform: str, entry: Mapping[str, Any]) -> None:
        key = (platform, int(entry["subscriber_id"]))
        row = self._rows.setdefault(key, {"platform": platform, "reasons": []})
        judged = [ability for ability in ABILITIES if ability in entry]
        kept = [reason for reason in row["reasons"] if not set(judged).intersection(reason["affects"])]
        row.update({**entry, "reasons": [*kept, *entry["reasons"]]})

    def document(self, title: str, generated: datetime, started: datetime | None) -> dict[str, Any]:
        """Return the document."""
        rows = [_finished(row) for _key, row in sorted(self._rows.items())]
        return {
            "schema_version": SCHEMA_VERSION,
            "title": title,
            "generated": moment_text(generated),
            "started": moment_text(started) if started else None,
            "platforms": sorted(self._platforms) or sorted({row["platform"] for row in rows}),
            "platform_facts": [facts for _address, facts in sorted(self._platforms.items())],
            "summary": {
                **_summary(rows),
                "tasks": self._tasks,
                "requests": self._requests,
                "problems": len(self._problems),
            },
            "problems": self._problems[:_MAX_PROBLEMS],
            "fixes": self._fixes,
            "subscribers": rows,
        }


def abilities_of(row: Mapping[str, Any]) -> list[str]:
    """Return what was checked about a subscriber."""
    return [ability for ability in ABILITIES if ability in row]


def _finished(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its status, in the order in which it is shown."""
    verdicts = [row[ability] for ability in abilities_of(row)]
    status = NOT_READY if FALSE in verdicts else UNCERTAIN if UNKNOWN in verdicts else READY
    first = {name: row[name] for name in ("subscriber_id", "subscriber", "platform")}
    return {**first, "status": status, **{name: value for name, value in row.items() if name not in first}}


def _summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    statuses = Counter(row["status"] for row in rows)
    codes = Counter(code for row in rows for code in {reason["code"] for reason in row["reasons"]})
    return {
        "subscribers": {"total": len(rows), **{status: statuses[status] for status in reversed(STATUSES)}},
        **{ability: _counted(ability, rows) for ability in ABILITIES if any(ability in row for row in rows)},
        "codes": [
            {"code": code, "subscribers": count}
            for code, count in sorted(codes.items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def _counted(ability: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    verdicts = Counter(row[ability] for row in rows if ability in row)
    return {verdict: verdicts[verdict] for verdict in VERDICTS}


def _problems(task: TaskResult) -> Iterator[dict[str, Any]]:
    """Yield the subscribers that a task could not find, and why it failed if it did."""
    result = task.result
    common = {"kind": TASK_FAILED, "module": NAME, "host": task.host, "task": task.task}
    for one in result.get("errors") or ():
        yield {**common, "message": f"{one['subscriber']}: {one['error']['message']}"}
    if result.get("error"):
        yield {**common, "message": str(result["error"].get("message"))}
