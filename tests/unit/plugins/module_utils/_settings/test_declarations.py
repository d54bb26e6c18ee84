# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decision tables: how entries name subscribers, which forms a task may have, and how errors are told."""

from __future__ import annotations

import json

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import (
    Declaration,
    Entry,
    check_criteria,
    form_of,
    parse_declarations,
    parse_fields,
    reject_duplicates,
    reject_no_entries,
    task_entries,
    unfounded,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import SubscriberKeys, parse_keys


def entries(*values):
    return [Entry(f"subscribers[{index}]", entry) for index, entry in enumerate(values)]


def problems(*values, resource=FAX_SETTINGS, defaults=None):
    """Return entry, field and message of every error that the entries have."""
    with pytest.raises(InputErrors) as caught:
        parse_declarations(resource, entries(*values), defaults or {})
    return [(error.entry, error.field, error.message) for error in caught.value.errors]


# ---- keys


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({"subscriber_id": 4711}, SubscriberKeys(subscriber_id=4711)),
        ({"subscriber_id": "4711"}, SubscriberKeys(subscriber_id=4711)),
        ({"subscriber_id": " 4711\n"}, SubscriberKeys(subscriber_id=4711)),
        ({"subscriber_id": "0020"}, SubscriberKeys(subscriber_id=20)),
        ({"subscriber": "alice@example.org"}, SubscriberKeys(subscriber="alice@example.org")),
        ({"subscriber": " Alice@Example.Org "}, SubscriberKeys(subscriber="Alice@Example.Org")),
        ({"subscriber": "a@b@example.org"}, SubscriberKeys(subscriber="a@b@example.org")),
        ({"subscriber": "alice@localhost"}, SubscriberKeys(subscriber="alice@localhost")),
        ({"number": "4319001"}, SubscriberKeys(number="4319001")),
        ({"number": "0043 1"}, SubscriberKeys(number="00431")),
        ({"number": "+43 (1) 900-1"}, SubscriberKeys(number="4319001")),
        ({"number": "43/1.900\t1"}, SubscriberKeys(number="4319001")),
        ({"subscriber_external_id": "ext 7"}, SubscriberKeys(external_id="ext 7")),
        ({"subscriber_external_id": "0123"}, SubscriberKeys(external_id="0123")),
        ({"subscriber_external_id": " e "}, SubscriberKeys(external_id=" e ")),
        ({"subscriber_external_id": "0"}, SubscriberKeys(external_id="0")),
        (
            {"subscriber_id": 1, "subscriber": "a@b", "number": "43", "subscriber_external_id": "e"},
            SubscriberKeys(1, "a@b", "43", "e"),
        ),
        ({"subscriber_id": 1, "subscriber": None, "number": None}, SubscriberKeys(subscriber_id=1)),
    ],
)
def test_keys_in_all_spellings(values, keys):
    assert parse_keys(values) == keys


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "subscriber_id"),
        ({"subscriber_id": None, "subscriber": None, "number": None, "subscriber_external_id": None}, "subscriber_id"),
        ({"subscriber_id": 0}, "subscriber_id"),
        ({"subscriber_id": -1}, "subscriber_id"),
        ({"subscriber_id": True}, "subscriber_id"),
        ({"subscriber_id": 4711.0}, "subscriber_id"),
        ({"subscriber_id": "4711x"}, "subscriber_id"),
        ({"subscriber_id": "+4711"}, "subscriber_id"),
        ({"subscriber_id": " "}, "subscriber_id"),
        ({"subscriber_id": "٤٧"}, "subscriber_id"),
        ({"subscriber_id": [4711]}, "subscriber_id"),
        ({"subscriber": "alice"}, "subscriber"),
        ({"subscriber": "@example.org"}, "subscriber"),
        ({"subscriber": "alice@"}, "subscriber"),
        ({"subscriber": "al ice@example.org"}, "subscriber"),
        ({"subscriber": "al\x1b]0;ice@example.org"}, "subscriber"),
        ({"subscriber": 4711}, "subscriber"),
        ({"number": "alice"}, "number"),
        ({"number": "+"}, "number"),
        ({"number": "43x1"}, "number"),
        ({"number": 4319001}, "number"),
        ({"number": 43.1}, "number"),
        ({"number": "()"}, "number"),
        ({"number": True}, "number"),
        ({"number": ["43"]}, "number"),
        ({"subscriber_external_id": 7}, "subscriber_external_id"),
        ({"subscriber_external_id": True}, "subscriber_external_id"),
        ({"subscriber_external_id": ["x"]}, "subscriber_external_id"),
        ({"subscriber_external_id": {}}, "subscriber_external_id"),
    ],
)
def test_refused_keys(values, field):
    with pytest.raises(InputError) as caught:
        parse_keys(values)
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["subscriber_id", "subscriber", "number", "subscriber_external_id"])
@pytest.mark.parametrize("value", ["", " ", "\t\n"])
def test_an_empty_key_is_refused_whatever_else_is_given(name, value):
    """It comes from an empty variable; without it another subscriber would be meant, or everybody."""
    for others in ({}, {"subscriber_id": 1}, {"subscriber": "a@b"}):
        with pytest.raises(InputError) as caught:
            parse_keys({**others, name: value})
        assert (caught.value.field, caught.value.message[:17]) == (name, "must not be empty")


@pytest.mark.parametrize("name", ["number", "subscriber_external_id"])
@pytest.mark.parametrize("value", [83, 0, -1, 750.0, True])
def test_what_is_not_a_text_may_have_been_written_otherwise(name, value):
    with pytest.raises(InputError, match="quote it"):
        parse_keys({name: value})


def test_an_endless_id_is_refused_like_any_other():
    for value in ("9" * 5000, 10**5000):
        with pytest.raises(InputError) as caught:
            parse_keys({"subscriber_id": value})
        assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("keys", "text", "only_id"),
    [
        (SubscriberKeys(subscriber_id=3), "3", True),
        (SubscriberKeys(subscriber_id=3, subscriber="a@b"), "a@b", False),
        (SubscriberKeys(subscriber_id=3, number="43"), "3", False),
        (SubscriberKeys(number="43"), "number 43", False),
        (SubscriberKeys(external_id="e"), "external id e", False),
    ],
)
def test_how_keys_are_shown(keys, text, only_id):
    assert (str(keys), keys.only_id) == (text, only_id)


# ---- forms of a task

NONE = {"subscriber_id": None, "subscriber": None, "select": None, "subscribers_file": None}


@pytest.mark.parametrize(
    ("params", "given", "form"),
    [
        ({}, None, None),
        ({"subscriber_id": 3}, None, "single"),
        ({"subscriber_id": 3, "subscriber": "a@b"}, None, "single"),
        ({}, [], "subscribers"),
        ({}, "not even a list", "subscribers"),
        ({"subscribers_file": "fleet.csv"}, None, "subscribers_file"),
        ({"select": {"domain": "x"}}, None, "select"),
    ],
)
def test_forms(params, given, form):
    assert form_of({**NONE, **params, "subscribers": given}) == form


@pytest.mark.parametrize(
    ("params", "given", "named"),
    [
        ({"subscriber_id": 3}, [{}], "subscribers and subscriber_id"),
        ({"subscriber_id": 3}, [], "subscribers and subscriber_id"),
        ({"number": "43", "subscribers_file": "f.csv"}, None, "subscribers_file and number"),
        ({"select": {}, "subscribers_file": "f.csv"}, None, "subscribers_file and select"),
        ({"select": {}}, [{}], "subscribers and select"),
        (
            {"select": {}, "subscribers_file": "f", "subscriber": "a@b"},
            [],
            "subscribers and subscribers_file and select",
        ),
    ],
)
def test_contradictory_forms(params, given, named):
    with pytest.raises(InputError, match=named):
        form_of({**NONE, **params, "subscribers": given})


@pytest.mark.parametrize("name", ["subscriber", "number", "subscriber_external_id", "subscribers_file"])
@pytest.mark.parametrize("given", [None, [{}]])
def test_an_empty_option_is_not_taken_for_one_that_is_not_given(name, given):
    with pytest.raises(InputError) as caught:
        form_of({**NONE, name: "", "subscribers": given})
    assert (caught.value.field, caught.value.message[:17]) == (name, "must not be empty")


def test_entries_of_a_task():
    (single,) = task_entries("single", {"subscriber_id": 3, "active": True})
    assert single.path == ""
    assert {name: value for name, value in single.values.items() if value is not None} == {"subscriber_id": 3}
    paths = [(entry.path, entry.values) for entry in task_entries("subscribers", {"subscribers": [{"a": 1}, 2]})]
    assert paths == [("subscribers[0]", {"a": 1}), ("subscribers[1]", 2)]


@pytest.mark.parametrize("given", ["a@b", {"subscriber_id": 1}, 5, True])
def test_entries_have_to_be_a_list(given):
    with pytest.raises(InputError) as caught:
        task_entries("subscribers", {"subscribers": given})
    assert caught.value.field == "subscribers"


# ---- fields


def test_only_given_fields_are_declared():
    values = {"active": "no", "name": "", "password": None, "t38": None, "state": "present", "api_url": "x"}
    assert parse_fields(FAX_SETTINGS, values) == {"active": False, "name": None}


def test_all_wrong_fields_are_told_at_once():
    with pytest.raises(InputErrors) as caught:
        parse_fields(FAX_SETTINGS, {"active": "maybe", "name": "x" * 65, "destinations": [{}], "t38": True})
    assert [error.field for error in caught.value.errors] == ["active", "name", "destinations[0].destination"]


# ---- how entries are named


@pytest.mark.parametrize(
    ("path", "keys", "label"),
    [
        ("", SubscriberKeys(99999), "subscriber 99999"),
        ("", SubscriberKeys(subscriber="a@b"), "subscriber a@b"),
        ("", SubscriberKeys(number="43"), "number 43"),
        ("", SubscriberKeys(external_id="e"), "external id e"),
        ("", SubscriberKeys(external_id="e\n\x1b[2J"), "external id e\\n\\x1b[2J"),
        ("subscribers[0]", SubscriberKeys(1), "subscribers[0] (1)"),
        ("subscribers[0]", SubscriberKeys(), "subscribers[0]"),
    ],
)
def test_how_messages_name_an_entry(path, keys, label):
    assert Declaration(0, path, keys, {}).label == label


# ---- fleets without subscribers


@pytest.mark.parametrize(
    ("form", "given", "message"),
    [
        ("subscribers", {}, "subscribers: is an empty list; set allow_empty if this is intended"),
        (
            "subscribers_file",
            {"subscribers_file": "/a/fleet.csv"},
            "subscribers_file: 'fleet.csv' has no entries; set allow_empty if this is intended",
        ),
        (
            "select",
            {"select": {"domain": "exmaple.org", "customer_id": 7, "customer_external_id": None}},
            "select: domain 'exmaple.org' and customer_id 7 matches no subscriber; set allow_empty if this is intended",
        ),
    ],
)
def test_an_empty_fleet_is_an_error_unless_it_may_be_meant(form, given, message):
    with pytest.raises(InputError) as caught:
        reject_no_entries(form, {**given, "allow_empty": False}, 0)
    assert str(caught.value) == message
    reject_no_entries(form, {**given, "allow_empty": False}, 1)
    reject_no_entries(form, {**given, "allow_empty": True}, 0)


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_an_empty_criterion_would_mean_everybody(value):
    with pytest.raises(InputError) as caught:
        check_criteria({"domain": value, "customer_id": 1})
    assert str(caught.value).startswith("select, domain: must not be empty")


# ---- elements that shall not be there

GONE = {"destination": "a@example.org", "state": "absent"}


def test_an_element_can_be_taken_out_only_where_lists_are_merged():
    """Otherwise a list of those that shall go would be a list of those that shall stay, and empty."""
    ((entry, field, message),) = problems({"subscriber_id": 1, "destinations": [{"destination": "b@c.de"}, GONE]})
    assert (entry, field) == ("subscribers[0] (1)", "destinations[1].state")
    assert "destinations_mode: merge" in message
    (declared,) = parse_declarations(
        FAX_SETTINGS, entries({"subscriber_id": 1, "destinations": [GONE]}), {}, {"destinations": "merge"}
    )
    assert [element["destination"] for element in declared.fields["destinations"].absent] == ["a@example.org"]


def test_the_mode_of_one_list_is_not_that_of_another():
    values = {"subscriber_id": 1, "acl": [{"from_email": "x", "state": "Absent"}], "secret_renew_notify": [GONE]}
    modes = {"secret_renew_notify": "merge", "acl": "replace"}
    with pytest.raises(InputErrors) as caught:
        parse_declarations(MAIL2FAX_SETTINGS, entries(values), {}, modes)
    assert [error.field for error in caught.value.errors] == ["acl[0].state"]


# ---- what the server may have although it is wrong

STORED = {"filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}


@pytest.mark.parametrize("address", ["nope", "Fax X. <a@example.org>", None, ""])
def test_a_wrong_address_that_the_server_has_may_be_declared_as_it_is(address):
    entry = {"subscriber_id": 1, "destinations": [{"destination": address, **STORED}]}
    (declared,) = parse_declarations(FAX_SETTINGS, entries(entry), {})
    stored = {"destination": address or None, **STORED}
    assert unfounded(FAX_SETTINGS, declared, {"destinations": [stored]}) == []
    for others in ([], [{**stored, "status": False}], [{**stored, "destination": "other"}]):
        (error,) = unfounded(FAX_SETTINGS, declared, {"destinations": others})
        assert (error.entry, error.field, error.index) == ("subscribers[0] (1)", "destinations[0].destination", 0)


def test_doubtful_elements_are_told_with_the_other_errors():
    found = problems(
        {"subscriber_id": 1, "destinations": [{"destination": "nope"}]},
        {"subscriber_id": 2, "destinations": [{"destination": "nope"}], "active": "maybe"},
        {"subscriber_id": 1},
    )
    assert [(entry, field) for entry, field, _message in found] == [
        ("subscribers[0] (1)", "destinations[0].destination"),
        ("subscribers[1] (2)", "active"),
        ("subscribers[1] (2)", "destinations[0].destination"),
        ("subscribers[2] (1)", "subscriber_id"),
    ]


def test_no_list_of_the_task_itself_is_doubtful():
    with pytest.raises(InputErrors):
        parse_fields(FAX_SETTINGS, {"destinations": [{"destination": "nope"}]})


# ---- entries


def test_declarations_keep_order_place_and_defaults():
    values = ({"subscriber_id": 1, "active": "no"}, {"subscriber": "a@b", "name": ""}, {"number": "43", "active": None})
    declared = parse_declarations(FAX_SETTINGS, entries(*values), {"active": True, "name": "Default"})
    assert [(item.index, item.label, dict(item.fields)) for item in declared] == [
        (0, "subscribers[0] (1)", {"active": False, "name": "Default"}),
        (1, "subscribers[1] (a@b)", {"active": True, "name": None}),
        (2, "subscribers[2] (number 43)", {"active": True, "name": "Default"}),
    ]


def test_fields_of_the_server_are_accepted_and_ignored():
    entry = {"subscriber_id": 1, "active": True, "last_secret_key_modify": "2026-01-02 03:04:05"}
    (declared,) = parse_declarations(MAIL2FAX_SETTINGS, entries(entry), {})
    assert declared.fields == {"active": True}


def test_every_error_of_every_entry_is_told():
    found = problems(
        {"subscriber": "a@b", "actve": True, "active": "maybe"},
        {"active": True},
        "a@b",
        None,
        {"subscriber_id": 7, "destinations": [{"destination": "nope"}], "t38": "x"},
        {"subscriber_id": 8},
    )
    assert [(entry, field) for entry, field, _message in found] == [
        ("subscribers[0] (a@b)", "actve"),
        ("subscribers[0] (a@b)", "active"),
        ("subscribers[1]", "subscriber_id"),
        ("subscribers[2]", ""),
        ("subscribers[3]", ""),
        ("subscribers[4] (7)", "t38"),
        ("subscribers[4] (7)", "destinations[0].destination"),
    ]


def test_errors_know_the_position_of_their_entry():
    with pytest.raises(InputErrors) as caught:
        parse_declarations(FAX_SETTINGS, entries({"subscriber_id": 1}, {}, {"subscriber_id": 1}, "x"), {})
    assert sorted(error.index for error in caught.value.errors) == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "shown", "hint"),
    [
        ("actve", "actve", "did you mean 'active'?"),
        ("Active", "Active", "did you mean 'active'?"),
        ("destinations_mode", "destinations_mode", "did you mean 'destinations'?"),
        ("id", "id", "there are subscriber_id, subscriber, "),
        ("api_url", "api_url", "there are subscriber_id"),
        ("acl", "acl", "there are subscriber_id"),
        (5, "field 2", "there are subscriber_id"),
        ("NotFor/YourEyes!", "field 2", "there are subscriber_id"),
        ("\x1b]0;x", "field 2", "there are subscriber_id"),
        ("x" * 41, "field 2", "there are subscriber_id"),
        (None, "field 2", "there are subscriber_id"),
    ],
)
def test_unknown_fields(name, shown, hint):
    """The server drops unknown keys without a word, so that a misspelt one has to be told here. It is shown only if it
    looks like a name: it may be a value in the wrong place."""
    ((entry, field, message),) = problems({"subscriber_id": 1, name: None})
    assert (entry, field) == ("subscribers[0] (1)", shown)
    assert message.startswith(f"is not a field of a subscriber's entry; {hint}")


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        ({"subscriber_id": 1}, {"subscriber_id": "1"}, "subscriber_id"),
        ({"subscriber": "a@example.org"}, {"subscriber": "A@Example.org"}, "subscriber"),
        ({"number": "+43 1"}, {"number": "431"}, "number"),
        ({"subscriber_external_id": "e"}, {"subscriber_external_id": "e"}, "subscriber_external_id"),
        ({"subscriber_id": 1, "subscriber": "a@b"}, {"subscriber": "a@b", "number": "43"}, "subscriber"),
    ],
)
def test_the_same_subscriber_twice(one, other, field):
    ((entry, path, message),) = problems(one, {"subscriber_id": 99}, other)
    assert entry.startswith("subscribers[2] (")
    assert path == field
    assert message.startswith("is the same subscriber as subscribers[0] (")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"subscriber_external_id": "e"}, {"subscriber_external_id": "E"}),
        ({"number": "431"}, {"number": "0431"}),
        ({"subscriber_id": 431}, {"number": "431"}),
    ],
)
def test_different_subscribers(one, other):
    assert len(parse_declarations(FAX_SETTINGS, entries(one, other), {})) == 2


def test_duplicates_that_show_only_after_resolving():
    first, second, third = (
        Declaration(index, f"subscribers[{index}]", keys, {})
        for index, keys in enumerate((SubscriberKeys(1), SubscriberKeys(2), SubscriberKeys(subscriber="a@b")))
    )
    reject_duplicates([(first, 1), (second, 2)])
    with pytest.raises(InputErrors) as caught:
        reject_duplicates([(first, 1), (second, 2), (third, 1)])
    (error,) = caught.value.errors
    assert str(error) == "subscribers[2] (a@b), subscriber: is the same subscriber as subscribers[0] (1)"
    assert error.index == 2


def test_no_error_quotes_a_secret():
    entry = {"subscriber_id": 1, "password": ["Geheim"], "name": ["Geheim"], "Geheim!": 1}
    with pytest.raises(InputErrors) as caught:
        parse_declarations(FAX_SETTINGS, entries(entry), {})
    assert len(caught.value.errors) == 3
    assert "Geheim" not in json.dumps(caught.value.as_dict())


def test_many_errors_are_summed_up():
    with pytest.raises(InputErrors) as caught:
        parse_declarations(FAX_SETTINGS, entries(*({} for _index in range(25))), {})
    error = caught.value
    assert error.message.count("does not name a subscriber") == 10
    assert error.message.endswith("; and 15 more")
    details = error.as_dict()["details"]
    assert [detail["entry"] for detail in details] == [f"subscribers[{index}]" for index in range(25)]
    assert error.as_dict()["entry"] == "subscribers[0]"
    assert error.as_dict()["code"] == "invalid_input"
