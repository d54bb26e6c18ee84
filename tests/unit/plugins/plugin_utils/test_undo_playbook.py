# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that undoes a run knows its variables, and the module knows its options."""

from __future__ import annotations

import pathlib
import re

import yaml

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.options import fleet_options, meaning_options
from ansible_collections.ngcp.fax.plugins.plugin_utils._role_variables import known_names, wrong_names

TEXT = (pathlib.Path(__file__).resolve().parents[4] / "playbooks/undo.yml").read_text()


def test_its_variables_are_known():
    assert set(re.findall(r"(?<![\w.])undo_[a-z_]+", TEXT)) == set(known_names(["undo"]))
    (error,) = wrong_names(["undo"], {"undo_fiel": "x"}, [])
    assert "did you mean 'undo_file'?" in error.message


def test_it_passes_every_option_that_an_undo_can_have():
    (play,) = yaml.safe_load(TEXT)
    (given,) = [task["ngcp.fax.fleet"] for task in play["tasks"] if "ngcp.fax.fleet" in task]
    others = {"src", "subscribers", "hosts", "allow_empty", "return_unchanged", *meaning_options()}
    others |= {name for name in fleet_options() if "plan" in name or name == "on_stale"} - {"on_plan_error"}
    assert set(given) == set(fleet_options()) - others
