# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated platform and a runner of playbooks for each test."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Iterator

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import simulated

FRONTS = {"in_process": "true", "module": "false"}


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    config.addinivalue_line("markers", "both_fronts: run the test in the control node's process and with modules")
    config.addinivalue_line("markers", "platform(**options): how the simulated platform of the test differs")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run marked tests on both fronts; all others run in process where that is possible."""
    if metafunc.definition.get_closest_marker("both_fronts"):
        metafunc.parametrize("front", FRONTS, indirect=True)


def pytest_xdist_auto_num_workers() -> int:
    """Use one process more than there are cores: tests wait for deadlines now and then."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A platform with 30 subscribers, or with what the closest mark ``platform`` says."""
    mark = request.node.get_closest_marker("platform")
    with simulated(**(mark.kwargs if mark else {})) as sim:
        yield sim


@pytest.fixture
def front(request: pytest.FixtureRequest) -> str:
    """Where tasks run: one of ``FRONTS``."""
    return getattr(request, "param", "in_process")


@pytest.fixture
def make_playbooks(tmp_path: pathlib.Path, front: str) -> Callable[..., Playbooks]:
    """Return a function that makes a runner for a platform, in the folder of the test or in another one."""

    def make(sim: Simulator, folder: pathlib.Path = tmp_path) -> Playbooks:
        return Playbooks(folder, sim.environment(), FRONTS[front])

    return make


@pytest.fixture
def playbooks(simulator: Simulator, make_playbooks: Callable[..., Playbooks]) -> Playbooks:
    """A runner for the platform of the test."""
    return make_playbooks(simulator)
