# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets: which names an entry may have, what is reported about wrong ones, and what is declared for whom."""

from __future__ import annotations

import json

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.entries import SHOWN_ERRORS, FleetErrors, check_fleet
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.schema import COLUMNS
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import Entry, parse_fields
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_file import read_table
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS

FAX, MAIL2FAX, FORWARD = (resource.module for resource in RESOURCES)


def fleet(*values):
    return check_fleet([Entry(f"entry {index}", value) for index, value in enumerate(values)], [], "test")


def split(values):
    """Return what is declared for both modules by one entry, parsed."""
    (entry,) = fleet({"subscriber_id": 1, **values})
    return tuple(
        dict(entry.declarations[module].fields) if module in entry.declarations else {} for module in (FAX, MAIL2FAX)
    )


def parsed(resource, values):
    return parse_fields(resource, values)


def refusals(*values):
    with pytest.raises(FleetErrors) as caught:
        fleet(*values)
    return [(error["position"], error["field"], error["message"]) for error in caught.value.details()]


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"forward": "unconditional"}, {"forward": "unconditional", "enabled": True}),
        ({"forward": "CFB", "ring_timeout": "20"}, {"forward": "busy", "enabled": True, "ring_timeout": 20}),
        ({"fax_forward": {"forward": "none"}}, {"forward": "none", "enabled": True}),
        ({"fax_forward_forward": "cft", "fax_forward_enabled": "no"}, {"forward": "timeout", "enabled": False}),
        ({"forward": "sms", "fax_forward": {"enabled": False}}, {"forward": "sms", "enabled": False}),
        ({"forward": None, "fax_forward_enabled": None}, None),
        ({"fax_forward_fax_box": "4313", "fax_forward_competing": "x", "fax_forward_surplus": None}, None),
    ],
)
def test_call_forwards(values, fields):
    (entry,) = fleet({"subscriber_id": 1, **values})
    declaration = entry.declarations.get(FORWARD)
    assert (None if declaration is None else dict(declaration.fields)) == fields


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"forward": "sometimes"}, "forward", "must be one of unconditional, busy, timeout"),
        ({"forward": "unconditional, none"}, "forward", "must be one of unconditional"),
        (
            {"forward": "busy", "fax_forward": {"forward": "none"}},
            "fax_forward.forward",
            "is the same field as forward",
        ),
        ({"forward": "busy", "fax_forward_forward": "busy"}, "fax_forward_forward", "is the same field as forward"),
        ({"fax_forward_enabled": True, "ring_timeout": 5}, "forward", "is missing, and fax_forward_enabled and ring"),
        ({"enabled": True}, "enabled", "is not a field of a subscriber's entry"),
        ({"forward": "timeout", "ring_timeout": "soon"}, "ring_timeout", "must be a whole number from 1"),
    ],
)
def test_wrong_call_forwards(values, field, message):
    ((position, found, text),) = refusals({"subscriber_id": 1, **values})
    assert (position, found) == (0, field) and text.startswith(message)


@pytest.mark.parametrize(
    ("values", "fax", "mail2fax"),
    [
        ({"active": "yes"}, {"active": "yes"}, {}),
        ({"fax_active": True}, {"active": True}, {}),
        ({"mail2fax_active": True}, {}, {"active": True}),
        ({"active": True, "mail2fax_active": False}, {"active": True}, {"active": False}),
        ({"secret_key": "x", "name": "y"}, {"name": "y"}, {"secret_key": "x"}),
        ({"fax": {"active": True, "name": "x"}, "mail2fax": {"acl": []}}, {"active": True, "name": "x"}, {"acl": []}),
        ({"fax": {"active": True}, "name": "x"}, {"active": True, "name": "x"}, {}),
        ({"fax": None, "name": None, "mail2fax": {"active": None}}, {}, {}),
        ({"last_secret_key_modify": "2026-01-01", "mail2fax_last_secret_key_modify": None}, {}, {}),
        ({"name": "", "destinations": []}, {"name": "", "destinations": []}, {}),
    ],
)
def test_where_values_go(values, fax, mail2fax):
    if set(values) > {"last_secret_key_modify"}:
        values.pop("mail2fax_last_secret_key_modify", None)
    assert split(values) == (parsed(FAX_SETTINGS, fax), parsed(MAIL2FAX_SETTINGS, mail2fax))


BELONGS = {"secret_key", "secret_key_renew", "secret_renew_notify", "acl", "last_secret_key_modify"}


def module_of(name):
    """Return which module a column is for, in the test's own words."""
    if name.startswith("fax_forward_") or name in {"forward", "ring_timeout"}:
        return FORWARD
    return MAIL2FAX if name.startswith("mail2fax_") or name in BELONGS else FAX


@pytest.mark.parametrize("name", [name for name, field in COLUMNS.items() if field is not None])
def test_every_column_belongs_to_one_part(name):
    """A column that both settings resources have without its prefix means the fax service."""
    field, module = COLUMNS[name], module_of(name)
    (resource,) = [one for one in RESOURCES if one.module == module]
    assert field.name == name.removeprefix(f"{resource.prefix}_")
    option = field.option()
    value = option.get("choices", [{"bool": True, "list": [], "str": "x", "int": 7}[option["type"]]])[0]
    leading = {resource.leading: "busy"} if resource.leading not in (None, field.name) else {}
    (entry,) = fleet({"subscriber_id": 1, name: value, **leading})
    declared = {name: dict(declaration.fields) for name, declaration in entry.declarations.items()}
    if field.server_owned:
        value = None
    wanted = resource.completed(parsed(resource, {field.name: value, **leading}))
    assert declared == ({module: wanted} if wanted else {})


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"active": True, "fax_active": True}, "fax_active", "is the same field as active"),
        ({"fax": {"active": True}, "active": True}, "active", "is the same field as fax.active"),
        (
            {"secret_key": "x", "mail2fax": {"secret_key": "y"}},
            "mail2fax.secret_key",
            "is the same field as secret_key",
        ),
        ({"actve": True}, "actve", "did you mean 'active'?"),
        ({"Active": True}, "Active", "did you mean 'active'?"),
        ({"mail2fax_destinations": []}, "mail2fax_destinations", "is not a field"),
        ({"fax": {"acl": []}}, "fax.acl", "is not a field of the fax settings"),
        ({"fax": []}, "fax", "must be a dictionary"),
        ({"fax": {"t38": "x"}}, "fax.t38", "must be true or false (or yes, on, 1, no, off, 0), not 'x'"),
        ({"mail2fax_acl": [{"use_regex": "x"}]}, "mail2fax_acl[0].use_regex", "must be true or false"),
        ({1: True}, "field 2", "is not a field"),
        ({"NotFor/YourEyes": 1}, "field 2", "is not a field"),
        ({"fax": {"NotFor/YourEyes": 1}}, "fax.field 1", "is not a field"),
        ({"number": "", "active": True}, "number", "must not be empty"),
        ({"number": 43, "active": True}, "number", "quote it"),
        ({"fax": {"name": 7}}, "fax.name", "quote it"),
        (
            {"destinations": [{"destination": "a@b.cd", "state": "absent"}]},
            "destinations[0].state",
            "fleet_destinations_mode",
        ),
        (
            {"mail2fax": {"acl": [{"from_email": "x", "state": "absent"}]}},
            "mail2fax.acl[0].state",
            "acl_mode: merge",
        ),
        ({"destinations": [{"destination": "x"}]}, "destinations[0].destination", "must have the form"),
    ],
)
def test_wrong_names_and_values(values, field, message):
    ((position, found, text),) = refusals({"subscriber_id": 1, **values})
    assert (position, found) == (0, field)
    assert message in text


def test_elements_can_be_taken_out_of_lists_that_are_merged():
    values = {"subscriber_id": 1, "destinations": [{"destination": "", "state": "absent"}]}
    found = check_fleet([Entry("entry", values)], [], "test", {"destinations": "merge", "acl": "replace"})
    assert len(found[0].declarations[FAX].fields["destinations"].absent) == 1


def test_everything_is_told_at_once():
    found = refusals(
        {"subscriber_id": 1, "t38": "x", "mail2fax_active": "q"},
        {"subscriber": "nobody", "actve": 1},
        "text",
        {"number": "+43 1"},
        {"number": "431", "name": "x" * 65},
        {"subscriber_id": 1},
    )
    assert [(position, field) for position, field, _message in found] == [
        (0, "t38"),
        (0, "mail2fax_active"),
        (1, "actve"),
        (1, "subscriber"),
        (2, ""),
        (4, "name"),
        (4, "number"),
        (5, "subscriber_id"),
    ]


def test_the_message_has_a_limit_and_the_result_none():
    with pytest.raises(FleetErrors) as caught:
        fleet(*({"subscriber_id": number, "t38": "x"} for number in range(1, SHOWN_ERRORS + 11)))
    lines = caught.value.message.splitlines()
    assert len(lines) == SHOWN_ERRORS + 2 and lines[-1] == "and 10 more"
    assert len(caught.value.details()) == SHOWN_ERRORS + 10


def test_thousands_of_wrong_rows_with_long_values_print_little():
    long = "x" * 2000
    rows = [
        {"subscriber_id": number, "t38": long, long: 1, "subscriber": f"{long}@{long}"} for number in range(1, 2001)
    ]
    with pytest.raises(FleetErrors) as caught:
        fleet(*rows)
    result = caught.value.as_result()
    assert len(caught.value.errors) >= 4000
    assert result["error"]["details"] == caught.value.details()[:SHOWN_ERRORS]
    assert result["error"]["details_left_out"] == len(caught.value.errors) - SHOWN_ERRORS
    assert len(result["msg"]) < 40_000 and len(json.dumps(result)) < 120_000


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"subscriber_id": 1, "t38": "x"}], "1 error in test (1 of 1 entry). Nothing was written."),
        ([{"subscriber_id": 1, "t38": "x"}, {"subscriber_id": 2}], "1 error in test (1 of 2 entries)."),
        ([{"subscriber_id": 1, "t38": "x", "ecm": "x"}], "2 errors in test (1 of 1 entry)."),
    ],
)
def test_counts_are_english(rows, words):
    with pytest.raises(FleetErrors) as caught:
        fleet(*rows)
    assert caught.value.message.startswith(words)


def test_own_secrets_are_masked_where_they_stand_by_mistake():
    ((_position, _field, message),) = refusals({"subscriber_id": 1, "password": "Geheim", "t38": "Geheim"})
    assert message == "must be true or false (or yes, on, 1, no, off, 0), not '********'"


def test_rows_and_lines_of_a_spreadsheet(tmp_path):
    path = tmp_path / "fleet.csv"
    path.write_text('subscriber_id,name,t38,nam\n1,"a\nb",x,\n2,x,q,z\n3,a,b,c,d\n', encoding="utf-8")
    with pytest.raises(FleetErrors) as caught:
        check_fleet(*read_table(COLUMNS, str(path)), "fleet.csv")
    assert [(error["row"], error["line"], error["field"]) for error in caught.value.details()] == [
        (None, None, "nam"),
        (2, 2, "t38"),
        (3, 4, "t38"),
        (4, 5, ""),
    ]


def test_entries_that_declare_nothing():
    found = fleet({"subscriber_id": 1}, {"subscriber_id": 2, "name": "x"}, {"subscriber_id": 3, "name": None})
    assert [list(entry.declarations) for entry in found] == [[], [FAX], []]


def test_entries_keep_their_order_and_what_messages_call_them():
    found = fleet({"subscriber_id": 1, "acl": []}, {"subscriber_id": 2, "name": "x"})
    assert [(entry.position, entry.path, entry.keys.subscriber_id) for entry in found] == [
        (0, "entry 0", 1),
        (1, "entry 1", 2),
    ]


def test_remarks_say_nothing():
    (entry,) = fleet({"subscriber_id": 1, "name": "x", "_status": "failed", "_set": {"fax": 1}})
    assert dict(entry.declarations[FAX].fields) == {"name": "x"}


def test_columns_for_remarks_say_nothing(tmp_path):
    path = tmp_path / "failed.csv"
    path.write_text("subscriber_id,name,_status,_message,_status\n1,x,failed,why,again\n", encoding="utf-8")
    (entry,) = check_fleet(*read_table(COLUMNS, str(path)), "failed.csv")
    assert dict(entry.declarations[FAX].fields) == {"name": "x"}
