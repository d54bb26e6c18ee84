# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A misspelt or empty variable, and a fleet of nobody, stop roles and playbooks before anything is read or written."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import row, summary, write_csv
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks, Run

FLEET = ("fleet", {"fleet_file": "fleet.csv"})
REPORT = ("drift_report", {"fleet_file": "fleet.csv"})
ARCHIVE = ("archive", {"archive_dest": "faxes", "archive_delete_after_fetch": True})
EXPORT = ("export", {"export_file": "fleet.yml"})


@pytest.fixture(autouse=True)
def fleet_file(playbooks: Playbooks) -> None:
    write_csv(playbooks.folder / "fleet.csv", [row(1)])


def message(run: Run) -> str:
    (found,) = [line["result"]["msg"] for line in run.results if line["status"] == "failed"]
    return str(found)


@pytest.mark.parametrize(
    ("playbook", "variables", "words"),
    [
        (EXPORT, {"export_doman": "pbx.example.org"}, "did you mean 'export_domain'?"),
        (EXPORT, {"export_domain": ""}, "export_domain: must not be empty"),
        (EXPORT, {"export_customer_id": None}, "export_customer_id: must not be empty"),
        (ARCHIVE, {"archive_subscriberid": 3}, "did you mean 'archive_subscriber_id'?"),
        (ARCHIVE, {"achive_subscriber_id": 3}, "did you mean 'archive_subscriber_id'?"),
        (ARCHIVE, {"archive_subscriber": ""}, "archive_subscriber: must not be empty"),
        (ARCHIVE, {"archive_status": []}, "archive_status: must not be empty"),
        (FLEET, {"fleet_max_change": 1, "ngcp_retry": 1}, "did you mean 'fleet_max_changes'?"),
        (FLEET, {"fleet_max_changes": ""}, "fleet_max_changes: must not be empty"),
        (REPORT, {"fleet_file": "{{ nobody_has_set_it | default('') }}"}, "fleet_file: must not be empty"),
        (REPORT, {"drift_report_fail_on_drfit": True}, "did you mean 'drift_report_fail_on_drift'?"),
        (FLEET, {"fleet_file": "nowhere.csv"}, "fleet_file: cannot find 'nowhere.csv'"),
        (FLEET, {"fleet_subscribers": []}, "exactly one of fleet_file, fleet_subscribers, fleet_from_inventory"),
    ],
    ids=str,
)
def test_misspelt_and_empty_variables(
    playbooks: Playbooks, simulator: Simulator, playbook: Any, variables: dict[str, Any], words: str
) -> None:
    name, usual = playbook
    run = playbooks.playbook(f"ngcp.fax.{name}", "-e", json.dumps({**usual, **variables})).failed()
    assert words in message(run)
    assert not list(simulator.audit)
    assert {path.name for path in playbooks.folder.iterdir()} & {"faxes", "fleet.yml", "drift-report"} == set()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"fleet_chunk_size": 0}, "fleet_chunk_size: must be greater than zero, not '0'"),
        ({"fleet_max_changes": "0"}, "but fleet_max_changes allows 0"),
        ({"fleet_max_changes": "many"}, "fleet_max_changes: must be"),
        ({"fleet_waves": [1, "all"]}, "fleet_waves[1]: must be a number or a percentage such as 10%, not 'all'"),
        ({"fleet_plan": "x", "fleet_plan_out": "y"}, "fleet_plan_out: cannot be combined with fleet_plan"),
        ({"fleet_results_dir": "fleet.csv"}, "fleet_results_dir: '"),
    ],
    ids=str,
)
def test_messages_have_the_words_of_the_role(
    playbooks: Playbooks, simulator: Simulator, variables: dict[str, Any], words: str
) -> None:
    given = {"fleet_file": "fleet.csv", **variables}
    run = playbooks.playbook("ngcp.fax.fleet", "-e", json.dumps(given)).failed()
    assert words in run.output
    assert simulator.count("PATCH") == 0


def test_what_users_wrote_stays_as_they_wrote_it(playbooks: Playbooks, simulator: Simulator) -> None:
    (playbooks.folder / "max_changes.csv").write_text("subscriber_id,acl_mode,name\n1,merge,x\n")
    run = playbooks.playbook("ngcp.fax.fleet", "-e", "fleet_file=max_changes.csv").failed()
    assert "max_changes.csv, acl_mode: is not a column of a fleet file" in run.output
    assert "fleet_acl_mode" not in run.output and "fleet_max_changes" not in run.output
    (playbooks.folder / "undo_dir").write_text("")
    run = playbooks.playbook("ngcp.fax.fleet", "-e", "fleet_file=fleet.csv", "-e", "fleet_undo_dir=undo_dir").failed()
    assert f"fleet_undo_dir: '{playbooks.folder}/undo_dir' is not a directory" in run.output
    assert simulator.count("PATCH") == 0


def test_variables_of_the_inventory_and_of_the_play(playbooks: Playbooks, simulator: Simulator) -> None:
    """They are refused wherever they come from, unless they are known to belong to somebody else."""
    hosts = {"user0001@fax.example.com": {"fleet_fax": {"active": True}, "fleet_owner": "Ops", "fleet_mail2fx": {}}}
    own = {"ngcp_fax_other_variables": ["fleet_owner", "fleet_site"], "fleet_site": "Vienna"}
    (playbooks.folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": own}}))
    options = ("-i", "hosts.yml", "-e", "fleet_from_inventory=true")
    found = message(playbooks.playbook("ngcp.fax.fleet", *options).failed())
    assert "fleet_mail2fx: is not a variable of ngcp.fax; did you mean 'fleet_mail2fax'?" in found
    assert "fleet_owner" not in found and "fleet_site" not in found

    # Not only those of the first host, on which the tasks run.
    hosts = {"first": {}, "second": {}, "user0003@pbx.example.org": {"fleet_entri": {"active": True}}}
    (playbooks.folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    found = message(playbooks.playbook("ngcp.fax.fleet", *options).failed())
    assert "host user0003@pbx.example.org, fleet_entri: is not a variable" in found

    play = {"vars": {"fleet_subscribers": [{"subscriber_id": 1}], "fleet_state_of_the_art": 1}}
    task = {"ansible.builtin.include_role": {"name": "ngcp.fax.fleet"}}
    assert "fleet_state_of_the_art: is not" in message(playbooks.run([task], play=play).failed())
    assert not list(simulator.audit)


@pytest.mark.parametrize("role", ["fleet", "drift_report"])
@pytest.mark.parametrize("form", ["header only", "list", "no variables", "no group", "no hosts"])
def test_a_fleet_of_nobody(playbooks: Playbooks, simulator: Simulator, role: str, form: str) -> None:
    variables: dict[str, Any] = {"fleet_from_inventory": True, "drift_report_fail_on_drift": True}
    options: tuple[str, ...] = ("-i", "hosts.yml")
    hosts = {"user0001@fax.example.com": {"fleet_fax": {"active": True}} if form == "no group" else {}}
    (playbooks.folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    if form == "no hosts":
        options = ()
    if form == "no group":
        variables["fleet_group"] = "brnches"
    if form in ("header only", "list"):
        write_csv(playbooks.folder / "empty.csv", [])
        given = {"fleet_file": "empty.csv"} if form == "header only" else {"fleet_subscribers": []}
        variables, options = {**given, "drift_report_fail_on_drift": True}, ()
    if role == "fleet":
        del variables["drift_report_fail_on_drift"]
    words = {
        "header only": "fleet_file: 'empty.csv' has no entries",
        "list": "fleet_subscribers: has no entries",
        "no variables": "fleet_from_inventory: none of 1 host has fleet_entry, fleet_fax, fleet_mail2fax",
    }
    options = (*options, "-e", json.dumps(variables))
    found = message(playbooks.playbook(f"ngcp.fax.{role}", *options).failed())
    assert words.get(form, "fleet_from_inventory: none of 0 hosts has") in found
    assert not list(simulator.audit)

    if form == "header only":
        run = playbooks.playbook(f"ngcp.fax.{role}", *options, "-e", "fleet_allow_empty=true").succeeded()
        assert role == "drift_report" or summary(run)["total"] == 0


def test_an_export_of_nobody(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    options = ("-e", "export_file=fleet.json", "-e", "export_domain=pxb.example.org")
    run = playbooks.playbook("ngcp.fax.export", *options).failed()
    assert not (tmp_path / "fleet.json").exists()
    assert "misspelt" in run.output or "matches" in run.output
    playbooks.playbook("ngcp.fax.export", *options, "-e", "export_allow_empty=true").succeeded()
    assert json.loads((tmp_path / "fleet.json").read_text()) == {"subscribers": []}
