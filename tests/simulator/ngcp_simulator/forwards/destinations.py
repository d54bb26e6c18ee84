# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Destinations: words and what they become, addresses and how they are shown."""

from __future__ import annotations

import re
from typing import Any

from ..columns import perl_text

_FIXED = {
    "callingcard": "sip:callingcard@app.local",
    "callthrough": "sip:callthrough@app.local",
    "autoattendant": "sip:auto-attendant@app.local",
    "officehours": "sip:office-hours@app.local",
    "customhours": "sip:custom-hours@app.local",
}
_HOSTS = {
    "@voicebox.local": "voicebox",
    "@fax2mail.local": "fax2mail",
    "@conference.local": "conference",
    "@managersecretary.local": "managersecretary",
}
FAX_HOST = "@fax2mail.local"
CUSTOM_HOURS = ("customhours", _FIXED["customhours"])


class BrokenDestination(Exception):
    """A destination that breaks the platform: missing, or without a user."""


def address(destination: Any, number: str, domain: str, busy: bool = False) -> str:
    """Return the address that is stored for a destination; only the exact words are words.

    :param number: digits of the owner's primary number, or what the platform takes in its place.
    :param busy: whether it is for calls to a busy subscriber, for whom the simplified view has another greeting.
    """
    text = perl_text(destination)
    if not text:
        raise BrokenDestination
    words = {
        "voicebox": f"sip:{'vmb' if busy else 'vmu'}{number}@voicebox.local",
        "fax2mail": f"sip:fax={number}{FAX_HOST}",
        "conference": f"sip:conf={number}@conference.local",
        "managersecretary": f"sip:{number}@managersecretary.local",
        **_FIXED,
    }
    if text in words:
        return words[text]
    user, host = _parts(text)
    if user is None:
        raise BrokenDestination
    return f"sip:{user}@{host or domain}"


def word(stored: str) -> str | None:
    """Return the word that an address stands for, right or wrong; None for an ordinary address."""
    for host, found in _HOSTS.items():
        if stored.endswith(host):
            return found
    return next((name for name, fixed in _FIXED.items() if fixed == stored), None)


def simple(stored: str, domain: str) -> str | None:
    """Return the simple form of an ordinary address: without scheme, and without the subscriber's own domain."""
    if word(stored) is not None:
        return None
    user, host = _parts(stored)
    found = user if host == domain else f"{user}@{host}"
    return found if found not in ("", "0") else None


def _parts(text: str) -> tuple[str | None, str | None]:
    """Return user and host, as Perl splits them: what comes behind a second @ is lost, and so are empty ends."""
    parts = re.sub(r"^sips?:", "", text).split("@")
    while parts and not parts[-1]:
        parts.pop()
    return (parts[0] if parts else None), (parts[1] if len(parts) > 1 else None)
