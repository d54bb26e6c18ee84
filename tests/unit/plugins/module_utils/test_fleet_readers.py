# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inputs that once failed, each with its right outcome, and whatever else may be in a file: read, or refused with a
message that can be printed and tells no secret."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, InputErrors, ProtocolError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.entries import FleetErrors, check_fleet
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.schema import COLUMNS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import parse_declarations
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_cells import cell_of_text, text_of_cell
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_file import read_entries, read_table
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.values import check_document
from ansible_collections.ngcp.fax.tests.unit.support.inputs import CASES

ENDINGS = (".csv", ".json", ".yml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder for the files of this module."""
    return tmp_path_factory.mktemp("files")


def stored(folder, name, content):
    """Return the path of a file."""
    path = folder / name
    path.write_bytes(content)
    return str(path)


# ---- cases


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("blank-after-comma.csv", [{"subscriber_id": "6", "name": "Bob", "active": "yes"}]),
        ("empty-first-row.csv", [{"subscriber_id": "6", "name": "Accounts", "active": "yes"}]),
        (
            "excel-empty-columns.csv",
            [{"subscriber_id": "6", "name": "Accounts"}, {"subscriber_id": "7", "name": "Sales"}],
        ),
        ("excel-sep-line.csv", [{"subscriber_id": "6", "name": "Accounts", "active": "yes"}]),
        ("old-mac.csv", [{"subscriber_id": "6", "name": "Accounts"}, {"subscriber_id": "7", "name": "Sales"}]),
        ("utf-16.csv", [{"subscriber_id": "6", "name": "Büro Süd"}]),
        ("leading-zeros.yml", [{"subscriber_external_id": "0123", "password": "00123", "name": "12:30"}]),
    ],
)
def test_files_that_are_read(folder, name, entries):
    found = read_entries(FAX_SETTINGS, stored(folder, name, CASES[name]))
    assert [entry.values for entry in found] == entries
    assert len(parse_declarations(FAX_SETTINGS, found, {})) == len(entries)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("doubled-field.json", "'doubled-field.json', line 1: the key 'active' is duplicated"),
        ("doubled-list.yml", "'doubled-list.yml', line 4: the key 'subscribers' is duplicated"),
        (
            "vault-tag.yml",
            "'vault-tag.yml', line 3: the tag !vault cannot be used in fleet files; "
            "encrypt the whole file with ansible-vault",
        ),
        (
            "windows-1252.csv",
            "'windows-1252.csv', row 2: is not UTF-8; in the spreadsheet program, save it as \"CSV UTF-8\"",
        ),
        (
            "without-header.csv",
            "'without-header.csv': the header is missing; the first row with content must name the columns, such as "
            "subscriber_id, subscriber, number",
        ),
    ],
)
def test_files_that_are_refused(folder, name, message):
    with pytest.raises(InputError) as caught:
        read_entries(FAX_SETTINGS, stored(folder, name, CASES[name]))
    assert caught.value.message == message
    assert str(caught.value).isprintable()
    assert "NotForYourEyes" not in json.dumps(caught.value.as_dict())


def test_documents_that_are_not_settings():
    (documents,) = [item["documents"] for item in json.loads(CASES["messages.json"]) if "documents" in item]
    for document in documents:
        for resource in (FAX_SETTINGS, MAIL2FAX_SETTINGS):
            with pytest.raises(ProtocolError):
                check_document(resource, document)


# ---- whatever a file holds

# Stands in every secret cell, and nowhere else.
MARK = "Secret7q"

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8) | st.sampled_from(
    (
        "",
        " ",
        "0123",
        "yes",
        "no",
        "\x1b]0;x\x07",
        "a@example.org",
        "a@example.org PDF; b@c.de",
        "[1]",
        '[{"a": 1}]',
        "=1+1",
    )
)
SECRETS = st.builds(lambda before, after: f"{before}{MARK}{after}", st.sampled_from(("", " ", '"', "\x1b[2J")), TEXTS)
NAMES = st.sampled_from(
    ("subscriber_id", "subscriber", "number", "name", "active", "acl", "destinations", "actve", "", "7")
)
ENTRIES = st.lists(
    st.builds(
        lambda values, secret: {**values, "password": secret}, st.dictionaries(NAMES, TEXTS, max_size=4), SECRETS
    ),
    min_size=1,
    max_size=4,
)


def as_csv(entries):
    """Return entries as a spreadsheet. The library does not write NULs before Python 3.11."""
    names = list(dict.fromkeys(["subscriber_id", *(name for entry in entries for name in entry)]))
    rows = [names, *([entry.get(name, "") for name in names] for entry in entries)]
    return "".join(",".join(map(as_cell, row)) + "\r\n" for row in rows)


def as_cell(text):
    return '"{}"'.format(text.replace('"', '""')) if re.search('[",\r\n]', text) else text


WRITERS = {".csv": as_csv, ".json": json.dumps, ".yml": lambda entries: yaml.safe_dump(entries, allow_unicode=True)}


@st.composite
def files(draw):
    """Draw an ending and a file that is whole, cut off or damaged."""
    ending = draw(st.sampled_from(ENDINGS))
    content = WRITERS[ending](draw(ENTRIES)).encode(draw(st.sampled_from(("utf-8", "utf-8-sig", "utf-16"))))
    for _time in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 3)))
        content = content[:start] + draw(st.binary(max_size=3) | SIGNS) + content[end:]
    return ending, content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content


SIGNS = st.sampled_from(
    (b'"', b",", b";", b"\n", b"\r", b"\0", b"{", b"[", b"*", b"&", b"!", b"<<: ", b"---\n", b"\xff")
)


def errors_of(path):
    """Return what is wrong with a file, for a module and for a fleet; nothing but errors of the input may come."""
    found = []
    try:
        parse_declarations(FAX_SETTINGS, read_entries(FAX_SETTINGS, path), {})
    except (InputError, InputErrors) as error:
        found.append(error)
    try:
        check_fleet(*read_table(COLUMNS, path), "fleet")
    except (InputError, FleetErrors) as error:
        found.append(error)
    return found


def shown(error):
    """Return everything that is shown of an error."""
    details = error.details() if isinstance(error, FleetErrors) else [error.as_dict()]
    return [str(error).replace("\n", " "), *(text for detail in details for text in texts(detail))]


def texts(value):
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


@settings(deadline=None)
@given(
    st.sampled_from(ENDINGS),
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")),
)
def test_any_bytes_are_read_or_refused(folder, ending, content):
    for error in errors_of(stored(folder, f"any{ending}", content)):
        assert all(text.replace("\n", " ").isprintable() for text in shown(error))


@settings(deadline=None)
@given(files())
def test_damaged_files_are_read_or_refused(folder, file):
    ending, content = file
    for error in errors_of(stored(folder, f"damaged{ending}", content)):
        assert all(text.replace("\n", " ").isprintable() for text in shown(error))


@settings(deadline=None)
@given(st.sampled_from(ENDINGS), ENTRIES)
def test_no_error_of_a_whole_file_tells_a_secret(folder, ending, entries):
    for error in errors_of(stored(folder, f"whole{ending}", WRITERS[ending](entries).encode())):
        assert MARK not in " ".join(shown(error))


@settings(deadline=None)
@given(st.sampled_from(ENDINGS), ENTRIES, st.data())
def test_no_error_of_a_cut_off_file_tells_a_secret(folder, ending, entries, data):
    content = WRITERS[ending](entries)
    content = content[: data.draw(st.integers(0, len(content)))]
    for error in errors_of(stored(folder, f"cut{ending}", content.encode())):
        assert MARK not in " ".join(shown(error))


TEXT_FIELDS = ("name", "password")


@settings(deadline=None)
@given(
    st.sampled_from(ENDINGS),
    st.lists(
        st.fixed_dictionaries(
            {
                name: st.text(
                    st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs", "Cc", "Zl", "Zp")),
                    min_size=1,
                    max_size=8,
                )
                for name in TEXT_FIELDS
            }
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_texts_are_what_is_written(folder, ending, entries):
    """Apart from outer blanks in spreadsheets."""
    entries = [{"subscriber_id": str(number), **entry} for number, entry in enumerate(entries, start=1)]
    path = stored(folder, f"texts{ending}", WRITERS[ending](entries).encode())
    for found, entry in zip(read_entries(FAX_SETTINGS, path), entries):
        if ending == ".csv":
            entry = {name: text_of_cell(value) for name, value in entry.items() if value.strip()}
        assert found.values == entry


@given(st.text(max_size=6) | st.text(' "x', max_size=6))
def test_every_text_has_a_cell(text):
    assert text_of_cell(cell_of_text(text)) == text
    assert cell_of_text(text).strip()
