# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of playbooks against the simulated platform, and what became of them."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ansible_collections.ngcp.fax.tests.integration.support import commands
from ansible_collections.ngcp.fax.tests.integration.support.documents import ROOT

TESTS = ROOT / "tests/integration"


@dataclass
class Run:
    """What one run of a playbook came to."""

    returncode: int
    output: str
    results: list[dict[str, Any]] = field(default_factory=list)

    def result(self, task: str) -> dict[str, Any]:
        """Return the result of the only task with this name."""
        (found,) = [line["result"] for line in self.results if line["task"] == task]
        return found

    @property
    def only(self) -> dict[str, Any]:
        """The result of the only task."""
        (found,) = [line["result"] for line in self.results]
        return found

    @property
    def errors(self) -> dict[str, str]:
        """Message of every task that failed."""
        return {line["task"]: str(line["result"].get("msg", "")) for line in self.results if line["status"] == "failed"}

    @property
    def statuses(self) -> dict[str, str]:
        """Status of every task."""
        return {line["task"]: line["status"] for line in self.results}

    @property
    def diffs(self) -> dict[str, Any]:
        """Diff of every task that has one."""
        return {line["task"]: line["result"]["diff"] for line in self.results if line["result"].get("diff")}

    def succeeded(self) -> Run:
        """Fail the test unless the playbook succeeded."""
        assert self.returncode == 0, self.output
        return self

    def failed(self) -> Run:
        """Fail the test unless a task of the playbook failed."""
        assert self.returncode == 2, self.output
        return self


class Playbooks:
    """Runs playbooks on localhost with the connection of a simulator in the environment.

    :param folder: where they run; it is made if it is not there.
    :param in_process: whether tasks run in the control node's process where that is possible, as Ansible reads it.
    """

    def __init__(self, folder: pathlib.Path, environment: Mapping[str, str], in_process: str = "true") -> None:
        self.folder = folder
        self.environment = dict(environment)
        self.in_process = in_process
        self.start = False  # whether to start commands that could be forked
        self._runs = 0
        folder.mkdir(exist_ok=True)
        self._config = folder / "ansible.cfg"
        self._config.write_text("")

    def run(
        self,
        tasks: list[dict[str, Any]] | pathlib.Path,
        *options: str,
        check: bool = False,
        verbosity: int = 0,
        environment: Mapping[str, str] | None = None,
        play: Mapping[str, Any] | None = None,
        cwd: pathlib.Path | None = None,
    ) -> Run:
        """Run tasks (given as such, or as a file of tasks) in one play; ``--diff`` is always on."""
        playbook = self.folder / f"playbook-{self._runs + 1}.yml"
        if isinstance(tasks, pathlib.Path):
            tasks = yaml.safe_load(tasks.read_text())
        content = {"hosts": "localhost", "gather_facts": False, **(play or {}), "tasks": tasks}
        playbook.write_text(yaml.safe_dump([content], sort_keys=False))
        return self.playbook(
            str(playbook), *options, check=check, verbosity=verbosity, environment=environment, cwd=cwd
        )

    def playbook(
        self,
        playbook: str,
        *options: str,
        check: bool = False,
        verbosity: int = 0,
        environment: Mapping[str, str] | None = None,
        cwd: pathlib.Path | None = None,
    ) -> Run:
        """Run a playbook (a file, or one of the collection's own by its name); ``--diff`` is always on."""
        self._runs += 1
        record = self.folder / f"record-{self._runs}.jsonl"
        command = ["ansible-playbook", playbook, "--diff", *options]
        command += ["--check"] * check + ["-" + "v" * verbosity] * bool(verbosity)
        done = self.command(*command, environment={"NGCP_FAX_RECORD": str(record), **(environment or {})}, cwd=cwd)
        lines = record.read_text().splitlines() if record.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, [json.loads(line) for line in lines])

    def command(
        self, *words: str, environment: Mapping[str, str] | None = None, cwd: pathlib.Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run any command of Ansible's with the same environment."""
        surroundings = self.surroundings(environment or {})
        return commands.run(words, environment=surroundings, cwd=cwd or self.folder, start=self.start)

    def module(self, name: str, arguments: dict[str, Any], **options: Any) -> Run:
        """Run one task with the module ``ngcp.fax.<name>``."""
        return self.run([{"name": name, f"ngcp.fax.{name}": arguments}], **options)

    def each(self, module: str, cases: Mapping[str, Mapping[str, Any]], **options: Any) -> Run:
        """Run a module once for each of some cases, all in one play; cases may fail. Their names are those of tasks."""
        tasks = [
            {"name": name, f"ngcp.fax.{module}": {**arguments}, "ignore_errors": True}
            for name, arguments in cases.items()
        ]
        run = self.run(tasks, **options).succeeded()
        assert list(run.statuses) == list(cases), run.output
        return run

    def surroundings(self, extra: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a command."""
        collections = os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(ROOT / ".cache/link"))
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "NGCP_"))},
            "ANSIBLE_CALLBACK_PLUGINS": str(TESTS / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_CONFIG": str(self._config),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "ansible/tmp"),
            "NGCP_FAX_IN_PROCESS": self.in_process,
            **self.environment,
            **extra,
        }
