# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example about fleets runs: those of the modules, of the roles' READMEs and of the guides."""

from __future__ import annotations

import shlex

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.plugins.modules import fleet, fleet_export
from ansible_collections.ngcp.fax.tests.integration.support.documents import GUIDES, blocks
from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import (
    provision,
    row,
    summary,
    write_csv,
)
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import written


@pytest.fixture(autouse=True)
def files(playbooks: Playbooks, simulator: Simulator) -> None:
    """A fleet file of thirty subscribers, three of whom differ: the examples limit changes to a tenth."""
    write_csv(playbooks.folder / "fleet.csv", [row(number) for number in range(1, 31)])
    provision(simulator, range(1, 31))
    for number in (3, 4, 5):
        simulator.change_settings("faxserversettings", number, name="by hand")
    simulator.clear_audit()


def test_examples_of_the_export(playbooks: Playbooks, simulator: Simulator) -> None:
    tasks = yaml.safe_load(fleet_export.EXAMPLES.replace("/tmp/", f"{playbooks.folder}/"))
    playbooks.run(tasks, check=True).succeeded()
    playbooks.run(tasks).succeeded()
    assert written(simulator) == []
    assert (playbooks.folder / "fleet.yml").exists()


def test_examples_of_the_module_fleet(playbooks: Playbooks, simulator: Simulator) -> None:
    """One after the other: applied, in waves, planned and applied, undone, with result files and those once more."""
    tasks = yaml.safe_load(fleet.EXAMPLES.replace("/var/lib/ngcp/", f"{playbooks.folder}/"))
    playbooks.run(tasks).succeeded()
    assert sorted(number for _resource, number in written(simulator)) == [3, 4, 5]
    for name in ("plan.json", "approval/drift.html", "results/changed.csv", "results-2/failed.csv"):
        assert (playbooks.folder / name).exists(), name


def test_example_of_the_role_fleet(playbooks: Playbooks, simulator: Simulator) -> None:
    (text,) = blocks("roles/fleet/README.md", "yaml")
    (playbooks.folder / "site.yml").write_text(text)
    assert summary(playbooks.playbook("site.yml", check=True).succeeded())["changed"] == 3
    assert written(simulator) == []
    assert summary(playbooks.playbook("site.yml").succeeded())["changed"] == 3


def test_example_of_the_role_archive(playbooks: Playbooks, simulator: Simulator) -> None:
    (fax_id,) = simulator.receive_fax(3)
    (text,) = blocks("roles/archive/README.md", "yaml")
    (playbooks.folder / "site.yml").write_text(text.replace("/srv/", f"{playbooks.folder}/"))
    playbooks.playbook("site.yml").succeeded()
    assert [path.name for path in (playbooks.folder / "faxes").rglob("*.pdf")] == [f"{fax_id}.pdf"]


def test_files_of_the_guides(playbooks: Playbooks, simulator: Simulator) -> None:
    """The CSV and the YAML file declare the same (but the name that only the CSV file clears)."""
    (table,) = [text for text in blocks(GUIDES / "fleet_files.rst", "csv") if "mail2fax_active" in text]
    examples = blocks(GUIDES / "fleet_files.rst", "yaml") + blocks(GUIDES / "fleets.rst", "yaml")
    document, inventory = (
        next(text for text in examples if text.startswith(head)) for head in ("subscribers:", "all:")
    )
    (playbooks.folder / "page.csv").write_text(table)
    (playbooks.folder / "page.yml").write_text(document)
    (playbooks.folder / "hosts.yml").write_text(inventory)
    simulator.change_settings("faxserversettings", 2, name="by hand")
    assert summary(playbooks.playbook("ngcp.fax.fleet", "-e", "fleet_file=page.csv").succeeded())["changed"] == 2
    assert not simulator.settings("faxserversettings", 2)["name"]
    assert simulator.settings("faxserversettings", 1)["destinations"][0]["destination"] == "in@example.org"
    assert summary(playbooks.playbook("ngcp.fax.fleet", "-e", "fleet_file=page.yml").succeeded())["unchanged"] == 2
    run = playbooks.playbook("ngcp.fax.fleet", "-i", "hosts.yml", "-e", "fleet_from_inventory=true").succeeded()
    assert summary(run)["changed"] == 2
    assert simulator.settings("faxserversettings", 2)["name"] == "Branch Graz"


def test_commands_of_the_guides(playbooks: Playbooks, simulator: Simulator) -> None:
    pages = ("fleets", "fleet_plans", "fleet_files")
    commands = [
        line for page in pages for text in blocks(GUIDES / f"{page}.rst", "console") for line in text.splitlines()
    ]
    wanted = [shlex.split(line)[1:] for line in commands if "hosts.yml" not in line]
    assert len(wanted) == 8
    for playbook, *options in wanted:
        playbooks.playbook(playbook, *options).succeeded()
    assert sorted(number for _resource, number in written(simulator)) == [3, 4, 5]  # written side by side
    (page,) = blocks(GUIDES / "fleet_plans.rst", "yaml")
    playbooks.run(yaml.safe_load(page)).succeeded()
    assert (playbooks.folder / "approval/drift.html").exists()


def test_an_address_that_blocks_every_change(playbooks: Playbooks, simulator: Simulator) -> None:
    (text,) = [text for text in blocks(GUIDES / "fleets.rst", "yaml") if "state: absent" in text]
    simulator.change_settings("faxserversettings", 3, destinations=[{"destination": "", "filetype": "PDF"}])
    refused = playbooks.module("fax_settings", {"subscriber_id": 3, "name": "New"}).failed().only
    assert refused["subscribers"][0]["error"]["code"] == "stored_value_refused"
    playbooks.run(yaml.safe_load(text)).succeeded()
    playbooks.module("fax_settings", {"subscriber_id": 3, "name": "New"}).succeeded()
    assert simulator.settings("faxserversettings", 3)["destinations"] == []
