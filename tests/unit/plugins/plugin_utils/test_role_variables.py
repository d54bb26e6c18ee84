# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Misspelt variables of roles and playbooks: which names are known, which are refused, and what is empty."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

pytest.importorskip("ansible.plugins.action", reason="plugins run on control nodes only")

from ansible_collections.ngcp.fax.plugins.action.role_variables import ActionModule
from ansible_collections.ngcp.fax.plugins.modules import role_variables
from ansible_collections.ngcp.fax.plugins.plugin_utils._role_variables import (
    PARTS,
    empty_values,
    known_names,
    may_be_empty,
    wrong_host_names,
    wrong_names,
)

ROOT = pathlib.Path(__file__).resolve().parents[4]
ROLES = ("archive", "drift_report", "fleet")


def names(errors):
    return [error.field for error in errors]


def nearest(error):
    return re.search(r"did you mean '(\w+)'\?", error.message).group(1)


@pytest.mark.parametrize(
    ("parts", "name", "meant"),
    [
        (["export"], "export_doman", "export_domain"),
        (["export"], "export_customerid", "export_customer_id"),
        (["export"], "export_Domain", "export_domain"),
        (["archive"], "archive_subscriberid", "archive_subscriber_id"),
        (["archive"], "archive_subscibers", "archive_subscriber"),
        (["archive"], "archive_delete_after_fetched", "archive_delete_after_fetch"),
        (["fleet"], "fleet_fil", "fleet_file"),
        (["fleet"], "fleet_max_change", "fleet_max_changes"),
        (["fleet"], "fleet_from_inventry", "fleet_from_inventory"),
        (["drift_report", "fleet"], "drift_report_fail_on_drfit", "drift_report_fail_on_drift"),
        (["drift_report", "fleet"], "fleet_grup", "fleet_group"),
    ],
)
def test_a_misspelt_variable_is_refused_wherever_it_comes_from(parts, name, meant):
    (error,) = wrong_names(parts, {name: "x", "inventory_hostname": "localhost"}, [])
    assert (error.field, nearest(error)) == (name, meant)
    assert "ngcp_fax_other_variables" in error.hint


@pytest.mark.parametrize(
    ("parts", "name", "meant"),
    [
        (["archive"], "achive_subscriber", "archive_subscriber"),
        (["archive"], "archive-subscriber", "archive_subscriber"),
        (["archive"], "Archive_Subscriber", "archive_subscriber"),
        (["export"], "exportdomain", "export_domain"),
        (["export"], "xport_domain", "export_domain"),
        (["fleet"], "flet_file", "fleet_file"),
        (["fleet", "connection"], "api_usrname", "api_username"),
        (["fleet", "connection"], "ngcp_concurency", "ngcp_concurrency"),
        (["fleet", "connection"], "validate_cert", "validate_certs"),
    ],
)
def test_a_misspelt_prefix_is_refused_among_extra_variables(parts, name, meant):
    (error,) = wrong_names(parts, {name: "x"}, [name])
    assert (error.field, nearest(error)) == (name, meant)
    if not name.startswith(tuple(PARTS[part].prefix for part in parts if PARTS[part].prefix)):
        assert wrong_names(parts, {name: "x"}, []) == [], "in an inventory it may be anybody's"


@pytest.mark.parametrize("part", sorted(PARTS))
def test_known_variables_pass(part):
    known = known_names([part])
    assert known and wrong_names([part], dict.fromkeys(known, "x"), known) == []


@pytest.mark.parametrize(
    "name", ["timeout", "retries", "concurrency", "domain", "subscriber", "fleetwood", "exported", "my_archive_dest"]
)
def test_words_of_others_pass(name):
    parts = ["archive", "connection", "export", "fleet"]
    assert wrong_names(parts, {name: "x"}, [name]) == []


def test_results_of_tasks_and_listed_names_pass():
    variables = {
        "fleet_result": {"changed": False, "failed": False},
        "fleet_skipped": {"skipped": True},
        "fleet_owner": "Ops",
        "fleet_size": {"large": 1},
    }
    assert names(wrong_names(["fleet"], variables, [])) == ["fleet_owner", "fleet_size"]
    assert wrong_names(["fleet"], variables, ["fleet_owner"], ["fleet_owner", "fleet_size"]) == []


def test_hosts_with_the_same_misspelt_variable_are_named_once():
    hosts = {f"host{number}": {"fleet_entri": {}, "fleet_fax": {}} for number in range(3)}
    hosts["host3"] = {"fleet_entry": {}, "fleet_mail2fx": {}}
    errors = wrong_host_names(["fleet"], hosts)
    assert [(error.entry, error.field) for error in errors] == [
        ("host host0 and 2 more", "fleet_entri"),
        ("host host3", "fleet_mail2fx"),
    ]
    assert [nearest(error) for error in errors] == ["fleet_entry", "fleet_mail2fax"]


@pytest.mark.parametrize("value", ["", " ", "\n", None, [], {}])
def test_what_is_given_and_empty_is_refused(value):
    (error,) = empty_values({"archive_subscriber": value, "archive_limit": 0, "archive_force": False})
    assert str(error) == "archive_subscriber: must not be empty"


def test_which_variables_may_be_empty():
    assert {name for name in known_names(sorted(PARTS)) if may_be_empty(name)} == {
        "archive_summary",
        "drift_report_result",
        "export_file",
        "fleet_entry",
        "fleet_fax",
        "fleet_fax_forward",
        "fleet_mail2fax",
        "fleet_summary",
        "fleet_subscribers",
    }


@pytest.mark.parametrize("role", ROLES)
def test_the_variables_of_roles_are_those_that_they_document(role):
    options = yaml.safe_load((ROOT / "roles" / role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]
    known = known_names([role])
    assert set(options["options"]) <= set(known)
    text = "".join(path.read_text() for path in (ROOT / "roles" / role).rglob("*.yml"))
    used = set(re.findall(rf"(?<![\w.]){role}_[a-z0-9_]*[a-z0-9]", text))
    assert used - {"archive_file"} <= set(known)


def test_the_variables_of_the_playbook_export_are_known():
    text = (ROOT / "playbooks/export.yml").read_text()
    assert set(re.findall(r"(?<![\w.])export_[a-z_]+", text)) == set(known_names(["export"]))


@pytest.mark.parametrize("playbook", sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml")))
def test_playbooks_know_the_same_connection(playbook):
    (play,) = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text())
    (defaults,) = play["module_defaults"].values()
    used = [re.match(r"\{\{ (\w+) \| default\(omit\) \}\}", value).group(1) for value in defaults.values()]
    assert used == list(PARTS["connection"].own)


def test_the_module_documents_the_options_of_the_action_plugin():
    documented = yaml.safe_load(role_variables.DOCUMENTATION)["options"]
    assert documented["parts"]["choices"] == ActionModule.argument_spec["parts"]["choices"]
