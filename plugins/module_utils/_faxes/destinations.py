# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Fax numbers: what a user may dial, and whether a number in the journal is the one that was dialled."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from .._errors import InputError
from .._subscribers.keys import digits_of, split_name

_LONGEST = 255
_UNSENDABLE = frozenset(("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
_SCHEME = re.compile(r"(?:sips?|tel):", re.IGNORECASE)

# A number as short as an extension is compared in full: too many longer ones end in it.
_SHORTEST_END = 4


@dataclass(frozen=True)
class Destination:
    """Where a fax goes.

    :param text: as written by the user, and as sent.
    :param key: what all spellings of the same destination have in common.
    """

    text: str
    key: str

    def matches(self, callee: str) -> bool:
        """Return whether the journal's ``callee`` can be this destination.

        The platform may rewrite numbers (a country code in place of a leading zero), and cuts off its own domain: so a
        number fits when the callee ends in its digits.
        """
        dialled, shown = _dialled(self.key), _dialled(_key(callee))
        if not dialled.isdigit():
            return bool(dialled) and dialled == shown
        if not shown.isdigit():
            return False
        significant = dialled.lstrip("0")
        return dialled == shown or (len(significant) >= _SHORTEST_END and shown.endswith(significant))

    @property
    def target(self) -> str:
        """What destinations have in common if their faxes could be mistaken for each other in the journal."""
        dialled = _dialled(self.key)
        return dialled[-_SHORTEST_END:] if dialled.isdigit() else dialled


def parse_destination(text: str) -> Destination:
    """Return the destination that a user wrote: a number, ``user@domain`` or a SIP URI.

    :raises InputError: it is none of these. The server does not check destinations; it accepts any text, and the fax
        then never gets through.
    """
    trimmed = text.strip()
    key = _key(trimmed)
    if not _is_line(trimmed) or not (key.isdigit() or _is_address(key)):
        raise InputError(
            "must be a number (+ and separators are allowed), user@domain or a sip: URI", field="destination"
        )
    return Destination(trimmed, key)


def _key(text: str) -> str:
    """Return digits for a number, else the address without its scheme and parameters, in lower case."""
    bare = _SCHEME.sub("", text.strip(), count=1).partition(";")[0]
    return digits_of(bare) or bare.casefold()


def _is_line(text: str) -> bool:
    """Return whether a text can be sent and shown as one line: no control characters, and nothing but Unicode."""
    return 0 < len(text) <= _LONGEST and not any(unicodedata.category(letter) in _UNSENDABLE for letter in text)


def _is_address(key: str) -> bool:
    return all(split_name(key)) and not any(character.isspace() for character in key)


def _dialled(key: str) -> str:
    """Return what is dialled, without a domain."""
    user = key.partition("@")[0]
    return digits_of(user) or user
