# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example about fleets runs: those of the modules, of the roles' READMEs and of docs/fleets.md."""

from __future__ import annotations

import importlib
import shlex

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.documents import blocks
from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import (
    provision,
    row,
    summary,
    write_csv,
)
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import written

MODULES = ("fleet_entries", "fleet_plan", "fleet_summary", "fleet_export")


@pytest.fixture(autouse=True)
def files(playbooks: Playbooks, simulator: Simulator) -> None:
    """A fleet file of thirty subscribers, three of whom differ: the examples limit changes to a tenth."""
    write_csv(playbooks.folder / "fleet.csv", [row(number) for number in range(1, 31)])
    provision(simulator, range(1, 31))
    for number in (3, 4, 5):
        simulator.change_settings("faxserversettings", number, name="by hand")
    simulator.clear_audit()


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_the_modules(module: str, playbooks: Playbooks, simulator: Simulator) -> None:
    text = importlib.import_module(f"ansible_collections.ngcp.fax.plugins.modules.{module}").EXAMPLES
    tasks = yaml.safe_load(text.replace("/tmp/", f"{playbooks.folder}/"))
    if "fax settings only" in text:
        columns = ("subscriber_id", "active", "name")
        rows = [{name: row(number)[name] for name in columns} for number in range(1, 31)]
        write_csv(playbooks.folder / "fleet.csv", rows, columns)
    playbooks.run(tasks, check=True).succeeded()
    assert written(simulator) == []
    playbooks.run(tasks).succeeded()
    changes = {"fleet_plan": 3, "fleet_summary": 3}
    assert len(written(simulator)) == changes.get(module, 0)
    assert (playbooks.folder / "fleet.yml").exists() is (module == "fleet_export")


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


def test_examples_of_the_page_on_fleets(playbooks: Playbooks, simulator: Simulator) -> None:
    """The CSV and the YAML file declare the same (but the name that only the CSV file clears)."""
    (table,) = [text for text in blocks("docs/fleets.md", "csv") if "mail2fax_active" in text]
    document, inventory = blocks("docs/fleets.md", "yaml")[-2:]
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


def test_commands_of_the_page_on_fleets(playbooks: Playbooks, simulator: Simulator) -> None:
    commands = [line for text in blocks("docs/fleets.md", "console") for line in text.splitlines()]
    wanted = [shlex.split(line)[1:] for line in commands if "hosts.yml" not in line]
    assert len(wanted) == 4
    for playbook, *options in wanted:
        playbooks.playbook(playbook, *options).succeeded()
    assert sorted(number for _resource, number in written(simulator)) == [3, 4, 5]  # written side by side
