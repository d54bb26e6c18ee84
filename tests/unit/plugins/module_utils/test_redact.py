# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are masked, all of them, and nothing else is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._redact import (
    MASK,
    mask_patch,
    mask_settings,
    mask_text,
    mask_value,
)
from ansible_collections.ngcp.fax.plugins.module_utils._resources import FAX_SETTINGS, MAIL2FAX_SETTINGS

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


@given(TEXTS, st.lists(SECRETS, min_size=1, max_size=4))
def test_no_secret_stands_alone_in_a_masked_text(text, secrets):
    masked = mask_text(text, secrets)
    assert [secret for secret in secrets if stands_alone(secret, masked)] == []


@given(TEXTS, st.lists(SECRETS, min_size=1, max_size=4))
def test_a_text_without_secrets_stays_as_it_is(text, secrets):
    if not any(stands_alone(secret, text) for secret in secrets):
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
