# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML text of diffs: what is quoted when, and what is shown of lists and secrets."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._settings.diff import shown_diff, yaml_scalar
from ansible_collections.ngcp.fax.plugins.module_utils._settings.plan import Policy, create_plan
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.values import canonical_settings

TRICKY = st.sampled_from(
    ("null", "~", "Yes", "off", "NO", "y", "1e3", "0x1F", "1_000", "1:30", "2026-01-02", ".inf", ".NaN", "- a", "a: b")
    + ("a #b", "&a", "*a", "!a", "%a", "@a", "`a", "'a", '"a', "[a", "{a", "a, b", " a", "a ", "=", "<<", "?", "|", ">")
    + ("\x7f", "\x85", "\x9b31m", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "a\tb", "a\nb", "\\", "ä", "")
)


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs",))) | TRICKY)
def test_a_text_is_read_back_as_the_same_text(text):
    assert yaml.safe_load(f"name: {yaml_scalar(text)}\n") == {"name": text}


@given(st.text(st.characters(exclude_categories=("Cs",))) | TRICKY)
def test_no_control_character_reaches_the_terminal(text):
    assert not [character for character in yaml_scalar(text) if character < " " or "\x7f" <= character <= "\x9f"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ("PDF14", "PDF14"),
        ("a@example.org", "a@example.org"),
        ("Example Ltd", "Example Ltd"),
        ("yes", '"yes"'),
        ("No", '"No"'),
        ("null", '"null"'),
        ("12", '"12"'),
        ("", '""'),
        ("********", '"********"'),
        ("a: b", '"a: b"'),
        ("Büro", '"Büro"'),
    ],
)
def test_quotes_where_they_are_needed(value, shown):
    assert yaml_scalar(value) == shown


def test_a_diff_shows_what_differs_and_nothing_else():
    destinations = [
        {"destination": "a@example.org", "filetype": "TIFF", "incoming": 1, "outgoing": 1, "status": 1},
        {"destination": "b@example.org", "filetype": "PDF", "incoming": 1, "outgoing": 0, "status": 1},
    ]
    before = canonical_settings(
        FAX_SETTINGS, {"active": 1, "name": "same", "password": "old", "destinations": destinations}
    )
    declared = {"active": True, "name": "same", "password": "new", "destinations": [{"destination": "a@example.org"}]}
    fields = {field.name: field for field in FAX_SETTINGS.managed}
    wanted = {name: fields[name].parse(value) for name, value in declared.items()}
    diff = shown_diff(FAX_SETTINGS, create_plan(FAX_SETTINGS, before, wanted, Policy()), "x (1)")
    assert diff == {
        "before_header": "x (1)",
        "after_header": "x (1)",
        "before": (
            'password: "********"  # old value\n'
            "destinations:\n"
            "- destination: b@example.org\n"
            "  filetype: PDF\n"
            "  incoming: true\n"
            "  outgoing: false\n"
            "  status: true\n"
        ),
        "after": 'password: "********"  # new value\ndestinations: []\n',
    }


@pytest.mark.parametrize(
    ("stored", "declared", "before", "after"),
    [
        (None, "new", "password: null\n", 'password: "********"  # new value\n'),
        ("old", "", 'password: "********"  # old value\n', "password: null\n"),
    ],
)
def test_a_secret_that_comes_or_goes(stored, declared, before, after):
    password = next(field for field in FAX_SETTINGS.managed if field.name == "password")
    current = canonical_settings(FAX_SETTINGS, {"password": stored})
    plan = create_plan(FAX_SETTINGS, current, {"password": password.parse(declared)}, Policy())
    diff = shown_diff(FAX_SETTINGS, plan, "x")
    assert (diff["before"], diff["after"]) == (before, after)
