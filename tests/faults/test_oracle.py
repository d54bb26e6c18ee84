# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judges of the matrix see every kind of false report: true reports that were tampered with are called false."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fault_matrix.budget import Budget
from fault_matrix.case import Case, always_wrong
from fault_matrix.catalogue import TIMEOUT
from fault_matrix.faxes_cases import FetchCase, JournalCase
from fault_matrix.forward_cases import FleetForwardCase, ForwardCase, ForwardInfoCase
from fault_matrix.forward_world import OURS, OWNER, SETS
from fault_matrix.matrix import Matrix, pairs, sample
from fault_matrix.readiness_cases import ReadinessCase
from fault_matrix.secrets import DECLARED_SECRET
from fault_matrix.sending_cases import SUBSCRIBER, SendCase
from fault_matrix.settings_cases import FAX, FAX_KIND, MAIL_KIND, STATUSES, InfoCase, SettingsCase
from fault_matrix.world import RETRIES, SUBSCRIBERS, World

Result = dict[str, Any]
Tamper = Callable[[World, Result], Any]


@pytest.fixture
def judged(matrix: Matrix) -> Iterator[Callable[[Case, Tamper], list[str]]]:
    """Return a function that runs a task without faults, tampers with the result, and returns the problems."""
    used: list[Case] = []

    def run(case: Case, tamper: Tamper) -> list[str]:
        used.append(case)
        before = case.prepare(matrix.world)
        matrix.world.sim.clear_audit()
        seen = case.observe(matrix.world)
        seen.before = before
        tamper(matrix.world, seen.result)
        return [*always_wrong(seen.result), *case.judge(matrix.world, seen)]

    yield run
    for case in used:
        case.clean()


def _nothing(_world: World, _result: Result) -> None:
    """Leave the result as it is."""


CASES: dict[str, Callable[[], Case]] = {
    "fax": lambda: SettingsCase("six", FAX_KIND, (1, 2, 3, 4, 5, 6)),
    "mail": lambda: SettingsCase("six", MAIL_KIND, (1, 2, 3, 4, 5, 6)),
    "absent": lambda: SettingsCase("absent", FAX_KIND, (1, 2, 3), variants=(1, 0, 3), absent=True),
    "info": lambda: InfoCase("info", FAX_KIND, (1, 2, 3), SUBSCRIBERS),
    "send": lambda: SendCase("send"),
    "fetch": lambda: FetchCase("fetch"),
    "fetch-one": lambda: FetchCase("fetch-one", single=True),
    "journal": lambda: JournalCase("journal"),
    "forward": lambda: ForwardCase("forward", {1: "nothing", 2: "right", 3: "voicebox"}),
    "forward-none": lambda: ForwardCase("none", {1: "right", 2: "by hand", 3: "twice"}, "none"),
    "forward-timed": lambda: ForwardCase("timed", {1: "busy", 2: "nothing"}, "timeout", ring_timeout=20),
    "forward-info": lambda: ForwardInfoCase("info", {1: "right", 2: "beside", 3: "timeout", 4: "unused"}),
    "fleet": lambda: FleetForwardCase("fleet", {1: "nothing", 2: "right", 3: "twice"}),
    "readiness": lambda: ReadinessCase("readiness", {1: "ready", 2: "not forwarded", 3: "beside"}),
}


@pytest.mark.parametrize("name", CASES)
def test_true_reports(judged: Callable[[Case, Tamper], list[str]], name: str) -> None:
    """What is true is not called false."""
    assert judged(CASES[name](), _nothing) == []


@pytest.mark.parametrize("name", ["fax", "mail", "absent", "forward", "forward-none"])
@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("status", STATUSES)
def test_statuses(judged: Callable[[Case, Tamper], list[str]], name: str, position: int, status: str) -> None:
    """Of somebody who was changed, only `unverified` is no false claim; of another one, all that claims no change."""
    right: list[str] = []

    def tamper(_world: World, result: Result) -> None:
        entry = result["subscribers"][position]
        right.append(entry["status"])
        result["summary"][entry["status"]] -= 1
        result["summary"][status] += 1
        entry.update(status=status, error={"code": "x"})
        is_failed = any(one["status"] in STATUSES[2:] for one in result["subscribers"])
        result.update(failed=is_failed, msg="x", error={"code": "x"})

    problems = judged(CASES[name](), tamper)
    allowed = ("changed", "unverified") if right[0] == "changed" else ("unchanged", "failed", "not_attempted")
    assert bool(problems) == (status not in allowed)


def _set(*path: Any) -> Tamper:
    *way, name, value = path

    def tamper(_world: World, result: Result) -> None:
        target: Any = result
        for step in way:
            target = target[step]
        target[name] = value

    return tamper


def _without(*path: Any) -> Tamper:
    *way, name = path

    def tamper(_world: World, result: Result) -> None:
        target: Any = result
        for step in way:
            target = target[step]
        del target[name]

    return tamper


def _damaged(_world: World, result: Result) -> None:
    with open(result["faxes"][0]["path"], "r+b") as stream:
        stream.seek(100)
        stream.write(b"damage")


def _gone(world: World, result: Result) -> None:
    world.sim.platform.database.execute("DELETE FROM fax_journal WHERE subscriber_id = 10")


def _handed_over_twice(world: World, _result: Result) -> None:
    database = world.sim.platform.database
    values = {"journal_id": 10**6, "subscriber_id": SUBSCRIBER, "destination": "4312345"}
    database.insert("fax_jobs", values)


def _never_handed_over(world: World, _result: Result) -> None:
    for table in ("fax_jobs", "fax_journal"):
        world.sim.platform.database.execute(f"DELETE FROM {table}")


def _changed_behind(world: World, _result: Result) -> None:
    world.sim.change_settings(FAX, 1, name="Somebody else's")


def _set_left(world: World, _result: Result) -> None:
    world.sim.add_set(SETS, 3, {"name": OURS, "destinations": ["fax2mail"]})


def _execute(statement: str) -> Tamper:
    return lambda world, _result: world.sim.platform.database.execute(statement)


def _somebody_written(world: World, _result: Result) -> None:
    ForwardCase("other", {50: "nothing"}).run(world)


TAMPERED: list[tuple[str, Tamper]] = [
    ("fax", _set("changed", False)),
    ("fax", _without("subscribers")),
    ("fax", _without("summary")),
    ("fax", _without("subscribers", 2)),
    ("fax", _set("summary", "changed", 9)),
    ("fax", _set("msg", f"password {DECLARED_SECRET}")),
    ("fax", _set("error", {"code": "unexpected"})),
    ("fax", _set("msg", "This is a bug: please report it.")),
    ("fax", _set("msg", "\u001b[2J")),
    ("fax", _set("msg", "x\nTASK [done] ***")),
    ("fax", _set("failed", True)),
    ("fax", _changed_behind),
    ("info", _without("subscribers", 1)),
    ("info", _set("subscribers", 1, "name", "Somebody else's")),
    ("info", _set("changed", True)),
    ("send", _without("fax")),
    ("send", _set("fax", "status", "failed")),
    ("send", _set("fax", "status", "already_sent")),
    ("send", _set("fax", "status", "unknown")),
    ("send", _set("changed", False)),
    ("send", _handed_over_twice),
    ("send", _never_handed_over),
    ("fetch", _without("faxes")),
    ("fetch", _without("faxes", 1)),
    ("fetch", _set("faxes", 0, "status", "failed")),
    ("fetch", _set("faxes", 0, "deleted", False)),
    ("fetch", _set("faxes", 0, "sha256", "0" * 64)),
    ("fetch", _set("changed", False)),
    ("fetch", _damaged),
    ("fetch", _gone),
    ("fetch-one", _damaged),
    ("journal", _without("faxes", 1)),
    ("journal", _set("faxes", 0, "pages", 7)),
    ("forward", _set("changed", False)),
    ("forward", _without("subscribers")),
    ("forward", _without("summary")),
    ("forward", _without("subscribers", 2)),
    ("forward", _set("summary", "changed", 9)),
    ("forward", _set("failed", False)),
    ("forward", _without("subscribers", 2, "error")),
    ("forward", _set("subscribers", 2, "status", "unverified")),
    ("forward", _set("subscribers", 0, "settings", "forward", "busy")),
    ("forward", _set("subscribers", 1, "settings", "fax_box", "4311111111")),
    ("forward", _set("subscribers", 1, "settings", "enabled", False)),
    ("forward", _set("subscribers", 0, "settings", "surplus", "1 unused destination set")),
    ("forward", _set_left),
    ("forward", _somebody_written),
    ("forward", lambda world, _result: world.sim.clear_forwards([OWNER])),
    ("forward", _execute("UPDATE cf_preferences SET value = value + 1000 WHERE subscriber_id = 1")),
    ("forward", _execute("UPDATE cf_mappings SET enabled = 0 WHERE subscriber_id = 1 AND type = 'cfu'")),
    ("forward", _execute("UPDATE cf_mappings SET time_set_id = NULL WHERE subscriber_id = 1")),
    ("forward", _execute("DELETE FROM cf_destination_sets WHERE subscriber_id = 1 AND name = 'spare'")),
    ("forward", _execute("UPDATE cf_destinations SET destination = 'sip:x@example.org'")),
    ("forward-none", _set_left),
    ("forward-none", _execute("DELETE FROM cf_mappings WHERE subscriber_id = 2 AND type = 'cfu'")),
    ("forward-timed", _execute("UPDATE cf_preferences SET value = 7 WHERE attribute = 'ringtimeout'")),
    ("forward-info", _without("subscribers", 1)),
    ("forward-info", _without("summary")),
    ("forward-info", _set("changed", True)),
    ("forward-info", _set("subscribers", 0, "forward", "none")),
    ("forward-info", _set("subscribers", 0, "enabled", False)),
    ("forward-info", _set("subscribers", 0, "fax_box", "4311111111")),
    ("forward-info", _set("subscribers", 1, "competing", None)),
    ("forward-info", _set("subscribers", 1, "problem", None)),
    ("forward-info", _set("subscribers", 2, "ring_timeout", 16)),
    ("forward-info", _set("subscribers", 3, "surplus", None)),
    ("fleet", _set("changed", False)),
    ("fleet", _without("subscribers", 1)),
    ("fleet", _set("summary", "fax_forward", "changed", 9)),
    ("fleet", _set("subscribers", 0, "modules", "fax_forward", {"status": "unchanged"})),
    ("fleet", _set("subscribers", 1, "modules", "fax_forward", {"status": "changed"})),
    ("fleet", _set("subscribers", 2, "modules", "fax_settings", {"status": "changed"})),
    ("fleet", _set("subscribers", 2, "settings", "fax_forward", {"forward": "none"})),
    ("fleet", _set_left),
    ("readiness", _without("subscribers", 0)),
    ("readiness", _without("summary")),
    ("readiness", _set("changed", True)),
    ("readiness", _set("subscribers", 1, "receives", "true")),
    ("readiness", _set("subscribers", 0, "receives", "false")),
    ("readiness", _set("subscribers", 0, "sends", "unknown")),
    ("readiness", _set("subscribers", 1, "reasons", [])),
    ("readiness", _set("subscribers", 0, "reasons", [{"code": "service_inactive"}])),
    ("readiness", _set("subscribers", 0, "last_faxes", None)),
    ("readiness", _set("subscribers", 0, "last_faxes", "receives", "success", None)),
    ("readiness", _set("subscribers", 0, "mail_key", "present", False)),
    ("readiness", _set("summary", "receives", "true", 9)),
    ("readiness", _set("platform", "licence", False)),
    ("readiness", _set("platform", "edition", "spce")),
]


@pytest.mark.parametrize(("name", "tamper"), TAMPERED)
def test_false_reports(judged: Callable[[Case, Tamper], list[str]], name: str, tamper: Tamper) -> None:
    """What is not true is called false."""
    assert judged(CASES[name](), tamper) != []


def test_budgets() -> None:
    """A budget grows with the items, but not where the platform does not answer at all."""
    few, many = Budget(((4, 1),)), Budget(((400, 1),))
    assert few.seconds(False, False) < many.seconds(False, False)
    assert many.seconds(True, False) - few.seconds(True, False) <= 3 * TIMEOUT + 0.01
    assert few.seconds(False, False) >= 2 * (RETRIES + 1) * TIMEOUT
    assert few.seconds(False, True) > few.seconds(False, False)


def test_pairs() -> None:
    """There are thousands of pairs with names of their own, and the sample has each kind and each fault."""
    everything = pairs()
    names = [pair.name for pair in everything]
    assert len(names) == len(set(names)) > 5000
    chosen = sample(everything, 10**9)
    assert {pair.kind.name for pair in chosen} == {pair.kind.name for pair in everything}
    assert {pair.fault.name for pair in chosen} == {pair.fault.name for pair in everything}
    assert len({pair.kind.name for pair in everything}) >= 90
    assert len({pair.fault.name for pair in everything}) >= 100
