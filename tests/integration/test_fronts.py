# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two fronts: which one runs a task, and that nobody can tell from the result."""

from __future__ import annotations

import difflib
import json
import os
import pathlib
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import TESTS, Playbooks, Run
from ansible_collections.ngcp.fax.tests.integration.support.simulated import connection, simulated

IN_PROCESS = "runs in process"
AS_MODULE = "runs as a module: "
ONE = {"subscriber_id": 1, "active": True}

# Secrets are variables: what stands in the playbook itself, Ansible quotes in its own errors.
VARIABLES = {"secret": "Secret-Zugang", "wrong": "Wrong-Zugang", "confidential": "Confidential"}
SECRET = "{{ secret }}"

# What each task is for, its module and its arguments. {folder} is a folder of the test.
TASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "one subscriber": ("fax_settings", {**ONE, "password": SECRET, "name": "One"}),
    "one subscriber again": ("fax_settings", {**ONE, "password": SECRET, "name": "One"}),
    "values of other types": (
        "fax_settings",
        {"number": 43190002, "active": "yes", "ecm": 0, "name": 12, "password": 12},
    ),
    "lists": ("fax_settings", {"subscriber_id": 3, "destinations": [{"destination": "a@example.org"}]}),
    "lists as text": ("fax_settings", {"subscriber_id": 3, "destinations": "a@example.org"}),
    "a fleet": (
        "fax_settings",
        {"subscribers": [{"subscriber_id": 4, "name": "4"}, {"subscriber_id": "5"}], "t38": False},
    ),
    "all of a fleet": (
        "mail2fax_settings",
        {"subscribers": [{"subscriber_id": 4}, {"subscriber_id": 5}], "active": True, "return_unchanged": True},
    ),
    "a fleet with failures": (
        "fax_settings",
        {"subscribers": [{"subscriber_id": 6}, {"subscriber_id": 999}], "ecm": False},
    ),
    "a fleet with wrong entries": ("fax_settings", {"subscribers": [{"subscriber_id": 6, "password": ["x"]}, 7]}),
    "too many changes": ("fax_settings", {"subscribers": [{"subscriber_id": 7}], "active": True, "max_changes": 0}),
    "a fleet from a file": ("fax_settings", {"subscribers_file": "fleet.csv"}),
    "a fleet from YAML": ("mail2fax_settings", {"subscribers_file": "fleet.yml"}),
    "a fleet from YAML that is none": ("mail2fax_settings", {"subscribers_file": "broken.yml"}),
    "a file that is not there": ("mail2fax_settings", {"subscribers_file": "nowhere.csv"}),
    "a selection": ("fax_settings", {"select": {"customer_external_id": "CUST-0002"}, "name": "Selected"}),
    "an unknown option of a selection": ("fax_settings", {"select": {"customer": 1}, "name": "Selected"}),
    "a warning": ("mail2fax_settings", {"subscriber_id": 8, "active": True, "secret_key": "", "acl": []}),
    "nobody": ("fax_settings", {"active": True}),
    "an unknown option": ("fax_settings", {**ONE, "colour": "red", "password": SECRET}),
    "no boolean": ("fax_settings", {**ONE, "active": "maybe", "password": SECRET}),
    "no number": ("fax_settings", {"subscriber_id": SECRET, "password": SECRET}),
    "an unknown choice": ("fax_settings", {**ONE, "state": "gone"}),
    "no such subscriber": ("fax_settings", {"subscriber": "nobody@example.org", "active": True}),
    "no server": ("fax_settings", {**ONE, "api_url": "https://127.0.0.1:1", "retries": 0}),
    "no address": ("fax_settings", {**ONE, "api_url": "127.0.0.1"}),
    "a wrong password": ("fax_settings_info", {"subscriber_id": 1, "api_password": "{{ wrong }}"}),
    "no authorities": ("fax_settings_info", {"subscriber_id": 1, "ca_path": "{folder}/nowhere.pem"}),
    "a call forward": ("fax_forward", {"subscriber_id": 3, "forward": "cfb"}),
    "a call forward of no type": ("fax_forward", {"subscribers": [{"subscriber_id": 3, "forward": "all"}]}),
    "call forwards": ("fax_forward_info", {"subscribers": [{"subscriber_id": 1}, {"subscriber_id": 3}]}),
    "settings": ("fax_settings_info", {"subscribers": [{"subscriber_id": 1}, {"subscriber_id": 3}]}),
    "settings and secrets": ("mail2fax_settings_info", {"active": True, "include_secrets": True}),
    "settings of nobody": ("mail2fax_settings_info", {"subscriber_id": 999}),
    "readiness": (
        "fax_readiness_info",
        {"subscribers": [{"subscriber_id": 1}, {"subscriber_id": 999}], "journal": True},
    ),
    "readiness of nobody": ("fax_readiness_info", {"subscribers_file": "nowhere.csv"}),
    "readiness of something else": ("fax_readiness_info", {"subscriber_id": 1, "checks": ["walks"]}),
    "a fax": (
        "fax_send",
        {"subscriber_id": 1, "destination": "431110002", "src": "fax.txt", "text": "{{ confidential }}"},
    ),
    "the same fax": (
        "fax_send",
        {"subscriber_id": 1, "destination": "431110002", "src": "fax.txt", "text": "{{ confidential }}"},
    ),
    "a file at its place": (
        "fax_send",
        {"subscriber_id": 1, "destination": "431110003", "src": "files/fax.txt", "remote_src": True},
    ),
    "no file": (
        "fax_send",
        {"subscriber_id": 1, "destination": "431110003", "src": "files/none.txt", "remote_src": True},
    ),
    "no destination": ("fax_send", {"subscriber_id": 1, "text": "{{ confidential }}"}),
    "the journal": ("fax_info", {"direction": "in", "order": "desc", "limit": 2}),
    "no such fax": ("fax_info", {"fax_id": 999}),
    "recordings": ("fax_fetch", {"dest": "archive"}),
    "one recording": ("fax_fetch", {"dest": "{folder}/one.tif", "fax_id": 1}),
    "recordings for a group": ("fax_fetch", {"dest": "archive", "mode": "0640", "group": "{group}"}),
    "recordings for nobody": ("fax_fetch", {"dest": "archive", "owner": "no-such-user"}),
    "no folder": ("fax_fetch", {"dest": "nowhere/at/all"}),
}


# Tasks that differ in check mode.
CHECKED = ("one subscriber", "a fleet", "too many changes", "a fleet from YAML", "a selection", "a fax", "recordings")


def prepared(folder: pathlib.Path, sim: Simulator) -> None:
    """Give a platform faxes and drift, and the playbooks the files that the tasks name."""
    for name in ("archive", "files", "ansible"):
        (folder / name).mkdir()
    (folder / "variables.json").write_text(json.dumps(VARIABLES))
    (folder / "files/fleet.csv").write_text("subscriber_id,active,name\n9,yes,Nine\n10,no,Ten\n")
    (folder / "files/fleet.yml").write_text("- {subscriber_id: 9, secret_key: Secret-Zugang}\n- {subscriber_id: 10}\n")
    (folder / "files/broken.yml").write_text("- {secret_key: Secret-Zugang\n")
    (folder / "files/fax.txt").write_text("Confidential, in a file")
    sim.put_settings("faxserversettings", 1, {"active": True, "password": "Old-Zugang"})
    sim.put_settings("mailtofaxsettings", 9, {"secret_key": "Old-Zugang", "secret_key_renew": "daily"})
    sim.receive_fax(3, count=3, time=sim.platform.clock.now() - 3600)


def tasks(folder: pathlib.Path) -> list[dict[str, Any]]:
    """Return the tasks, some of them in check mode before; each may fail."""
    every = [{"name": name, f"ngcp.fax.{module}": given} for name, (module, given) in TASKS.items()]
    checked = [
        {**task, "name": f"check {task['name']}", "check_mode": True} for task in every if task["name"] in CHECKED
    ]
    text = yaml.safe_dump([*checked, *every], sort_keys=False)
    text = text.replace("{folder}", str(folder)).replace("{group}", str(os.getgid()))
    return [{**task, "ignore_errors": True} for task in yaml.safe_load(text)]


def seen(run: Run, sim: Simulator) -> dict[str, str]:
    """Return the result of each task as text, without what no two runs have in common."""
    found = {}
    for line in run.results:
        text = json.dumps([line["status"], line["result"]], indent=1, sort_keys=True)
        text = text.replace(sim.url, "URL").replace(sim.ca_path, "CA")
        text = re.sub(r'[^"]*/ngcp-fax-[\w-]+', "FOLDER", text)  # of a file that was made for the task
        text = re.sub(r"receipts/[0-9a-f-]+\.json", "RECEIPT", text)  # its name depends on the address
        text = re.sub(r"Valid booleans include: [^\"]*", "BOOLEANS", text)  # in any order
        text = re.sub(r'"seconds": [0-9.]+|[0-9A-F]{16}\.tif', "ANYTHING", text)
        text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", "TIME", text)
        found[line["task"]] = text
    return found


def test_both_give_the_same_results(make_playbooks: Callable[..., Playbooks], tmp_path: pathlib.Path) -> None:
    results: list[dict[str, str]] = []
    for in_process in ("true", "false"):
        folder = tmp_path / "playbooks"
        folder.mkdir()
        with simulated(seed=1) as sim:
            prepared(folder, sim)
            playbooks = make_playbooks(sim, folder)
            playbooks.in_process = in_process
            declared = tasks(folder)
            # The working directory of a module is the playbook's folder, whichever Ansible was started in.
            more: dict[str, Any] = {"environment": {"ANSIBLE_INJECT_INVOCATION": "true"}, "cwd": tmp_path}
            run = playbooks.run(declared, "-e", f"@{folder}/variables.json", verbosity=3, **more).succeeded()
            for word in ("Zugang", "Confidential"):
                assert word not in (run.output + json.dumps(run.results)).replace(str(folder), "")
            ways = fronts(run)
            assert len(ways) == len(declared)
            modules = [way for way in ways if way != IN_PROCESS]
            assert len(modules) == (2 if in_process == "true" else len(declared)), "two set attributes of files"
            results.append(seen(run, sim))
        folder.rename(tmp_path / in_process)
    assert list(results[0]) == list(results[1])
    for name, text in results[0].items():
        difference = "\n".join(difflib.unified_diff(text.split("\n"), results[1][name].split("\n"), lineterm="", n=0))
        assert not difference, f"{name}: {difference}"
    assert {text.split('"')[1] for text in results[0].values()} == {"changed", "ok", "failed"}


# ---- which front

PLUGINS = {
    "ANSIBLE_CONNECTION_PLUGINS": str(TESTS / "connection_plugins"),
    "ANSIBLE_BECOME_PLUGINS": str(TESTS / "become_plugins"),
}
NO_REQUESTS = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "requests" and "ansible-playbook" in sys.argv[0]:
            raise ModuleNotFoundError("No module named 'requests'", name="requests")
sys.meta_path.insert(0, Missing())
"""


def fronts(run: Run) -> list[str]:
    """Return where each task of a run with details ran: a reason, or that it was this process."""
    return re.findall(rf"({IN_PROCESS}|{AS_MODULE}.*)", run.output)


@pytest.mark.parametrize(
    ("task", "environment", "reason"),
    [
        ({}, {}, None),
        ({"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}, {}, None),
        ({"vars": {"ansible_python_interpreter": "auto_silent"}}, {}, None),
        ({}, {"ANSIBLE_PYTHON_INTERPRETER": "{folder}/python"}, None),  # localhost has one of its own
        ({"environment": {}}, {}, None),
        ({"become": False}, {}, None),
        ({"vars": {"ngcp_fax_in_process": "{{ 1 == 1 }}"}}, {"NGCP_FAX_IN_PROCESS": "no"}, None),
        ({"vars": {"ngcp_fax_in_process": "{{ 1 == 2 }}"}}, {}, "switched off"),
        ({}, {"NGCP_FAX_IN_PROCESS": "no"}, "switched off"),
        ({"become": True, "become_method": "nobody"}, PLUGINS, "become"),
        ({"vars": {"ansible_connection": "elsewhere"}}, PLUGINS, "the connection is elsewhere"),
        ({"async": 60, "poll": 1}, {"ANSIBLE_ASYNC_DIR": "{folder}/async"}, "async"),
        ({"environment": {"NGCP_API_TIMEOUT": "50"}}, {}, "environment"),
        ({"vars": {"ansible_python_interpreter": "{folder}/python"}}, {}, "the interpreter is {folder}/python"),
        ({}, {"PYTHONPATH": "{folder}/without"}, "no requests here"),
    ],
)
def test_which_front(
    simulator: Simulator,
    playbooks: Playbooks,
    tmp_path: pathlib.Path,
    task: dict[str, Any],
    environment: dict[str, str],
    reason: str | None,
) -> None:
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "without").mkdir()
    (tmp_path / "without/sitecustomize.py").write_text(NO_REQUESTS)
    told = json.loads(json.dumps([task, environment, reason]).replace("{folder}", str(tmp_path)))
    (tmp_path / "files").mkdir()
    (tmp_path / "files/fleet.yml").write_text("- {subscriber_id: 2, active: true}\n- {subscriber_id: 3, ecm: false}\n")
    declared = [
        {"name": "one", "ngcp.fax.fax_settings": ONE, **told[0]},
        {"name": "file", "ngcp.fax.fax_settings": {"subscribers_file": "fleet.yml"}, **told[0]},
        {"name": "again", "ngcp.fax.fax_settings_info": {"select": {"domain": "fax.example.com"}}, **told[0]},
    ]
    run = playbooks.run(declared, verbosity=3, environment=told[1]).succeeded()
    assert [run.result(name)["changed"] for name in ("one", "file", "again")] == [True, True, False]
    assert fronts(run) == [f"{AS_MODULE}{told[2]}" if reason else IN_PROCESS] * 3
    assert simulator.settings("faxserversettings", 3)["ecm"] is False
    assert simulator.count("PATCH", status=200) == 3
    assert reason == "async" or not list(tmp_path.glob("ansible/tmp/*")), "in the background Ansible tidies up later"


def test_an_unusable_switch(simulator: Simulator, playbooks: Playbooks) -> None:
    task = {"name": "one", "ngcp.fax.fax_settings": ONE, "vars": {"ngcp_fax_in_process": "perhaps"}}
    assert "ngcp_fax_in_process must be true or false" in playbooks.run([task]).failed().output
    assert len(simulator.audit) == 0


@pytest.mark.both_fronts
def test_defaults_of_the_group(simulator: Simulator, playbooks: Playbooks) -> None:
    playbooks.environment = {}
    play = {"module_defaults": {"group/ngcp.fax.ngcp": {**connection(simulator), "ca_path": simulator.ca_path}}}
    declared = [
        {"name": "settings", "ngcp.fax.mail2fax_settings": {"subscriber_id": 1, "active": True, "acl": []}},
        {"name": "info", "ngcp.fax.fax_info": {}},
    ]
    run = playbooks.run(declared, play=play).succeeded()
    assert run.statuses == {"settings": "changed", "info": "ok"}


@pytest.mark.both_fronts
def test_no_log(simulator: Simulator, playbooks: Playbooks) -> None:
    task = {"name": "one", "ngcp.fax.fax_settings": {**ONE, "name": "Nobody's business"}, "no_log": True}
    for check in (True, False):
        run = playbooks.run([task], check=check, verbosity=4).succeeded()
        assert "business" not in run.output + json.dumps(run.results)
    assert simulator.settings("faxserversettings", 1)["name"] == "Nobody's business"


@pytest.mark.both_fronts
def test_results_are_no_templates(playbooks: Playbooks, simulator: Simulator) -> None:
    """What comes from the server is text, whatever it looks like."""
    simulator.put_settings("faxserversettings", 1, {"name": "{{ 1 + 1 }}"})
    declared = [
        {"name": "read", "ngcp.fax.fax_settings_info": {"subscriber_id": 1}, "register": "read"},
        {"name": "say", "ansible.builtin.debug": {"msg": "{{ read.subscribers[0].name }}"}},
    ]
    assert playbooks.run(declared).succeeded().result("say")["msg"] == "{{ 1 + 1 }}"


def test_interpreters_of_a_host(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    """A host other than localhost has no interpreter of its own; the configuration may name one."""
    (tmp_path / "hosts").write_text("here ansible_connection=local\nthere ansible_connection=elsewhere\n")
    declared = [
        {"name": "one", "ngcp.fax.fax_settings": ONE},
        {"name": "delegated", "ngcp.fax.fax_settings": ONE, "delegate_to": "here"},
    ]
    for name, reason in ((sys.executable, None), ("{folder}/python", "the interpreter is {folder}/python")):
        (tmp_path / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (tmp_path / "python").chmod(0o755)
        name, reason = name.replace("{folder}", str(tmp_path)), reason and reason.replace("{folder}", str(tmp_path))
        environment = {**PLUGINS, "ANSIBLE_PYTHON_INTERPRETER": name}
        for host, wanted in (("here", reason), ("there", "the connection is elsewhere")):
            run = playbooks.run(
                declared, "-i", f"{tmp_path}/hosts", verbosity=3, environment=environment, play={"hosts": host}
            ).succeeded()
            ways = [f"{AS_MODULE}{why}" if why else IN_PROCESS for why in (wanted, reason)]
            assert fronts(run) == ways
