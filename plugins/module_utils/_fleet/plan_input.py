# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How a plan remembers its input, so that another one is noticed, and nobody learns a secret from it.

Where the entries declare no secret, it is the plain SHA-256 of the file, which everybody can compare. Where they do,
a plain digest would let anybody who has the rest of the file test guesses, billions a second; there it is derived with
a random salt and so many rounds that each guess takes a tenth of a second of CPU time.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any

from .entries import FleetEntries
from .shapes import Check, ShapeError, record, text, text_like
from .source import Source

PLAIN = "sha256"
SLOW = "pbkdf2_hmac_sha256"
ROUNDS = 600_000

_SALT_BYTES = 16
_HEX_DIGEST = text_like("[0-9a-f]{64}")

_FORMS: Mapping[str, Check] = {
    PLAIN: record({"value": _HEX_DIGEST}),
    SLOW: record({"value": _HEX_DIGEST, "salt": text_like(f"[0-9a-f]{{{2 * _SALT_BYTES}}}")}),
}


def check_digest(value: Any, place: str) -> None:
    """Take what :func:`digest_of` returns. The number of rounds is not taken from a file: it could be endless.

    :raises ShapeError: it is something else.
    """
    record({"algorithm": text})(value, place)
    form = _FORMS.get(value["algorithm"])
    if form is None:
        raise ShapeError(f"{place}.algorithm", f"must be one of {', '.join(_FORMS)}")
    form(value, place)
    if value["algorithm"] == SLOW and value.get("iterations") != ROUNDS:
        raise ShapeError(f"{place}.iterations", f"must be {ROUNDS}")


def digest_of(source: Source) -> dict[str, Any]:
    """Return the digest of an input as a plan holds it."""
    if not declares_secret(source.entries):
        return {"algorithm": PLAIN, "value": source.digest.hex()}
    salt = os.urandom(_SALT_BYTES)
    return {"algorithm": SLOW, "value": _slow(source, salt), "salt": salt.hex(), "iterations": ROUNDS}


def is_digest_of(digest: Mapping[str, Any], source: Source) -> bool:
    """Return whether a digest that :func:`check_digest` took is that of an input."""
    has_secret = declares_secret(source.entries)
    if has_secret != (digest["algorithm"] == SLOW):
        return False
    value = _slow(source, bytes.fromhex(digest["salt"])) if has_secret else source.digest.hex()
    return hmac.compare_digest(value, digest["value"])


def declares_secret(entries: FleetEntries) -> bool:
    """Return whether an entry declares a secret; an empty one, which clears it, is none."""
    return any(secret is not None for secret in entries.secrets())


def _slow(source: Source, salt: bytes) -> str:
    return hashlib.pbkdf2_hmac("sha256", source.digest, salt, ROUNDS).hex()
