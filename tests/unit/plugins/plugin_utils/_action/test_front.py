# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Python is the one that runs Ansible."""

from __future__ import annotations

import os
import sys

import pytest

from ansible_collections.ngcp.fax.plugins.plugin_utils._action.front import ENVIRONMENT, LoadedTask, _is_this_python


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Let a virtual environment's program be the one that runs Ansible."""
    program = tmp_path / "env/bin/python3"
    program.parent.mkdir(parents=True)
    program.symlink_to(sys.executable)
    (tmp_path / "env/bin/python").symlink_to("python3")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/python3").symlink_to(sys.executable)
    (tmp_path / "env/bin/something").write_text("#!/bin/sh\n")
    (tmp_path / "env/bin/something").chmod(0o755)
    (tmp_path / "link").symlink_to("env")
    monkeypatch.setattr(sys, "executable", str(program))
    return tmp_path


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("env/bin/python3", True),
        ("env/bin/python", True),
        ("link/bin/python3", True),
        ("env/bin/../bin/python3", True),
        ("other/python3", False),
        ("env/bin/something", False),
        ("env/bin/nothing", False),
        ("env/bin", False),
    ],
)
def test_this_python(environment, path, same):
    assert _is_this_python(os.path.join(environment, path)) is same


def test_a_name_is_looked_for(environment, monkeypatch):
    monkeypatch.setenv("PATH", str(environment / "other"))
    assert not _is_this_python("python3")
    monkeypatch.setenv("PATH", str(environment / "env/bin"))
    assert _is_this_python("python3")
    assert not _is_this_python("/usr/bin/env python3")


@pytest.mark.parametrize(
    ("switch", "loaded"),
    [(None, 1), ("", 1), ("1", 1), ("true", 1), ("0", 0), ("no", 0), ("False", 0), ("perhaps", 0)],
)
def test_a_task_is_loaded_before_processes_are_started_unless_tasks_run_as_modules(monkeypatch, switch, loaded):
    if switch is None:
        monkeypatch.delenv(ENVIRONMENT, raising=False)
    else:
        monkeypatch.setenv(ENVIRONMENT, switch)
    loads = []

    class Action:
        task = LoadedTask(lambda: loads.append("task") or "the task")

    assert len(loads) == loaded
    assert [Action().task, Action.task] == ["the task"] * 2
    assert loads == ["task"]
