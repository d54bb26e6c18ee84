# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""How secrets are kept out of everything that users, callbacks and logs get to see.

There are three layers:

1. Documents, patches and options are masked *by field*, whatever their values are.
2. A text of a server or library may repeat any secret that it was sent. It is masked as a whole *where it enters*
   (:class:`Masker`), by the client, which knows the credentials and the secrets of the task, before it becomes a part
   of a message. It may be masked too much: it is not ours.
3. When a task ends, the texts of its result are masked *between quotes* (:meth:`Masker.mask_quoted`), because messages
   quote the values of users, and one of them may be a secret in the wrong place. Our own words stand outside of quotes
   and are never masked: with the password ``wrong``, "******** name or password" would both puzzle the user and tell
   everybody the password.

So messages put what comes from outside between quotes (:func:`_wording.quoted`), or mask it before they take it, and
never put words of their own between quotes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Callable

from ._wording import CUT, printable, printable_lines

if TYPE_CHECKING:
    from ._spellings import Spellings

MASK = "********"

# Names of connection options and HTTP fields whose values are secret wherever they appear.
CREDENTIALS = ("api_password", "api_token", "api_otp")


def mask_value(value: Any) -> Any:
    """Return the mask for a value that is there, and the value itself for one that is not (None, empty)."""
    return MASK if value not in (None, "") else value


class Masker:
    """Finds secrets in texts. It costs nothing until the first text comes, so that every task can have one.

    Secrets of one to three characters are masked where they stand as words of their own, so that ``12`` does not take
    numbers such as ``4712`` apart; longer ones wherever they are, and in every form in which they may be repeated
    (:mod:`_spellings`). Safe to use from several threads.

    :param secrets: values that are secret; None and empty ones do not count.
    :param more: a masker whose secrets count as well; it may know thousands.
    """

    def __init__(self, secrets: Collection[Any], more: Masker | None = None) -> None:
        self._secrets = secrets
        self._more = more

    @cached_property
    def _known(self) -> tuple[Spellings, re.Pattern[str] | None]:
        """The long secrets as they may be spelled, and a regular expression for the short ones."""
        # Imported here, because it is needed only when something went wrong.
        from ._spellings import LEAST_LENGTH, Spellings, spellings_of

        known = {str(secret) for secret in self._secrets if secret not in (None, "")}
        long = {text for secret in known for text in (secret, secret.strip()) if len(text) >= LEAST_LENGTH}
        short = sorted((secret for secret in known if len(secret) < LEAST_LENGTH), key=len, reverse=True)
        spellings = Spellings({spelling for secret in long for spelling in spellings_of(secret)})
        return spellings, re.compile("|".join(map(_as_word, short))) if short else None

    def mask(self, text: str, is_cut: bool = False) -> str:
        """Return a text from outside without the secrets, and without what looks like credentials.

        :param is_cut: whether the text was cut off, so that a part of a secret may stand at its end.
        """
        from ._spellings import find_credentials

        return _replaced(text, [*find_credentials(text), *self._find(text, is_cut)])

    def mask_quoted(self, message: str) -> str:
        """Return a message of ours in which the secrets are masked between quotes, and nowhere else."""
        if "'" not in message and '"' not in message:
            return message
        return _QUOTED.sub(self._masked_quote, message)

    def _find(self, text: str, is_cut: bool) -> Iterator[tuple[int, int]]:
        spellings, short = self._known
        yield from spellings.find(text, is_cut)
        if short is not None:
            yield from [match.span() for match in short.finditer(text)]
        if self._more is not None:
            yield from self._more._find(text, is_cut)

    def _masked_quote(self, match: re.Match[str]) -> str:
        if match["ours"]:
            return match.group()
        quote = match["quote"]
        content = quote[1:-1]
        whole = content.removesuffix(CUT)
        return f"{quote[0]}{self.mask(whole, whole != content)}{content[len(whole) :]}{quote[0]}"


# A part of a message between quotes. An apostrophe within or behind a word is not a quote, and what stands behind these
# words are names and examples of ours.
_QUOTED = re.compile(
    r"""(?P<ours>did\ you\ mean\ |such\ as\ |save\ it\ as\ )?  (?<![\w\\])
    (?P<quote> '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" )""",
    re.DOTALL | re.VERBOSE,
)


def mask_text(text: str, secrets: Collection[Any]) -> str:
    """Return a text from outside, such as a server's error message, without the given secrets."""
    return Masker(secrets).mask(text)


# Most characters of a server's or library's text that are looked at, and that are shown.
LONGEST_TEXT = 4000
LONGEST_MESSAGE = 500


def outside_text(text: str, masker: Masker, longest: int = LONGEST_MESSAGE) -> str:
    """Return what a server or a library says as it may stand in a message: one printable line without secrets, and not
    too long. It is masked whole before it is cut."""
    is_cut = len(text) >= LONGEST_TEXT
    return printable(masker.mask(text[:LONGEST_TEXT], is_cut), longest)


def mask_result(result: dict[str, Any], secrets: Collection[Any] = (), in_lines: bool = False) -> None:
    """Mask the texts of a task's result between quotes, and make them printable: messages, warnings and errors,
    wherever they are. Of the entries only those with an error are looked at: there may be thousands of others.

    :param in_lines: whether the task has texts of several lines, in which outside text is printable already.
    """
    masker = Masker(secrets)
    shown = printable_lines if in_lines else printable

    def tidy(text: str) -> str:
        return shown(masker.mask_quoted(text))

    for name in ("msg", "error", "errors", "warnings", "lines"):
        if result.get(name):
            result[name] = _with_texts(result[name], tidy)
    for name in ("subscribers", "faxes"):
        for entry in result.get(name) or ():
            if isinstance(entry, dict) and entry.get("error"):
                entry["error"] = _with_texts(entry["error"], tidy)


def _with_texts(value: Any, tidy: Callable[[str], str]) -> Any:
    """Return a copy of a value with every text in it replaced."""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, dict):
        return {name: _with_texts(part, tidy) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_texts(part, tidy) for part in value]
    return value


def _replaced(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text with the mask in place of the spans; those that overlap are one."""
    pieces = []
    position, covered = 0, 0
    for start, end in sorted(spans):
        if start >= covered:
            pieces += [text[position:start], MASK]
        covered = position = max(covered, end)
    return "".join([*pieces, text[position:]])


def _as_word(secret: str) -> str:
    """Return a regular expression that finds the secret where no letter or digit adjoins its own ones."""
    before = r"(?<![^\W_])" if secret[0].isalnum() else ""
    after = r"(?![^\W_])" if secret[-1].isalnum() else ""
    return f"{before}{re.escape(secret)}{after}"
