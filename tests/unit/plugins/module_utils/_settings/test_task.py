# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings tasks: their forms, and which of them write what."""

from __future__ import annotations

import json

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._settings.options import settings_options
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import apply_settings
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, subscriber


def params(resource=FAX_SETTINGS, **given):
    """Return options as a module gets them: the given ones and all defaults."""
    return default_params(settings_options(resource), **given)


@pytest.fixture
def platform(monkeypatch):
    """Six subscribers in two customers and two domains."""
    people = [
        subscriber(number, customer_id=10 + number % 2, domain="example.org" if number < 4 else "example.net")
        for number in range(1, 7)
    ]
    return use(monkeypatch, Platform(people, customers=[{"id": 10, "external_id": "c-10", "status": "active"}]))


def use(monkeypatch, made):
    return made


def apply(platform, entries=None, check=False, **given):
    return apply_settings(
        platform.resource, params(platform.resource, **given, subscribers=entries), platform.host(check)
    )


def changed(result):
    return [entry["subscriber_id"] for entry in result["subscribers"] if entry["status"] == "changed"]


# ---- forms


@pytest.mark.parametrize(
    "given",
    [
        {"subscriber_id": 2},
        {"subscriber": "user2@example.org"},
        {"number": "+43 1 2"},
        {"subscriber_id": 2, "subscriber": "USER2@example.org", "number": "4312"},
        {"entries": [{"subscriber_id": 2}]},
        {"entries": [{"number": "4312"}]},
    ],
)
def test_one_subscriber(platform, given):
    result = apply(platform, **given, active=True)
    assert (changed(result), result["changed"]) == ([2], True)
    assert platform.writes == [2]
    assert platform.closed


@pytest.mark.parametrize(
    ("select", "numbers"),
    [
        ({"customer_id": 11}, [1, 3, 5]),
        ({"customer_external_id": "c-10"}, [2, 4, 6]),
        ({"domain": "example.net"}, [4, 5, 6]),
        ({"domain": "example.net", "customer_id": 11, "customer_external_id": None}, [5]),
    ],
)
def test_a_selection(platform, select, numbers):
    result = apply(platform, select=select, active=True)
    assert changed(result) == platform.writes == numbers
    assert [entry["subscriber"].split("@")[0] for entry in result["subscribers"]] == [f"user{n}" for n in numbers]


def test_a_selection_of_nobody(platform):
    with pytest.raises(InputError, match="customer_id 99 matches no subscriber"):
        apply(platform, select={"customer_id": 99}, active=True)
    assert platform.closed
    result = apply(platform, select={"customer_id": 99}, active=True, allow_empty=True)
    assert (result["changed"], result["subscribers"], result["summary"]["total"]) == (False, [], 0)


@pytest.mark.parametrize(
    "select",
    [
        {},
        {"domain": ""},
        {"domain": None},
        {"customer_id": None, "customer_external_id": None, "domain": None},
        {"customer_external_id": ""},
        {"customer_id": 11, "domain": ""},
        {"customer_external_id": "", "customer_id": None, "domain": "example.org"},
    ],
)
def test_an_empty_criterion_does_not_select_more(platform, select):
    """It comes from an empty variable; the whole platform must not be written to for that."""
    with pytest.raises(InputError):
        apply(platform, select=select, active=True)
    assert platform.writes == []


def test_a_list_with_defaults_at_the_top(platform):
    entries = [{"subscriber_id": 1, "name": "One"}, {"subscriber_id": 2, "active": False}, {"subscriber_id": 3}]
    result = apply(platform, entries=entries, active=True, name="All")
    assert [(entry["settings"]["active"], entry["settings"]["name"]) for entry in result["subscribers"]] == [
        (True, "One"),
        (False, "All"),
        (True, "All"),
    ]


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_file(platform, tmp_path, ending):
    path = tmp_path / f"fleet.{ending}"
    entries = [{"subscriber_id": 1, "name": "One"}, {"subscriber_id": 2, "name": "Two"}]
    path.write_text(json.dumps(entries) if ending == "json" else "subscriber_id,name\n1,One\n2,Two\n")
    assert changed(apply(platform, subscribers_file=str(path), active=True)) == [1, 2]
    assert [platform.settings[number]["name"] for number in (1, 2)] == ["One", "Two"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "one of subscriber_id, subscriber, number, subscriber_external_id, subscribers, subscribers_file, select"),
        ({"subscriber": ""}, "subscriber: must not be empty"),
        ({"number": " ", "subscriber_id": 1}, "number: must not be empty"),
        (
            {"subscriber_external_id": "", "entries": [{"subscriber_id": 1}]},
            "subscriber_external_id: must not be empty",
        ),
        ({"subscriber_id": 1, "entries": [{"subscriber_id": 1}]}, "subscribers and subscriber_id"),
        ({"subscriber_id": 1, "select": {"domain": "x"}}, "select and subscriber_id"),
        ({"subscriber_id": 1, "subscribers_file": "f.csv"}, "subscribers_file and subscriber_id"),
        ({"entries": [], "subscribers_file": "f.csv"}, "subscribers and subscribers_file"),
        ({"entries": [], "select": {"domain": "x"}}, "subscribers and select"),
        ({"entries": "a@b"}, "must be a list of dictionaries"),
        ({"entries": {"subscriber_id": 1}}, "must be a list of dictionaries"),
        ({"subscribers_file": "fleet.txt"}, "must end in"),
        ({"subscribers_file": ""}, "subscribers_file: must not be empty"),
        ({"subscriber_id": 1, "max_changes": "some"}, "must be a number or a percentage"),
    ],
)
def test_wrong_forms(platform, given, words):
    with pytest.raises(InputError, match=words):
        apply(platform, **given, active=True)
    assert platform.log == []


@pytest.mark.parametrize("form", ["subscribers", "header.csv", "empty.json", "empty.yml"])
def test_no_entries(platform, tmp_path, form):
    given = {"entries": []} if form == "subscribers" else {"subscribers_file": str(tmp_path / form)}
    (tmp_path / form).write_text("subscriber_id\n" if form == "header.csv" else "[]")
    with pytest.raises(InputError, match="set allow_empty"):
        apply(platform, **given, active=True)
    result = apply(platform, **given, active=True, allow_empty=True)
    assert (result["changed"], result["subscribers"], result["summary"]["total"]) == (False, [], 0)
    assert "failed" not in result


# ---- options


@pytest.mark.parametrize(
    "given",
    [
        {"name": "x" * 65},
        {"destinations": [{"destination": "nope"}]},
        {"destinations": [{"destination": "a@b.cd", "state": "absent"}]},
        {"entries": [{"subscriber_id": 1, "t38": "?"}]},
        {"entries": [{"subscriber_id": 1, "destinations": [{"destination": "a@b.cd", "state": "absent"}]}]},
    ],
)
def test_wrong_values_write_and_read_nothing(platform, given):
    if "entries" not in given:
        given = {**given, "subscriber_id": 1}
    with pytest.raises(InputErrors):
        apply(platform, **given)
    assert platform.log == []


@pytest.mark.parametrize("check", [False, True])
def test_check_mode(platform, check):
    result = apply(platform, entries=[{"subscriber_id": 1}, {"subscriber_id": 2}], check=check, active=True)
    assert changed(result) == [1, 2]
    assert result["subscribers"][0]["patch"] == [{"op": "replace", "path": "/active", "value": True}]
    assert platform.writes == ([] if check else [1, 2])


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ({"subscriber_id": 1}, [1]),
        ({"entries": [{"subscriber_id": 1}]}, []),
        ({"entries": [{"subscriber_id": 1}], "return_unchanged": True}, [1]),
        ({"select": {"domain": "example.org"}}, []),
        ({"select": {"domain": "example.org"}, "return_unchanged": True}, [1, 2, 3]),
    ],
)
def test_who_is_listed_without_a_change(platform, given, listed):
    result = apply(platform, **given, active=False)
    assert [entry["subscriber_id"] for entry in result["subscribers"]] == listed
    assert result["changed"] is False


@pytest.mark.parametrize(
    ("state", "after"),
    [("present", ("x", False, True)), ("replaced", (None, True, True)), ("absent", (None, True, False))],
)
def test_states(platform, state, after):
    platform.settings[1].update(name="x", t38=False)
    apply(platform, subscriber_id=1, active=True, state=state)
    assert tuple(platform.settings[1][name] for name in ("name", "t38", "active")) == after


@pytest.mark.parametrize(
    ("update", "stored", "written"), [("always", "old", "new"), ("on_create", "old", "old"), ("on_create", None, "new")]
)
@pytest.mark.parametrize(
    ("resource", "secret"), [(FAX_SETTINGS, "password"), (MAIL2FAX_SETTINGS, "secret_key")], ids=["fax", "mail2fax"]
)
def test_when_secrets_are_written(monkeypatch, resource, secret, update, stored, written):
    made = use(monkeypatch, Platform([subscriber(1)], {1: {secret: stored}}, resource=resource))
    result = apply(made, subscriber_id=1, **{secret: "new", f"update_{secret}": update})
    assert made.settings[1][secret] == written
    assert '"new"' not in json.dumps(result) and '"old"' not in json.dumps(result)


@pytest.mark.parametrize(("mode", "after"), [("replace", ["b@x.y"]), ("merge", ["a@x.y", "b@x.y"])])
def test_list_modes(platform, mode, after):
    element = {"destination": "a@x.y", "filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}
    platform.settings[1]["destinations"] = [element]
    apply(platform, subscriber_id=1, destinations=[{"destination": "b@x.y"}], destinations_mode=mode)
    assert [item["destination"] for item in platform.settings[1]["destinations"]] == after


def test_an_element_is_taken_out_of_a_merged_list(platform):
    platform.settings[1]["destinations"] = [
        {"destination": address, "filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}
        for address in ("a@x.yz", "", "b@x.yz")
    ]
    gone = [{"destination": "", "state": "absent"}, {"destination": "A@x.yz", "state": "absent"}]
    apply(platform, entries=[{"subscriber_id": 1, "destinations": gone}], destinations_mode="merge")
    assert [item["destination"] for item in platform.settings[1]["destinations"]] == ["b@x.yz"]


# ---- what the server has and would not take

STORED = {"filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}


@pytest.mark.parametrize("address", ["", "Fax X. <a@example.org>"])
@pytest.mark.parametrize("check", [False, True])
def test_a_change_that_the_server_will_refuse_fails_in_check_mode_too(platform, check, address):
    platform.settings[2]["destinations"] = [{"destination": address, **STORED}]
    entries = [{"subscriber_id": number} for number in (1, 2, 3)]
    result = apply(platform, entries=entries, active=True, check=check)
    assert result["failed"] is True
    assert [entry["status"] for entry in result["subscribers"]] == ["changed", "failed", "changed"]
    failed = result["subscribers"][1]
    assert failed["error"]["code"] == "stored_value_refused"
    assert (failed["changes"], failed["patch"]) == ([], [])
    assert platform.writes == ([] if check else [1, 3])


@pytest.mark.parametrize("address", ["", None, "Fax X. <a@example.org>"])
def test_what_is_read_can_be_declared_as_it_is(platform, address):
    """An entry of the info module changes nothing, whatever the server has from earlier."""
    platform.settings[1]["destinations"] = [{"destination": address, **STORED}]
    entry = {"subscriber_id": 1, "active": False, "destinations": [{"destination": address, **STORED}]}
    result = apply(platform, entries=[entry])
    assert (result["changed"], result["summary"]["unchanged"], platform.writes) == (False, 1, [])


def test_a_wrong_address_that_the_server_does_not_have_is_told_before_the_first_write(platform):
    entries = [{"subscriber_id": 1}, {"subscriber_id": 2, "destinations": [{"destination": "nope", **STORED}]}]
    with pytest.raises(InputErrors, match=r"subscribers\[1\] \(2\), destinations\[0\].destination: 'nope' must have"):
        apply(platform, entries=entries, active=True)
    assert platform.writes == []


@pytest.mark.parametrize(("on_error", "writes"), [("continue", [1, 2]), ("stop", [])])
def test_on_error(platform, on_error, writes):
    entries = [{"subscriber_id": number} for number in (1, 99, 2)]
    result = apply(platform, entries=entries, active=True, on_error=on_error)
    assert result["failed"] is True
    assert platform.writes == writes
    assert platform.closed


def test_max_changes(platform):
    result = apply(platform, select={"domain": "example.org"}, active=True, max_changes="50%")
    assert result["error"]["code"] == "too_many_changes"
    assert platform.writes == []


def test_the_connection_is_closed_after_an_error(platform):
    with pytest.raises(FaxError):
        apply(platform, entries=[{"subscriber_id": 1, "number": "999"}], active=True)
    assert platform.closed


# ---- advice


@pytest.mark.parametrize(
    ("stored", "declared", "words"),
    [
        ({}, {"active": True}, ["neither", "without"]),
        ({}, {"active": False}, None),
        ({}, {"active": True, "secret_key": "k"}, None),
        ({"secret_key": "k"}, {"active": True}, None),
        ({}, {"active": True, "acl": [{"from_email": "a@b.c"}]}, None),
        ({"active": True, "secret_key": "k"}, {"secret_key": ""}, ["without"]),
        ({"secret_key_renew": "daily", "secret_key": "k"}, {"secret_key": "n"}, ["always"]),
        ({"secret_key": "k"}, {"secret_key": "n", "secret_key_renew": "weekly"}, ["always"]),
        ({"secret_key_renew": "daily", "secret_key": "k"}, {"secret_key": "n", "update_secret_key": "on_create"}, None),
        ({"secret_key_renew": "daily", "secret_key": "k"}, {"secret_key": "n", "secret_key_renew": "never"}, None),
        ({"secret_key_renew": "daily", "secret_key": "k"}, {"active": True}, None),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_warnings_of_mail_to_fax(monkeypatch, stored, declared, words, check):
    made = use(monkeypatch, Platform([subscriber(1)], {1: stored}, resource=MAIL2FAX_SETTINGS))
    warnings = apply(made, subscriber_id=1, check=check, **declared)["warnings"]
    if words is None:
        assert warnings == []
    else:
        (warning,) = warnings
        assert warning.startswith("Subscriber 1")
        assert any(word in warning for word in words)


def test_warnings_name_a_few_and_count_the_rest(monkeypatch):
    people = [subscriber(number) for number in range(1, 8)]
    made = use(monkeypatch, Platform(people, resource=MAIL2FAX_SETTINGS))
    (warning,) = apply(made, entries=[{"subscriber_id": number} for number in range(1, 8)], active=True)["warnings"]
    assert warning.startswith("Subscribers 1, 2, 3 and 4 more: ")


def test_fax_settings_have_no_warnings(platform):
    assert apply(platform, subscriber_id=1, active=True)["warnings"] == []


# ---- messages


def test_the_error_of_the_single_form_is_that_of_the_subscriber(platform):
    result = apply(platform, subscriber_id=99, active=True)
    (entry,) = result["subscribers"]
    assert result["error"] == entry["error"]
    assert result["error"]["code"] == "not_found"
    assert result["msg"] == f"{result['error']['message']} {result['error']['hint']}", "no label: there is only one"


def test_the_error_of_the_single_form_is_there_only_after_a_failure(platform):
    assert "error" not in apply(platform, subscriber_id=1, active=True)


def test_the_fleet_form_has_the_errors_of_its_entries(platform):
    result = apply(platform, [{"subscriber_id": 99, "active": True}])
    assert "error" not in result
    assert result["msg"].startswith("subscribers[0] (99): ")
    assert result["msg"].endswith(result["subscribers"][0]["error"]["hint"])


def test_a_hint_is_told_once_for_a_fleet(platform):
    result = apply(platform, [{"subscriber_id": number, "active": True} for number in (97, 98, 99, 1)])
    assert result["msg"].count(result["subscribers"][0]["error"]["hint"]) == 1


@pytest.mark.parametrize(
    ("path", "method"), [("/api/faxserversettings/1", "GET"), ("/api/faxserversettings/1", "PATCH")]
)
@pytest.mark.parametrize("form", ["single", "fleet"])
def test_no_answer_shows_the_secrets_of_a_task(platform, path, method, form):
    """Neither the declared secret nor the stored one, whichever request is answered with them."""
    platform.settings[1]["password"] = "Old-Geheim"
    echo = failure(422, "input='New\\u002dGeheim' \"Old-Geheim\" New-Geheim")
    effects = [None, echo] if method == "GET" else [echo]
    if method == "GET":  # the one that follows a write without an answer
        platform.meet("PATCH", path, failure(500, "New-Geheim"))
    platform.meet(method, path, *effects, again=True)
    declared = {"subscriber_id": 1, "password": "New-Geheim"}
    result = apply(platform, **declared) if form == "single" else apply(platform, [declared])
    assert result["failed"] is True
    assert "Geheim" not in json.dumps(result)


def test_no_first_answer_shows_the_declared_secrets(platform):
    platform.meet("GET", "/api/", failure(500, "input='New-Geheim'"), again=True)
    for arguments in (
        {"subscriber_id": 1, "password": "New-Geheim"},
        {"entries": [{"subscriber": "a@b.example", "password": "New-Geheim"}]},
        {"select": {"domain": "example.org"}, "password": "New-Geheim"},
    ):
        result = apply(platform, **arguments)
        assert result["failed"] is True
        assert "Geheim" not in json.dumps(result)


def test_names_of_subscribers_are_printable_in_messages_and_headers(monkeypatch):
    name = "evil\x1b]0;x\x07\r\nok: [localhost]\u202e"
    platform = use(monkeypatch, Platform([subscriber(1, username=name), subscriber(2, username=name)]))
    platform.meet("PATCH", "/api/faxserversettings/2", failure(422, name))
    result = apply(platform, select={"domain": "example.org"}, active=True)
    assert result["subscribers"][0]["subscriber"] == f"{name}@example.org", "data stays as it is"
    texts = [result["msg"], *(entry["error"]["message"] for entry in result["subscribers"][1:])]
    texts += [entry[name] for entry in result["diff"] for name in ("before_header", "after_header")]
    assert [text for text in texts if not text.isprintable()] == []
    assert "\\x1b]0;x\\x07\\r\\nok: [localhost]\\u202e@example.org (1)" in result["diff"][0]["before_header"]
