# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every target runs four times: check, apply, apply again, check again; modules apply the same."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks, Run
from ansible_collections.ngcp.fax.tests.integration.support.simulated import simulated, writes

TARGETS = sorted(path.parent.parent for path in pathlib.Path(__file__).parent.glob("targets/*/tasks/main.yml"))

FAX = {
    "active": False,
    "name": "Before",
    "password": "password-before",
    "t38": True,
    "ecm": True,
    "destinations": [
        {"destination": "a@example.com", "filetype": "TIFF", "incoming": True, "outgoing": True, "status": True},
        {"destination": "b@example.com", "filetype": "PDF", "incoming": True, "outgoing": False, "status": True},
    ],
}
MAIL2FAX = {
    "active": False,
    "secret_key": "secret-before",
    "secret_key_renew": "weekly",
    "secret_renew_notify": [{"destination": "n1@example.com"}],
    "acl": [
        {"from_email": "boss@example.com", "received_from": "192.0.2.10", "destination": "4312345", "use_regex": 0}
    ],
}


THROUGHOUT = ("fax_settings_fleet", "mail2fax_settings_lists")


@pytest.mark.parametrize(
    ("front", "target"),
    [("in_process", target) for target in TARGETS]
    + [("module", target) for target in TARGETS if target.name in THROUGHOUT],
    indirect=["front"],
    ids=lambda value: getattr(value, "name", value),
)
def test_target(target: pathlib.Path, simulator: Simulator, playbooks: Playbooks) -> None:
    prepare(simulator)
    tasks = target / "tasks/main.yml"

    checked = playbooks.run(tasks, check=True).succeeded()
    assert set(checked.statuses.values()) == {"changed"}
    assert writes(simulator) == []

    applied = apply(tasks, simulator, playbooks)
    assert applied.diffs == checked.diffs

    simulator.clear_audit()
    again = playbooks.run(tasks).succeeded()
    assert set(again.statuses.values()) == {"ok"}
    checked_again = playbooks.run(tasks, check=True).succeeded()
    assert set(checked_again.statuses.values()) == {"ok"}
    assert again.diffs == checked_again.diffs == {}
    assert writes(simulator) == []


@pytest.mark.parametrize(
    "target", [target for target in TARGETS if target.name not in THROUGHOUT], ids=lambda it: it.name
)
def test_modules_apply_what_is_applied_in_process(
    target: pathlib.Path, make_playbooks: Callable[..., Playbooks], tmp_path: pathlib.Path
) -> None:
    """The same requests, differences and results; the other runs could only differ if one of these did."""
    runs = []
    for in_process in ("true", "false"):
        with simulated() as sim:
            prepare(sim)
            playbooks = make_playbooks(sim, tmp_path / in_process)
            playbooks.in_process = in_process
            run = apply(target / "tasks/main.yml", sim, playbooks)
            requests = sorted((entry.path, entry.body) for entry in sim.audit if entry.method == "PATCH")
            patches = [line["result"]["subscribers"] for line in run.results]
            runs.append((requests, run.diffs, patches))
    assert runs[0] == runs[1]


def apply(tasks: pathlib.Path, simulator: Simulator, playbooks: Playbooks) -> Run:
    """Run a target that has everything to change, and see that it writes that and nothing else."""
    run = playbooks.run(tasks).succeeded()
    assert set(run.statuses.values()) == {"changed"}
    assert {write.split()[0] for write in writes(simulator)} == {"PATCH"}
    assert len(writes(simulator)) == sum(line["result"]["summary"]["changed"] for line in run.results)
    assert_whole_values(simulator)
    return run


def prepare(simulator: Simulator) -> None:
    """Give the first subscribers settings that drift from what the targets declare; 2 and 4 lack some secrets."""
    for subscriber_id in range(1, 6):
        fax = {**FAX, "password": None} if subscriber_id == 4 else FAX
        simulator.put_settings("faxserversettings", subscriber_id, fax)
        mail2fax = {**MAIL2FAX, "secret_key": None} if subscriber_id == 2 else MAIL2FAX
        simulator.put_settings("mailtofaxsettings", subscriber_id, mail2fax)


def assert_whole_values(simulator: Simulator) -> None:
    """Every PATCH only adds, replaces or removes whole top-level values."""
    for entry in simulator.audit:
        if entry.method == "PATCH":
            for operation in json.loads(entry.body):
                assert operation["op"] in ("add", "replace", "remove")
                assert operation["path"].count("/") == 1
