# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No fault of server, proxy or network makes a report false, loses or doubles a fax, or holds a run up for long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fault_matrix.budget import OUTAGE, SLACK
from fault_matrix.catalogue import TIMEOUT
from fault_matrix.kinds import RequestKind, kinds
from fault_matrix.matrix import Matrix, Pair, Verdict
from fault_matrix.sending_cases import name_of
from fault_matrix.settings_cases import FAX, FAX_KIND, InfoCase, SettingsCase
from fault_matrix.world import CONCURRENCY, PATIENT, RETRIES, SUBSCRIBERS, World

# A platform that vanishes closes sockets that asyncio still looks at.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_without_fault(matrix: Matrix, kind: RequestKind) -> None:
    """Every kind of request occurs in its task, and without a fault all is well."""
    verdict = matrix.baseline(kind)
    assert verdict.problems == []
    assert verdict.strikes > 0


_SILENT = {
    "log_in": {"method": "POST", "path": "^/login_jwt$"},
    "item": {"method": "GET", "path": f"/{FAX}/"},
    "patch": {"method": "PATCH"},
    "look_up": {"method": "GET", "path": "/subscribers/"},
    "everything": {},
}


@pytest.mark.parametrize("concurrency", [CONCURRENCY, 24])
@pytest.mark.parametrize("silent", _SILENT)
def test_silence_does_not_last_longer_for_more_subscribers(matrix: Matrix, silent: str, concurrency: int) -> None:
    """A platform that never answers holds 24 subscribers up for as long as a few, however many it is asked for."""
    world = matrix.world
    many = range(1, 25)

    def keys(_world: World, identifier: int) -> dict[str, Any]:
        return {"subscriber" if silent == "look_up" else "subscriber_id": named.get(identifier, identifier)}

    named = {one: name_of(world, one) for one in many} if silent == "look_up" else {}
    case = SettingsCase("many", FAX_KIND, many, variants=(1,), keys=keys, given={"concurrency": concurrency})
    case.prepare(world)
    world.sim.clear_audit()
    world.sim.fault("hang", **_SILENT[silent])
    seen = case.observe(world)
    world.recover()
    assert seen.result["failed"]
    assert len(seen.result["subscribers"]) == len(many)
    assert seen.result["summary"]["not_attempted"] >= len(many) - OUTAGE - concurrency
    request = (RETRIES + 1) * TIMEOUT
    assert seen.seconds <= 2 * (request + OUTAGE * TIMEOUT) + SLACK


@pytest.mark.parametrize("resource", ["subscribers", FAX])
def test_list_that_changes_between_two_pages(matrix: Matrix, resource: str) -> None:
    """One who goes, and one who comes so that the total stays: nobody else is missing, whatever list it happens to."""
    world, sim = matrix.world, matrix.world.sim
    case = InfoCase("info-all", FAX_KIND, None, SUBSCRIBERS)
    case.prepare(world)
    leaving, coming = 7, SUBSCRIBERS

    def change() -> None:
        sim.lock_subscriber(leaving, "terminated")
        sim.lock_subscriber(coming, "active")

    sim.lock_subscriber(coming, "terminated")
    sim.after_page(resource, 1, change)
    try:
        result = world.run(case.task, {}, timeout=PATIENT)
    finally:
        sim.lock_subscriber(leaving, "active")
        sim.lock_subscriber(coming, "active")
        world.recover()
    found = {entry["subscriber_id"] for entry in result.get("subscribers", [])}
    assert result.get("failed") or found >= set(range(1, SUBSCRIBERS)) - {leaving}


def test_pair(matrix: Matrix, pair: Pair, note: Callable[[Verdict], None]) -> None:
    """The report of the run is what the platform's own records say."""
    verdict = matrix.try_pair(pair)
    note(verdict)
    wrong = verdict.problems + verdict.late
    assert not wrong, f"{pair.name}: {'; '.join(wrong)}"
