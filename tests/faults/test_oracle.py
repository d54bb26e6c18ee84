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
from fault_matrix.matrix import Matrix, pairs, sample
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
}


@pytest.mark.parametrize("name", CASES)
def test_true_reports(judged: Callable[[Case, Tamper], list[str]], name: str) -> None:
    """What is true is not called false."""
    assert judged(CASES[name](), _nothing) == []


@pytest.mark.parametrize("name", ["fax", "mail", "absent"])
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
        result.update(failed=status in STATUSES[2:], msg="x", error={"code": "x"})

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
    assert len({pair.kind.name for pair in everything}) >= 16
    assert len({pair.fault.name for pair in everything}) >= 100
