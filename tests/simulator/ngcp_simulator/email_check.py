# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which e-mail addresses the platform's form accepts."""

from __future__ import annotations

import re

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_QUOTED = r'"(?:[^"\\\r\n\x80-\U0010ffff]|\\[\x00-\x7f])*"'
_LOCAL = rf"(?:{_ATOM}|{_QUOTED})(?:\.(?:{_ATOM}|{_QUOTED}))*"
_LITERAL = r"\[(?:[^\[\]\\\r\n\x80-\U0010ffff]|\\[\x00-\x7f])*\]"
_HOST = rf"(?:{_ATOM}|{_LITERAL})(?:\.(?:{_ATOM}|{_LITERAL}))*"
_PHRASE = rf"(?:(?:{_ATOM}|{_QUOTED})[ \t]*)+"
_COMMENT = r"(?:[ \t]*\((?:[^()\\\r\n\x80-\U0010ffff]|\\[\x00-\x7f])*\)[ \t]*)*"

_ADDRESS = re.compile(rf"^{_COMMENT}(?P<local>{_LOCAL})@(?P<host>{_HOST}){_COMMENT}$")
_NAMED = re.compile(rf"^{_COMMENT}{_PHRASE}<[ \t]*(?P<local>{_LOCAL})@(?P<host>{_HOST})[ \t]*>{_COMMENT}$")
_LABEL = re.compile(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$")
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4_LITERAL = re.compile(rf"^\[{_BYTE}(?:\.{_BYTE}){{3}}\]$")

LONGEST_LOCAL = 64
LONGEST_HOST = 255


def is_valid(text: str) -> bool:
    """Tell whether the form takes the text, of which it checks a trimmed copy in lower case.

    A name before the address is made of words and quoted texts: a dot in it has to be quoted. Labels can be of any
    length.
    """
    address = text.strip().lower()
    match = _ADDRESS.match(address) or _NAMED.match(address)
    if not match:
        return False
    local, host = match["local"], match["host"]
    return len(local) <= LONGEST_LOCAL and _is_host(host)


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return bool(_IPV4_LITERAL.match(host))
    labels = host.split(".")
    return len(labels) > 1 and len(host) <= LONGEST_HOST and all(_LABEL.match(label) for label in labels)
