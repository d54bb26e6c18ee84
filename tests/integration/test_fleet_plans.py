# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans of the role ``fleet``: made in check mode, shown as a page, approved, and applied exactly."""

from __future__ import annotations

import json
import pathlib
import stat
from collections.abc import Callable

from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import (
    RESOURCES,
    provision,
    row,
    stored,
    write_csv,
)
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import written

FLEET = "ngcp.fax.fleet"
FILE = ("-e", "fleet_file=fleet.csv")


def test_a_plan_is_made_approved_and_applied(make_playbooks: Callable[..., Playbooks], tmp_path: pathlib.Path) -> None:
    total = 12
    write_csv(tmp_path / "fleet.csv", [row(number) for number in range(1, total + 1)])
    with Simulator(subscribers=total) as sim:
        provision(sim, range(1, total + 1))
        for number in (3, 4, 5):
            sim.change_settings(RESOURCES[0], number, name="Changed by hand")
        playbooks = make_playbooks(sim)
        made = playbooks.playbook(FLEET, *FILE, "-e", "fleet_plan_out=plan.json", "--check").succeeded()
        path = tmp_path / "plan.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        plan = json.loads(path.read_text())
        assert [entry["subscriber_id"] for entry in plan["subscribers"]] == [3, 4, 5]
        assert "CANARY" not in path.read_text() + made.output
        assert written(sim) == []

        apply = (*FILE, "-e", "fleet_plan=plan.json", "-e", "fleet_plan_max_age=3600")
        refused = playbooks.playbook(FLEET, *apply, "-e", "fleet_state=replaced").failed()
        assert "fleet_plan: 'plan.json' was created for something else: " in refused.output
        before = stored(sim, range(1, total + 1))
        sim.change_settings(RESOURCES[0], 9, active=False)
        stale = playbooks.playbook(FLEET, *apply).failed()
        assert "fleet.csv row 10 (9): fax_settings active: now planned true, approved nothing" in stale.output
        assert "set fleet_on_stale to skip" in stale.output
        assert written(sim) == []

        sim.change_settings(RESOURCES[0], 9, active=True)
        assert stored(sim, range(1, total + 1)) == before
        playbooks.playbook(FLEET, *apply).succeeded()
        assert sorted(written(sim)) == [(RESOURCES[0], number) for number in (3, 4, 5)]


def test_a_plan_of_inventory_hosts(make_playbooks: Callable[..., Playbooks], tmp_path: pathlib.Path) -> None:
    """Two processes of Ansible's have the hosts in the same order, that of the inventory."""
    numbers = range(1, 13)
    hosts = {f"h{number:02}": {"ngcp_subscriber_id": number, "fleet_fax": {"name": "x"}} for number in numbers}
    (tmp_path / "hosts.json").write_text(json.dumps({"branches": {"hosts": {**hosts, "other": {}}}}))
    variables = {"fleet_from_inventory": True, "fleet_group": "branches"}
    options = ("-i", "hosts.json", "-e", json.dumps(variables))
    with Simulator(subscribers=12) as sim:
        playbooks = make_playbooks(sim)
        playbooks.start = True
        playbooks.playbook(FLEET, *options, "-e", "fleet_plan_out=plan.json", "--check").succeeded()
        plan = json.loads((tmp_path / "plan.json").read_text())
        assert [entry["entry"] for entry in plan["subscribers"]] == [f"host {name}" for name in hosts]
        playbooks.playbook(FLEET, *options, "-e", "fleet_plan=plan.json").succeeded()
        assert sorted(written(sim)) == [(RESOURCES[0], number) for number in numbers]


def test_the_page_of_a_plan(make_playbooks: Callable[..., Playbooks], tmp_path: pathlib.Path) -> None:
    write_csv(tmp_path / "fleet.csv", [row(number) for number in range(1, 5)])
    tasks = [
        {"ngcp.fax.fleet": {"src": "fleet.csv", "plan_only": True, "plan_out": "plan.json"}, "register": "fleet"},
        {"ngcp.fax.drift_report": {"plan": "{{ fleet.plan }}", "dir": "approval"}},
    ]
    with Simulator(subscribers=4) as sim:
        make_playbooks(sim).run(tasks).succeeded()
        assert written(sim) == []
    report = json.loads((tmp_path / "approval/drift.json").read_text())
    assert report["summary"]["subscribers"]["drifted"] == 4 and report["mode"] == "check"
    page = (tmp_path / "approval/drift.html").read_text()
    assert "boss4@example.org" in page and "fax4@example.org" in page and "CANARY" not in page
