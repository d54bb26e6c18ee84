# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for SIP passwords, to which a fax password is subject where they are on."""

from __future__ import annotations

SHORTEST = 12
LONGEST = 40
COMMON = ("password", "secret", "qwertz", "qwerty", "letmein", "welcome", "123456")


def complaints(password: str) -> list[str]:
    """Return what is wrong with a password. The strength is a rough estimate of the platform's."""
    found: list[str] = []
    if len(password) < SHORTEST:
        found.append(f"Must be at minimum {SHORTEST} characters long")
    if len(password) > LONGEST:
        found.append(f"Must be at maximum {LONGEST} characters long")
    if any(character.isspace() for character in password):
        found.append("Must not contain whitespace")
    if _is_weak(password):
        found.append("Password is too weak")
    return found


def _is_weak(password: str) -> bool:
    lower = password.lower()
    for word in COMMON:
        lower = lower.replace(word, "")
    return len(lower) < 8 or len(set(lower)) < 5
