# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX starts them: credentials, inventory, variables and artifacts in its ways.

From AWX's source: variables of a launch and of a survey, and artifacts of earlier jobs in the workflow (those of
``set_stats``) go into one file of extra variables, with every text marked as unsafe (``awx/main/tasks/jobs.py`` and
``awx/main/models/workflow.py``); ``ansible-runner`` runs the job and answers the prompts for vault passwords.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import jinja2
import yaml

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks


class _Unsafe(str):
    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes texts with ``!unsafe``."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


@dataclasses.dataclass
class Job:
    """A job that has ended.

    :param artifacts: what ``set_stats`` left for the jobs that follow.
    """

    successful: bool
    output: str
    artifacts: dict[str, Any]

    def succeeded(self) -> Job:
        """Fail the test unless the job succeeded."""
        assert self.successful, self.output
        return self

    def failed(self) -> Job:
        """Fail the test unless the job failed."""
        assert not self.successful, self.output
        return self


class Controller:
    """Runs the job templates of a configuration.

    :param data: the variables of infra.aap_configuration.
    :param project: the folder of the project, which every job gets a copy of.
    :param inputs: the inputs of each credential, by its name.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        project: pathlib.Path,
        inputs: Mapping[str, Mapping[str, str]],
        playbooks: Playbooks,
    ) -> None:
        self._data = data
        self._project = project
        self._inputs = inputs
        self._playbooks = playbooks
        self._jobs = 0
        self.runner = False  # whether ansible-runner runs the jobs, which takes longer

    def named(self, kind: str, name: str) -> dict[str, Any]:
        """Return the object of a kind that has a name."""
        (found,) = [one for one in self._data[kind] if one["name"] == name]
        return dict(found)

    def launch(self, template: str, **variables: Any) -> Job:
        """Run the job of a template with extra variables: answers of a survey, and artifacts."""
        job = self.named("controller_templates", template)
        private = self._prepare(job, variables)
        environment, vaults = self._credentials(job["credentials"])
        environment["ANSIBLE_CONFIG"] = str(private / "project/ansible.cfg")
        options = ["--diff"] * job["diff_mode"]
        run = self._run_with_runner if self.runner else self._run
        return run(private, job["playbook"], options, environment, vaults)

    def _prepare(self, job: Mapping[str, Any], variables: Mapping[str, Any]) -> pathlib.Path:
        """Make the folder of a job, in the form that ansible-runner takes."""
        self._jobs += 1
        private = self._playbooks.folder / f"job-{self._jobs}"
        shutil.copytree(self._project, private / "project")
        (private / "env").mkdir()
        (private / "inventory").mkdir()
        hosts = {
            host["name"]: host["variables"]
            for host in self._data["controller_hosts"]
            if host["inventory"] == job["inventory"]
        }
        (private / "inventory/hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
        marked = {name: _Unsafe(value) if isinstance(value, str) else value for name, value in variables.items()}
        (private / "env/extravars").write_text(yaml.dump(marked, Dumper=_Dumper))
        return private

    def _credentials(self, names: list[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the variables of the environment that credentials inject, and vault passwords by their id."""
        environment: dict[str, str] = {}
        vaults: dict[str, str] = {}
        for name in names:
            kind, inputs = self.named("controller_credentials", name)["credential_type"], self._inputs[name]
            if kind == "Vault":
                vaults[inputs["vault_id"]] = inputs["vault_password"]
                continue
            injected = self.named("controller_credential_types", kind)["injectors"]["env"]
            templates = jinja2.Environment(undefined=jinja2.StrictUndefined)
            environment |= {one: templates.from_string(text).render(inputs) for one, text in injected.items()}
        return environment, vaults

    def _run_with_runner(
        self,
        private: pathlib.Path,
        playbook: str,
        options: list[str],
        environment: dict[str, str],
        vaults: dict[str, str],
    ) -> Job:
        prompts = {rf"Vault password \({name}\):\s*?$": password for name, password in vaults.items()}
        (private / "env/passwords").write_text(yaml.safe_dump(prompts))
        words = [*options, *(f"--vault-id {name}@prompt" for name in vaults)]
        subprocess.run(
            [
                "ansible-runner",
                "run",
                "--quiet",
                "--ident",
                "job",
                "-p",
                playbook,
                "--cmdline",
                " ".join(words),
                private,
            ],
            env=self._playbooks.surroundings({**environment, "NGCP_FAX_RECORD": str(private / "record.jsonl")}),
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
        left = private / "artifacts/job"
        output = (left / "stdout").read_text()
        events = [json.loads(file.read_text()) for file in (left / "job_events").glob("*-*.json")]
        stats = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
        assert stats, output
        return Job((left / "status").read_text() == "successful", output, stats[0].get("artifact_data", {}))

    def _run(
        self,
        private: pathlib.Path,
        playbook: str,
        options: list[str],
        environment: dict[str, str],
        vaults: dict[str, str],
    ) -> Job:
        words = [*options, "-i", str(private / "inventory"), "-e", f"@{private}/env/extravars"]
        for name, password in vaults.items():
            (private / name).write_text(password)
            words += ["--vault-id", f"{name}@{private / name}"]
        done = self._playbooks.playbook(playbook, *words, environment=environment, cwd=private / "project")
        stats = [line["result"]["ansible_stats"]["data"] for line in done.results if "ansible_stats" in line["result"]]
        return Job(done.returncode == 0, done.output, stats[0] if stats else {})
