# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""However a run with a vaulted fleet file ends, none of its passwords stays in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import COLUMNS, row, write_csv
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks

CANARY = b"CANARY"
PATIENCE = 60  # seconds


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """Return a folder for everything temporary; its name is short, because Ansible makes sockets there."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield pathlib.Path(folder)


def vaulted(playbooks: Playbooks, name: str) -> None:
    if name.endswith(".csv"):
        columns = COLUMNS if name == "fleet.csv" else ("subscriber_id", "password")
        rows = [{column: row(number).get(column, "") for column in columns} for number in range(1, 31)]
        write_csv(playbooks.folder / name, rows, columns)
    else:
        entries = [{"subscriber_id": number, "password": f"CANARY-{number}"} for number in range(1, 31)]
        (playbooks.folder / name).write_text(yaml.safe_dump(entries))
    (playbooks.folder / "key").write_text("vault-key")
    done = playbooks.command("ansible-vault", "encrypt", "--vault-password-file", "key", name)
    assert done.returncode == 0, done.stderr


def exposed(*folders: pathlib.Path) -> list[str]:
    """Return the files in which a secret can be read; what lies in the memory of a process is none."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [str(path) for path in files if CANARY in path.read_bytes()]


def working_folders(*folders: pathlib.Path) -> list[pathlib.Path]:
    return [path for folder in folders for path in folder.rglob("ngcp-fax-*")]


def interrupt(playbooks: Playbooks, simulator: Simulator, playbook: str, options: list[str], ending: int) -> None:
    """Run a playbook until it writes and gets no answer, and end it with a signal."""
    fault = simulator.fault("hang", method="PATCH")
    command = ["ansible-playbook", playbook, "--vault-password-file", "key", *options]
    with subprocess.Popen(
        command,
        cwd=playbooks.folder,
        # Ansible waits for its processes, and they wait for the answer.
        env=playbooks.surroundings({"NGCP_API_TIMEOUT": "5", "NGCP_API_RETRIES": "0"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + PATIENCE
        while not fault.hits and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert fault.hits and process.poll() is None
        if ending == signal.SIGTERM:
            process.terminate()
        else:  # Ctrl-C goes to all processes of the run
            os.killpg(process.pid, ending)
        process.wait(PATIENCE)
        with contextlib.suppress(ProcessLookupError):  # what Ansible itself may leave running
            os.killpg(process.pid, signal.SIGKILL)
    simulator.clear_faults()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_the_role_fleet(playbooks: Playbooks, simulator: Simulator, temporary: pathlib.Path, ending: int) -> None:
    vaulted(playbooks, "fleet.csv")
    options = ["-e", "fleet_file=fleet.csv"]
    places = (temporary, playbooks.folder)
    interrupt(playbooks, simulator, "ngcp.fax.fleet", options, ending)
    assert exposed(*places) == []
    if ending == signal.SIGKILL:
        assert working_folders(*places) != [], "nothing could be removed"
    run = playbooks.playbook("ngcp.fax.fleet", *options, "--vault-password-file", "key").succeeded()
    assert exposed(*places) == working_folders(*places) == []
    assert "CANARY" not in run.output


@pytest.mark.parametrize("name", ["fax.csv", "fax.yml"])
def test_a_task_of_its_own(playbooks: Playbooks, simulator: Simulator, temporary: pathlib.Path, name: str) -> None:
    vaulted(playbooks, name)
    task = {"ngcp.fax.fax_settings": {"subscribers_file": name}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    (playbooks.folder / "site.yml").write_text(yaml.safe_dump([play]))
    interrupt(playbooks, simulator, "site.yml", [], signal.SIGKILL)
    assert exposed(temporary, playbooks.folder) == []
