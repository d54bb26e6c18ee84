# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module, role, playbook and plugin once, on both fronts and by name and by address: what the versions of
Ansible, Python and the libraries have to show.

The simulated platform is a process of its own, because it may need another Python than the one under test:
``NGCP_FAX_SIMULATOR_PYTHON`` names its interpreter.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.ngcp.fax.tests.unit.support.server import make_certificates

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODULES = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
ROLES = {path.parent.name for path in (ROOT / "roles").glob("*/tasks")}
UNDO = "undo"
PLAYBOOKS = sorted(
    (path.stem for path in (ROOT / "playbooks").glob("*.yml") if path.stem != UNDO), key=lambda name: name != "fleet"
)
FRONTS = {"in_process": ("true", "runs in process"), "module": ("false", "runs as a module")}
HOSTS = {"address": "127.0.0.1", "name": "localhost"}
REPORTS = {"drift.html", "drift.json", "drift.junit.xml", "drift.md"}


@pytest.fixture
def platform(tmp_path_factory):
    """Start a platform that listens on every address of this machine, and return its ``simulator.json``."""
    folder = tmp_path_factory.mktemp("platform")
    python = os.environ.get("NGCP_FAX_SIMULATOR_PYTHON", sys.executable)
    options = ["--subscribers", "20", "--host", "0.0.0.0", "--port", "0", "--subscriber-port", "0"]
    options += ["--fax-seconds", "0", "--state", str(folder), "--quiet"]
    with subprocess.Popen(
        [python, "-m", "ngcp_simulator", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests/simulator")},
        stdin=subprocess.DEVNULL,
    ) as process:
        try:
            yield wait_for(folder / "simulator.json", process)
        finally:
            process.send_signal(signal.SIGTERM)


def wait_for(file, process):
    """Return what is in a JSON file as soon as the process has written it."""
    deadline = time.monotonic() + 60
    while not file.exists():
        assert process.poll() is None, "the simulator has ended"
        assert time.monotonic() < deadline, "the simulator does not start"
        time.sleep(0.05)
    return json.loads(file.read_text())


@pytest.fixture
def surroundings(platform, tmp_path, monkeypatch):
    """Return a function that makes the environment of a command for a front and a host."""
    monkeypatch.chdir(tmp_path)

    def make(front, host):
        connection = {**platform["environment"], "NGCP_API_URL": url(platform, host)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "NGCP_"))}
        return {
            **kept,
            **connection,
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/integration/callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "record,ngcp.fax.drift_report",
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(ROOT / ".cache/link")),
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "ANSIBLE_NOCOLOR": "1",
            "HOME": str(tmp_path),
            "ANSIBLE_REMOTE_TEMP": str(tmp_path / "ansible/tmp"),
            "NGCP_FAX_DRIFT_REPORT_DIR": str(tmp_path / "callback"),
            "NGCP_FAX_IN_PROCESS": FRONTS[front][0],
            "NGCP_FAX_RECORD": str(tmp_path / "record.jsonl"),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }

    return make


def url(platform, host):
    """Return the platform's address for one of the machine's own hosts."""
    return f"https://{host}:{platform['url'].rpartition(':')[2]}"


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("front", FRONTS)
def test_everything_once(platform, surroundings, tmp_path, front, host):
    for file in (HERE / "files").iterdir():
        shutil.copy(file, tmp_path)
    variables = {
        "smoke_fleet": str(tmp_path / "settings.csv"),
        "smoke_folder": str(tmp_path),
        "smoke_job": f"{front} {host}",
        "smoke_other_authority": make_certificates(tmp_path)["other"],
        "smoke_stranger": url(platform, "127.0.0.2"),  # which is not in the certificate
        "fleet_file": str(tmp_path / "fleet.yml"),
        "fleet_undo_dir": str(tmp_path / "undo"),
        "drift_report_dir": str(tmp_path / "role"),
        "archive_dest": str(tmp_path / "archive"),
        "archive_direction": "any",
        "export_file": str(tmp_path / "export.csv"),
    }
    environment = surroundings(front, HOSTS[host])
    playbooks = ["smoke.yml", *(f"ngcp.fax.{name}" for name in PLAYBOOKS)]
    done = run(tmp_path, environment, variables, *playbooks)
    assert done.returncode == 0, done.stdout
    (undo_file,) = (tmp_path / "undo").iterdir()
    undone = run(tmp_path, environment, {"undo_file": str(undo_file)}, f"ngcp.fax.{UNDO}")
    assert undone.returncode == 0 and "1 changed" in undone.stdout, undone.stdout
    records = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    assert {record["action"].removeprefix("ngcp.fax.") for record in records} >= MODULES
    assert used_roles(tmp_path) == ROLES
    ran = {line.partition(" runs ")[0].split()[-1] for line in done.stdout.splitlines() if FRONTS[front][1] in line}
    both = {f"ngcp.fax.{name}" for name in MODULES if name.startswith(("fax_", "mail2fax_")) or name == "fleet"}
    assert both <= ran, "these ran on the front that is under test"
    assert not re.search(r"\[(DEPRECATION )?WARNING\].*ngcp", done.stdout), done.stdout
    assert "smoke-Secret-1" not in done.stdout


def run(folder, environment, variables, *playbooks):
    """Run playbooks with extra variables in a folder, and return how that ended."""
    return subprocess.run(
        ["ansible-playbook", "-vvv", "-i", "smoke.ngcp_fax.yml", "-e", json.dumps(variables), *playbooks],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def used_roles(folder):
    """Return the roles that left their traces in a folder."""
    traces = {
        "archive": len(list((folder / "archive").glob("*.tif*"))) > 0,
        "drift_report": {path.name for path in (folder / "role").iterdir()} == REPORTS,
        "fleet": "Fleet four" in (folder / "export.csv").read_text(),
    }
    readiness = {"readiness.html", "readiness.json", "readiness.md"}
    assert {path.name for path in (folder / "callback").iterdir()} == REPORTS | readiness
    return {name for name, used in traces.items() if used}
