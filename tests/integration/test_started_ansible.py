# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that are forked from a started Ansible do what those do that are started: the other tests rely on that."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support import commands
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks

LOOKUPS = {
    "forks": "{{ lookup('config', 'DEFAULT_FORKS') }}",
    "home": "{{ lookup('config', 'ANSIBLE_HOME') }}",
    "file": "{{ lookup('env', 'ANSIBLE_CONFIG') }}",
    "python": "{{ ansible_playbook_python }} {{ ansible_version.full }}",
    "temporary": "{{ lookup('env', 'TMPDIR') }}",
}
TASKS = [
    {"name": "values", "ansible.builtin.debug": {"msg": LOOKUPS}},
    {"name": "settings", "ngcp.fax.fax_settings": {"subscriber_id": 1, "active": True, "name": "One"}},
    {"name": "wrong", "ngcp.fax.fax_settings": {"subscriber_id": 1, "actve": True}, "ignore_errors": True},
    {"name": "unknown", "ngcp.fax.fax_settings": {"subscriber_id": 99, "active": True}, "ignore_errors": True},
    {"name": "folder", "ansible.builtin.file": {"path": "made", "state": "directory", "mode": "0700"}},
    {"name": "end", "ansible.builtin.fail": {"msg": "so be it"}},
]


def ways(make_playbooks: Callable[..., Playbooks], simulator: Simulator, folder: pathlib.Path) -> list[Playbooks]:
    """Return a runner whose commands are started, and one whose commands are forked."""
    runners = [make_playbooks(simulator, folder / name) for name in ("started", "forked")]
    runners[0].start = True
    return runners


def plain(text: str, runner: Playbooks, simulator: Simulator) -> str:
    """Return a text without what no two runs have in common."""
    text = text.replace(str(runner.folder), "FOLDER").replace(simulator.url, "URL")
    text = re.sub(r"ansible-(?:local|tmp)-[\w.-]+|\btmp\w{8}\b|\d+:\d+:\d+(?:\.\d+)?|0x[0-9a-f]+", "ANY", text)
    return re.sub(r'"(?:seconds|time|atime|mtime|ctime|inode|id|uuid)": [^,}]+', "ANY", text)


@pytest.mark.both_fronts
def test_a_forked_playbook_is_like_a_started_one(
    make_playbooks: Callable[..., Playbooks], simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    found: list[Any] = []
    for runner in ways(make_playbooks, simulator, tmp_path):
        simulator.put_settings("faxserversettings", 1, {"active": False, "name": "Before"})
        simulator.clear_audit()
        run = runner.run(TASKS, verbosity=3).failed()
        requests = [(entry.method, entry.path, entry.body) for entry in simulator.audit if "login" not in entry.path]
        results = plain(json.dumps(run.results, sort_keys=True), runner, simulator)
        output = plain(run.output, runner, simulator).splitlines()
        found.append((requests, results, output))
        assert not list(runner.folder.glob("ansible/tmp/*")), "temporary files are removed at the end"
    for started, forked in zip(*found, strict=True):
        assert forked == started


def test_each_command_reads_its_own_configuration(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    (tmp_path / "nine.cfg").write_text("[defaults]\nforks = 9\n")
    (tmp_path / "here").mkdir()
    (tmp_path / "here/ansible.cfg").write_text("[defaults]\nforks = 11\n")
    task = [{"name": "values", "ansible.builtin.debug": {"msg": LOOKUPS}}]
    cases: list[tuple[dict[str, str], pathlib.Path, int]] = [
        ({}, tmp_path, 5),
        ({"ANSIBLE_FORKS": "7"}, tmp_path, 7),
        ({"ANSIBLE_CONFIG": str(tmp_path / "nine.cfg")}, tmp_path, 9),
        ({"ANSIBLE_CONFIG": ""}, tmp_path / "here", 11),
        ({"ANSIBLE_HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)}, tmp_path, 5),
        ({}, tmp_path / "here", 5),
    ]
    for environment, cwd, forks in cases:
        values = playbooks.run(task, environment=environment, cwd=cwd).succeeded().only["msg"]
        assert int(values["forks"]) == forks
        assert values["home"] == environment.get("ANSIBLE_HOME", str(tmp_path / "ansible"))
        assert values["temporary"] == environment.get("TMPDIR", os.environ.get("TMPDIR", ""))


def test_each_command_has_its_own_collections_and_callbacks(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    task = [{"name": "one", "ngcp.fax.fax_settings_info": {"subscriber_id": 1}}]
    nowhere = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    another = {"ANSIBLE_CALLBACKS_ENABLED": "ngcp.fax.drift_report"}
    for _round in range(2):
        assert playbooks.run(task).succeeded().statuses == {"one": "ok"}
        run = playbooks.run(task, environment=nowhere)
        assert run.returncode != 0 and "ngcp.fax.fax_settings_info" in run.output
        assert playbooks.run(task, environment=another).succeeded().results == []


def test_how_commands_end(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    (tmp_path / "broken.yml").write_text("- hosts: [\n")
    tasks = {"wait": {"wait_for": {"timeout": 60}}, "kill": {"command": "kill -KILL {{ lookup('pipe', parent) }}"}}
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"parent": "cut -d' ' -f4 /proc/$PPID/stat"}}
    for name, task in tasks.items():
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump([{**play, "tasks": [task]}]))
    for start in (True, False):
        playbooks.start = start
        assert playbooks.command("ansible-playbook", "broken.yml").returncode == 4
        assert playbooks.command("ansible-playbook", "--no-such-option").returncode == 2
        assert playbooks.command("ansible-inventory", "--list").returncode == 0
        assert playbooks.command("ansible-doc", "--version").stdout.startswith("ansible-doc [core")
        assert playbooks.command("ansible-playbook", "kill.yml").returncode == -9
        with pytest.raises(subprocess.TimeoutExpired):
            words, environment = ("ansible-playbook", "wait.yml"), playbooks.surroundings({})
            commands.run(words, environment=environment, cwd=tmp_path, timeout=3, start=start)
