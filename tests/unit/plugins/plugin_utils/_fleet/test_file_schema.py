# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The published schema of fleet files is what the tables give, and agrees with the reader: what the reader takes is
valid, so that what the schema refuses the reader refuses."""

from __future__ import annotations

import json
import pathlib
import re
import tempfile

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.entries import check_fleet
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.schema import COLUMNS, SLOTS
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import MERGE
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_file import read_table
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.export import SCHEMA_URL, Export, as_json, as_yaml, join
from ansible_collections.ngcp.fax.tests.unit.support.fleet_schema import PATH, as_text
from ansible_collections.ngcp.fax.tests.unit.support.strategies import inputs

jsonschema = pytest.importorskip("jsonschema")

ROOT = pathlib.Path(__file__).parents[5]
SCHEMA = json.loads(PATH.read_text())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
MERGED = {field.name: MERGE for resource in RESOURCES for field in resource.lists}


def takes(content, ending=".json", modes=None):
    """Return whether the reader takes a fleet file."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, f"fleet{ending}")
        path.write_text(content, encoding="utf-8")
        try:
            entries, errors = read_table(COLUMNS, str(path))
            check_fleet(entries, errors, "fleet", MERGED if modes is None else modes)
        except FaxError:
            return False
    return True


def test_the_published_schema_is_what_the_tables_give():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert PATH.read_text(encoding="utf-8") == as_text(), "run make schema"


def test_the_schema_knows_every_name():
    assert set(SCHEMA["definitions"]["entry"]["properties"]) == {*COLUMNS, *(resource.prefix for resource in RESOURCES)}


def test_the_schema_is_where_its_name_says():
    repository = yaml.safe_load((ROOT / "galaxy.yml").read_text())["repository"]
    assert SCHEMA["$id"] == SCHEMA_URL == f"{repository}/raw/main/docs/{PATH.name}"
    assert SCHEMA_URL in (ROOT / "docs/fleets.md").read_text()


# ---- what is taken

KEY = {"subscriber_id": 1}


@pytest.mark.parametrize(
    "entry",
    [
        {"subscriber_id": "0017"},
        {"subscriber": " user@example.org "},
        {"subscriber": "a@b@example.org"},
        {"number": "+43 (1) 17-9/3.2"},
        {"number": 43117932},
        {"subscriber_external_id": 83},
        {**KEY, "number": None, "active": None, "fax": None, "destinations": None},
        {**KEY, "active": "Yes", "t38": 0, "ecm": 1, "mail2fax_active": " OFF "},
        {**KEY, "name": 12, "password": ""},
        {**KEY, "name": "x" * 64, "secret_key": "y" * 255},
        {**KEY, "fax": {"active": True}, "mail2fax": {"active": False, "acl": [{}]}, "name": "X"},
        {**KEY, "secret_key_renew": "NEVER", "last_secret_key_modify": {"any": "thing"}},
        {**KEY, "_status": {"a": [1]}, "_": None},
        {**KEY, "destinations": [{"destination": " A@example.org ", "filetype": "pdf14", "incoming": "no"}]},
        {
            **KEY,
            "destinations": [{"destination": "", "state": "Absent"}, {"destination": "x" * 300, "state": "absent"}],
        },
        {**KEY, "acl": [{"from_email": 7, "use_regex": "yes"}, {"destination": None, "state": None}]},
    ],
)
def test_what_both_take(entry):
    assert takes(json.dumps([entry]))
    VALIDATOR.validate([entry])
    VALIDATOR.validate({"subscribers": [entry], "other": 1})


def is_flat(resource, name):
    return name in SLOTS and SLOTS[name].resource is resource


@st.composite
def entries(draw):
    """Draw an entry with any fields of all resources in any spelling."""
    entry = {"subscriber_id": draw(st.integers(1, 10**18 - 1))}
    if draw(st.booleans()):
        entry["subscriber_id"] = str(entry["subscriber_id"])
    for resource in RESOURCES:
        nested = {}
        for name, value in draw(inputs(resource)).items():
            spellings = [f"{resource.prefix}_{name}", *([name] if is_flat(resource, name) else []), None]
            spelling = draw(st.sampled_from(spellings))
            if spelling is None:
                nested[name] = value
            else:
                entry[spelling] = value
        if nested or draw(st.booleans()):
            entry[resource.prefix] = nested
    return entry


@given(st.lists(entries(), max_size=3, unique_by=lambda entry: int(entry["subscriber_id"])))
def test_generated_entries_are_taken_and_valid(made):
    assert takes(json.dumps({"subscribers": made}))
    VALIDATOR.validate(made)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", " ", "yes", "absent", "present", "PDF", "never", "********", "x" * 65, "y" * 256, "a@b", "😀"]
    )
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["state", "destination", "x"]), inner),
    max_leaves=4,
)


def places(value, path=()):
    """Return the path of every member and element."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, part in pairs for place in [(*path, name), *places(part, (*path, name))]]


@settings(max_examples=150)
@given(entries(), st.data())
def test_what_the_schema_refuses_the_reader_refuses(entry, data):
    path = data.draw(st.sampled_from(places(entry)))
    place = entry
    for name in path[:-1]:
        place = place[name]
    name = path[-1]
    if isinstance(place, dict) and data.draw(st.booleans()):
        place[data.draw(st.sampled_from([*COLUMNS, "fax", "mail2fax", "state", "_x", "x"]))] = place.pop(name)
    else:
        place[name] = data.draw(JUNK)
    if not VALIDATOR.is_valid([entry]):
        assert not takes(json.dumps([entry]))


# ---- what is refused


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"active": True},
        {"subscriber_id": None, "subscriber": None},
        {"subscriber_id": 0},
        {"subscriber_id": "x"},
        {"subscriber_id": 10**18},
        {"subscriber": "nobody"},
        {"subscriber": ""},
        {"number": "abc"},
        {"number": ""},
        {"subscriber_external_id": " "},
        {**KEY, "actve": True},
        {**KEY, "state": "present"},
        {**KEY, "active": "maybe"},
        {**KEY, "active": 2},
        {**KEY, "active": []},
        {**KEY, "active": True, "fax_active": True},
        {**KEY, "active": None, "fax": {"active": True}},
        {**KEY, "fax_active": True, "fax": {"active": None}},
        {**KEY, "mail2fax_active": True, "mail2fax": {"active": True}},
        {**KEY, "last_secret_key_modify": "x", "mail2fax": {"last_secret_key_modify": "x"}},
        {**KEY, "fax": {"acl": []}},
        {**KEY, "fax": {"_remark": 1}},
        {**KEY, "fax": []},
        {**KEY, "name": "x" * 65},
        {**KEY, "name": ["x"]},
        {**KEY, "name": "😀"},
        {**KEY, "password": "********"},
        {**KEY, "secret_key": "y" * 256},
        {**KEY, "secret_key_renew": "yearly"},
        {**KEY, "secret_key_renew": ""},
        {**KEY, "destinations": "a@example.org"},
        {**KEY, "destinations": ["a@example.org"]},
        {**KEY, "destinations": [{}]},
        {**KEY, "destinations": [{"destination": None}]},
        {**KEY, "destinations": [{"destination": "nobody"}]},
        {**KEY, "destinations": [{"destination": "ä@example.org"}]},
        {**KEY, "destinations": [{"destination": f"{'x' * 250}@b.org"}]},
        {**KEY, "destinations": [{"destination": "a@example.org"}, {"destination": "a@example.org"}]},
        {**KEY, "destinations": [{"destination": "a@example.org", "filetype": "DOC"}]},
        {**KEY, "destinations": [{"destination": "a@example.org", "incoming": ""}]},
        {**KEY, "destinations": [{"destination": "a@example.org", "state": "gone"}]},
        {**KEY, "destinations": [{"destination": "a@example.org", "colour": "red"}]},
        {**KEY, "destinations": [{"state": "absent"}]},
        {**KEY, "acl": [{"from_email": ""}]},
        {**KEY, "acl": [{"from_email": "x" * 256}]},
        {**KEY, "acl": [None]},
        None,
        "x",
    ],
)
def test_what_both_refuse(entry):
    assert not VALIDATOR.is_valid([entry])
    assert not takes(json.dumps([entry]))


@pytest.mark.parametrize("document", [None, 1, "x", {}, {"subscribers": None}, {"subscribers": {}}])
def test_documents_that_hold_no_fleet(document):
    assert not VALIDATOR.is_valid(document)
    assert not takes(json.dumps(document))


# ---- examples


def examples():
    """Return the fleet files in the documentation, each with its ending."""
    found = []
    for page in sorted((ROOT / "docs").glob("*.md")):
        found += re.findall(r"```(csv|yaml)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for path in sorted((ROOT / "docs/examples").rglob("*")):
        if path.suffix in (".csv", ".yml"):
            found.append((path.suffix[1:], path.read_text(encoding="utf-8")))
    return [
        (f".{kind}", text) for kind, text in found if kind == "csv" or re.search("^subscribers:", text, re.MULTILINE)
    ]


@pytest.mark.parametrize(("ending", "content"), examples())
def test_the_examples(tmp_path, ending, content):
    assert takes(content, ending, {})
    if ending == ".csv":
        (tmp_path / "fleet.csv").write_text(content, encoding="utf-8")
        read, _errors = read_table(COLUMNS, str(tmp_path / "fleet.csv"))
        VALIDATOR.validate([entry.values for entry in read])
    else:
        VALIDATOR.validate(yaml.safe_load(content))


def test_there_are_examples_of_both_forms():
    assert {ending for ending, _content in examples()} >= {".csv", ".yaml"}


def exported():
    fax = {"subscriber_id": 7, "subscriber": "seven@example.org", "active": True, "name": None, "destinations": []}
    acl = [{"from_email": r"a\.b", "received_from": None, "destination": None, "use_regex": True}]
    return join({"fax_settings": [fax], "mail2fax_settings": [{**fax, "acl": acl, "secret_key_renew": "daily"}]})


def test_exported_files_name_the_schema_and_are_valid():
    for export in (exported(), Export()):
        text = as_yaml(export)
        assert text.splitlines()[:2] == [f"# yaml-language-server: $schema={SCHEMA_URL}", "---"]
        assert takes(text, ".yml")
        VALIDATOR.validate(yaml.safe_load(text))
        VALIDATOR.validate(json.loads(as_json(export)))
