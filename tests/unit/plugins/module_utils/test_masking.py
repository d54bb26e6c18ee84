# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are masked, all of them, and nothing else is."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._masking import (
    LONGEST_MESSAGE,
    LONGEST_TEXT,
    MASK,
    Masker,
    mask_result,
    mask_text,
    mask_value,
    outside_text,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.diff import mask_patch, mask_settings
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._wording import CUT, quoted
from ansible_collections.ngcp.fax.tests.unit.support.strategies import LONG_SECRETS, UNICODE

# The mask's own character is left out: a secret that is a part of the mask cannot be told from it.
WORDS = st.text("ab12ä_", min_size=1, max_size=4)
TEXTS = st.lists(WORDS | st.sampled_from((" ", "'", '"', ".", "-", "\n", "=")), max_size=14).map("".join)
SECRETS = st.text("ab12ä_ .-'", min_size=1, max_size=5)


def stands_alone(secret, text):
    """Return whether a secret is in a text without a letter or digit beside its own ones."""
    for match in re.finditer(f"(?={re.escape(secret)})", text):
        before = text[: match.start()][-1:]
        after = text[match.start() + len(secret) :][:1]
        if not (secret[0].isalnum() and before.isalnum()) and not (secret[-1].isalnum() and after.isalnum()):
            return True
    return False


def is_found(secret, text):
    return secret in text if len(secret) > 3 else stands_alone(secret, text)


@given(TEXTS, st.lists(SECRETS, min_size=1, max_size=4))
def test_no_secret_is_found_in_a_masked_text(text, secrets):
    masked = mask_text(text, secrets)
    assert [secret for secret in secrets if is_found(secret, masked)] == []


@given(TEXTS, st.lists(SECRETS, min_size=1, max_size=4))
def test_a_text_without_secrets_stays_as_it_is(text, secrets):
    if not any(is_found(secret, text) or is_found(secret.strip() or secret, text) for secret in secrets):
        assert mask_text(text, secrets) == text


@pytest.mark.parametrize(
    ("text", "secrets", "masked"),
    [
        ("input='12'", ["12"], f"input='{MASK}'"),
        ("id 4712 has 12", ["12"], f"id 4712 has {MASK}"),
        ("12 4712 120 x12 12", ["12"], f"{MASK} 4712 120 x12 {MASK}"),
        ("key_12_end", ["12"], f"key_{MASK}_end"),
        ("änd änder", ["änd"], f"{MASK} änder"),
        ("a geheim b geheim2 c", ["geheim", "geheim2"], f"a {MASK} b {MASK} c"),
        ("geheim geheim-neu", ["geheim", "geheim-neu"], f"{MASK} {MASK}"),
        ("geheim geheim-neu", ["geheim-neu", "geheim"], f"{MASK} {MASK}"),
        ("a.*b a.xb", ["a.*b"], f"{MASK} a.xb"),
        ("x!!y", ["!!"], f"x{MASK}y"),
        ("one\ntwo", ["one\ntwo"], MASK),
        ("value 815 here", [815], f"value {MASK} here"),
        ("nothing", [None, ""], "nothing"),
        ("nothing", [], "nothing"),
        ("", ["x"], ""),
        ("Secret secret", ["secret"], f"Secret {MASK}"),
        ("xgeheimx geheimgeheim", ["geheim"], f"x{MASK}x {MASK}{MASK}"),
        ("aaaaaa", ["aaaa"], MASK),
        ("id 471200", ["4712"], f"id {MASK}00"),
        ("value geheim", [" geheim\n"], f"value {MASK}"),
        ("Xabc-123Y", ["abc-123", "Xabc-123Y"], MASK),
    ],
)
def test_mask_text(text, secrets, masked):
    assert mask_text(text, secrets) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [("x", MASK), ("0", MASK), (0, MASK), (False, MASK), ([], MASK), (None, None), ("", "")],
)
def test_mask_value(value, masked):
    assert mask_value(value) == masked


@pytest.mark.parametrize(("resource", "secret"), [(FAX_SETTINGS, "password"), (MAIL2FAX_SETTINGS, "secret_key")])
def test_settings_and_patches_are_masked_by_field(resource, secret):
    document = {"active": True, secret: "p", "name": "p", "secret_key_renew": "never"}
    assert mask_settings(resource, document) == {**document, secret: MASK}
    assert document[secret] == "p", "the original stays"
    patch = [
        {"op": "replace", "path": f"/{secret}", "value": "p"},
        {"op": "add", "path": f"/{secret}", "value": None},
        {"op": "remove", "path": f"/{secret}"},
        {"op": "replace", "path": "/name", "value": "p"},
    ]
    masked = mask_patch(resource, patch)
    assert [operation.get("value", "-") for operation in masked] == [MASK, None, "-", "p"]
    assert patch[0]["value"] == "p", "the original stays"


def test_the_mask_is_the_one_of_the_interface():
    assert MASK == "********"


@pytest.mark.parametrize(("more", "shown"), [("", MASK), ("x" * 50, MASK), (None, "Secr")])
def test_what_is_left_of_a_secret_at_the_limit_of_what_is_looked_at(more, shown):
    """Masks are shorter than what they hide, so that the end of a long text comes into sight. A text that is just as
    long as the limit was cut off by whoever read it."""
    long, other = "L" * 3000, "Secret-Wort"
    if more is None:
        text = f"{long} {'.' * 90}{other[:4]}"
        assert outside_text(text, Masker([long, other])) == f"{MASK} {'.' * 90}{shown}"
        return
    text = f"{long} ".ljust(LONGEST_TEXT - 4 - 900, ".") + long[:900] + other[:4]
    expected = f"{MASK} ".ljust(LONGEST_TEXT - 4 - 900 - 3000 + len(MASK), ".") + MASK
    assert outside_text(text + more, Masker([long, long[:900], other])) == expected + shown


@pytest.mark.parametrize(
    ("longest", "shown"), [((), "x" * (LONGEST_MESSAGE - 1) + CUT), ((10,), "x" * 9 + CUT), ((600,), "x" * 600)]
)
def test_how_much_of_a_text_is_shown(longest, shown):
    assert outside_text("x" * 600, Masker(()), *longest) == shown


def test_maskers_can_be_chained():
    masker = Masker(["Xabc-123Y"], Masker(["abc-123", "other"]))
    assert masker.mask("Xabc-123Y abc-123 other") == f"{MASK} {MASK} {MASK}"
    assert masker.mask("x abc-12", True) == f"x {MASK}"
    assert masker.mask("x abc-12") == "x abc-12"


# ---- our own words

TEMPLATES = (
    "The server refuses the log-in of {}: wrong name or password",
    "The server responded with 422: it's the users' name {}, not \"our\" own",
    "subscribers[3] (alice@example.org), destinations[0].filetype: must be one of TIFF, PS, not {}",
    "fleet.csv, actve: is no column of a fleet file; did you mean 'active'? Not {}",
    "must be an octal number in quotes such as 'active' or such as 'u=', not {}",
    "{}",
)
OWN_WORDS = st.sampled_from(
    ["wrong", "name", "server", "422", "password", "The", "subscribers", "TIFF", "own", "users", "active", "u="]
)


@given(st.sampled_from(TEMPLATES), OWN_WORDS | UNICODE | WORDS, UNICODE)
def test_our_own_words_survive_every_secret(template, secret, value):
    before, _braces, after = template.replace('"our"', "our").partition("{}")
    masked = Masker([secret]).mask_quoted(f"{before}{quoted(value)}{after}")
    assert masked.startswith(before) and masked.endswith(after)


@given(st.sampled_from(TEMPLATES), LONG_SECRETS, st.sampled_from(["", "x", "it's ", 'a "b" ']))
def test_no_secret_survives_in_a_value_that_a_message_quotes(template, secret, beside):
    message = template.replace('"our"', "our").format(quoted(beside + secret + beside))
    assume(quoted(secret)[1:-1] not in template)
    masked = Masker([secret]).mask_quoted(message)
    assert MASK in masked
    assert quoted(secret)[1:-1] not in masked


def test_what_stands_between_two_quotes_of_others_is_not_quoted():
    message = """such as "o=", not "it's Geheim", such as 'x' Geheim 'Geheim'"""
    assert (
        Masker(["Geheim"]).mask_quoted(message) == f"""such as "o=", not "it's {MASK}", such as 'x' Geheim '{MASK}'"""
    )


@pytest.mark.parametrize("message", ["not 'Geheim' or \"Geheim\"", 'not "Geheim"', "not 'Geheim'"])
def test_both_kinds_of_quotes_count(message):
    assert Masker(["Geheim"]).mask_quoted(message) == message.replace("Geheim", MASK)


@given(st.text("ab12", min_size=110, max_size=130), st.integers(0, 60))
def test_a_secret_in_a_value_that_was_cut(secret, before):
    masked = Masker([secret]).mask_quoted(f"not {quoted('.' * before + secret)}")
    assert masked == f"not '{'.' * before}{MASK}{CUT}'"


def test_entries_without_errors_are_not_looked_at():
    class Untouched(dict):
        def __setitem__(self, name, value):
            raise AssertionError

    entries = [Untouched(index=number, settings={"name": "Geheim"}) for number in range(3)]
    result = {"subscribers": entries, "changed": False}
    mask_result(result, ["Geheim"])
    assert result == {"subscribers": entries, "changed": False}


def test_which_texts_of_a_result_are_looked_at():
    error = {"message": "'Geheim'", "http_status": 422, "hint": None}
    entries = {"subscribers": [{"error": error}, {}, None], "faxes": [{"error": error}, {"error": None}]}
    mask_result(entries, ["Geheim"])
    masked = {**error, "message": f"'{MASK}'"}
    assert entries == {"subscribers": [{"error": masked}, {}, None], "faxes": [{"error": masked}, {"error": None}]}
    result = {"msg": "2 errors:\na: 'x\x1b'\r\nb", "lines": ["one\u202e"], "errors": [{"message": "a\nb\0"}]}
    once = {"msg": "a\nb"}
    mask_result(once)
    assert once == {"msg": "a\\nb"}
    mask_result(result, in_lines=True)
    assert result == {
        "msg": "2 errors:\na: 'x\\x1b'\\r\nb",
        "lines": ["one\\u202e"],
        "errors": [{"message": "a\nb\\x00"}],
    }
