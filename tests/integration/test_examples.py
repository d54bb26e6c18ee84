# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of the modules' documentation runs, as a play of its own: in check mode, for real, and once more.

As modules they run for real only: what else the fronts have to agree on is in test_fronts.py.
"""

from __future__ import annotations

import importlib
import pathlib
import shutil
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.documents import blocks
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import connection, writes

SETTINGS_MODULES = (
    "fax_settings",
    "mail2fax_settings",
    "fax_forward",
    "fax_settings_info",
    "mail2fax_settings_info",
    "fax_forward_info",
    "fax_readiness_info",
)
FAX_MODULES = ("fax_send", "fax_info", "fax_fetch")
FLEET = "subscriber,active,name\nuser0001@fax.example.com,yes,One\nuser0002@voip.example.net,no,Two\n"


def connected(tasks: Any, own: dict[str, str]) -> Any:
    """Return the tasks with the example's connection replaced by that of the simulator."""
    if isinstance(tasks, list):
        return [connected(task, own) for task in tasks]
    if isinstance(tasks, dict):
        return {name: own.get(name, connected(value, own)) for name, value in tasks.items()}
    return tasks


def example_tasks(module: str, sim: Simulator, folder: pathlib.Path) -> Any:
    """Return the tasks of a module's examples, with the folder of the test in place of /tmp."""
    examples = importlib.import_module(f"ansible_collections.ngcp.fax.plugins.modules.{module}").EXAMPLES
    return connected(yaml.safe_load(examples.replace("/tmp/", f"{folder}/")), connection(sim))


@pytest.fixture
def unconnected(playbooks: Playbooks, simulator: Simulator) -> Playbooks:
    """A runner that only knows the certificate authority: the rest of the connection is in the examples."""
    playbooks.environment = {"NGCP_API_CA_PATH": simulator.ca_path}
    return playbooks


@pytest.mark.both_fronts
@pytest.mark.parametrize("module", SETTINGS_MODULES)
def test_examples(
    module: str,
    front: str,
    simulator: Simulator,
    unconnected: Playbooks,
    tmp_path: pathlib.Path,
) -> None:
    tasks = example_tasks(module, simulator, tmp_path)
    (tmp_path / "files").mkdir()
    (tmp_path / "files/fleet.csv").write_text(FLEET)
    play = {
        "vars": {
            "vault_ngcp_password": connection(simulator)["api_password"],
            "vault_fax_password": "fax-password",
            "vault_secret_key": "secret-key",
            "vault_keys": {"user0005": "secret-5", "user0006": "secret-6"},
        }
    }
    # A small platform: the limits on changes that the examples show are for larger ones.
    inner = [task for outer in tasks for task in outer.get("block", [])]
    for task in [*tasks, *inner]:
        for arguments in task.values():
            if isinstance(arguments, dict):
                arguments.pop("max_changes", None)

    if front == "in_process":
        unconnected.run(tasks, check=True, play=play).succeeded()
        assert writes(simulator) == []
    unconnected.run(tasks, play=play).succeeded()


@pytest.fixture
def with_faxes(simulator: Simulator, tmp_path: pathlib.Path) -> Simulator:
    """The platform that the examples about faxes speak of, and the files and folders that they take for granted."""
    simulator.put_settings("faxserversettings", 3, {"active": True})
    simulator.switch(fax_seconds=0.5)
    simulator.receive_fax(3, count=5)
    november = datetime(2026, 11, 20, 9, tzinfo=UTC).timestamp()
    simulator.receive_fax(3, direction="out", time=november)
    for name in ("test_fax.pdf", "files/order.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(f"%PDF-1.4\n{name}\n%%EOF\n".encode())
    return simulator


@pytest.mark.both_fronts
@pytest.mark.parametrize("module", FAX_MODULES)
def test_examples_about_faxes(
    module: str,
    front: str,
    with_faxes: Simulator,
    unconnected: Playbooks,
    tmp_path: pathlib.Path,
) -> None:
    play = {"vars": {"vault_ngcp_password": connection(with_faxes)["api_password"]}}
    tasks = example_tasks(module, with_faxes, tmp_path)
    (tmp_path / "faxes").mkdir(mode=0o750)  # by a task of the examples, which check mode only predicts

    if front == "in_process":
        unconnected.run(tasks, check=True, play=play).succeeded()
        assert writes(with_faxes) == []
    first = unconnected.run(tasks, play=play).succeeded()
    sent = writes(with_faxes)
    assert len(sent) == (4 if module == "fax_send" else 0)
    if front == "in_process":
        again = unconnected.run(tasks, play=play).succeeded()
        assert writes(with_faxes) == sent
        ours = [line for line in again.results if line["action"].startswith("ngcp.fax.")]
        assert [line["task"] for line in ours if line["status"] != "ok"] == []
    if module == "fax_fetch":
        content = {fax["path"]: fax["status"] for line in first.results for fax in line["result"].get("faxes", [])}
        assert set(content.values()) == {"fetched"} and len(content) == 2 + 5 + 1
        assert (tmp_path / "fax-5.tif").read_bytes().startswith(b"II*")
        assert (tmp_path / "fax-5.pdf").read_bytes().startswith(b"%PDF-1.4")


def test_the_example_of_the_readme(with_faxes: Simulator, unconnected: Playbooks, tmp_path: pathlib.Path) -> None:
    (example,) = [text for text in blocks("README.md", "yaml") if text.startswith("- name: ")]
    (play,) = yaml.safe_load(example.replace("alice@example.org", "user0003@pbx.example.org").replace("10%", "100%"))
    (tmp_path / "fleet.csv").write_text(FLEET)
    shutil.copy(tmp_path / "files/order.pdf", tmp_path / "order.pdf")
    defaults = {name: connected(given, connection(with_faxes)) for name, given in play["module_defaults"].items()}
    unconnected.run(play["tasks"], play={"module_defaults": defaults}).succeeded()
    (sent,) = with_faxes.sent_faxes()
    assert sent["destination"] == "+43 1 110002"
    assert with_faxes.settings("faxserversettings", 1)["name"] == "One"


@pytest.mark.parametrize("module", (*SETTINGS_MODULES, *FAX_MODULES))
def test_documentation_reads(module: str, playbooks: Playbooks) -> None:
    done = playbooks.command("ansible-doc", "-t", "module", f"ngcp.fax.{module}")
    assert done.returncode == 0
    assert "EXAMPLES" in done.stdout and "OPTIONS" in done.stdout and not done.stderr.strip()
