# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""What the results of the settings modules mean for a fleet: who failed and where that stands in the input, who has to
change, and how many came to what.

A summary counts subscribers. One that a module could not do counts as failed even if the other module changed it; the
counts of each module stand beside. Who has to change and was not tried yet counts as not attempted, so that a summary
is true at every moment of a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._errors import NotFoundError
from ansible_collections.ngcp.fax.plugins.module_utils._settings.outcomes import (
    CHANGED,
    FAILED,
    NOT_ATTEMPTED,
    STATUSES,
    UNCHANGED,
    UNVERIFIED,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.reconcile import STOP
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._task import count_statuses
from ansible_collections.ngcp.fax.plugins.module_utils._wording import counted, more_line, shortened

from .entries import SHOWN_ERRORS

# What counts for a subscriber for whom the modules came to different ends.
_WEIGHTS = {UNCHANGED: 0, CHANGED: 1, NOT_ATTEMPTED: 2, UNVERIFIED: 3, FAILED: 4}
# How the settings modules name an entry: as one of a file, or of a list.
_ENTRY_OF_MODULE = re.compile(r"(?<![\w-])[\w-]+\.json entry (\d+)|\bsubscribers\[(\d+)\]")
# Options of the settings modules, and the variables of the role that they come from.
_OPTIONS = (
    "max_changes",
    "on_error",
    *(field.update_option for resource in RESOURCES for field in resource.managed if field.secret),
    *(field.mode_option for resource in RESOURCES for field in resource.lists),
)
_OPTION_OF_MODULE = re.compile(rf"\b(?<!fleet_)({'|'.join(_OPTIONS)})\b")
_LONGEST_MESSAGE = 500


@dataclass
class Reading:
    """What the results of one step say.

    :param statuses: for each module the status of each position.
    :param failures: what went wrong, in the order of the input; run-wide failures come first.
    :param halted: whether a module's run as a whole broke off, so that the next one would as well.
    """

    statuses: dict[str, dict[int, str]] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)
    halted: bool = False
    requests: int = 0
    retries: int = 0

    def combined(self) -> dict[int, str]:
        """Return the status of each subscriber over all modules."""
        whole: dict[int, str] = {}
        for own in self.statuses.values():
            for position, status in own.items():
                if _WEIGHTS[status] >= _WEIGHTS[whole.get(position, UNCHANGED)]:
                    whole[position] = status
        return whole

    def due(self, module: str) -> list[int]:
        """Return the positions that a module would change, without those that failed with any module."""
        whole = self.combined()
        own = self.statuses.get(module, {})
        return [position for position, status in own.items() if status == CHANGED and whole[position] == CHANGED]


def read_results(
    results: Mapping[str, Mapping[str, Any]], prepared: Mapping[str, Any], paths: Sequence[str]
) -> Reading:
    """Return what the results of the settings modules say.

    :param results: for each module that ran its result.
    :param prepared: what was prepared for them, a fleet or a chunk: for each module the ``positions`` of its entries.
    :param paths: how messages name each entry of the input.
    """
    reading = Reading()
    for module in (resource.module for resource in RESOURCES):
        if module in results:
            _Reader(module, prepared[module]["positions"], paths, reading).read(results[module])
    reading.failures = _merged(reading.failures)
    return reading


class _Reader:
    """Reads the result of one module."""

    def __init__(self, module: str, positions: Sequence[int], paths: Sequence[str], reading: Reading) -> None:
        self._module = module
        self._positions = positions
        self._paths = paths
        self._reading = reading

    def read(self, result: Mapping[str, Any]) -> None:
        """Note what the result says."""
        if result.get("skipped"):
            self._reading.statuses[self._module] = dict.fromkeys(self._positions, NOT_ATTEMPTED)
            return
        finished = "summary" in result
        statuses = dict.fromkeys(self._positions, UNCHANGED if finished else NOT_ATTEMPTED)
        for subscriber in result.get("subscribers", []):
            position = self._positions[subscriber["index"]]
            statuses[position] = str(subscriber["status"])
            if statuses[position] in (FAILED, UNVERIFIED):
                self._note(position, subscriber, statuses[position])
        self._reading.statuses[self._module] = statuses
        for name in ("requests", "retries"):
            setattr(self._reading, name, getattr(self._reading, name) + result.get("summary", {}).get(name, 0))
        error = result.get("error")
        if error is not None or not finished:
            self._note_run(result, error or {})

    def _note(self, position: int, subscriber: Mapping[str, Any], status: str) -> None:
        error = subscriber.get("error", {})
        name = subscriber.get("subscriber") or subscriber.get("subscriber_id")
        self._add(
            status,
            error,
            position=position,
            place=self._paths[position],
            subscriber_id=subscriber.get("subscriber_id"),
            subscriber=str(name) if name is not None else None,
            message=self._in_words_of_the_input(str(error.get("message", ""))),
        )

    def _note_run(self, result: Mapping[str, Any], error: Mapping[str, Any]) -> None:
        """Note why a run as a whole broke off, or everything that was wrong with its input."""
        if error.get("code") == "stopped":
            return
        self._reading.halted = True
        details = error.get("details") or [None]
        for detail in details:
            text = str(result.get("msg", "")) if detail is None else f"{detail['entry']}: {detail['message']}"
            self._add(NOT_ATTEMPTED, error, message=self._in_words_of_the_input(text))
        for line in more_line(error.get("details_left_out") or 0):
            self._add(NOT_ATTEMPTED, error, message=line)

    def _add(self, status: str, error: Mapping[str, Any], **known: Any) -> None:
        failure = dict.fromkeys(("position", "place", "subscriber_id", "subscriber"))
        hint = error.get("hint")
        hint = self._in_words_of_the_input(str(hint)) if hint else None
        reason = {"status": status, "code": error.get("code"), "hint": hint}
        self._reading.failures.append({**failure, **known, **reason, "modules": [self._module]})

    def _in_words_of_the_input(self, text: str) -> str:
        """Name entries as the input has them, not as the files that were made of it."""

        def path(match: re.Match[str]) -> str:
            # Entries of files are counted from 1, those of lists from 0.
            index = int(match.group(1)) - 1 if match.group(1) else int(match.group(2))
            return self._paths[self._positions[index]] if 0 <= index < len(self._positions) else match.group()

        text = _ENTRY_OF_MODULE.sub(path, shortened(text, _LONGEST_MESSAGE))
        return _OPTION_OF_MODULE.sub(r"fleet_\1", text)


def _merged(failures: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the failures with one entry for what both modules met."""
    merged: dict[tuple[Any, ...], dict[str, Any]] = {}
    for failure in failures:
        # That there is no such subscriber is said of each resource in its own words.
        reason = failure["code"] if failure["code"] == NotFoundError.code else failure["message"]
        same = merged.setdefault((failure["position"], failure["status"], reason), failure)
        if same is not failure:
            same["modules"] = [*same["modules"], *failure["modules"]]
    return sorted(merged.values(), key=lambda failure: -1 if failure["position"] is None else failure["position"])


def failure_line(failure: Mapping[str, Any]) -> str:
    """Return a failure as one line for people."""
    name = f" ({failure['subscriber']})" if failure["subscriber"] else ""
    where = f"{failure['place']}{name}: " if failure["place"] else ""
    return f"{where}{failure['message']} [{', '.join(failure['modules'])}]"


def planned_summary(reading: Reading, total: int) -> dict[str, Any]:
    """Return the summary of a fleet that was planned and not applied yet.

    :param total: how many entries the fleet has; those that declare nothing are unchanged.
    """
    waiting = {
        module: {position: NOT_ATTEMPTED if status == CHANGED else status for position, status in own.items()}
        for module, own in reading.statuses.items()
    }
    return applied_summary(replace(reading, statuses=waiting), total)


def applied_summary(reading: Reading, total: int) -> dict[str, Any]:
    """Return the summary of what was applied, for example of one chunk."""
    return {
        **_counts(list(reading.combined().values()), total),
        "requests": reading.requests,
        "retries": reading.retries,
        **{one.module: _counts(list(reading.statuses.get(one.module, {}).values())) for one in RESOURCES},
        **_bounded(reading.failures),
    }


def advanced_summary(so_far: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """Return a summary after one more chunk, whose subscribers had not been attempted before."""
    summary = {**so_far, **_bounded([*so_far["failures"], *reading.failures], so_far["more_failures"])}
    for name, count in (("requests", reading.requests), ("retries", reading.retries)):
        summary[name] += count
    _move(summary, reading.combined().values())
    for module, statuses in reading.statuses.items():
        summary[module] = dict(so_far[module])
        _move(summary[module], statuses.values())
    return summary


def summary_line(summary: Mapping[str, Any], check: bool) -> str:
    """Return the counts of a summary as one line for people."""
    return f"{counted(summary['total'], 'subscriber')}: {_counts_line(summary, check)}"


def report_lines(summary: Mapping[str, Any], check: bool) -> list[str]:
    """Return a summary as lines for people: the counts of subscribers, those of each module, and the failures."""
    lines = [f"{summary_line(summary, check)} ({counted(summary['requests'], 'request')})"]
    lines += [f"{one.module}: {_counts_line(summary[one.module], check)}" for one in RESOURCES]
    return lines + failure_lines(summary["failures"], summary["more_failures"])


def failure_lines(failures: Sequence[Mapping[str, Any]], more: int = 0) -> list[str]:
    """Return failures as lines for people, not too many of them, and what can be done about them.

    :param more: how many there are beside these.
    """
    lines = [failure_line(failure) for failure in failures[:SHOWN_ERRORS]]
    more += len(failures) - len(lines)
    text = "\n".join(lines)
    hints = dict.fromkeys(failure["hint"] for failure in failures[:SHOWN_ERRORS] if failure.get("hint"))
    return [*lines, *more_line(more), *(hint for hint in hints if hint not in text)]


def should_stop(reading: Reading, on_error: str) -> bool:
    """Return whether the chunks that follow must not be tried."""
    return reading.halted or (on_error == STOP and bool(reading.failures))


def _counts_line(counts: Mapping[str, Any], check: bool) -> str:
    words = {CHANGED: "would change" if check else CHANGED, NOT_ATTEMPTED: "not attempted"}
    return ", ".join(f"{counts[name]} {words.get(name, name)}" for name in STATUSES if counts[name] or name == CHANGED)


def _counts(statuses: Sequence[str], total: int | None = None) -> dict[str, int]:
    counts = count_statuses(statuses, STATUSES)
    if total is not None:
        counts[UNCHANGED] += total - counts["total"]
        counts["total"] = total
    return counts


def _bounded(failures: Sequence[Mapping[str, Any]], more: int = 0) -> dict[str, Any]:
    """Return those failures that a summary has, and how many it leaves out: thousands would hide the first ones.

    :param more: how many were left out before.
    """
    return {"failures": list(failures[:SHOWN_ERRORS]), "more_failures": more + max(0, len(failures) - SHOWN_ERRORS)}


def _move(counts: dict[str, Any], statuses: Iterable[str]) -> None:
    for status in statuses:
        counts[NOT_ATTEMPTED] -= 1
        counts[status] += 1
