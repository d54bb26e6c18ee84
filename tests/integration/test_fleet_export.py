# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An existing platform becomes a declared one: what is exported shows no drift."""

from __future__ import annotations

import json
import pathlib

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import (
    RESOURCES,
    provision,
    stored,
    summary,
)
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import written

EXPORT = "ngcp.fax.export"
FLEET = "ngcp.fax.fleet"
EVERYBODY = range(1, 31)


def furnish(sim: Simulator) -> None:
    """Store settings of all kinds, some of which nobody could declare."""
    provision(sim, range(1, 26))
    sim.change_settings("faxserversettings", 2, name='Ltd, "Sons"; & Co.', destinations=[])
    sim.change_settings("faxserversettings", 3, name=" yes ", password="")
    sim.change_settings("mailtofaxsettings", 4, secret_renew_notify=[{"destination": "nobody"}])
    sim.change_settings("mailtofaxsettings", 5, acl=[{"from_email": "(", "use_regex": True}])
    rules = [{"from_email": r"^a;b .*@x\.org$", "use_regex": True}, {"received_from": "192.0.2.1"}]
    sim.change_settings("mailtofaxsettings", 6, acl=rules, secret_key_renew="monthly")


@pytest.mark.parametrize(
    ("name", "secrets"), [("fleet.yml", True), ("fleet.json", False), ("fleet.csv", True), ("fleet.csv", False)]
)
def test_what_is_exported_shows_no_drift(playbooks: Playbooks, simulator: Simulator, name: str, secrets: bool) -> None:
    furnish(simulator)
    options = ("-e", f"export_file={name}", "-e", f"export_include_secrets={secrets}")
    file = playbooks.folder / name

    assert "would" not in playbooks.playbook(EXPORT, *options, check=True).succeeded().output
    assert not file.exists()
    before = stored(simulator, EVERYBODY)
    run = playbooks.playbook(EXPORT, *options, verbosity=3).succeeded()
    result = run.result("Write the fleet file")
    assert (result["total"], result["changed"], result["dest"]) == (30, True, str(file))
    assert [(item["subscriber_id"], item["field"]) for item in result["left_out"]] == [
        (4, "mail2fax_secret_renew_notify"),
    ]
    assert "cannot be declared" in run.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert ("CANARY" in file.read_text()) is secrets
    assert "CANARY" not in run.output

    file.chmod(0o644)
    assert playbooks.playbook(EXPORT, *options).succeeded().result("Write the fleet file")["changed"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert not playbooks.playbook(EXPORT, *options).succeeded().result("Write the fleet file")["changed"]

    simulator.clear_audit()
    run = playbooks.playbook(FLEET, "-e", f"fleet_file={name}").succeeded()
    assert summary(run)["unchanged"] == summary(run)["fax_settings"]["total"] == 30
    assert written(simulator) == []
    assert stored(simulator, EVERYBODY) == before


def test_an_export_puts_a_platform_back(playbooks: Playbooks, simulator: Simulator) -> None:
    """Whatever is changed by hand afterwards is seen and undone, also names and lists that appear."""
    furnish(simulator)
    playbooks.playbook(EXPORT, "-e", "export_file=fleet.csv", "-e", "export_include_secrets=true").succeeded()
    before = stored(simulator, EVERYBODY)
    simulator.change_settings("faxserversettings", 28, name="by hand", password="by hand", active=True)
    simulator.change_settings("faxserversettings", 2, destinations=[{"destination": "spy@example.org"}])
    simulator.change_settings("mailtofaxsettings", 6, acl=[], secret_key="by hand")
    run = playbooks.playbook(FLEET, "-e", "fleet_file=fleet.csv", "-e", "fleet_max_changes=3").succeeded()
    assert summary(run)["changed"] == 3
    assert stored(simulator, EVERYBODY) == before


def test_export_of_a_domain(playbooks: Playbooks, simulator: Simulator) -> None:
    options = ("-e", "export_file=fleet.json", "-e", "export_domain=pbx.example.org")
    playbooks.playbook(EXPORT, *options).succeeded()
    entries = json.loads((playbooks.folder / "fleet.json").read_text())["subscribers"]
    assert 0 < len(entries) < 30
    assert {entry["subscriber"].partition("@")[2] for entry in entries} == {"pbx.example.org"}


@pytest.mark.parametrize("name", ["", "fleet.txt"])
def test_the_name_has_to_tell_the_form(playbooks: Playbooks, simulator: Simulator, name: str) -> None:
    run = playbooks.playbook(EXPORT, "-e", f"export_file={name}").failed()
    assert "Set export_file to a name that ends in" in run.output
    assert not simulator.audit


def test_a_platform_that_cannot_be_read_leaves_the_file(playbooks: Playbooks, simulator: Simulator) -> None:
    (playbooks.folder / "fleet.yml").write_text("old")
    simulator.fault("status", path=RESOURCES[1], status=403)
    playbooks.playbook(EXPORT, "-e", "export_file=fleet.yml").failed()
    assert (playbooks.folder / "fleet.yml").read_text() == "old"


def test_a_file_that_cannot_be_written(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    run = playbooks.playbook(EXPORT, "-e", f"export_file={tmp_path}/missing/fleet.yml").failed()
    assert "cannot write" in run.result("Write the fleet file")["msg"]
