# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Keeps the content of a fax out of messages, because servers repeat what they refuse: escaped, cut off, or in part."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from .._masking import MASK, mask_text

# How the API quotes a refused value. It may hold quotes itself, and the end of a message may be cut off.
_INPUT = re.compile(r"(?<=input=')(?!', errors=)(?:.*(?=', errors=)|.*)", re.DOTALL)

# The beginnings of the collection's own messages: a fax may hold the same words.
_OWN_WORDS = re.compile(
    r"(?:The server (?:responded with|failed:?) ?\d{0,3}:? ?|No connection to \S+|The connection to \S+ broke before "
    r"the response was \w+: |No response from \S+ in time)?"
)

# How characters are written in JSON (once or several times), HTML and URLs.
_ESCAPED = re.compile(
    r"\\+u([0-9a-fA-F]{4})|\\+x([0-9a-fA-F]{2})|(\\+[nrtbf\"'/])|(&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});)"
    r"|((?:%[0-9a-fA-F]{2})+)"
)

# So many letters and digits in a row that also stand in the fax are a part of it. A shorter fax counts as a whole.
_TELLING = 8

_LONGEST_MESSAGE = 4000


class _Letter(NamedTuple):
    """A letter or digit, and where it stands in the message (an escape sequence is longer than one character)."""

    letter: str
    start: int
    end: int


def without_echo(message: str, text: str) -> str:
    """Return an error message without what it repeats of a text.

    Compared are letters and digits, without case and with escapes resolved, so that it does not matter what becomes of
    blanks, line breaks, quotes and punctuation on the way.

    :param text: the content of the fax; empty where there is none that could be read.
    """
    message = _INPUT.sub(MASK, message)[:_LONGEST_MESSAGE]
    own = _OWN_WORDS.match(message)
    begin = own.end() if own is not None else 0
    return message[:begin] + _masked(message[begin:], text)


def _masked(message: str, text: str) -> str:
    sought = _plain(text)
    if not sought:
        return mask_text(message, [text.strip()])
    size = min(_TELLING, len(sought))
    if not text.isascii():  # as a program reads UTF-8 that takes it for Latin-1
        sought += "\n" + _plain(text.encode("utf-8", "replace").decode("latin-1"))
    echoed = [False] * len(message)
    for letters in (list(_letters(message)), list(_decoded_letters(message))):
        for start, end in _echoes(message, letters, sought, size):
            echoed[start:end] = [True] * (end - start)
    return "".join(_with_masks(message, echoed))


def _with_masks(message: str, echoed: list[bool]) -> Iterator[str]:
    before = False
    for character, is_echo in zip(message, echoed):
        if not is_echo:
            yield character
        elif not before:
            yield MASK
        before = is_echo


def _echoes(message: str, letters: list[_Letter], sought: str, size: int) -> Iterator[tuple[int, int]]:
    """Yield the places of the message that hold a part of the text.

    :param size: letters that are a part; fewer than usual are the whole text, and count as a word of their own.
    """
    line = "".join(letter.letter for letter in letters)
    parts = {line[index : index + size] for index in range(len(line) - size + 1)}
    # One way through the text, which may be long, and not one for each part.
    parts.intersection_update(sought[index : index + size] for index in range(len(sought) - size + 1))
    for index in range(len(line) - size + 1):
        start, end = letters[index].start, letters[index + size - 1].end
        is_word = not (message[start - 1 : start].isalnum() or message[end : end + 1].isalnum())
        if line[index : index + size] in parts and (size == _TELLING or is_word):
            yield start, end


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _letters(message: str) -> Iterator[_Letter]:
    for index, character in enumerate(message):
        for letter in _plain(character):
            yield _Letter(letter, index, index + 1)


def _decoded_letters(message: str) -> Iterator[_Letter]:
    end = 0
    for match in _ESCAPED.finditer(message):
        yield from (_Letter(*more) for more in _shifted(message[end : match.start()], end))
        for letter in _plain(_resolved(match)):
            yield _Letter(letter, match.start(), match.end())
        end = match.end()
    yield from (_Letter(*more) for more in _shifted(message[end:], end))


def _shifted(part: str, begin: int) -> Iterator[tuple[str, int, int]]:
    for letter in _letters(part):
        yield letter.letter, letter.start + begin, letter.end + begin


def _resolved(match: re.Match[str]) -> str:
    """Return the characters that an escape sequence stands for."""
    code, byte, control, entity, percent = match.groups()
    if code or byte:
        return chr(int(code or byte, 16))
    if control:
        return " "
    return html.unescape(entity) if entity else unquote(percent, errors="replace")
