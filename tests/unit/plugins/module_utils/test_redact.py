# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are masked, all of them, and nothing else is."""

from __future__ import annotations

import html
import json
import re
import time
import unicodedata
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._redact import (
    LONGEST_MESSAGE,
    LONGEST_TEXT,
    MASK,
    Masker,
    mask_patch,
    mask_result,
    mask_settings,
    mask_text,
    mask_value,
    outside_text,
)
from ansible_collections.ngcp.fax.plugins.module_utils._resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._wording import CUT, printable, quoted

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


# ---- echoes

UNICODE = st.text(
    st.characters(blacklist_categories=("Cs",)) | st.sampled_from("\n\r\t\0\"'\\\\/&<> %+äß€日😀"),
    min_size=4,
    max_size=12,
)
LONG_SECRETS = UNICODE.filter(lambda secret: len(secret.strip()) > 3 and not set(secret) & set("*\ufffd?"))
FORMS = {
    "itself": lambda text: text,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON with slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON within JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "JSON in capitals": lambda text: re.sub(
        r"(?<=\\u)[0-9a-f]{4}", lambda code: code.group().upper(), json.dumps(text)[1:-1]
    ),
    "JSON without backslashes": lambda text: json.dumps(text)[1:-1].replace("\\", ""),
    "JSON in UTF-8 without backslashes": lambda text: json.dumps(text, ensure_ascii=False)[1:-1].replace("\\", ""),
    "repr": lambda text: repr(text)[1:-1],
    "repr of bytes": lambda text: repr(text.encode())[2:-1],
    "HTML": html.escape,
    "HTML without quotes": lambda text: html.escape(text, quote=False),
    "XML": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "URL": quote,
    "URL, all of it": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "URL in small letters": lambda text: re.sub("%..", lambda code: code.group().lower(), quote(text)),
    "JSON in a URL": lambda text: quote(json.dumps(text)[1:-1]),
    "HTML in JSON": lambda text: json.dumps(html.escape(text))[1:-1],
    "wrong encoding": lambda text: text.encode().decode("latin-1"),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "printable": printable,
}


def leftovers(secret, masked):
    """Return the forms in which a secret is still in a text."""
    return [name for name, form in FORMS.items() if len(form(secret)) > 3 and form(secret) in masked]


@given(LONG_SECRETS, st.sampled_from(sorted(FORMS)), st.sampled_from(["", "x", "input='", "Failed: "]))
def test_no_echo_survives_in_any_form(secret, form, before):
    echo = FORMS[form](secret)
    if len(echo.replace("\\", "")) > 3:
        masked = Masker([secret]).mask(f"{before}{echo}', errors=1")
        assert MASK in masked
        assert leftovers(secret, masked) == []
        assert masked.startswith(before) and masked.endswith(", errors=1")


@pytest.mark.parametrize(
    ("secret", "text", "masked"),
    [
        ("\nNew-secret", r"input='\nNew-secret', errors", f"input='{MASK}', errors"),
        ("\nNew-secret", "input='nNew-secret', errors", f"input='{MASK}', errors"),
        ('a"b\\cd', r'{"v": "a\"b\\cd"}', f'{{"v": "{MASK}"}}'),
        ("Straße 1", r"Stra\u00dfe 1 and Strau00dfe 1", f"{MASK} and Strau00dfe 1".replace("Strau00dfe 1", MASK)),
        ("Straße 1", "StraÃ\x9fe 1, Stra&szlig;e 1, Stra%DFe+1, Stra\ufffde 1", f"{MASK}, {MASK}, {MASK}, {MASK}"),
        ("pass word", "password=pass+word&x=pass%20word", f"password={MASK}&x={MASK}"),
        ("one\ntwo\nthree", "one\ntwo\nthree and one\\ntwo\\nthree", f"{MASK} and {MASK}"),
        ("😀😀😀😀", r"\ud83d\ude00\ud83d\ude00\ud83d\ude00\ud83d\ude00!", f"{MASK}!"),
        ("Geheim", "geheim GEHEIM", "geheim GEHEIM"),
        ("half \ud800 of it", r"half \ud800 of it", MASK),
    ],
)
def test_echoes(secret, text, masked):
    assert Masker([secret]).mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Basic YTpi", f"Authorization: Basic {MASK}"),
        ('{"Authorization": "Bearer abc.def", "x": 1}', f'{{"Authorization": "Bearer {MASK}", "x": 1}}'),
        ("proxy-authorization=Digest abc", f"proxy-authorization=Digest {MASK}"),
        ("sent Basic YWRtaW46R2VoZWlt to me", f"sent Basic {MASK} to me"),
        ("sent bearer 0123456789abcdef.x", f"sent bearer {MASK}"),
        ("token eyJhbGciOiJI.eyJzdWIi.c2ln!", f"token {MASK}!"),
        ("http://user:pw@host/ and https://a@b", f"http://{MASK}@host/ and https://{MASK}@b"),
        ("Authorization required.", "Authorization required."),
        (
            "Basic authentication is needed, Bearer authentication too",
            "Basic authentication is needed, Bearer authentication too",
        ),
        ("mail to a@example.org", "mail to a@example.org"),
    ],
)
def test_credentials_are_masked_by_their_form(text, masked):
    assert Masker(()).mask(text) == masked


@pytest.mark.parametrize(
    ("text", "is_cut", "masked"),
    [
        ("input='Geheim-W", True, f"input='{MASK}"),
        ("input='Gehe", True, f"input='{MASK}"),
        ("input='Geh", True, "input='Geh"),
        ("input='Geheim-W", False, "input='Geheim-W"),
        ("input='Geheim-W x", True, "input='Geheim-W x"),
        (r"input='Geheim\u002dW", True, f"input='{MASK}"),
    ],
)
def test_what_is_left_of_a_secret_where_a_text_was_cut(text, is_cut, masked):
    assert Masker(["Geheim-Wort"]).mask(text, is_cut) == masked


@given(LONG_SECRETS, st.sampled_from(sorted(FORMS)), st.integers(470, 500))
def test_a_message_that_is_cut_holds_no_part_of_a_secret(secret, form, length):
    """However the limit of the message and that of the text that is looked at fall."""
    echo = FORMS[form](secret)
    for padding in (length, LONGEST_TEXT - (500 - length)):
        shown = outside_text("." * padding + echo, Masker([secret]))
        assert len(shown) <= LONGEST_MESSAGE
        assert not any(echo[:size] in shown for size in range(4, len(echo) + 1))


def test_the_text_at_the_limit_itself():
    """Masks are shorter than what they hide, so that the end of the text may come into sight."""
    text = "Secret12" * 499 + "Secre" + "t12"
    shown = outside_text(text + "x" * 10, Masker(["Secret12"]))
    assert set(shown) <= set("*…x")


def test_thousands_of_secrets_are_looked_for_at_once():
    masker = Masker([f"Geheim-{number}-Wort" for number in range(10_000)])
    text = "Validation failed. field='name', input='Geheim-9876-Wort'"
    assert masker.mask(text) == f"Validation failed. field='name', input='{MASK}'"
    began = time.perf_counter()
    for _again in range(100):
        masker.mask(text)
    assert time.perf_counter() - began < 2, "20 ms for each would be much too long"


@pytest.mark.parametrize(
    "text", ["\\" * 4000, "%25" * 1333, "&amp;" * 800, "\\u005c" * 600, "'" * 4000, "eyJ" * 1300, "a'b" * 1300]
)
def test_a_hostile_text_takes_no_time(text):
    began = time.perf_counter()
    masker = Masker(["\\" * 64, "Geheim-Wort"])
    masker.mask_quoted(outside_text(text, masker))
    assert time.perf_counter() - began < 1


def test_maskers_can_be_chained():
    masker = Masker(["Xabc-123Y"], Masker(["abc-123", "other"]))
    assert masker.mask("Xabc-123Y abc-123 other") == f"{MASK} {MASK} {MASK}"


# ---- our own words

TEMPLATES = (
    "The server refuses the log-in of {}: wrong name or password",
    "The server answered 422: it's the users' name {}, not \"our\" own",
    "subscribers[3] (alice@example.org), destinations[0].filetype: must be one of TIFF, PS, not {}",
    "{}",
)
OWN_WORDS = st.sampled_from(
    ["wrong", "name", "server", "422", "password", "The", "subscribers", "TIFF", "own", "users"]
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
