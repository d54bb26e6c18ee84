# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From the results of settings tasks to one drift document. Pure: no I/O, nothing of Ansible.

The document is what ``drift.json`` holds; its form is described in ``docs/drift-report.schema.json``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, NamedTuple

from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES

SCHEMA_VERSION = 2
MODULES = {resource.module: resource for resource in RESOURCES}

DRIFTED = "drifted"
CORRECTED = "corrected"
IN_SYNC = "in_sync"
FAILED = "failed"
UNVERIFIED = "unverified"
NOT_ATTEMPTED = "not_attempted"
# The worst one first: a subscriber that both modules look at has the worse status of the two.
STATUSES = (FAILED, UNVERIFIED, NOT_ATTEMPTED, DRIFTED, CORRECTED, IN_SYNC)
# Nothing certain is known about a subscriber with one of these.
UNKNOWN = (FAILED, UNVERIFIED, NOT_ATTEMPTED)

# What a result says, in the words of the document; ``changed`` is drift as long as nothing was written.
_STATUS_OF = {
    "changed": DRIFTED,
    "unchanged": IN_SYNC,
    "failed": FAILED,
    "unverified": UNVERIFIED,
    "not_attempted": NOT_ATTEMPTED,
    "stale": NOT_ATTEMPTED,
}

# The module that looks at both kinds of settings.
FLEET = "fleet"

CHECK = "check"
RUN = "run"
MIXED = "mixed"

# Kinds of problems: what keeps a task from being part of the report.
TASK_FAILED = "failed"
TASK_STOPPED = "stopped"
TASK_UNREACHABLE = "unreachable"
TASK_CENSORED = "censored"
NO_RESULT = "no_result"


@dataclass(frozen=True)
class TaskResult:
    """The result of a settings task, single or of a loop, and what is known about the task beside it.

    :param result: as it was registered, or as a callback gets it.
    :param task: the task's name.
    :param host: the inventory host.
    :param module: name of the module, for results that do not say it.
    """

    result: Mapping[str, Any]
    task: str | None = None
    host: str | None = None
    module: str | None = None


@dataclass
class _Part:
    """What was found out about one subscriber's settings of one resource."""

    status: str
    changes: list[dict[str, Any]]
    error: dict[str, Any] | None
    task: str | None
    host: str | None

    def add(self, other: _Part) -> None:
        """Take in what another task found out about the same settings."""
        self.status = _worse(self.status, other.status)
        self.changes = _merged(self.changes, other.changes)
        self.error = self.error or other.error

    def as_dict(self, module: str) -> dict[str, Any]:
        """Return the part in the form of the document."""
        return {
            "module": module,
            "status": self.status,
            "changes": self.changes,
            "error": self.error,
            "host": self.host,
            "task": self.task,
        }


@dataclass
class _Row:
    """One subscriber.

    :param entry: where it is declared, for example ``fleet.csv row 5``, where that is known.
    """

    platform: str
    subscriber_id: int | None
    subscriber: str | None
    entry: str | None = None
    parts: dict[str, _Part] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The worst status of the parts."""
        return min((part.status for part in self.parts.values()), key=STATUSES.index)

    @property
    def order(self) -> tuple[Any, ...]:
        """Sorts by platform, then by id; unknown ids come last."""
        return self.platform, self.subscriber_id is None, self.subscriber_id or 0, self.subscriber or ""

    def as_dict(self) -> dict[str, Any]:
        """Return the row in the form of the document."""
        return {
            "subscriber_id": self.subscriber_id,
            "subscriber": self.subscriber,
            "entry": self.entry,
            "platform": self.platform,
            "status": self.status,
            "settings": [self.parts[module].as_dict(module) for module in sorted(self.parts)],
        }


class _Rows:
    """The subscribers that were found so far. One is known by its id, else by its name, else by what went wrong with
    it: an entry with a number that nobody has."""

    def __init__(self) -> None:
        self.found: list[_Row] = []
        self._known: dict[tuple[str, str, Any], _Row] = {}

    def row(self, platform: str, subscriber_id: int | None, name: str | None, error: Mapping[str, Any] | None) -> _Row:
        """Return the row of a subscriber, a new one if it was not met before."""
        keys: list[tuple[str, str, Any]]
        keys = [(platform, kind, value) for kind, value in (("id", subscriber_id), ("name", name)) if value is not None]
        if not keys and error is not None:
            keys = [(platform, "error", (error.get("code"), error.get("message")))]
        row = next((self._known[key] for key in keys if self._is_same(key, subscriber_id)), None)
        if row is None:
            row = _Row(platform, subscriber_id, name)
            self.found.append(row)
        row.subscriber_id = row.subscriber_id if row.subscriber_id is not None else subscriber_id
        row.subscriber = row.subscriber or name
        self._known.update(dict.fromkeys(keys, row))
        return row

    def _is_same(self, key: tuple[str, str, Any], subscriber_id: int | None) -> bool:
        """Return whether the row under a key can be that of the subscriber: the same name with another id is not."""
        row = self._known.get(key)
        return row is not None and (None in (row.subscriber_id, subscriber_id) or row.subscriber_id == subscriber_id)


class _Report:
    """Takes in result after result, and puts the document together."""

    def __init__(self) -> None:
        self._rows = _Rows()
        self._problems: list[dict[str, Any]] = []
        self._unlisted: Counter[str] = Counter()
        self._requests = 0
        self._tasks = 0
        self._modes: set[bool] = set()
        self._are_plans: set[bool] = set()
        self._warnings: dict[str, None] = {}
        self._platforms: set[str] = set()

    def take(self, task: TaskResult) -> None:
        """Take in one result that is none of a loop."""
        result = task.result
        if result.get("skipped"):
            return
        if not _is_report(result):
            self._problems.append(problem_of(task))
            return
        run, summary = result["run"], result["summary"]
        self._tasks += 1
        self._requests += int(summary.get("requests", 0))
        self._modes.add(bool(run["check_mode"]))
        self._are_plans.add(bool(run.get("plan")))
        self._warnings.update(dict.fromkeys(map(str, result.get("warnings") or ())))
        self._platforms.add(str(run["platform"]))
        for part in _parts(result):
            for entry in part.entries:
                self._take_entry(replace(task, module=part.module), entry, run)
            self._unlisted[part.module] += max(0, part.total - len(part.entries))
        if result.get("error") and not _is_of_the_subscriber(result):
            self._problems.append(_problem(task, TASK_STOPPED, str(result["error"].get("message"))))

    def _take_entry(self, task: TaskResult, entry: Mapping[str, Any], run: Mapping[str, Any]) -> None:
        module = str(task.module)
        status = _STATUS_OF[entry["status"]]
        if status == DRIFTED and not run["check_mode"]:
            status = CORRECTED
        error = dict(entry["error"]) if entry.get("error") else None
        changes = [{key: change.get(key) for key in ("field", "before", "after")} for change in entry["changes"]]
        part = _Part(status, changes, error, task.task, task.host)
        row = self._rows.row(str(run["platform"]), entry.get("subscriber_id"), entry.get("subscriber"), error)
        row.entry = row.entry or entry.get("entry")
        known = row.parts.setdefault(module, part)
        if known is not part:
            known.add(part)

    def document(self, title: str, generated: datetime, started: datetime | None) -> dict[str, Any]:
        """Return the document."""
        rows = sorted(self._rows.found, key=lambda row: row.order)
        return {
            "schema_version": SCHEMA_VERSION,
            "title": title,
            "generated": moment_text(generated),
            "started": moment_text(started) if started else None,
            "mode": self._mode,
            "plan": self._are_plans == {True},
            "platforms": sorted(self._platforms),
            "summary": self._summary(rows),
            "problems": self._problems,
            "warnings": list(self._warnings),
            "subscribers": [row.as_dict() for row in rows],
        }

    @property
    def _mode(self) -> str | None:
        if len(self._modes) != 1:
            return MIXED if self._modes else None
        return CHECK if True in self._modes else RUN

    def _summary(self, rows: list[_Row]) -> dict[str, Any]:
        modules = sorted({module for row in rows for module in row.parts} | set(self._unlisted))
        resources = {module: self._of_module(module, rows) for module in modules}
        # Subscribers that are only counted have no name, so that those of two modules cannot be distinguished: as a
        # rule both modules look at the same fleet, and several tasks with one module look at different parts of it.
        listed = Counter(row.status for row in rows)
        total = max([len(rows), *(counts["subscribers"]["total"] for counts in resources.values())])
        listed[IN_SYNC] += total - len(rows)
        return {
            "subscribers": _counts(listed),
            "exact": self._tasks <= 1 or not any(self._unlisted.values()),
            "changed_fields": sum(counts["changed_fields"] for counts in resources.values()),
            "resources": resources,
            "fields": _fields(rows),
            "tasks": self._tasks,
            "requests": self._requests,
            "problems": len(self._problems),
        }

    def _of_module(self, module: str, rows: list[_Row]) -> dict[str, Any]:
        parts = [row.parts[module] for row in rows if module in row.parts]
        counts = Counter(part.status for part in parts)
        counts[IN_SYNC] += self._unlisted[module]
        return {"subscribers": _counts(counts), "changed_fields": sum(len(part.changes) for part in parts)}


def build_document(
    results: Iterable[TaskResult], *, title: str, generated: datetime, started: datetime | None = None
) -> dict[str, Any]:
    """Return the drift document of the results of settings tasks.

    :param results: in any order; several about one subscriber become one row. Skipped tasks are left out, and what is
        not the result of a settings task becomes a problem of the document.
    :param generated: now.
    :param started: when the tasks began, where known.
    """
    report = _Report()
    for result in results:
        for single in single_results(result):
            report.take(single)
    return report.document(title, generated, started)


def is_complete(document: Mapping[str, Any]) -> bool:
    """Return whether the document says about every subscriber whether it is in sync."""
    counts = document["summary"]["subscribers"]
    return not document["problems"] and not any(counts[status] for status in UNKNOWN)


def single_results(task: TaskResult) -> Iterator[TaskResult]:
    """Return the result, or those of its items where it is that of a loop."""
    items = task.result.get("results")
    if not isinstance(items, list):
        yield task
        return
    for item in items:
        yield from single_results(replace(task, result=item if isinstance(item, Mapping) else {}))


def _is_report(result: Mapping[str, Any]) -> bool:
    """Return whether a result is about subscribers."""
    run = result.get("run")
    return (
        isinstance(run, Mapping)
        and run.get("module") in (*MODULES, FLEET)
        and isinstance(result.get("subscribers"), list)
        and isinstance(result.get("summary"), Mapping)
    )


class _Listed(NamedTuple):
    """What a result says about the settings of one kind.

    :param total: how many subscribers were looked at; those without an entry are in sync.
    """

    module: str
    entries: Sequence[Mapping[str, Any]]
    total: int


def _parts(result: Mapping[str, Any]) -> Iterator[_Listed]:
    """Return what a result says about each kind of settings."""
    module, summary = str(result["run"]["module"]), result["summary"]
    if module != FLEET:
        yield _Listed(module, result["subscribers"], int(summary["total"]))
        return
    for name in MODULES:
        entries = [_of_module(entry, name) for entry in result["subscribers"] if name in entry["modules"]]
        total = int(summary[name]["total"])
        if total:
            yield _Listed(name, entries, total)


def _of_module(entry: Mapping[str, Any], module: str) -> dict[str, Any]:
    """Return what the entry of a fleet says about the settings of one kind, in the form of the settings modules."""
    changes = [change for change in entry["changes"] if change["module"] == module]
    return {**entry, "error": None, **entry["modules"][module], "changes": changes}


def _is_of_the_subscriber(result: Mapping[str, Any]) -> bool:
    """Return whether the error of a result only repeats that of the one subscriber of the task."""
    entries = result["subscribers"]
    return len(entries) == 1 and result["summary"]["total"] == 1 and entries[0].get("error") == result["error"]


def _what_is_missing(result: Mapping[str, Any]) -> tuple[str, str]:
    """Return the kind of problem with a result that is not about subscribers, and a message."""
    if "censored" in result:
        return TASK_CENSORED, "The results are hidden by no_log, and therefore missing from this report."
    message = str(result.get("msg") or "")
    if result.get("unreachable"):
        return TASK_UNREACHABLE, message or "The host cannot be reached."
    # failed_when may have made a success of it.
    if result.get("failed") or result.get("error") or "failed_when_result" in result:
        return TASK_FAILED, message or "The task failed."
    return NO_RESULT, "This is not the result of a settings task, or the task has not ended."


def problem_of(task: TaskResult) -> dict[str, Any]:
    """Return what keeps a task from being part of a report."""
    return _problem(task, *_what_is_missing(task.result))


def _problem(task: TaskResult, kind: str, message: str) -> dict[str, Any]:
    return {"kind": kind, "message": message, "module": task.module, "host": task.host, "task": task.task}


def _worse(one: str, other: str) -> str:
    return min(one, other, key=STATUSES.index)


def _merged(first: list[dict[str, Any]], then: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes of two tasks on the same settings, one for each field."""
    merged = {change["field"]: change for change in first}
    for change in then:
        known = merged.get(change["field"])
        merged[change["field"]] = {**change, "before": known["before"]} if known else change
    return list(merged.values())


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    return {"total": sum(counts.values()), **{status: counts.get(status, 0) for status in reversed(STATUSES)}}


def _fields(rows: Iterable[_Row]) -> list[dict[str, Any]]:
    """Return how many subscribers differ in which field, the most frequent first."""
    counts = Counter(
        (module, change["field"]) for row in rows for module, part in row.parts.items() for change in part.changes
    )
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"module": module, "field": name, "subscribers": number} for (module, name), number in ordered]


def moment_text(moment: datetime) -> str:
    """Return a moment as the documents write it: ISO 8601 in UTC, to the second."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
