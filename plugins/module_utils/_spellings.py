# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""The forms in which servers and libraries repeat what they were sent, and where in a text a value stands in one of
them.

A text is looked at in several *views*: as it is, and with the escapes of JSON and Python, the entities of HTML and the
percent signs of URLs resolved, one after the other in any order. Each view knows which piece of the text each of its
characters comes from. So a value is found however many of its characters were escaped, and how often.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Callable, NamedTuple

# A value may be found in this many ways of resolving a text; real texts have one to five.
_MAX_VIEWS = 24

# An encoding in which every byte is a character.
_ONE_BYTE = "latin-1"
_LAST_CHARACTER = 0x10FFFF
# Base64 may lack it, and may have more of it than it needs.
_PADDING = "=="

# The shortest value that is looked for in other forms than its own.
LEAST_LENGTH = 4

_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[xu]\{[0-9a-fA-F]{1,6}\}"
    r"|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|[abefnrtv0\\\"'/`$ ])"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BACKSLASHES = re.compile(r"\\+")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_NAMED = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}

# Credentials as the header fields of a request carry them, whoever's they are.
_HEADER = re.compile(
    r"(?i)\bauthorization\b[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|digest|negotiate)\s+)?([^\s\"',;]+)"
)
_SCHEME = re.compile(r"(?i)\b(basic|bearer)\s+([a-z0-9+/_.~-]{8,}={0,2})")
_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?")
_USER_OF_URL = re.compile(r"://([^/?#@\s\"']+)@")


Span = tuple[int, int]


class _View(NamedTuple):
    """A text as it reads when something was resolved.

    :param origins: for each character which piece of the original text it comes from.
    """

    text: str
    origins: Sequence[Span]

    def span(self, start: int, end: int) -> Span:
        """Return the piece of the original text that a piece of this one comes from."""
        return self.origins[start][0], self.origins[end - 1][1]


# Takes a match; returns what it resolves to, in pieces, and how many characters of the match each of them takes.
_Resolver = Callable[["re.Match[str]"], "Iterable[tuple[str, int]]"]


class Spellings:
    """Texts to be looked for, any number of them at once.

    :param spellings: each of ``LEAST_LENGTH`` characters or more, see :func:`spellings_of`.
    """

    def __init__(self, spellings: Iterable[str]) -> None:
        self._by_beginning: dict[str, list[str]] = {}
        for spelling in spellings:
            self._by_beginning.setdefault(spelling[:LEAST_LENGTH], []).append(spelling)

    def find(self, text: str, is_cut: bool) -> Iterator[Span]:
        """Yield the pieces of a text in which one of them stands, in whichever form. They may overlap.

        :param is_cut: whether the text was cut off, so that also the beginning of one at its end is meant.
        """
        if not self._by_beginning:
            return
        for view in _views(text):
            yield from self._find_in(view, is_cut)

    def _find_in(self, view: _View, is_cut: bool) -> Iterator[Span]:
        text, by_beginning = view.text, self._by_beginning
        for start in range(len(text)):
            for spelling in by_beginning.get(text[start : start + LEAST_LENGTH], ()):
                if text.startswith(spelling, start):
                    yield view.span(start, start + len(spelling))
                elif is_cut and spelling.startswith(text[start:]):
                    yield view.span(start, len(text))


def spellings_of(value: str) -> list[str]:
    """Return a value as it may read in a view: as it is, escaped but without the backslashes and, where it has
    characters beyond ASCII, with what is left of them when one side takes them for another encoding, cannot show them,
    or composes them anew.

    :param value: of ``LEAST_LENGTH`` characters or more.
    """
    escaped = [value, repr(value)[1:-1], *(json.dumps(value, ensure_ascii=plain)[1:-1] for plain in (True, False))]
    spellings = {value, *(text.replace("\\", "") for text in escaped)}
    if not value.isascii():
        encoded = value.encode("utf-8", "surrogatepass")
        spellings |= {
            unicodedata.normalize("NFC", value),
            unicodedata.normalize("NFD", value),
            encoded.decode(_ONE_BYTE),
            encoded.decode("cp1252", "replace"),
            encoded.decode("ascii", "replace"),
            value.encode("ascii", "replace").decode("ascii"),
            "".join([character if character.isascii() else "\ufffd" for character in value]),
        }
    return [spelling for spelling in spellings if len(spelling) >= LEAST_LENGTH]


def find_credentials(text: str) -> Iterator[Span]:
    """Yield the pieces of a text that are credentials by their form: of ``Authorization``, tokens, users in URLs."""
    for pattern in (_HEADER, _USER_OF_URL):
        for match in pattern.finditer(text):
            yield match.span(1)
    for match in _SCHEME.finditer(text):
        if _are_credentials(match.group(1).lower(), match.group(2)):
            yield match.span(2)
    for match in _TOKEN.finditer(text):
        yield match.span()


def _are_credentials(scheme: str, word: str) -> bool:
    """Tell credentials from the next word of a sentence, such as "Basic authentication is needed"."""
    if scheme == "bearer":
        return any(character.isdigit() for character in word)
    try:
        return b":" in base64.b64decode(word + _PADDING)
    except (binascii.Error, ValueError):
        return False


# ---- views


def _views(text: str) -> list[_View]:
    views = [_View(text, [(index, index + 1) for index in range(len(text))])]
    known = {text}
    waiting = deque(views)
    while waiting:
        view = waiting.popleft()
        for sign, resolve in _RESOLVERS:
            if sign not in view.text or len(views) == _MAX_VIEWS:
                continue
            resolved = resolve(view)
            if resolved.text not in known:
                known.add(resolved.text)
                views.append(resolved)
                waiting.append(resolved)
    return views


def _resolved(view: _View, pattern: re.Pattern[str], resolver: _Resolver) -> _View:
    """Return a view in which every match is resolved."""
    pieces: list[str] = []
    origins: list[Span] = []
    position = 0
    for match in pattern.finditer(view.text):
        pieces.append(view.text[position : match.start()])
        origins += view.origins[position : match.start()]
        position = match.start()
        for piece, taken in resolver(match):
            pieces.append(piece)
            origins += [view.span(position, position + taken)] * len(piece)
            position += taken
    pieces.append(view.text[position:])
    origins += view.origins[position:]
    return _View("".join(pieces), origins)


def _unescaped(match: re.Match[str]) -> Iterable[tuple[str, int]]:
    sequence = match.group()
    kind, size = sequence[1], len(sequence)
    if size == 2:
        return [(_NAMED.get(kind, kind), size)]
    if kind.isdigit():
        return [(chr(int(sequence[1:], 8)), size)]
    if size == 12 and kind == "u":  # two halves of a character
        high, low = int(sequence[2:6], 16), int(sequence[8:], 16)
        return [(chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), size)]
    code = int(sequence[2:].replace("{", "").replace("}", ""), 16)
    return [(chr(min(code, _LAST_CHARACTER)), size)]


def _without_entity(match: re.Match[str]) -> Iterable[tuple[str, int]]:
    return [(html.unescape(match.group()), len(match.group()))]


def _without_percents(match: re.Match[str]) -> Iterable[tuple[str, int]]:
    content = bytes.fromhex(match.group().replace("%", ""))
    try:
        return [(character, 3 * len(character.encode("utf-8"))) for character in content.decode("utf-8")]
    except UnicodeDecodeError:
        return [(character, 3) for character in content.decode(_ONE_BYTE)]


_RESOLVERS: tuple[tuple[str, Callable[[_View], _View]], ...] = (
    ("\\", lambda view: _resolved(view, _ESCAPE, _unescaped)),
    ("&", lambda view: _resolved(view, _ENTITY, _without_entity)),
    ("%", lambda view: _resolved(view, _PERCENT, _without_percents)),
    ("+", lambda view: _View(view.text.replace("+", " "), view.origins)),
    # Some servers drop backslashes from what they repeat.
    ("\\", lambda view: _resolved(view, _BACKSLASHES, lambda match: [("", len(match.group()))])),
)
