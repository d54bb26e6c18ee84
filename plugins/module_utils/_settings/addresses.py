# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""E-mail addresses as the server takes them, in all their forms. Nearly all are of the usual one, which
:class:`fields.Address` is quicker."""

from __future__ import annotations

import re

from .fields import ATOM_SIGNS, LABEL, MAX_LOCAL_PART

# Addresses in the form of RFC 822, as the library that the server uses (Email::Valid) takes them: words or quoted
# texts before the @, comments, and a name in front of an address in angle brackets.
_QUOTED = r"\"(?:[^\"\\\r\n]|\\.)*\""
_COMMENT = r"\((?:[^()\\\r\n]|\\.|\((?:[^()\\\r\n]|\\.)*\))*\)"
_BLANKS = rf"(?:[ \t]|{_COMMENT})*"
_WORD = rf"(?:[{ATOM_SIGNS}]+|{_QUOTED})"
_PHRASE = rf"{_WORD}(?:[ \t{ATOM_SIGNS}]|{_QUOTED}|{_COMMENT})*"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})"
_HOST = rf"(?:{LABEL}(?:\.{LABEL})+|\[{_OCTET}(?:\.{_OCTET}){{3}}\])"
_ADDRESS = rf"(?P<local>{_WORD}(?:\.{_WORD})*)@{_HOST}"
_MAILBOXES = (
    rf"{_BLANKS}{_ADDRESS}{_BLANKS}",
    rf"{_BLANKS}{_PHRASE}<{_BLANKS}{_ADDRESS}{_BLANKS}>{_BLANKS}",
)


def address_problem(text: str) -> str | None:
    """Return what is wrong with an e-mail address, or None.

    Takes what the server takes: a dot in the host part or an IPv4 address in brackets, quoted parts, comments, and also
    ``Name <user@example.org>``; no characters beyond ASCII. Outer blanks do not count.
    """
    address = text.strip()
    if not address.isascii():
        return "has non-ASCII characters, which the server refuses"
    # Compiled here and one after the other, because they take their time.
    found = (re.fullmatch(form, address) for form in _MAILBOXES)
    match = next((one for one in found if one is not None), None)
    if match is None:
        return "must have the form user@example.org"
    if len(match.group("local")) > MAX_LOCAL_PART:
        return f"has more than {MAX_LOCAL_PART} characters before the @"
    return None
