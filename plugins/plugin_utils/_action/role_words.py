# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What users of the collection's roles call the options of its modules: they only see the roles' variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def is_in_own_role(task: Any) -> bool:
    """Return whether an Ansible task is one of the collection's roles."""
    role = task._role
    return role is not None and str(role.get_name()).startswith("ngcp.fax.")


def in_role_words(text: str, words: Mapping[str, str]) -> str:
    """Return a message with the options in it called by the variables of the role; others than those with an underscore
    could be ordinary words of a sentence.

    :param words: for each option the variable.
    """
    for option in (name for name in words if "_" in name):
        text = re.sub(rf"(?<![\w.]){option}\b", words[option], text)
    return text
