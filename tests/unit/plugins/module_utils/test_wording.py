# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outside text as one printable line, quotes, and numbers that agree with their nouns."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._wording import (
    CUT,
    and_more,
    counted,
    is_printable,
    joined,
    printable,
    printable_lines,
    quoted,
    shortened,
    visible,
    with_hints,
)

HOSTILE = st.sampled_from(
    "\n\r\t\0\x07\x1b\x7f\x85\x9b\u200b\u200e\u202e\u2028\u2029\u2066\ufeff\ud800\udfff\ufe0f\u3164\u2800"
)
TEXTS = st.text(st.characters() | HOSTILE | st.sampled_from("ab'\"\\…"), max_size=30)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Jörg's 日本語 ☎ text", "Jörg's 日本語 ☎ text"),
        (
            "bad \x1b]0;x\x07\r\nTASK [done] ***\nok: [localhost]",
            r"bad \x1b]0;x\x07\r\nTASK [done] ***\nok: [localhost]",
        ),
        ("a\tb\0c\x7f\x85\x9b", r"a\tb\x00c\x7f\x85\x9b"),
        ("\u202egpj.exe \u2066x\u2069", r"\u202egpj.exe \u2066x\u2069"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("a\u2028b\u2029c\x0bd", r"a\u2028b\u2029c\x0bd"),
        ("half \ud800 a \udc80", r"half \ud800 a \udc80"),
        ("\U000e0041 \U000f0000 \ue000", r"\U000e0041 \U000f0000 \ue000"),
        ("no\u00a0break\u3000", r"no\xa0break\u3000"),
        ("nothing: \u3164\u115f\uffa0\u2800\ufe0f\U000e0101", r"nothing: \u3164\u115f\uffa0\u2800\ufe0f\U000e0101"),
        (r"as it is: \n", r"as it is: \n"),
        (7, "7"),
        (None, "None"),
    ],
)
def test_printable(text, shown):
    assert printable(text) == shown
    assert is_printable(shown)


@given(TEXTS, st.none() | st.integers(1, 40))
def test_whatever_comes_is_one_printable_line_of_limited_length(text, longest):
    shown = printable(text, longest)
    assert is_printable(shown)
    assert len(shown.splitlines()) <= 1
    assert longest is None or len(shown) <= longest
    assert printable(shown) == shown
    if is_printable(text) and (longest is None or len(text) <= longest):
        assert shown == text


@pytest.mark.parametrize(
    ("text", "longest", "shown"), [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("\n\n\n\n", 6, "\\n\\n\\…")]
)
def test_what_is_too_long_says_so(text, longest, shown):
    assert printable(text, longest) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("one\ntwo", "one\ntwo"), ("one\r\n\ttwo\u2028\n", "one\\r\n\\ttwo\\u2028\n"), ("one", "one"), ("", "")],
)
def test_lines_of_ours_stay_lines(text, shown):
    assert printable_lines(text) == shown


@pytest.mark.parametrize(("text", "most", "shown"), [("abc", 3, "abc"), ("abcd", 3, "ab…")])
def test_shortened(text, most, shown):
    assert shortened(text, most) == shown


def test_a_very_long_text_takes_no_time():
    assert len(printable("\0" * 50_000_000, 100)) == 100


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("abc", "'abc'"),
        ("it's", '"it\'s"'),
        ("a\n\x1b\u202e", r"'a\n\x1b\u202e'"),
        ("x" * 101, f"'{'x' * 100}…'"),
        (12, "'12'"),
        (["a", {"b": "c"}], "\"['a', {'b': 'c'}]\""),
        (None, "'None'"),
    ],
)
def test_quoted(value, shown):
    assert quoted(value) == shown


@given(TEXTS)
def test_a_quoted_text_is_printable_and_can_be_read_back(text):
    shown = quoted(text)
    assert is_printable(shown)
    if is_printable(text):
        assert ast.literal_eval(shown) == text


@given(TEXTS)
def test_a_visible_text_is_printable(text):
    assert is_printable(visible(text))


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (0, ("subscriber",), "0 subscribers"),
        (1, ("subscriber",), "1 subscriber"),
        (2, ("subscriber",), "2 subscribers"),
        (1, ("fax", "faxes"), "1 fax"),
        (21, ("fax", "faxes"), "21 faxes"),
        (10**20, ("byte",), "100000000000000000000 bytes"),
        (1.0, ("second",), "1 second"),
        (1.5, ("second",), "1.5 seconds"),
    ],
)
def test_counted(number, words, text):
    assert counted(number, *words) == text


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1 row"), (999, "999 rows"), (1000, "1,000 rows"), (1234567.5, "1,234,567.5 rows")]
)
def test_thousands_set_apart(number, text):
    assert counted(number, "row", form=",") == text


@pytest.mark.parametrize(
    ("shown", "total", "separator", "text"),
    [
        ([], 0, "; ", ""),
        (["a"], 1, "; ", "a"),
        (["a.", "b."], 2, "; ", "a; b."),
        (["a.", "b."], 5, "; ", "a; b; and 3 more"),
        (["a", "b"], 5, ", ", "a, b and 3 more"),
        (["a"], 2, ", ", "a and 1 more"),
        (["a.", "b."], 3, ", ", "a., b. and 1 more"),
    ],
)
def test_and_more(shown, total, separator, text):
    assert and_more(shown, total, separator) == text


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_joined(words, text):
    assert joined(words) == text


@pytest.mark.parametrize(
    ("message", "hints", "text"),
    [
        ("No", [], "No"),
        ("No", [None, ""], "No"),
        ("No", ["Think."], "No. Think."),
        ("No.", ["Think.", "Run.", "Think."], "No. Think. Run."),
        (f"No{CUT}", ["Think."], "No… Think."),
    ],
)
def test_hints_follow_the_message_each_of_them_once(message, hints, text):
    assert with_hints(message, hints) == text
