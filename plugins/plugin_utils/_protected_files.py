# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""Which files cannot be read directly: vaulted ones."""

from __future__ import annotations

from ansible.parsing.vault import is_encrypted

_VAULT_HEADER = 64  # bytes that identify a vaulted file


def is_vaulted(path: str) -> bool:
    """Return whether a file is vaulted; the code that uses a file that cannot be read reports what is wrong with it."""
    try:
        with open(path, "rb") as stream:
            return bool(is_encrypted(stream.read(_VAULT_HEADER)))
    except OSError:
        return False
