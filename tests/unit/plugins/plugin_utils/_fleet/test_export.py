# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports: what is written is read as the same settings, in all three forms, and what cannot be is told."""

from __future__ import annotations

import csv
import io
import json

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.entries import check_fleet
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.schema import COLUMNS
from ansible_collections.ngcp.fax.plugins.module_utils._masking import MASK
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import parse_fields
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_file import read_table
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.export import WRITERS, join

FAX, MAIL2FAX, FORWARD = (resource.module for resource in RESOURCES)
KINDS = pytest.mark.parametrize("kind", sorted(WRITERS))
FLAGS = {"incoming": True, "outgoing": True, "status": True}


def fax(**values):
    default = {"active": False, "name": None, "t38": True, "ecm": True, "destinations": []}
    return {"subscriber_id": 7, "subscriber": "seven@example.org", **default, **values}


def mail2fax(**values):
    default = {"active": True, "secret_key_renew": "never", "last_secret_key_modify": None}
    lists = {"secret_renew_notify": [], "acl": []}
    return {"subscriber_id": 7, "subscriber": "seven@example.org", **default, **lists, **values}


def read_back(tmp_path, kind, export):
    """Return for each module what the file declares."""
    path = tmp_path / f"fleet{kind}"
    path.write_text(WRITERS[kind](export), encoding="utf-8", newline="")
    entries = check_fleet(*read_table(COLUMNS, str(path)), "fleet")
    return {
        resource.module: [
            dict(entry.declarations[resource.module].fields)
            for entry in entries
            if resource.module in entry.declarations
        ]
        for resource in RESOURCES
    }


def declared(module, **values):
    (part,) = [part for part in RESOURCES if part.module == module]
    managed = {field.name for field in part.managed}
    return parse_fields(part, {name: "" if v is None else v for name, v in values.items() if name in managed})


@KINDS
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"name": 'Example, Ltd; "quoted"\nand more', "password": "p w"},
        {"name": " blanks "},
        {"name": "  "},
        {"name": '"in quotes"'},
        {"name": '""'},
        {"name": '"', "password": '" "'},
        {"name": "old\rMac", "password": "\rx"},
        {"name": "x\r\n"},
        {"name": "yes"},
        {"name": "08"},
        {"name": "{ curly }"},
        {"name": "=1+1"},
        {"password": None},
        {"destinations": [{"destination": "a@example.org", "filetype": "TIFF", **FLAGS}]},
        {
            "destinations": [
                {
                    "destination": "a@example.org",
                    "filetype": "PDF14",
                    "incoming": False,
                    "outgoing": True,
                    "status": False,
                },
                {"destination": '"a b;c"@example.org', "filetype": "PDF", **FLAGS},
            ]
        },
    ],
)
def test_fax_settings_survive(tmp_path, kind, values):
    export = join({FAX: [fax(**values)]})
    assert export.left_out == []
    assert read_back(tmp_path, kind, export)[FAX] == [declared(FAX, **fax(**values))]
    assert export.left_out == []


@KINDS
@pytest.mark.parametrize(
    "rule",
    [
        {"from_email": "a@example.org", "received_from": None, "destination": None, "use_regex": False},
        {"from_email": r"^.*@x\.org$", "received_from": "10.0.0.1", "destination": "43 1", "use_regex": True},
        {"from_email": "use_regex=yes", "received_from": None, "destination": "a;b", "use_regex": False},
        {"from_email": None, "received_from": None, "destination": None, "use_regex": False},
    ],
)
def test_mail2fax_settings_survive(tmp_path, kind, rule):
    values = mail2fax(acl=[rule], secret_renew_notify=[{"destination": "a@example.org"}])
    export = join({MAIL2FAX: [values]})
    assert read_back(tmp_path, kind, export)[MAIL2FAX] == [declared(MAIL2FAX, **values)]
    assert export.left_out == []


texts = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=12).filter(
    lambda text: text != MASK
)


@settings(max_examples=150, deadline=None)
@given(name=texts, password=texts, address=st.from_regex(r"[a-z=]{1,5}@[a-z]{1,3}\.org", fullmatch=True), rule=texts)
@KINDS
def test_whatever_is_in_the_file_is_what_was_there(tmp_path_factory, kind, name, password, address, rule):
    found = fax(name=name or None, password=password or None, destinations=[{"destination": address, "filetype": "PS"}])
    acl = [{"from_email": rule or None, "received_from": None, "destination": None, "use_regex": False}]
    export = join({FAX: [found], MAIL2FAX: [mail2fax(acl=acl)]})
    (read,) = read_back(tmp_path_factory.mktemp("export"), kind, export)[FAX]
    expected = declared(FAX, **found)
    for item in export.left_out:
        expected.pop(item["field"].removeprefix("fax_"), None)
    assert read == expected


@KINDS
def test_both_kinds_are_joined_by_id(tmp_path, kind):
    others = [fax(subscriber_id=9, subscriber=None), fax(subscriber_id=8, subscriber="eight@example.org")]
    export = join({FAX: [*others, fax()], MAIL2FAX: [mail2fax()]})
    assert [entry["subscriber_id"] for entry in export.entries] == [7, 8, 9]
    found = read_back(tmp_path, kind, export)
    assert (len(found[FAX]), len(found[MAIL2FAX])) == (3, 1)


@KINDS
def test_secrets_that_were_not_read_are_not_declared(tmp_path, kind):
    found = read_back(tmp_path, kind, join({FAX: [fax()], MAIL2FAX: [mail2fax()]}))
    assert "password" not in found[FAX][0]
    assert "secret_key" not in found[MAIL2FAX][0]
    assert "active" in found[MAIL2FAX][0]


def test_values_that_nobody_can_declare_are_left_out():
    broken = mail2fax(secret_renew_notify=[{"destination": "nobody"}])
    export = join({FAX: [fax(name="\U0001f600", password="x" * 65)], MAIL2FAX: [broken]})
    assert [item["field"] for item in export.left_out] == [
        "fax_name",
        "fax_password",
        "mail2fax_secret_renew_notify",
    ]
    assert "xxx" not in str(export.left_out)
    assert {item["subscriber"] for item in export.left_out} == {"seven@example.org"}
    assert set(export.entries[0]["mail2fax"]) == {"active", "secret_key_renew", "acl"}


TEMPLATES = pytest.mark.parametrize("text", ["{{7*7}}", "a{%b", "{#", "x{{lookup('env','HOME')}}y"])


@TEMPLATES
def test_templates_are_marked_in_yaml_for_ansible(tmp_path, text):
    found = fax(name=text, password=text, subscriber=f"{text}@example.org")
    rule = {"from_email": text, "received_from": None, "destination": None, "use_regex": False}
    export = join({FAX: [found], MAIL2FAX: [mail2fax(subscriber=f"{text}@example.org", acl=[rule])]})
    written = WRITERS[".yml"](export)
    assert export.left_out == []
    # Every text in it that could be a template, and none of the others, is marked.
    assert written.count("!unsafe") == 4
    assert all("!unsafe" in line for line in written.splitlines() if "{{" in line or "{%" in line or "{#" in line)
    assert read_back(tmp_path, ".yml", export)[FAX] == [declared(FAX, **found)]

    loader = DataLoader()
    (tmp_path / "variables.yml").write_text(written, encoding="utf-8")
    variables = loader.load_from_file(str(tmp_path / "variables.yml"))
    assert Templar(loader, variables=variables).template(variables) == variables
    assert variables["subscribers"][0]["fax"]["name"] == text


@TEMPLATES
def test_templates_are_not_in_json(text):
    found = fax(name=text, password="good", destinations=[], subscriber=f"{text}@example.org")
    export = join({FAX: [found]})
    (entry,) = json.loads(WRITERS[".json"](export))["subscribers"]
    assert text not in str(entry)
    assert (entry["subscriber_id"], entry["fax"]["password"]) == (7, "good")
    assert sorted(item["field"] for item in export.left_out) == ["fax_name", "subscriber"]
    assert "if the file were used as variables" in export.left_out[0]["message"]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\uff1d", "'=", "''@", "'"])
def test_no_cell_is_a_formula(tmp_path, first):
    text = f"{first}1+1"
    rule = {"from_email": text, "received_from": None, "destination": None, "use_regex": False}
    found = fax(name=text, password=text, subscriber="=cmd@example.org")
    export = join({FAX: [found], MAIL2FAX: [mail2fax(secret_renew_notify=[{"destination": "=a@b.org"}], acl=[rule])]})
    written = WRITERS[".csv"](export)
    assert export.left_out == []
    _header, row = csv.reader(io.StringIO(written, newline=""))
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\uff1d"))]
    assert "'=cmd@example.org" in row and "'=a@b.org" in row
    read = read_back(tmp_path, ".csv", export)
    assert read[FAX] == [declared(FAX, **found)]
    assert read[MAIL2FAX] == [
        declared(MAIL2FAX, **mail2fax(secret_renew_notify=[{"destination": "=a@b.org"}], acl=[rule]))
    ]


@pytest.mark.parametrize("name", ["a\0b"])
def test_what_no_cell_can_hold_is_left_out_of_csv_alone(name):
    export = join({FAX: [fax(name=name)]})
    WRITERS[".json"](export)
    assert export.left_out == []
    WRITERS[".csv"](export)
    assert [item["field"] for item in export.left_out] == ["fax_name"]


@KINDS
@pytest.mark.parametrize(
    "name",
    ["a\0b@example.org", "a\ud800@example.org", "a\rb@example.org", " a@example.org", "a b@c", "nobody", "@", " "],
)
def test_a_name_that_nobody_can_declare_is_left_out_once(tmp_path, kind, name):
    """The id remains, so that the settings can be declared."""
    export = join({FAX: [fax(subscriber=name)], MAIL2FAX: [mail2fax(subscriber=name)]})
    assert read_back(tmp_path, kind, export)[FAX] == [declared(FAX, **fax())]
    assert [(item["subscriber_id"], item["subscriber"], item["field"]) for item in export.left_out] == [
        (7, name, "subscriber")
    ]
    assert export.left_out[0]["message"].isprintable()


@KINDS
@pytest.mark.parametrize("name", ['"a@b"', "'=a@b", "=a@b", '"@"', "a,b;c@d"])
def test_every_name_that_can_be_declared_survives(tmp_path, kind, name):
    export = join({FAX: [fax(subscriber=name)]})
    path = tmp_path / f"fleet{kind}"
    path.write_text(WRITERS[kind](export), encoding="utf-8", newline="")
    (entry,), _wrong = read_table(COLUMNS, str(path))
    assert entry.values["subscriber"] == name
    assert export.left_out == []


@KINDS
def test_nobody(tmp_path, kind):
    assert read_back(tmp_path, kind, join({FAX: [], MAIL2FAX: []})) == {FAX: [], MAIL2FAX: [], FORWARD: []}
