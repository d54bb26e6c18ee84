# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleet files: CSV as spreadsheets write it, JSON and YAML, and what is wrong with broken ones."""

from __future__ import annotations

import itertools
import json
import re
import sys

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._settings import fleet_text as _fleet_text
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import parse_declarations
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_cells import parse_list_cell
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_file import read_entries
from ansible_collections.ngcp.fax.plugins.module_utils._settings.list_fields import WantedList
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS

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


ONE_AND_TWO = [{"subscriber_id": "1", "name": "x"}, {"subscriber_id": "2", "name": "y"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "subscriber_id,name\n1,\n2,  \n", [{"subscriber_id": "1"}, {"subscriber_id": "2"}], id="empty cell"
        ),
        pytest.param("subscriber_id,name\n1\n", [{"subscriber_id": "1"}], id="missing cells"),
        pytest.param("subscriber_id,name\n1,x\n\n,\n , \n", [{"subscriber_id": "1", "name": "x"}], id="empty rows"),
        pytest.param(" subscriber_id , name \n1, x \n", [{"subscriber_id": "1", "name": "x"}], id="blanks"),
        pytest.param('subscriber_id,name\n1," x "\n', [{"subscriber_id": "1", "name": "x"}], id="blanks in quotes"),
        pytest.param('subscriber_id,name\n1,""""""\n', [{"subscriber_id": "1", "name": ""}], id="the empty text"),
        pytest.param('subscriber_id,name\n1,""" x """\n', [{"subscriber_id": "1", "name": " x "}], id="meant blanks"),
        pytest.param('subscriber_id,name\n1,"""x"" y"\n', [{"subscriber_id": "1", "name": '"x" y'}], id="own quotes"),
        pytest.param(
            ",,\n\n , \nsubscriber_id,name\n1,x\n", [{"subscriber_id": "1", "name": "x"}], id="empty first rows"
        ),
        pytest.param("subscriber_id,name,,\n1,x,,\n,,,\n2,y\n", ONE_AND_TWO, id="empty columns at the end"),
        pytest.param("subscriber_id,,name\n1,,x\n2, ,y\n", ONE_AND_TWO, id="an empty column between"),
        pytest.param("subscriber_id,name\n1,x,, \n2,y\n", ONE_AND_TWO, id="empty cells behind the last column"),
        pytest.param("sep=;\nsubscriber_id;name\n1;x\n2;y\n", ONE_AND_TWO, id="Excel's sep line"),
        pytest.param('"SEP=|"\r\nsubscriber_id|name\r\n1|x\r\n2|y\r\n', ONE_AND_TWO, id="a quoted sep line"),
        pytest.param("subscriber_id,name\r1,x\r2,y\r", ONE_AND_TWO, id="ends of lines of old Macs"),
        pytest.param("subscriber_id,name\n0123,00123\n", [{"subscriber_id": "0123", "name": "00123"}], id="zeros"),
        pytest.param("subscriber_id,name\n1,x\n2,y\n".encode("utf-16"), ONE_AND_TWO, id="UTF-16"),
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
    assert [entry.path for entry in read_entries(FAX_SETTINGS, path)] == ["fleet.csv row 2", "fleet.csv row 4"]
    assert [(entry.row, entry.line) for entry in read_entries(FAX_SETTINGS, path)] == [(2, 2), (4, 5)]
    assert read_entries(FAX_SETTINGS, path, "other.csv")[0].path == "other.csv row 2"


def test_rows_are_counted_as_the_spreadsheet_shows_them(write):
    """Excel does not show the line with sep=, but text editors do."""
    (entry,) = read_entries(FAX_SETTINGS, write("sep=;\r\n;\r\nsubscriber_id;name\r\n1;x\r\n"))
    assert (entry.path, entry.row, entry.line) == ("fleet.csv row 3", 3, 4)


def test_fields_of_the_server_may_be_columns(write):
    path = write("subscriber_id,last_secret_key_modify\n1,2026-01-02 03:04:05\n")
    assert parse_declarations(MAIL2FAX_SETTINGS, read_entries(MAIL2FAX_SETTINGS, path), {})[0].fields == {}


@pytest.mark.parametrize(
    ("content", "entry", "field", "message"),
    [
        pytest.param("", "", "subscribers_file", "is empty", id="empty"),
        pytest.param("\n", "", "subscribers_file", "is empty", id="an empty line"),
        pytest.param("\ufeff", "", "subscribers_file", "is empty", id="nothing but a BOM"),
        pytest.param("subscriber_id,actve\n1,yes\n", "fleet.csv", "actve", "did you mean 'active'?", id="typo"),
        pytest.param("subscriber_id,acl\n1,x\n", "fleet.csv", "acl", "is not a column", id="of the other resource"),
        pytest.param("subscriber_id,\n1,yes\n", "fleet.csv row 2", "", "has 2 cells", id="last column without a name"),
        pytest.param(
            "subscriber_id,,name\n1,yes,\n", "fleet.csv row 2", "column 2", "without a name", id="without a name"
        ),
        pytest.param("subscriber_id,Active\n1,yes\n", "fleet.csv", "Active", "did you mean 'active'?", id="case"),
        pytest.param("name,subscriber_id,name\nx,1,y\n", "fleet.csv", "name", "is duplicated", id="double column"),
        pytest.param("subscriber_id,name\n1,x,y\n", "fleet.csv row 2", "", "has 3 cells", id="too many cells"),
        pytest.param(
            b"subscriber_id,name\n1,B\xfcro\n",
            "",
            "subscribers_file",
            "'fleet.csv', row 2: is not UTF-8; in the spreadsheet program, save it as \"CSV UTF-8\"",
            id="Windows-1252",
        ),
        pytest.param(
            b'subscriber_id,name\n1,"a\n\n\nb"\n\n\xfc,x\n',
            "",
            "subscribers_file",
            "row 4: is not UTF-8",
            id="row, not line",
        ),
        pytest.param(
            "subscriber_id,name\n1,x\n".encode("utf-16-le"),
            "",
            "subscribers_file",
            "row 1: has a NUL",
            id="UTF-16 without mark",
        ),
        pytest.param(b"\xff\xfes\x00\x00", "", "subscribers_file", "row 1: is damaged UTF-16", id="damaged UTF-16"),
        pytest.param("subscriber_id,name\n1,a\0b\n", "", "subscribers_file", "row 2: has a NUL character", id="NUL"),
        pytest.param(b"PK\x03\x04\x14\x00\x06", "", "subscribers_file", "is an Excel workbook", id="workbook"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", "", "subscribers_file", "is an Excel workbook", id="old workbook"),
        pytest.param(
            "$ANSIBLE_VAULT;1.1;AES256\n3030\n", "", "subscribers_file", "encrypted with ansible-vault", id="vault"
        ),
        pytest.param(
            'subscriber_id,name\n1,"x\n', "", "subscribers_file", "line 2: a quote is not closed", id="open quote"
        ),
        pytest.param(
            'subscriber_id,name\n1,"x"y\n', "", "subscribers_file", "line 2: text follows", id="text after quote"
        ),
        pytest.param('subscriber_id\tname\n1\t"x"y\n', "", "subscribers_file", "line 2: text follows", id="with tabs"),
        pytest.param(
            f"subscriber_id,name\n1,{'x' * 200000}\n", "", "subscribers_file", "a cell is too long", id="long"
        ),
        pytest.param(
            "subscriber_id,destinations\n1,a@example.org PFD\n", "fleet.csv row 2", "destinations", "PFD", id="word"
        ),
        pytest.param(f"subscriber_id{',x' * 2000}\n", "", "subscribers_file", "has 2001 columns", id="columns"),
    ],
)
def test_broken_csv(write, content, entry, field, message):
    error = refusal(write(content))
    assert (error.entry, error.field) == (entry, field)
    assert message in error.message
    assert str(error).isprintable()


@pytest.mark.parametrize(
    "rows",
    [
        "6,yes,Geheim77\n7,no,Geheim78\n",
        "Geheim77\n",
        "6;Geheim77;a@example.org PDF\n",
        "\n6,Geheim77\n",
        '6,"Geheim\n77"\n',
    ],
)
def test_without_a_header_no_cell_is_shown(write, rows):
    error = refusal(write(rows))
    assert "the header is missing" in error.message
    assert "Geheim" not in json.dumps(error.as_dict())


@pytest.mark.parametrize(
    ("header", "shown", "hint"),
    [
        ("subscriber_id,pasword", "pasword", "did you mean 'password'?"),
        ("subscriber_id,note", "note", "there are "),
        ("subscriber_id,NotFor/YourEyes", "column 2", "there are "),
        ("subscriber_id,7", "column 2", "there are "),
        ("subscriber_id,\x1b]0;x\x07", "column 2", "there are "),
        (f"subscriber_id,{'x' * 41}", "column 2", "there are "),
        ("name,Geheim77", "column 2", "there are "),
        ("subscribr_id,name", "column 1", "did you mean 'subscriber_id'?"),
    ],
)
def test_an_unknown_column_is_shown_only_if_it_looks_like_a_name(write, header, shown, hint):
    """Without a key of subscribers the first row may be one of values."""
    error = refusal(write(f"{header}\n1,x\n"))
    assert error.field == shown
    assert error.message.startswith(f"is not a column of a fleet file; {hint}")
    assert str(error).isprintable()


def test_names_of_files_are_shown_printable(write):
    path = write("subscriber_id,name\n1,x,y\n", "a\x1b[2J\n.csv")
    assert str(refusal(path)).startswith("a\\x1b[2J\\n.csv row 2: has 3 cells")
    assert read_entries(FAX_SETTINGS, write("subscriber_id\n1\n", "a\n.csv"))[0].path == "a\\n.csv row 2"


@pytest.mark.parametrize("name", ["fleet.csv", "fleet.json", "fleet.yml"])
def test_a_file_has_a_largest_size(write, monkeypatch, name):
    monkeypatch.setattr(_fleet_text, "MAX_FILE_SIZE", 20)
    path = write("[]" + " " * 18 if name != "fleet.csv" else "subscriber_id\n1\n", name)
    read_entries(FAX_SETTINGS, path)
    path = write("[]" + " " * 19 if name != "fleet.csv" else "subscriber_id\n123456\n", name)
    assert "has more than 20 bytes" in refusal(path).message


def test_a_missing_file(tmp_path):
    error = refusal(str(tmp_path / "none.csv"))
    assert error.message == "cannot read 'none.csv': No such file or directory"


def test_a_folder(tmp_path):
    (tmp_path / "fleet.csv").mkdir()
    assert "cannot read 'fleet.csv'" in refusal(str(tmp_path / "fleet.csv")).message


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
        (DESTINATIONS, '[{"destination"', "begins with [ but is not JSON: line 1"),
        (DESTINATIONS, "[a@x.y]", "begins with [ but is not JSON: line 1"),
        (DESTINATIONS, '[{"destination": "a@x.y", "destination": "b@x.y"}]', "the key 'destination' is duplicated"),
        (DESTINATIONS, "[" * 100000, "begins with [ but is nested too deeply"),
        (DESTINATIONS, f"a@x.y {'x' * 5000}", "has the word 'xxx"),
        (DESTINATIONS, "a@x.y PDF TIFF", "twice"),
        (DESTINATIONS, "a@x.y incoming=yes incoming=no", "twice"),
    ],
)
def test_broken_list_cells(field, cell, message):
    with pytest.raises(InputError) as caught:
        parse_list_cell(field, cell)
    assert caught.value.field == field.name
    assert message in caught.value.message
    assert len(caught.value.message) < 300


def test_a_word_in_lower_case_is_taken_for_the_choice(write):
    path = write("subscriber_id,destinations\n1,a@example.org pdf\n")
    (declared,) = parse_declarations(FAX_SETTINGS, read_entries(FAX_SETTINGS, path), {})
    assert declared.fields["destinations"].present[0]["filetype"] == "PDF"


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

# Ten to the power of twenty.
LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 21))
ENTRIES = [{"subscriber_id": "1", "active": True}, {"subscriber": "a@example.org", "destinations": []}]


@pytest.mark.parametrize("name", ["fleet.json", "fleet.yml", "fleet.yaml"])
@pytest.mark.parametrize("document", [ENTRIES, {"subscribers": ENTRIES}, {"subscribers": ENTRIES, "note": "x"}])
def test_json(write, name, document):
    path = write(json.dumps(document), name)
    assert values(path) == ENTRIES
    assert [entry.path for entry in read_entries(FAX_SETTINGS, path)] == [f"{name} entry 1", f"{name} entry 2"]


@pytest.mark.parametrize("name", ["fleet.json", "fleet.yml"])
def test_numbers_of_json_stay_what_is_written(write, name):
    text = '[{"subscriber_id": 1, "name": 1.10, "password": 1e5, "number": -0, "x": [12345678901234567890.0]}]'
    assert values(write(text, name)) == [
        {"subscriber_id": "1", "name": "1.10", "password": "1e5", "number": "-0", "x": ["12345678901234567890.0"]}
    ]
    assert values(write(f'[{{"name": {"9" * 5000}}}]', name)) == [{"name": "9" * 5000}]


@pytest.mark.parametrize(
    "text",
    [
        "- subscriber_id: 1\n  active: yes\n- {subscriber: a@example.org, destinations: []}\n",
        "---\nsubscribers:\n  - subscriber_id: '1'\n    active: yes\n"
        "  - subscriber: a@example.org\n    destinations: []\n...\n",
    ],
)
def test_yaml(write, text):
    path = write(text, "fleet.yml")
    assert values(path) == [{"subscriber_id": "1", "active": "yes"}, ENTRIES[1]]
    one, other = parse_declarations(FAX_SETTINGS, read_entries(FAX_SETTINGS, path), {})
    assert (one.keys.subscriber_id, one.fields) == (1, {"active": True})
    assert other.fields == {"destinations": WantedList([], [])}


@pytest.mark.parametrize(
    "written",
    [
        "0123",
        "00123",
        "12:30",
        "1_000",
        "0x1F",
        "1e3",
        "1.10",
        "yes",
        "No",
        "on",
        "true",
        "2026-01-02",
        ".inf",
        "=",
        "0o17",
        "!!str 0123",
        "!!int 0123",
        "! 0123",
        "'0123'",
        '"0123"',
        "!unsafe '{{ x }}'",
    ],
)
def test_texts_of_yaml_stay_what_is_written(write, written):
    expected = re.sub(r"^!\S* |['\"]", "", written)
    assert values(write(f"- name: {written}\n", "fleet.yml")) == [{"name": expected}]


@pytest.mark.parametrize("written", ["", "~", "null", "Null", "NULL", "!!null x"])
def test_nothing_in_yaml_is_not_given(write, written):
    assert values(write(f"- name: {written}\n", "fleet.yml")) == [{"name": None}]


@pytest.mark.parametrize("written", ['""', "''", "'~'", '"null"', "!!str"])
def test_what_is_quoted_in_yaml_is_given(write, written):
    expected = written.strip("'\"") if "!" not in written else ""
    assert values(write(f"- name: {written}\n", "fleet.yml")) == [{"name": expected}]


def test_parts_that_entries_share(write):
    text = (
        "subscribers:\n"
        "  - &one {subscriber_id: 1, active: yes, destinations: &all [{destination: a@x.y}]}\n"
        "  - {<<: *one, subscriber_id: 2}\n"
        "  - {subscriber_id: 3, destinations: *all}\n"
        "  - {<<: [{name: x}, {name: y, t38: no}], subscriber_id: 4}\n"
    )
    assert values(write(text, "fleet.yml")) == [
        {"subscriber_id": "1", "active": "yes", "destinations": [{"destination": "a@x.y"}]},
        {"subscriber_id": "2", "active": "yes", "destinations": [{"destination": "a@x.y"}]},
        {"subscriber_id": "3", "destinations": [{"destination": "a@x.y"}]},
        {"name": "x", "t38": "no", "subscriber_id": "4"},
    ]


@pytest.mark.parametrize("name", ["fleet.json", "fleet.yml"])
@pytest.mark.parametrize("text", ["{}", '{"subscribers": {}}', '{"subscriber": []}', '"a@example.org"', "5", "null"])
def test_documents_without_a_list(write, name, text):
    error = refusal(write(text, name))
    assert "must contain a list of entries" in error.message
    assert error.field == "subscribers_file"


def test_entries_that_are_no_dictionaries_are_told_by_their_place(write):
    entries = read_entries(FAX_SETTINGS, write('[{"subscriber_id": 1}, "a@example.org"]', "fleet.json"))
    with pytest.raises(FaxError, match=r"fleet.json entry 2: must be a dictionary"):
        parse_declarations(FAX_SETTINGS, entries, {})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("fleet.json", "", "'fleet.json' is not JSON: line 1, column 1: Expecting value"),
        ("fleet.json", "[{]", "is not JSON: line 1, column 3"),
        ("fleet.json", "- subscriber_id: 1", "is not JSON"),
        ("fleet.json", '["\\x"]', "is not JSON: line 1, column 3"),
        ("fleet.json", "[NaN]", "is not JSON: it has the number NaN"),
        ("fleet.json", "[" * 100000, "is nested too deeply"),
        (
            "fleet.json",
            '[\n{"active": true,\n"active": false}]',
            "'fleet.json', line 3: the key 'active' is duplicated",
        ),
        ("fleet.json", '[{"a": {"b": 1},\n"c": {"b": 2, "b": "}"}}]', "line 2: the key 'b' is duplicated"),
        ("fleet.json", '{"subscribers": [], "subscribers": []}', "line 1: the key 'subscribers' is duplicated"),
        ("fleet.json", '[{"a\\u0062": 1,\n"ab": 2}]', "line 2: the key 'ab' is duplicated"),
        ("fleet.json", '[{"{,}": 1, "{,}": 2}]', "line 1: a key is duplicated"),
        ("fleet.yml", '[{"active": true, "active": false}]', "line 1: the key 'active' is duplicated"),
        ("fleet.yml", "a: [", "is not YAML: line "),
        ("fleet.yml", "a: b: c", "'fleet.yml' is not YAML: line 1, column 5"),
        ("fleet.yml", "- \x01", "is not YAML"),
        ("fleet.yml", "- active: yes\n  name: x\n  active: no\n", "line 3: the key 'active' is duplicated"),
        ("fleet.yml", "a: []\nsubscribers: []\nsubscribers: []\n", "line 3: the key 'subscribers' is duplicated"),
        ("fleet.yml", "- {<<: {a: 1}, <<: {b: 1}}\n", "line 1: a key is duplicated"),
        ("fleet.yml", "- <<: 5\n", "line 1: << must stand for dictionaries"),
        ("fleet.yml", "- ? [a]\n  : b\n", "line 1: a key must be a string"),
        ("fleet.yml", "- a\n---\n- b\n", "line 2: begins a second document"),
        ("fleet.yml", "- password: !vault |\n    3030\n", "line 1: the tag !vault cannot be used"),
        ("fleet.yml", "- a: 1\n- !!python/object/apply:os.system ['true']", "line 2: a tag"),
        ("fleet.yml", "- !!set {a}\n", "line 1: a tag"),
        ("fleet.yml", "- a: !!binary aGk=\n", "line 1: a tag"),
        ("fleet.yml", "- a: *b\n", "line 1: a value that begins with *"),
        ("fleet.yml", "- &a [*a]\n", "line 1: a value that begins with *"),
        ("fleet.yml", "{a: " * 500, "line 1: is nested too deeply"),
        ("fleet.yml", "- " * 5000 + "a", "is nested too deeply"),
        ("fleet.yml", LAUGHS, "aliases expand to too many values"),
        ("fleet.yml", f"- &a {'x' * 200000}\n" + "- *a\n" * 1000, "aliases expand to too many values"),
    ],
    ids=itertools.count(),
)
def test_broken_json_and_yaml(write, name, text, message):
    error = refusal(write(text, name))
    assert message in error.message
    assert error.field == "subscribers_file"
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fleet.yml", "- password: Geheim: x\n"),
        ("fleet.yml", "- password: 'Geheim\n"),
        ("fleet.yml", "- password: *Geheim\n"),
        ("fleet.yml", "- password: !Geheim x\n"),
        ("fleet.yml", "- password: {Geheim\n"),
        ("fleet.yml", "- Geheim!: 1\n  Geheim!: 2\n"),
        ("fleet.yml", "- &Geheim a\n- *Geheim2\n"),
        ("fleet.json", '[{"Geheim!": 1, "Geheim!": 2}]'),
        ("fleet.json", '[{"password": "Geheim\\q"}]'),
        ("fleet.csv", "Geheim,Geheim2\n"),
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
