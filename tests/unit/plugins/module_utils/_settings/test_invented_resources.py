# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A resource is one table: invented ones without a secret and with two work from the options to the result."""

from __future__ import annotations

import json

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._masking import MASK
from ansible_collections.ngcp.fax.plugins.module_utils._settings.diff import (
    mask_patch,
    mask_settings,
    shown_changes,
    shown_diff,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import Address, Choice, Flag, Pattern, Text
from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import info_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.list_fields import ListOf
from ansible_collections.ngcp.fax.plugins.module_utils._settings.options import settings_options
from ansible_collections.ngcp.fax.plugins.module_utils._settings.plan import (
    ALWAYS,
    ON_CREATE,
    Policy,
    create_plan,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import Need, Resource
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, subscriber

OPEN = Resource(
    name="greetings",
    module="greeting_settings",
    title="greetings",
    prefix="greeting",
    fields=(
        Flag("active", default=False),
        Text("text", max_length=20),
        ListOf(
            "listeners",
            elements=(Address("mail", max_length=64, required=True, server_checked=True), Flag("loud", default=True)),
            key=("mail",),
            unique=True,
        ),
    ),
)
CLOSED = Resource(
    name="vaults",
    module="vault_settings",
    title="vaults",
    prefix="vault",
    needs=(Need("active", ("pin", "doors"), "active without a pin and without doors; nobody can come in."),),
    fields=(
        Flag("active", default=False),
        Text("pin", max_length=20, secret=True, renewed_by="renewal"),
        Text("answer", max_length=20, secret=True),
        Choice("renewal", default="never", choices=("never", "daily")),
        ListOf(
            "doors",
            elements=(Pattern("name", max_length=20, pattern_if="is_pattern"), Flag("is_pattern", default=False)),
            key=("name", "is_pattern"),
        ),
        Text("seal", secret=True, server_owned=True),
    ),
)
HIDDEN = ("Old-pin", "Old-answer", "New-pin", "New-answer", "The-seal")


def params(resource, **given):
    return default_params(settings_options(resource), **given)


def run(platform, check=False, **given):
    task = settings_task(platform.resource)
    return task.run(params(platform.resource, **given), platform.host(check))


def people(resource, **settings):
    return Platform([subscriber(1), subscriber(2)], {1: settings, 2: {}}, resource=resource)


def vault():
    return people(CLOSED, pin="Old-pin", answer="Old-answer", seal="The-seal")


# ---- options


def test_every_secret_has_its_own_option():
    options = settings_options(CLOSED)
    assert {name for name in options if name.startswith("update_")} == {"update_pin", "update_answer"}
    assert {name for name, option in options.items() if option.get("no_log")} == {"pin", "answer"}
    assert options["subscribers"]["options"]["seal"]["no_log"] is True, "what the server owns can be secret too"
    assert not [name for name in settings_options(OPEN) if name.startswith("update_")]


# ---- plan, diff and masks


def test_every_secret_has_its_own_policy():
    before = {"active": False, "pin": "Old-pin", "answer": "Old-answer", "renewal": "never", "doors": []}
    wanted = {"pin": "New-pin", "answer": "New-answer"}
    for policy, changed in (
        ({}, ["pin", "answer"]),
        ({"pin": ON_CREATE}, ["answer"]),
        ({"pin": ALWAYS, "answer": ON_CREATE}, ["pin"]),
        ({"pin": ON_CREATE, "answer": ON_CREATE}, []),
    ):
        plan = create_plan(CLOSED, before, wanted, Policy(secrets=policy))
        assert [change.field for change in plan.changes] == changed
        shown = [shown_changes(CLOSED, plan), shown_diff(CLOSED, plan, "x"), mask_patch(CLOSED, plan.patch)]
        shown.append(mask_settings(CLOSED, plan.after))
        assert not [secret for secret in HIDDEN if secret in json.dumps(shown)]
        assert json.dumps(shown).count(MASK) == 5 * len(changed) + 2


def test_a_plan_without_secrets_is_shown_as_it_is():
    before = {"active": False, "text": None, "listeners": []}
    plan = create_plan(OPEN, before, {"text": "Hello"}, Policy())
    assert shown_changes(OPEN, plan) == [{"field": "text", "before": None, "after": "Hello"}]
    assert shown_diff(OPEN, plan, "x")["after"] == "text: Hello\n"
    assert mask_patch(OPEN, plan.patch) == plan.patch
    assert mask_settings(OPEN, plan.after) == plan.after


# ---- tasks


def test_a_task_without_secrets():
    platform = people(OPEN, text="Hello")
    given = {"text": "Good day", "listeners": [{"mail": "A@example.org"}]}
    result = run(platform, subscriber_id=1, **given)
    (entry,) = result["subscribers"]
    assert entry["status"] == "changed"
    assert entry["settings"] == {
        "active": False,
        "text": "Good day",
        "listeners": [{"mail": "A@example.org", "loud": True}],
    }
    assert result["run"]["module"] == "greeting_settings"
    assert result["warnings"] == []
    assert run(platform, subscriber_id=1, **given)["changed"] is False
    assert MASK not in json.dumps(result)


@pytest.mark.parametrize("check", [False, True])
def test_a_task_with_two_secrets(check):
    platform = vault()
    entries = [{"subscriber_id": 1, "pin": "New-pin", "answer": "New-answer"}, {"subscriber_id": 2, "pin": "New-pin"}]
    result = run(platform, check, subscribers=entries, update_pin=ON_CREATE)
    assert [[change["field"] for change in one["changes"]] for one in result["subscribers"]] == [["answer"], ["pin"]]
    assert not [secret for secret in HIDDEN if secret in json.dumps(result)]
    assert [platform.settings[number]["pin"] for number in (1, 2)] == ["Old-pin", None if check else "New-pin"]
    assert platform.settings[1]["answer"] == ("Old-answer" if check else "New-answer")


def test_no_secret_of_two_gets_out_when_the_server_echoes_them():
    platform = vault()
    platform.meet("PATCH", "/api/", failure(422, f"refused: {', '.join(HIDDEN[:4])}"), again=True)
    result = run(platform, subscriber_id=1, pin="New-pin", answer="New-answer")
    assert result["failed"] is True
    assert "refused" in result["msg"]
    assert not [secret for secret in HIDDEN[:4] if secret in json.dumps(result)]


def test_a_secret_in_the_wrong_field_is_masked():
    result = run(vault(), subscriber_id=1, pin="New-pin", renewal="New-pin", answer="New-answer")
    assert result["failed"] is True
    assert "New-pin" not in json.dumps(result)


@pytest.mark.parametrize("include", [False, True])
def test_info_of_two_secrets_and_one_of_the_server(include):
    platform = vault()
    task = info_task(CLOSED)
    given = default_params(task.options)
    result = task.run({**given, "subscriber_id": 1, "include_secrets": include}, platform.host())
    (entry,) = result["subscribers"]
    assert ({"pin", "answer", "seal"} <= set(entry)) is include
    assert ("seal" in entry) is include, "also what only the server sets"


# ---- warnings


def test_warnings_are_read_off_the_table():
    platform = people(CLOSED)
    (warning,) = run(platform, check=True, subscriber_id=1, active=True)["warnings"]
    assert warning == "Subscriber 1: active without a pin and without doors; nobody can come in."
    (warning,) = run(platform, check=True, subscriber_id=1, pin="New-pin", renewal="daily")["warnings"]
    assert "the platform renews the pin by itself, and update_pin=always sets" in warning
    assert "use update_pin=on_create, or renewal=never." in warning
    more = {"pin": "New-pin", "renewal": "daily", "update_pin": ON_CREATE, "update_answer": ALWAYS}
    assert run(platform, check=True, subscriber_id=1, **more)["warnings"] == []
    door = {"name": "(", "is_pattern": True}
    (warning,) = run(platform, check=True, subscriber_id=1, doors=[door, {"name": "["}])["warnings"]
    assert "doors[0].name: '(' cannot be compiled" in warning


def test_what_is_wrong_is_named():
    with pytest.raises(InputErrors) as caught:
        settings_task(OPEN).work(
            params(OPEN, subscriber_id=1, listeners=[{"mail": "a@b.org"}, {"mail": "A@b.org"}]), people(OPEN).host()
        )
    assert "listeners[1].mail: is the same as listeners[0] (case does not matter): A@b.org" in str(caught.value)
