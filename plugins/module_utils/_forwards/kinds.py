# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The types of call forwards: our words for them, and the platform's short names (contract: call forwards, section 1).

Pure: no I/O, nothing of Ansible.
"""

from __future__ import annotations

from typing import NamedTuple


class ForwardType(NamedTuple):
    """One type of call forwards.

    :param word: what users call it, for example ``unconditional``.
    :param short: what the API calls it, for example ``cfu``.
    """

    word: str
    short: str

    def __str__(self) -> str:
        """Return both names, because the platform's pages show the short one."""
        return f"{self.word} ({self.short})"


UNCONDITIONAL = ForwardType("unconditional", "cfu")
TIMEOUT = ForwardType("timeout", "cft")

# In the order in which the collection shows them: the first ones catch most calls.
TYPES = (
    UNCONDITIONAL,
    ForwardType("busy", "cfb"),
    TIMEOUT,
    ForwardType("not_available", "cfna"),
    ForwardType("sms", "cfs"),
    ForwardType("on_response", "cfr"),
    ForwardType("overflow", "cfo"),
)

# What stands for a subscriber without a forward to the fax box.
NONE = "none"

BY_WORD = {one.word: one for one in TYPES}
# What else users may write for each word.
ALIASES = {one.short: one.word for one in TYPES}
