# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a package with a command, which starts with something to see."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ngcp_simulator import Simulator, sample, sandbox

PROJECT = Path(__file__).resolve().parents[1] / "simulator"
EXAMPLE = PROJECT.parents[1] / "docs/examples/fleet/files/fleet.csv"
FREE = ("--port", "0", "--subscriber-port", "0")


def run_command(folder: Path, *options: str) -> tuple[str, dict[str, Any]]:
    """Run the command until it listens, and return what it printed and what was in its state file."""
    command = [sys.executable, "-m", "ngcp_simulator.sandbox", "--folder", str(folder), *FREE, *options]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        state = folder / "platform/simulator.json"
        for _attempt in range(600):
            if state.exists():
                break
            assert process.poll() is None
            time.sleep(0.05)
        content = json.loads(state.read_text(encoding="utf-8"))
        process.send_signal(signal.SIGINT)
        output, _errors = process.communicate(timeout=20)
    assert process.returncode == 0
    return output, content


def test_command(tmp_path: Path) -> None:
    """The page says where the platform is, who may log in, what there is to see, and what to do next."""
    folder = tmp_path / "new" / "sandbox"
    output, state = run_command(folder, "--subscribers", "40", "--export", "GREETING=it's me")
    admin = state["accounts"]["admin"]
    for text in (state["url"], admin["username"], admin["password"], str(folder), *sandbox.COMMANDS.values()):
        assert text in output
    assert "5 of 40 subscribers differ from fleet.csv; 12 faxes were received, 3 could not be sent." in output
    assert len(output.splitlines()) <= 40
    connection = folder / sandbox.CONNECTION
    assert stat.S_IMODE(connection.stat().st_mode) == 0o600
    shell = subprocess.run(
        ["sh", "-c", f'. "{connection}"; echo "$NGCP_API_URL $NGCP_API_PASSWORD $NGCP_API_CA_PATH $GREETING"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shell.stdout == f"{state['url']} {admin['password']} {folder}/platform/ca.pem it's me\n"


def test_the_user_s_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / sandbox.FLEET).write_text("subscriber,active\n")
    output, _state = run_command(tmp_path, "--subscribers", "4", "--empty")
    assert "yours, as it was" in output and "untouched" in output
    assert (tmp_path / sandbox.FLEET).read_text() == "subscriber,active\n"


@pytest.mark.parametrize("word", ["nonsense", "1A=b"])
def test_variables_have_names(tmp_path: Path, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        sandbox.main(["--folder", str(tmp_path), *FREE, "--export", word])
    assert "NAME=VALUE" in capsys.readouterr().err


def test_the_fleet_file_is_the_example(tmp_path: Path) -> None:
    """What the demonstration and the guides use is what the command writes."""
    with Simulator(subscribers=300) as simulator:
        sample.write_fleet_file(simulator, tmp_path / "fleet.csv")
    assert (tmp_path / "fleet.csv").read_text() == EXAMPLE.read_text()


def test_the_content_of_a_platform() -> None:
    with Simulator(subscribers=40) as simulator:
        assert sample.provision(simulator) == [3, 7, 13, 23, 33]
        declared = {identifier: settings for identifier, _name, settings in sample.declared(simulator)}
        stored = {identifier: simulator.settings(sample.FAX, identifier) or {} for identifier in declared}
        differing = [
            (identifier, name)
            for identifier, settings in declared.items()
            for name, value in settings.items()
            if _sorted(stored[identifier][name]) != _sorted(value)
        ]
        assert differing == [(3, "active"), (13, "name"), (23, "destinations"), (33, "active")]
        receiving = {identifier for identifier, settings in declared.items() if settings["active"]}
        assert set(simulator.all_forwards()) == receiving - {7}
        for identifier in sample.add_mail_settings(simulator):
            assert (simulator.settings(sample.MAIL, identifier) or {})["active"] is True
        assert sample.add_faxes(simulator) == (12, 3)
        faxes = [(fax["direction"], fax["status"]) for fax in simulator.journal()]
        assert sorted(set(faxes)) == [("in", "SUCCESS"), ("out", "FAILED")]
        assert faxes.count(("in", "SUCCESS")) == 12


def _sorted(value: Any) -> Any:
    return sorted(value, key=lambda element: element["destination"]) if isinstance(value, list) else value


def test_the_package_has_all_files() -> None:
    """Folders and files that setuptools would leave out silently."""
    tools = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {path.parent.relative_to(PROJECT).as_posix() for path in PROJECT.glob("ngcp_simulator/**/*.py")}
    assert {name.replace(".", "/") for name in tools["packages"]} == folders
    others = {path.name for path in PROJECT.glob("ngcp_simulator/**/*.*") if path.suffix not in (".py", ".pyc")}
    assert set(tools["package-data"]["*"]) == others
