# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""How messages are worded: outside text as one printable line, values in quotes, numbers that agree with their nouns.

Outside text is everything that the collection did not write itself: messages of a server or a library, names of
subscribers, and what users write in tasks and files. On a terminal, it could move the cursor, forge lines of other
tasks or hide itself. It is therefore made printable when it enters a message, a header or a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# Stands at the end of what was cut off.
CUT = "…"

_LONGEST_VALUE = 100
_LONGEST_PATH = 4096  # that of Linux

_NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# Characters that count as printable, but show nothing or change how their neighbours look: fillers and blanks that are
# letters or symbols by name, and variation selectors.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def printable(text: object, longest: int | None = None) -> str:
    """Return a text as one line in which every character can be seen.

    Line breaks, control characters, escape sequences, characters that turn the direction of text around, that have no
    width or are half of one (lone surrogates), are written as in Python: ``\\n``, ``\\x1b``, ``\\u202e``. A text that
    is printable already stays as it is, so that it does not matter how often this is done.

    :param longest: most characters of the result; what is longer ends in ``CUT``.
    """
    whole = text if text.__class__ is str else str(text)
    if longest is not None and len(whole) > longest:
        whole = whole[:longest] + CUT  # before the rest is looked at: it may be very long
    if not is_printable(whole):
        whole = "".join([_escape(character) for character in whole])
    return whole if longest is None else shortened(whole, longest)


def printable_lines(text: str) -> str:
    """Return a text of several lines of ours in which everything but the line feeds between them is printable."""
    return text if is_printable(text) else "\n".join([printable(line) for line in text.split("\n")])


def is_printable(text: str) -> bool:
    """Return whether every character of a text can be seen, and none breaks the line."""
    return text.isprintable() and (text.isascii() or _INVISIBLE.search(text) is None)


def quoted(value: object, longest: int = _LONGEST_VALUE) -> str:
    """Return a value between quotes, as one printable line.

    Masking goes by the quotes (:mod:`_masking`): values that a user or a server gave stand between them, and our own
    words do not.

    :param longest: most characters of the value; what is longer ends in ``CUT``.
    """
    text = value if isinstance(value, str) else printable(value, longest)
    if len(text) > longest:
        text = text[:longest].removesuffix(CUT) + CUT
    return printable(repr(str(text)))


def whole_path(path: str) -> str:
    """Return a path between quotes, in full, so that it can be copied."""
    return quoted(path, _LONGEST_PATH)


def visible(text: str) -> str:
    """Return a text in which every character that cannot be seen is written as its code, in the way in which it may
    stand between double quotes in YAML and JSON."""
    return text if is_printable(text) else "".join([_coded(character) for character in text])


def shortened(text: str, limit: int) -> str:
    """Return a text of at most ``limit`` characters; the end of a longer text is replaced by ``CUT``."""
    return text if len(text) <= limit else text[: limit - 1] + CUT


def counted(number: float, noun: str, plural: str = "", form: str = "") -> str:
    """Return a number with its noun, for example ``1 subscriber`` or ``12 faxes``.

    :param noun: for one.
    :param plural: for any other number; by default the noun with an ``s``.
    :param form: how the number is written, as :func:`format` takes it: ``,`` sets thousands apart.
    """
    shown = f"{number:{form or 'g'}}" if isinstance(number, float) else f"{number:{form}}"
    return f"{shown} {noun if number == 1 else plural or f'{noun}s'}"


def and_more(shown: Sequence[str], total: int, separator: str = "; ") -> str:
    """Return examples as one text that says how many more there are.

    :param total: how many there are with the examples.
    """
    more = more_line(total - len(shown))
    if separator.strip() == ",":
        return separator.join([*shown[:-1], " ".join([*shown[-1:], *more])])
    parts = [*shown, *more]
    return separator.join([*(part.removesuffix(".") for part in parts[:-1]), *parts[-1:]])


def more_line(rest: int) -> list[str]:
    """Return the line behind examples that says how many more there are; none where these are all."""
    return [f"and {rest} more"] if rest > 0 else []


def with_hints(message: str, hints: Iterable[str | None]) -> str:
    """Return a message with what users can do about it, because consoles show nothing else.

    :param hints: each is taken once.
    """
    known = [hint for hint in dict.fromkeys(hints) if hint]
    if not known:
        return message
    return " ".join([message if message.endswith((".", "!", "?", CUT)) else f"{message}.", *known])


def joined(words: Sequence[str], last: str = "and") -> str:
    """Return words as an enumeration: ``a``, ``a and b``, ``a, b and c``."""
    return f" {last} ".join([part for part in (", ".join(words[:-1]), *words[-1:]) if part])


def _escape(character: str) -> str:
    if is_printable(character):
        return character
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return _NAMED_ESCAPES.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _coded(character: str) -> str:
    if is_printable(character):
        return character
    return f"\\u{ord(character):04x}" if character <= "\uffff" else f"\\U{ord(character):08x}"
