# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demonstration keeps what the README promises, and its playbooks run."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
from urllib.parse import unquote, urlsplit

from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.documents import ROOT
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks

PAGE_OF_TEXT = 70  # lines
EXAMPLES = ROOT / "docs/examples/fleet"


def test_the_demonstration(tmp_path: pathlib.Path) -> None:
    """Check mode reports as many changes as the run makes, and the last line is the page with the drift."""
    bin_folder = str(pathlib.Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([bin_folder, os.environ["PATH"]])}
    command = (sys.executable, ROOT / "tests/demo/run_demo.py", tmp_path / "page")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) <= PAGE_OF_TEXT
    reported = re.findall(r"reported changes: (\d+); PATCH requests that the platform saw: (\d+)", done.stdout)
    assert reported == [("33", "0"), ("33", "33"), ("0", "0")]
    page = pathlib.Path(unquote(urlsplit(lines[-1]).path))
    assert page == tmp_path / "page/drift.html"
    assert "33 of 300" in page.read_text()


def test_the_requests_of_the_handbook(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.put_settings("faxserversettings", 3, {"active": True})
    playbooks.playbook(str(EXAMPLES / "handbook.yml")).succeeded()
    assert (simulator.settings("faxserversettings", 3) or {})["active"] is False
