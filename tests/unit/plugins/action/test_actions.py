# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module has an action plugin, and both run the same task."""

from __future__ import annotations

import functools
import importlib
import pathlib

import pytest

from ansible_collections.ngcp.fax.plugins import modules

PLUGINS = "ansible_collections.ngcp.fax.plugins"
EVERY = sorted({path.stem for folder in modules.__path__ for path in pathlib.Path(folder).glob("[a-z]*.py")})
# Some are action plugins only, and have no more than their documentation among the modules.
NAMES = [name for name in EVERY if hasattr(importlib.import_module(f"{PLUGINS}.modules.{name}"), "main")]


def of_module(name, monkeypatch):
    module = importlib.import_module(f"{PLUGINS}.modules.{name}")
    seen = []
    monkeypatch.setattr(module, "run_module", seen.append)
    module.main()
    return seen[0]


def what(work):
    """Return what makes two pieces of work the same."""
    return (work.func, work.args, work.keywords) if isinstance(work, functools.partial) else work


@pytest.mark.parametrize("name", NAMES)
def test_the_action_plugin_has_the_modules_task(name, monkeypatch):
    action = importlib.import_module(f"{PLUGINS}.action.{name}").ActionModule
    module = of_module(name, monkeypatch)
    assert action.task.options == module.options
    assert what(action.task.work) == what(module.work)
    parts = ("secrets", "hidden")
    assert [getattr(action.task, part) for part in parts] == [getattr(module, part) for part in parts]
