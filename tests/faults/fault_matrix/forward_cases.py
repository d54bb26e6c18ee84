# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task that sets call forwards, alone and as the third kind of a fleet, and the one that reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.task import fleet_task
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import info_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task

from .budget import Budget
from .case import Case, Observation
from .forward_world import (
    OWNER,
    STATES,
    WRONG_NUMBER,
    Document,
    Snapshot,
    elsewhere,
    primary_numbers,
    put_profile,
    put_states,
    snapshot,
    stale_preferences,
    writes_sent,
)
from .settings_cases import FAX, FAX_KIND, STATUSES, Truth, task_changed
from .world import CONCURRENCY, PATIENT, World

CONFLICTS = ("voicebox", "beside", "somebody's")
"""States that the task leaves as they are, and reports, unless it may replace what others have set."""
MOST_REQUESTS = 10
"""Requests for one subscriber in a row: looks at its set, its set, its mappings, all of that twice, and looks back."""


class ForwardCase(Case):
    """Call forwards of a few subscribers in different states.

    :param states: the names of the states, by subscriber.
    :param word: the type that is declared, or `none`.
    :param replace: whether forwards of others are replaced.
    :param profiled: whether the first subscriber has a profile, which allows everything.
    """

    def __init__(
        self,
        name: str,
        states: Mapping[int, str],
        word: str = "unconditional",
        *,
        ring_timeout: int | None = None,
        replace: bool = False,
        profiled: bool = False,
    ) -> None:
        self.name = name
        self.states = dict(states)
        self._declared: Document = {"forward": word}
        if ring_timeout is not None:
            self._declared["ring_timeout"] = ring_timeout
        self._replace = replace
        self._profiled = profiled
        self._task = settings_task(FORWARD)

    def prepare(self, world: World) -> Snapshot:
        """Put everybody into the states before the run."""
        put_states(world, self.states)
        put_profile(world, min(self.states) if self._profiled else None)
        return snapshot(world, list(self.states))

    def run(self, world: World) -> dict[str, Any]:
        """Run the task in its list form."""
        return self._run(world)

    def _run(self, world: World, **more: Any) -> dict[str, Any]:
        entries = [{"subscriber_id": one, **self._declared} for one in self.states]
        given = {"return_unchanged": True, "replace_foreign": self._replace, "subscribers": []}
        return world.run(self._task, given, entries, **more)

    def succeeded(self, result: dict[str, Any]) -> bool:
        """Return whether all was done; those in whose way something stands failed as they should."""
        reported = self.reported(result)
        return all(
            reported.get(index, {}).get("status") in (STATUSES[2:3] if self._is_conflict(one) else STATUSES[:2])
            for index, one in enumerate(self.states)
        )

    def _is_conflict(self, one: int) -> bool:
        return self._declared["forward"] != "none" and self.states[one] in CONFLICTS and not self._replace

    def reported(self, result: Mapping[str, Any]) -> dict[int, Document]:
        """Return what the result says about the forward of each subscriber, by the position of its entry."""
        subscribers = result.get("subscribers")
        return {entry.get("index"): entry for entry in subscribers} if isinstance(subscribers, list) else {}

    def budget(self) -> Budget:
        """Return the budget: subscribers, sets, mappings, profiles and permission are read, and one writes."""
        count = len(self.states)
        reads = ((count, 1), (count, 1), (count, 1), (count, 1), (1, 1), (1, 1))
        return Budget((*reads, (count * CONCURRENCY, MOST_REQUESTS)))

    def judge(self, world: World, seen: Observation) -> Iterator[str]:
        """Compare with the database and the audit, and run the task again."""
        result, before = seen.result, seen.before
        if not isinstance(result.get("subscribers"), list) or not isinstance(result.get("summary"), dict):
            yield "the result lacks `subscribers` or `summary`"
        after = snapshot(world, list(self.states))
        yield from self._counts(result)
        yield from self._judge_forwards(world, result, before, after)
        world.sim.clear_audit()
        again = self._run(world, timeout=PATIENT)
        yield from self._converged(world, again, before)

    def _judge_forwards(
        self, world: World, result: Mapping[str, Any], before: Snapshot, after: Snapshot
    ) -> Iterator[str]:
        reported = self.reported(result)
        sent = writes_sent(world, {**before.owners, **after.owners})
        touched = set()
        for index, one in enumerate(self.states):
            truth = _ForwardTruth(self, one, before, after, sent.get(one, 0))
            touched.add((truth.is_changed, reported.get(index, {}).get("status")))
            if index in reported:
                yield from (f"subscriber {one}: {problem}" for problem in truth.problems(reported[index]))
            elif reported:
                yield f"subscriber {one} is missing in the result"
        yield from self._task_changed(world, result, touched)
        yield from _strangers(self, sent, before, after)
        yield from stale_preferences(after)

    def _task_changed(self, _world: World, result: Mapping[str, Any], touched: set[tuple[bool, Any]]) -> Iterator[str]:
        yield from task_changed(result, touched)

    def _counts(self, result: Mapping[str, Any]) -> Iterator[str]:
        summary, reported = result.get("summary") or {}, self.reported(result)
        for status in STATUSES:
            count = sum(1 for entry in reported.values() if entry.get("status") == status)
            if summary and summary.get(status) != count:
                yield f"the summary has {summary.get(status)} {status}, the list {count}"
        if any(entry.get("status") in STATUSES[2:] for entry in reported.values()) and not result.get("failed"):
            yield "the task is not failed, although something did not work"

    def _converged(self, world: World, again: Mapping[str, Any], before: Snapshot) -> Iterator[str]:
        """Yield in what the run without faults that follows does not end right."""
        last = snapshot(world, list(self.states))
        if not self.succeeded(dict(again)):
            yield f"the next run does not succeed: {str(again.get('msg'))[:300]}"
        for one in self.states:
            if not self._is_conflict(one) and not self.is_reached(last, one):
                yield f"subscriber {one} is not as declared after the next run"
            if last.has[one].unused - before.has[one].unused or (last.has[one].unused and not self._is_conflict(one)):
                yield f"subscriber {one} has a set that nothing uses after the next run"
        yield from _strangers(self, {}, before, last)
        yield from stale_preferences(last)

    def is_reached(self, seen: Snapshot, one: int) -> bool:
        """Return whether a subscriber has what is declared."""
        return seen.has[one].has_forward(self._declared["forward"], True, self._declared.get("ring_timeout"))

    def others(self, seen: Snapshot, one: int) -> Any:
        """Return what the task must not touch."""
        return seen.has[one].others(self._declared["forward"] if self._replace else "none")


class _ForwardTruth:
    """What the database and the audit say about the forward of one subscriber."""

    def __init__(self, case: ForwardCase, one: int, before: Snapshot, after: Snapshot, sent: int) -> None:
        self._had, self._has = case.is_reached(before, one), case.is_reached(after, one)
        self.is_changed = before.has[one] != after.has[one]
        self._sent = sent
        self._left = after.has[one].unused - before.has[one].unused
        self._is_touched = case.others(before, one) != case.others(after, one)
        self._number = after.has[one].number
        self._word = case._declared["forward"]

    def problems(self, entry: Mapping[str, Any]) -> Iterator[str]:
        """Yield in which way a report is not true."""
        status = entry.get("status")
        wrong = {
            "changed": not self._has or self._had or not self.is_changed,
            "unchanged": not self._had or self._sent > 0,
            "failed": self.is_changed,
            "not_attempted": self._sent > 0,
            "unverified": self._sent == 0,
        }
        if status not in wrong or wrong[status]:
            facts = f"before {self._had}, now {self._has}, changed {self.is_changed}, {self._sent} writes sent"
            yield f"status {status!r} is false (as declared: {facts})"
        if status in STATUSES[2:4] and not entry.get("error"):
            yield f"status {status!r} without an error"
        if status != "unverified" and self._left:
            yield f"status {status!r}, but a set of the collection is left that nothing uses"
        if self._is_touched:
            yield "what the collection has not created was changed"
        if status in STATUSES[:2]:
            yield from self._wrong_settings(entry.get("settings") or {})

    def _wrong_settings(self, settings: Mapping[str, Any]) -> Iterator[str]:
        """Yield what is wrong with the settings that are shown of a subscriber that is as declared."""
        wanted: Document = {"forward": self._word, "enabled": True, "fax_box": self._number, "surplus": None}
        if self._word != "none" and any(settings.get(name, "missing") != value for name, value in wanted.items()):
            yield f"the forward is shown as {dict(settings)}"


def _strangers(case: ForwardCase, sent: Mapping[int, int], before: Snapshot, after: Snapshot) -> Iterator[str]:
    strangers = sent.keys() - case.states.keys() - {0}
    if strangers:
        yield f"others were written: {sorted(strangers)}"
    if elsewhere(before, list(case.states)) != elsewhere(after, list(case.states)):
        yield "forwards of others were changed"
    if any(case.others(before, one) != case.others(after, one) for one in case.states):
        yield "what the collection has not created was changed"


class FleetForwardCase(ForwardCase):
    """The same as one of two kinds of settings of a fleet: fax settings of the first subscribers differ as well."""

    def __init__(self, name: str, states: Mapping[int, str]) -> None:
        super().__init__(name, states)
        self._fleet = fleet_task()
        self._drifting = list(states)[:2]
        self._before: dict[int, Document] = {}

    def prepare(self, world: World) -> Snapshot:
        """Store fax settings too."""
        for one in self.states:
            variants = FAX_KIND.variants(one)
            self._before[one] = variants[1 if one in self._drifting else 0]
            world.sim.put_settings(FAX, one, self._before[one])
        found = super().prepare(world)
        world.writes.clear()
        return found

    def _run(self, world: World, **more: Any) -> dict[str, Any]:
        entries = [{"subscriber_id": one, **FAX_KIND.declared(one), **self._declared} for one in self.states]
        given = {"return_unchanged": True, "on_plan_error": "continue", "subscribers": []}
        return world.run(self._fleet, given, entries, **more)

    def reported(self, result: Mapping[str, Any]) -> dict[int, Document]:
        """Return what the result says about forwards."""
        return self._of_module(result, FORWARD.module)

    def _of_module(self, result: Mapping[str, Any], module: str) -> dict[int, Document]:
        return {
            index: {**entry["modules"].get(module, {}), "settings": entry["settings"].get(module)}
            for index, entry in super().reported(result).items()
        }

    def budget(self) -> Budget:
        """Return the budget: fax settings are read and written as well."""
        count = len(self.states)
        reads = ((count, 1), (count, 1), (count, 1), (count, 1), (1, 1), (1, 1))
        return Budget((*reads, (len(self._drifting), 2), (count * CONCURRENCY, MOST_REQUESTS)))

    def _counts(self, result: Mapping[str, Any]) -> Iterator[str]:
        summary = result.get("summary") or {}
        for module in ("fax_settings", FORWARD.module):
            statuses = [entry.get("status") for entry in self._of_module(result, module).values()]
            for status in STATUSES:
                if summary and summary.get(module, {}).get(status) != statuses.count(status):
                    yield f"the summary of {module} is not that of the list: {status}"
            if set(statuses) - set(STATUSES[:2]) and not result.get("failed"):
                yield "the task is not failed, although something did not work"

    def _task_changed(self, world: World, result: Mapping[str, Any], touched: set[tuple[bool, Any]]) -> Iterator[str]:
        """Judge the fax settings too, because the task's `changed` is about both."""
        after = world.sim.all_settings(FAX, list(self.states))
        reported = self._of_module(result, "fax_settings")
        for index, one in enumerate(self.states):
            truth = Truth(FAX_KIND.declared(one), self._before[one], after.get(one))
            truth.writes = world.writes.count((FAX, one))
            truth.sent = world.sim.count("PATCH", rf"/{FAX}/{one}$")
            touched.add((truth.is_changed, reported.get(index, {}).get("status")))
            if index in reported:
                yield from (f"subscriber {one}, fax: {problem}" for problem in truth.problems(reported[index]))
        yield from task_changed(result, touched)


class ForwardInfoCase(Case):
    """The task that reads forwards: of some subscribers, or of all with whatever else they have.

    :param states: the names of the states, by subscriber.
    :param total: how many subscribers there are, where all are read.
    """

    def __init__(self, name: str, states: Mapping[int, str], total: int | None = None) -> None:
        self.name = name
        self._states = dict(states)
        self._total = total
        self._task = info_task(FORWARD)

    def prepare(self, world: World) -> Snapshot:
        """Put everybody into the states."""
        put_states(world, self._states)
        put_profile(world, None)
        return snapshot(world, list(self._states))

    def run(self, world: World) -> dict[str, Any]:
        """Run the task."""
        given: Document = {"include_competing": True}
        if self._total is not None:
            return world.run(self._task, given)
        entries = [{"subscriber_id": one} for one in self._states]
        return world.run(self._task, {**given, "subscribers": []}, entries)

    def budget(self) -> Budget:
        """Return the budget: subscribers, sets and mappings by items or by pages, and sets of others."""
        count = len(self._states) if self._total is None else 8
        return Budget(((count, 1), (count, 1), (count, 1), (2, 1)))

    def judge(self, world: World, seen: Observation) -> Iterator[str]:
        """Compare what is shown with what the states are; a task that does not fail shows everybody."""
        subscribers = seen.result.get("subscribers") or []
        yield from wrong_reading(world, seen, list(self._states), self._total)
        numbers = primary_numbers(world)
        for entry in subscribers:
            one = entry["subscriber_id"]
            state = self._states.get(one, "right" if one == OWNER else "nothing")
            yield from (f"subscriber {one}, {state}: {problem}" for problem in _wrong_info(entry, state, numbers[one]))


def wrong_reading(world: World, seen: Observation, states: list[int], total: int | None) -> Iterator[str]:
    """Yield what is wrong with a result of a task that only reads: which subscribers it shows, and what it left behind.

    :param states: the subscribers whose state is known, which the task names.
    :param total: how many subscribers there are, where the task names nobody.
    """
    result = seen.result
    if not isinstance(result.get("subscribers"), list) or not isinstance(result.get("summary"), dict):
        yield "the result lacks `subscribers` or `summary`"
    if result.get("changed") or snapshot(world, states) != seen.before:
        yield "something was changed"
    found = [entry.get("subscriber_id") for entry in result.get("subscribers") or []]
    wanted = states if total is None else list(range(1, total + 1))
    if len(set(found)) != len(found):
        yield "somebody is duplicated"
    if not result.get("failed") and sorted(found) != wanted:
        yield f"the task is not failed, but some are missing: {sorted(set(wanted) - set(found))[:5]}"


_SHOWN: dict[str, tuple[str, bool | None, str]] = {
    "nothing": ("none", None, ""),
    "right": ("unconditional", True, ""),
    "by hand": ("unconditional", True, ""),
    "off": ("unconditional", False, ""),
    "wrong number": ("unconditional", True, "problem"),
    "busy": ("busy", True, ""),
    "twice": ("unconditional", True, "surplus problem"),
    "unused": ("none", None, "surplus problem"),
    "voicebox": ("none", None, "competing"),
    "beside": ("unconditional", True, "competing problem"),
    "somebody's": ("none", None, "competing"),
    "timeout": ("timeout", True, ""),
    "timeout with another": ("timeout", True, "competing problem"),
}
"""How each state is shown: the type, whether it is on, and which of the texts there are."""


def _wrong_info(entry: Mapping[str, Any], state: str, number: str) -> Iterator[str]:
    """Yield in which way a state is shown as another one."""
    texts = " ".join(name for name in ("competing", "surplus", "problem") if entry.get(name) is not None)
    shown = entry.get("forward"), entry.get("enabled"), texts
    if shown != _SHOWN[state]:
        yield f"it is shown as {shown}"
    box = WRONG_NUMBER if state == "wrong number" else number if shown[0] != "none" else None
    if entry.get("fax_box") != box:
        yield f"the fax box is shown as {entry.get('fax_box')}"
    if ("ring_timeout" in entry) != ("cft" in STATES[state]) or entry.get("ring_timeout", 15) != 15:
        yield f"the seconds are shown as {entry.get('ring_timeout')}"
