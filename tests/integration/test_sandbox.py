# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator's command tells a new user to try does what it says."""

from __future__ import annotations

import re
import shlex

import pytest
from ngcp_simulator import Simulator, sandbox

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import written

DRIFTED = [3, 13, 23, 33]


@pytest.mark.platform(subscribers=40)
def test_the_commands_to_try(playbooks: Playbooks, simulator: Simulator) -> None:
    sandbox.fill(simulator)
    sandbox.write_files(simulator, playbooks.folder, {})
    drift, check, run, failed, archive = (
        shlex.split(command.replace("$PWD", str(playbooks.folder))) for command in sandbox.COMMANDS.values()
    )

    assert "5 of 40 subscribers differ" in playbooks.command(*drift).stdout
    assert (playbooks.folder / "drift/drift.html").exists()
    assert "5 would change, 35 unchanged" in playbooks.command(*check).stdout
    assert written(simulator) == []
    assert "5 changed, 35 unchanged" in playbooks.command(*run).stdout
    assert sorted(number for _resource, number in written(simulator)) == DRIFTED
    assert "0 changed, 40 unchanged" in playbooks.command(*run).stdout
    assert re.findall(r'"status": "(\w+)"', playbooks.command(*failed).stdout) == ["FAILED"]
    assert "12 faxes, 12 fetched" in playbooks.command(*archive).stdout
    assert len([*(playbooks.folder / "faxes").glob("*.tif")]) == 12
