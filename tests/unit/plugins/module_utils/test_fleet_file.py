# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleet files: CSV as spreadsheets write it, JSON and YAML, and what is wrong with broken ones."""

from __future__ import annotations

import json
import sys

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._declarations import parse_declarations
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet_file import parse_list_cell, read_entries
from ansible_collections.ngcp.fax.plugins.module_utils._resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._values import WantedList

DESTINATIONS = FAX_SETTINGS.lists[0]
ACL = next(field for field in MAIL2FAX_SETTINGS.lists if field.name == "acl")


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write_file(content, name="fleet.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return str(path)

    return write_file


def values(path, resource=FAX_SETTINGS):
    return [entry.values for entry in read_entries(resource, path)]


def refusal(path, resource=FAX_SETTINGS):
    with pytest.raises(InputError) as caught:
        read_entries(resource, path)
    return caught.value


# ---- CSV

TWO = [{"subscriber": "a@example.org", "active": "yes"}, {"subscriber": "b@example.org", "active": "no"}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_csv_as_programs_write_it(write, delimiter, end, mark):
    lines = [delimiter.join(cells) for cells in (("subscriber", "active"), *(row.values() for row in TWO))]
    assert values(write(mark + end.join(lines + [""]).encode())) == TWO
    assert values(write(mark + end.join(lines).encode())) == TWO, "without an end of the last line"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "subscriber_id,name\n1,\n2,  \n", [{"subscriber_id": "1"}, {"subscriber_id": "2"}], id="empty cell"
        ),
        pytest.param("subscriber_id,name\n1\n", [{"subscriber_id": "1"}], id="missing cells"),
        pytest.param("subscriber_id,name\n1,x\n\n,\n , \n", [{"subscriber_id": "1", "name": "x"}], id="empty rows"),
        pytest.param(" subscriber_id , name \n1, x \n", [{"subscriber_id": "1", "name": " x "}], id="blanks"),
        pytest.param('subscriber_id,name\n1,"a,""b"""\n', [{"subscriber_id": "1", "name": 'a,"b"'}], id="quotes"),
        pytest.param('subscriber_id,name\n1,"a\nb"\n', [{"subscriber_id": "1", "name": "a\nb"}], id="line break"),
        pytest.param('"subscriber_id";"name"\n1;a,b\n', [{"subscriber_id": "1", "name": "a,b"}], id="quoted header"),
        pytest.param("number,name\n+43 1 900,Größe\n", [{"number": "+43 1 900", "name": "Größe"}], id="not ASCII"),
        pytest.param("subscriber_id\n1\n2\n", [{"subscriber_id": "1"}, {"subscriber_id": "2"}], id="one column"),
        pytest.param("subscriber_id,active\n", [], id="no rows"),
    ],
)
def test_csv(write, text, expected):
    assert values(write(text)) == expected


def test_places_are_rows_of_the_spreadsheet(write):
    path = write('subscriber_id,name\n1,"a\nb"\n\n2,x\n')
    assert [entry.place for entry in read_entries(FAX_SETTINGS, path)] == ["fleet.csv row 2", "fleet.csv row 4"]
    assert read_entries(FAX_SETTINGS, path, "other.csv")[0].place == "other.csv row 2"


def test_fields_of_the_server_may_be_columns(write):
    path = write("subscriber_id,last_secret_key_modify\n1,2026-01-02 03:04:05\n")
    assert parse_declarations(MAIL2FAX_SETTINGS, read_entries(MAIL2FAX_SETTINGS, path), {})[0].fields == {}


@pytest.mark.parametrize(
    ("content", "entry", "field", "message"),
    [
        pytest.param("", "", "subscribers_file", "is empty", id="empty"),
        pytest.param("\n", "", "subscribers_file", "is empty", id="an empty line"),
        pytest.param("\ufeff", "", "subscribers_file", "is empty", id="nothing but a BOM"),
        pytest.param("subscriber_id,actve\n1,yes\n", "fleet.csv", "actve", "is no column", id="unknown column"),
        pytest.param("subscriber_id,acl\n1,x\n", "fleet.csv", "acl", "is no column", id="column of the other resource"),
        pytest.param("subscriber_id,\n1,yes\n", "fleet.csv", "", "is no column", id="column without a name"),
        pytest.param("subscriber_id,Active\n1,yes\n", "fleet.csv", "Active", "is no column", id="case of columns"),
        pytest.param("name,subscriber_id,name\nx,1,y\n", "fleet.csv", "name", "is there twice", id="double column"),
        pytest.param("subscriber_id,name\n1,x,y\n", "fleet.csv row 2", "", "has 3 cells", id="too many cells"),
        pytest.param(b"subscriber_id,name\n1,B\xfcro\n", "", "subscribers_file", "is not UTF-8", id="Latin-1"),
        pytest.param(b"\xff\xfes\x00", "", "subscribers_file", "is not UTF-8", id="UTF-16"),
        pytest.param('subscriber_id,name\n1,"x\n', "", "subscribers_file", "no well-formed CSV", id="open quote"),
        pytest.param(
            'subscriber_id,name\n1,"x"y\n', "", "subscribers_file", "no well-formed CSV", id="text after quote"
        ),
        pytest.param(
            "subscriber_id,destinations\n1,a@example.org PFD\n", "fleet.csv row 2", "destinations", "PFD", id="word"
        ),
    ],
)
def test_broken_csv(write, content, entry, field, message):
    error = refusal(write(content))
    assert (error.entry, error.field) == (entry, field)
    assert message in error.message


def test_a_missing_file(tmp_path):
    error = refusal(str(tmp_path / "none.csv"))
    assert error.message == "cannot read 'none.csv': No such file or directory"


@pytest.mark.parametrize("name", ["fleet", "fleet.txt", "fleet.xlsx", ".csv"])
def test_the_ending_tells_the_form(write, name):
    assert "must end in .csv, .json, .yml or .yaml" in refusal(write("subscriber_id\n1\n", name)).message


def test_the_case_of_the_ending_does_not_matter(write):
    assert values(write("subscriber_id\n1\n", "FLEET.CSV")) == [{"subscriber_id": "1"}]


# ---- list cells


@pytest.mark.parametrize(
    ("field", "cell", "elements"),
    [
        (DESTINATIONS, "a@example.org", [{"destination": "a@example.org"}]),
        (DESTINATIONS, "a@example.org PDF", [{"destination": "a@example.org", "filetype": "PDF"}]),
        (
            DESTINATIONS,
            "a@example.org PDF14 outgoing=no status=0",
            [{"destination": "a@example.org", "filetype": "PDF14", "outgoing": "no", "status": "0"}],
        ),
        (DESTINATIONS, "a@x.y;b@x.y", [{"destination": "a@x.y"}, {"destination": "b@x.y"}]),
        (
            DESTINATIONS,
            " a@x.y ;\n b@x.y PS ; ",
            [{"destination": "a@x.y"}, {"destination": "b@x.y", "filetype": "PS"}],
        ),
        (DESTINATIONS, "a@x.y\r\nb@x.y", [{"destination": "a@x.y"}, {"destination": "b@x.y"}]),
        (DESTINATIONS, "a@x.y state=absent", [{"destination": "a@x.y", "state": "absent"}]),
        (DESTINATIONS, "destination=a@x.y filetype=PS", [{"destination": "a@x.y", "filetype": "PS"}]),
        (DESTINATIONS, "a=b@x.y", [{"destination": "a=b@x.y"}]),
        (DESTINATIONS, ";", []),
        (DESTINATIONS, "[]", []),
        (DESTINATIONS, ' [{"destination": "a@x.y"}] ', [{"destination": "a@x.y"}]),
        (ACL, "alice@example.org", [{"from_email": "alice@example.org"}]),
        (ACL, "received_from=10.0.0.1 use_regex=no", [{"received_from": "10.0.0.1", "use_regex": "no"}]),
        (
            ACL,
            r".*@example\.org destination=^43=1 use_regex=yes",
            [{"from_email": r".*@example\.org", "destination": "^43=1", "use_regex": "yes"}],
        ),
    ],
)
def test_list_cells(field, cell, elements):
    assert parse_list_cell(field, cell) == elements


@pytest.mark.parametrize(
    ("field", "cell", "message"),
    [
        (DESTINATIONS, "a@x.y b@x.y", "has the word 'b@x.y' in 'a@x.y b@x.y'"),
        (DESTINATIONS, "a@x.y incomming=no", "has the word 'incomming=no'"),
        (DESTINATIONS, "a@x.y; PDF b@x.y", "has the word 'b@x.y'"),
        (ACL, "a@x.y PDF", "has the word 'PDF'"),
        (DESTINATIONS, '[{"destination"', "begins with [ but is no JSON list"),
        (DESTINATIONS, "[a@x.y]", "begins with [ but is no JSON list"),
        (DESTINATIONS, "a@x.y PDF TIFF", "twice"),
        (DESTINATIONS, "a@x.y incoming=yes incoming=no", "twice"),
    ],
)
def test_broken_list_cells(field, cell, message):
    with pytest.raises(InputError) as caught:
        parse_list_cell(field, cell)
    assert caught.value.field == field.name
    assert message in caught.value.message


def test_a_word_in_lower_case_is_taken_for_the_choice_and_refused_as_such(write):
    path = write("subscriber_id,destinations\n1,a@example.org pdf\n")
    with pytest.raises(FaxError, match=r"destinations\[0\]\.filetype: must be one of TIFF, PS, PDF, PDF14, not 'pdf'"):
        parse_declarations(FAX_SETTINGS, read_entries(FAX_SETTINGS, path), {})


def test_a_whole_spreadsheet_becomes_declarations(write):
    path = write(
        "subscriber;active;name;t38;destinations\n"
        'a@example.org;yes;"Example; Ltd";;"in@example.org PDF outgoing=no;\ncopy@example.org"\n'
        "b@example.org;;;no;[]\n"
    )
    one, other = parse_declarations(FAX_SETTINGS, read_entries(FAX_SETTINGS, path), {"ecm": True})
    full = {"filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}
    assert one.fields["name"] == "Example; Ltd"
    assert one.fields["destinations"].present == [
        {**full, "destination": "in@example.org", "filetype": "PDF", "outgoing": False},
        {**full, "destination": "copy@example.org"},
    ]
    assert other.fields == {"ecm": True, "t38": False, "destinations": WantedList([], [])}


# ---- JSON and YAML

ENTRIES = [{"subscriber_id": 1, "active": True}, {"subscriber": "a@example.org", "destinations": []}]


@pytest.mark.parametrize("name", ["fleet.json", "fleet.yml", "fleet.yaml"])
@pytest.mark.parametrize("document", [ENTRIES, {"subscribers": ENTRIES}, {"subscribers": ENTRIES, "note": "x"}])
def test_json(write, name, document):
    path = write(json.dumps(document), name)
    assert values(path) == ENTRIES
    assert [entry.place for entry in read_entries(FAX_SETTINGS, path)] == [f"{name} entry 0", f"{name} entry 1"]


@pytest.mark.parametrize(
    "text",
    [
        "- subscriber_id: 1\n  active: yes\n- {subscriber: a@example.org, destinations: []}\n",
        "---\nsubscribers:\n  - subscriber_id: 1\n    active: true\n"
        "  - subscriber: a@example.org\n    destinations: []\n",
    ],
)
def test_yaml(write, text):
    assert values(write(text, "fleet.yml")) == ENTRIES


@pytest.mark.parametrize("name", ["fleet.json", "fleet.yml"])
@pytest.mark.parametrize("text", ["{}", '{"subscribers": {}}', '{"subscriber": []}', '"a@example.org"', "5", "null"])
def test_documents_without_a_list(write, name, text):
    error = refusal(write(text, name))
    assert "must hold a list of entries" in error.message
    assert error.field == "subscribers_file"


def test_entries_that_are_no_dictionaries_are_told_by_their_place(write):
    entries = read_entries(FAX_SETTINGS, write('[{"subscriber_id": 1}, "a@example.org"]', "fleet.json"))
    with pytest.raises(FaxError, match=r"fleet.json entry 1: must be a dictionary"):
        parse_declarations(FAX_SETTINGS, entries, {})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("fleet.json", "", "is no JSON"),
        ("fleet.json", "[{]", "is no JSON"),
        ("fleet.json", "- subscriber_id: 1", "is no JSON"),
        ("fleet.yml", "a: [", "is no YAML: line "),
        ("fleet.yml", "a: b: c", "is no YAML: line 1, column 5"),
        ("fleet.yml", "- !!python/object/apply:os.system ['true']", "is no YAML"),
        ("fleet.yml", "- \x01", "is no YAML: unreadable"),
    ],
)
def test_broken_json_and_yaml(write, name, text, message):
    error = refusal(write(text, name))
    assert message in error.message
    assert error.field == "subscribers_file"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fleet.yml", "- password: Geheim: x\n"),
        ("fleet.yml", "- password: 'Geheim\n"),
        ("fleet.yml", "- password: *Geheim\n"),
        ("fleet.yml", "- password: !Geheim x\n"),
        ("fleet.yml", "- password: {Geheim\n"),
        ("fleet.json", '[{"password": Geheim}]'),
        ("fleet.json", '[{"password": "Geheim\n"}]'),
        ("fleet.csv", 'subscriber_id,password\n1,"Geheim\n'),
        ("fleet.csv", 'subscriber_id,password\n1,"Geheim"x\n'),
        ("fleet.csv", "subscriber_id,password\n1,Geheim,x\n"),
        ("fleet.csv", "subscriber_id,password\n1,Geheim\xfc\n".encode("latin-1")),
    ],
)
def test_no_error_quotes_a_secret(write, name, text):
    error = refusal(write(text, name))
    assert "Geheim" not in json.dumps(error.as_dict())


def test_yaml_needs_its_library(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    error = refusal(write("- subscriber_id: 1\n", "fleet.yml"))
    assert "PyYAML" in error.message
    assert error.hint == "Use CSV or JSON, or install PyYAML there."


def test_json_in_a_yaml_file_does_not_need_the_library(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert values(write(json.dumps(ENTRIES), "fleet.yml")) == ENTRIES
