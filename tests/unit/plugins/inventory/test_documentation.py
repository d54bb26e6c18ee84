# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin's options, which Ansible reads off the documentation, fit the code and the modules."""

from __future__ import annotations

import pytest
import yaml

pytest.importorskip("ansible.plugins.inventory", reason="plugins run on control nodes only")

from ansible_collections.ngcp.fax.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.ngcp.fax.plugins.inventory import subscribers
from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.plugin_utils._inventory.hosts import CRITERIA, DETAILS

OPTIONS = yaml.safe_load(subscribers.DOCUMENTATION)["options"]


def test_the_environment_is_that_of_the_modules():
    documented = yaml.safe_load(ModuleDocFragment.PLUGINS)["options"]
    assert {name: option["env"] for name, option in documented.items()} == {
        name: [{"name": option["environment"]}] for name, option in connection_options().items()
    }


def test_types_and_defaults_are_those_of_the_modules():
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    for name, option in connection_options().items():
        for key in ("type", "default", "choices", "required"):
            assert documented[name].get(key) == option.get(key), (name, key)


def test_own_options_are_those_that_the_code_reads():
    assert set(OPTIONS) == {"plugin", "active", "status", "details", "allow_empty", *CRITERIA}
    assert OPTIONS["details"]["choices"] == list(DETAILS)
    assert OPTIONS["details"]["default"] == [one for one in DETAILS if one != "fax_forward"], (
        "that costs two more lists"
    )
    assert set(subscribers._OWN) == set(OPTIONS) - {"plugin"}
    assert OPTIONS["plugin"]["choices"] == [subscribers.InventoryModule.NAME]
