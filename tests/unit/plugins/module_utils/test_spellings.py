# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are found in every form in which servers and libraries repeat them."""

from __future__ import annotations

import html
import json
import re
import time
import unicodedata
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils import _spellings
from ansible_collections.ngcp.fax.plugins.module_utils._masking import (
    LONGEST_MESSAGE,
    LONGEST_TEXT,
    MASK,
    Masker,
    outside_text,
)
from ansible_collections.ngcp.fax.plugins.module_utils._wording import printable
from ansible_collections.ngcp.fax.tests.unit.support.strategies import LONG_SECRETS

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
        ("Straße", r"Stra\303\237e Stra\xc3\x9fe Stra\x{df}e Stra\u{df}e Stra\U000000dfe", " ".join([MASK] * 5)),
        ("last\U0010ffff", r"last\U7fffffff last\U00110000", f"{MASK} {MASK}"),
        ("end\U0010ffff", r"end\U0010ffff", MASK),
        ("bel\x07l", r"bel\al belu0007l belx07l belx07x", f"{MASK} {MASK} {MASK} belx07x"),
        ("BCDE", "x %41%42%43%44%45 x", f"x %41{MASK} x"),
        ("äbcd", "x%E4%E4bcd%E4", f"x%E4{MASK}%E4"),
        ("äbcd", "x%C3%A4%C3%A4bcd%C3%A4", f"x%C3%A4{MASK}%C3%A4"),
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
        ("Basic YTpiY2RlZmc, Basic YTpiY2RlZg, Basic YTpiY2RlZg==", f"Basic {MASK}, Basic {MASK}, Basic {MASK}"),
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
        ("the basic abcdefghi, basic principle", "the basic abcdefghi, basic principle"),
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


def test_thousands_of_secrets_are_looked_for_at_once():
    masker = Masker([f"Geheim-{number}-Wort" for number in range(10_000)])
    text = "Validation failed. field='name', input='Geheim-9876-Wort'"
    assert masker.mask(text) == f"Validation failed. field='name', input='{MASK}'"
    began = time.process_time()
    for _again in range(100):
        masker.mask(text)
    assert time.process_time() - began < 2, "20 ms for each would be much too long"


@pytest.mark.parametrize(
    "text", ["\\" * 4000, "%25" * 1333, "&amp;" * 800, "\\u005c" * 600, "'" * 4000, "eyJ" * 1300, "a'b" * 1300]
)
def test_a_hostile_text_takes_no_time(text):
    began = time.process_time()
    masker = Masker(["\\" * 64, "Geheim-Wort"])
    masker.mask_quoted(outside_text(text, masker))
    assert time.process_time() - began < 3


@pytest.mark.parametrize(("text", "number"), [("plain", 1), ("a+b", 2), (r"a\n", 3), (r"\u0025", 3)])
def test_a_text_is_looked_at_in_no_more_ways_than_it_can_be_read(text, number):
    views = _spellings._views(text)
    assert len({view.text for view in views}) == len(views) == number


def test_a_text_is_looked_at_in_a_limited_number_of_ways():
    text = r"\u0026amp;%2526amp;%2b&#92;u0026%5cu002b+\\u005cu0025 &amp;%2526\x5cx26"
    assert len(_spellings._views(text)) == _spellings._MAX_VIEWS
