# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is documented about drift reports is how it is: options of module, role and callback plugin, and return keys."""

from __future__ import annotations

import importlib
import pathlib

import yaml

from ansible_collections.ngcp.fax.plugins.action.drift_report import ActionModule
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.files import DEFAULT_TITLE
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.writing import DEFAULT_MODE, parse_mode
from ansible_collections.ngcp.fax.tests.unit.support.drift import document, entry, result

ROOT = pathlib.Path(__file__).parents[4]
MODULE = importlib.import_module("ansible_collections.ngcp.fax.plugins.modules.drift_report")
CALLBACK = importlib.import_module("ansible_collections.ngcp.fax.plugins.callback.drift_report")


def of_role(role, name):
    return yaml.safe_load((ROOT / "roles" / role / name).read_text())


def test_the_module_documents_the_options_of_the_action_plugin():
    documented = yaml.safe_load(MODULE.DOCUMENTATION)["options"]
    specified = ActionModule.argument_spec
    assert set(documented) == set(specified)
    for name, option in specified.items():
        for key in ("type", "elements", "default", "required", "aliases"):
            assert documented[name].get(key) == option.get(key), f"{name}: {key}"


def test_the_module_documents_what_is_returned():
    summary = document(result(entry(1)))["summary"]
    sample = yaml.safe_load(MODULE.RETURN)["drift"]["sample"]
    assert set(sample) == set(summary)
    assert set(sample["subscribers"]) == set(summary["subscribers"])
    assert sample["subscribers"].pop("total") == sum(sample["subscribers"].values())


def test_defaults_are_the_same_everywhere():
    module = yaml.safe_load(MODULE.DOCUMENTATION)["options"]
    callback = yaml.safe_load(CALLBACK.DOCUMENTATION)["options"]
    defaults = of_role("drift_report", "defaults/main.yml")
    for mode in (module["mode"]["default"], callback["mode"]["default"], defaults["drift_report_mode"]):
        assert parse_mode(mode) == DEFAULT_MODE
    for title in (module["title"]["default"], callback["title"]["default"], defaults["drift_report_title"]):
        assert title == DEFAULT_TITLE
    assert callback["dir"]["default"] == defaults["drift_report_dir"]


def test_the_role_documents_its_variables_and_those_of_the_fleet():
    documented = of_role("drift_report", "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = of_role("drift_report", "defaults/main.yml")
    own = {name: option for name, option in documented.items() if name.startswith("drift_report_")}
    assert {name: option["default"] for name, option in own.items()} == defaults

    fleet = of_role("fleet", "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    taken = {name: option for name, option in documented.items() if name not in own}
    writing = {name for name in fleet if name.startswith(("fleet_max_", "fleet_on_", "fleet_plan", "fleet_undo_"))}
    writing |= {"fleet_waves", "fleet_chunk_size", "fleet_results_dir", "fleet_check_readiness"}
    assert set(taken) == set(fleet) - writing
    for name, option in taken.items():
        for key in ("type", "elements", "choices", "default"):
            assert option.get(key) == fleet[name].get(key), f"{name}: {key}"


def test_the_callback_names_the_settings_modules_however_they_are_written():
    assert CALLBACK._NAMES["fax_settings"] == CALLBACK._NAMES["ngcp.fax.fax_settings"] == "fax_settings"
    assert CALLBACK._NAMES["fleet"] == CALLBACK._NAMES["ngcp.fax.fleet"] == "fleet"
    assert CALLBACK._NAMES["ngcp.fax.fax_readiness_info"] == "fax_readiness_info"
    assert len(CALLBACK._NAMES) == 10


def test_memory_of_the_callback_holds_only_what_reports_show():
    given = {"results": [result(entry(1), invocation={"module_args": {}}), {"msg": "Unsupported parameters"}]}
    kept = CALLBACK._kept(given)
    first, failed = kept["results"]
    assert {"diff", "invocation"}.isdisjoint(first)
    assert {"patch", "settings"}.isdisjoint(first["subscribers"][0])
    assert failed["failed"] and "failed" not in first
    assert "diff" in given["results"][0], "other callbacks get the same result"
