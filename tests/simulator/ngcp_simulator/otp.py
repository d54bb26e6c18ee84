# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One-time passwords (TOTP, SHA-1, 30 seconds, one step of tolerance)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

STEP = 30


def code(secret: str, now: float, shift: int = 0) -> int:
    """Return the one-time password as the number that the platform compares with."""
    counter = int(now) // STEP + shift
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number: int = struct.unpack(">I", digest[offset : offset + 4])[0]
    return (number & 0x7FFFFFFF) % 1_000_000


def accepts(secret: str, given: object, now: float) -> bool:
    """Tell whether a given code is right. Leading zeros make it wrong, as on the platform."""
    return str(given) in {str(code(secret, now, shift)) for shift in (-1, 0, 1)}
