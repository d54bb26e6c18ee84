# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way back, with real runs: the playbooks as documented, and secrets in a vaulted undo file."""

from __future__ import annotations

import json
import pathlib
import shlex
from typing import Any

import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.plugins.modules.fleet import EXAMPLES
from ansible_collections.ngcp.fax.tests.integration.support.documents import GUIDES, blocks
from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import provision, row, stored, write_csv
from ansible_collections.ngcp.fax.tests.integration.support.simulated import written

HERE = pathlib.Path(__file__).resolve().parent
PAGE = GUIDES / "fleet_undo.rst"
NUMBERS = (1, 2, 3)


def message(run: Any) -> str:
    (found,) = [line["result"]["msg"] for line in run.results if line["status"] == "failed"]
    return str(found)


def test_the_playbooks_as_documented(playbooks: Any, simulator: Simulator) -> None:
    (text,) = blocks(PAGE, "console")
    (_command, run, *variables), (_again, undo, *options) = (shlex.split(line) for line in text.splitlines())
    provision(simulator, NUMBERS)
    before = stored(simulator, NUMBERS)
    changed = [row(number, name="New", password="", secret_key="", mail2fax_active="no") for number in NUMBERS]
    write_csv(playbooks.folder / "fleet.csv", changed)
    playbooks.playbook(run, *variables).succeeded()
    (path,) = (playbooks.folder / "undo").iterdir()
    simulator.change_settings("faxserversettings", 2, name="By somebody")
    simulator.clear_audit()
    options = [f"undo_file=undo/{path.name}" if option.startswith("undo_file=") else option for option in options]
    check = playbooks.playbook(undo, *options).succeeded()
    assert "--check" in options and written(simulator) == []
    real = playbooks.playbook(undo, *[option for option in options if option != "--check"]).succeeded()
    assert sorted(written(simulator)) == [("faxserversettings", 1), ("faxserversettings", 3)] + [
        ("mailtofaxsettings", number) for number in NUMBERS
    ]
    assert check.diffs == real.diffs != {}
    assert "fax.name is 'By somebody', but the run set 'New'" in real.output
    simulator.change_settings("faxserversettings", 2, name="Branch 2")
    assert stored(simulator, NUMBERS) == before
    examples = yaml.safe_load(EXAMPLES)
    tasks = [task for task in examples if {"undo", "undo_dir"} & set(task.get("ngcp.fax.fleet", {}))]
    assert len(tasks) == 2
    result = playbooks.run(tasks, environment={"NGCP_FAX_IN_PROCESS": "no"}).succeeded().results[-1]["result"]
    assert result["summary"]["changed"] == 3 and stored(simulator, NUMBERS) == before
    wrong = playbooks.playbook("ngcp.fax.undo", "-e", "undo_file=fleet.csv").failed()
    assert "'fleet.csv' is not JSON" in message(wrong)
    assert "Set undo_file" in message(playbooks.playbook("ngcp.fax.undo").failed())


def test_secrets_in_a_vaulted_undo_file(playbooks: Any, simulator: Simulator) -> None:
    provision(simulator, NUMBERS)
    before = stored(simulator, NUMBERS)
    changes = [
        {"subscriber_id": n, "password": f"CANARY-other-{n}", "secret_key": f"CANARY-other-key-{n}"} for n in NUMBERS
    ]
    (playbooks.folder / "key").write_text("vault-key")
    password = ("--vault-password-file", "key")
    task = {"subscribers": changes, "undo_dir": str(playbooks.folder / "undo"), "undo_secrets": "vault"}
    simulator.clear_audit()
    for options, variables, words in (
        ((), {}, "the run has no vault password"),
        (
            password,
            {"ngcp_fax_in_process": False},
            "only if the task runs in Ansible's own process on the control node",
        ),
    ):
        run = playbooks.run([{"ngcp.fax.fleet": task}], *options, play={"vars": variables})
        assert words in message(run.failed())
    assert not list(simulator.audit) and not (playbooks.folder / "undo").exists()
    path = playbooks.run([{"ngcp.fax.fleet": task}], *password).succeeded().only["undo"]
    assert stored(simulator, NUMBERS) != before
    content = pathlib.Path(path).read_text()
    assert content.startswith("$ANSIBLE_VAULT;") and "CANARY" not in content
    plugins = {"ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection_plugins")}
    elsewhere = {"vars": {"ansible_connection": "elsewhere"}}
    run = playbooks.run([{"ngcp.fax.fleet": {"undo": path}}], *password, environment=plugins, play=elsewhere).failed()
    assert "undo: is vaulted, and the task does not run in the control node's own process" in message(run)
    assert "no vault secrets" in playbooks.run([{"ngcp.fax.fleet": {"undo": path}}]).failed().output
    undo = playbooks.run([{"ngcp.fax.fleet": {"undo": path}}], *password).succeeded()
    assert stored(simulator, NUMBERS) == before
    assert "CANARY" not in undo.output and "CANARY" not in json.dumps(undo.results)
    assert playbooks.run([{"ngcp.fax.fleet": {"undo": path}}], *password).succeeded().only["changed"] is False
