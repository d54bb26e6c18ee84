# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of a fax stays out of messages, however a server repeats it."""

from __future__ import annotations

import html
import json
import re
import urllib.parse

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.echoes import without_echo
from ansible_collections.ngcp.fax.plugins.module_utils._masking import MASK

TEXT = 'Confidential: the "merger" of Größe & Söhne,\r\nsigned on Monday at 10 o\'clock; see C:\\new\\table.'

WAYS = {
    "plain": str,
    "JSON": json.dumps,
    "JSON, not escaped": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON in JSON in JSON": lambda text: json.dumps(json.dumps(json.dumps(text))),
    "Python": repr,
    "bytes": lambda text: repr(text.encode("utf-8")),
    "HTML": html.escape,
    "HTML, all of it": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
    "URL": urllib.parse.quote,
    "form": urllib.parse.quote_plus,
    "one line": lambda text: " ".join(text.split()),
    "capitals": str.upper,
    "wrong encoding": lambda text: text.encode("utf-8").decode("latin-1"),
    "no quotes": lambda text: text.replace('"', "").replace("'", ""),
    "UTF-16 escapes": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("part", [slice(None), slice(0, 40), slice(20, None), slice(10, 60)], ids=str)
def test_every_way_to_write_it(way, part):
    before, after = "Cannot process '", "' ~ 2026"
    message = without_echo(f"{before}{WAYS[way](TEXT[part])}{after}", TEXT)
    assert message.startswith(before) and message.endswith(after)
    rest = message[len(before) : -len(after)]
    assert MASK in rest
    assert len(re.sub(r"[\W_]", "", rest)) < 8, rest


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("field='data', input='abc', errors='too long'", f"field='data', input='{MASK}', errors='too long'"),
        ("field='data', input='a', errors='b', errors='c'", f"field='data', input='{MASK}', errors='c'"),
        ("field='data', input='cut o", f"field='data', input='{MASK}"),
        ("field='data', input='cut …", f"field='data', input='{MASK}"),
        ("field='a', input='', errors='empty'", "field='a', input='', errors='empty'"),
        ("field='a', input='\n', errors='x'", f"field='a', input='{MASK}', errors='x'"),
    ],
)
def test_quoted_input_is_masked_whatever_it_is(message, shown):
    assert without_echo(message, "something else") == shown
    assert without_echo(message, "") == shown


@pytest.mark.parametrize(
    ("text", "message", "shown"),
    [
        ("Hello", "I got Hello.", f"I got {MASK}."),
        ("Hello", "I got Helloes", "I got Helloes"),
        ("PIN 12", "pin-12?", f"{MASK}?"),
        ("x", "a field named x", f"a field named {MASK}"),
        ("x", "exceeds", "exceeds"),
        ("!?", "what !? no", f"what {MASK} no"),
        ("ß", "a ss b", f"a {MASK} b"),
        ("", "nothing", "nothing"),
        ("Hello", "", ""),
    ],
)
def test_short_texts_are_masked_as_words(text, message, shown):
    assert without_echo(message, text) == shown


@pytest.mark.parametrize(
    "own",
    [
        "The server responded with 422: ",
        "The server failed: 500 ",
        "No connection to https://ngcp.example.org:1443: ",
        "The connection to https://ngcp.example.org:1443 broke before the response was complete: ",
    ],
)
def test_own_words_stay(own):
    text = f"{own} is what the server returned before the response was complete"
    assert without_echo(f"{own}{text}", text) == f"{own}{MASK}"


@given(st.text(min_size=1, max_size=60), st.text(max_size=20), st.text(max_size=20), st.sampled_from(sorted(WAYS)))
def test_any_text_in_any_message(text, before, after, way):
    """Nothing that is long enough to be recognised stays, and whatever a server writes is no error."""
    try:
        echo = WAYS[way](text)
    except UnicodeError:
        return
    message = without_echo(f"{before} {echo} {after}", text)
    plain = "".join(letter for letter in text.casefold() if letter.isalnum())
    left = "".join(letter for letter in message.casefold() if letter.isalnum())
    assert all(plain[place : place + 16] not in left for place in range(len(plain) - 15))


def test_a_large_text_does_not_take_long():
    text = "ab" * 500_000
    assert without_echo("ba" * 2000, text) == MASK
    assert without_echo("abc" * 1300, text) == "abc" * 1300
