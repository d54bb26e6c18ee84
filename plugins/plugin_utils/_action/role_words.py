# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What users of the collection's roles call the options of its modules: they only see the roles' variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# How a message lists options of which one is needed; the role has no variable for those that are not among its words.
_ONE_OF = re.compile(r"\bone of ((?:\w+, )+\w+) is needed, ([\w ]+) given")

_BESIDE = re.compile(r"\b(cannot be combined with )(\w+)")
# A quote does not begin with the apostrophe of a word.
_QUOTED = re.compile(r"""((?<![\w\\])(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))""", re.DOTALL)


def _listed(match: re.Match[str], words: Mapping[str, str]) -> str:
    needed = ", ".join(words[name] for name in match.group(1).split(", ") if name in words)
    given = " and ".join(words.get(name, name) for name in match.group(2).split(" and "))
    return f"one of {needed} is needed, {given} given"


def is_in_own_role(task: Any) -> bool:
    """Return whether an Ansible task is one of the collection's roles."""
    role = task._role
    return role is not None and str(role.get_name()).startswith("ngcp.fax.")


def in_role_words(text: str, words: Mapping[str, str]) -> str:
    """Return a message with the options in it called by the variables of the role; others than those with an underscore
    could be ordinary words of a sentence. What stands between quotes is somebody's value, and stays as it is.

    :param words: for each option the variable.
    """
    text = _ONE_OF.sub(lambda match: _listed(match, words), text)
    text = _BESIDE.sub(lambda match: f"{match.group(1)}{words.get(match.group(2), match.group(2))}", text)
    parts = _QUOTED.split(text)
    parts[::2] = [_translated(part, words) for part in parts[::2]]
    return "".join(parts)


def _translated(text: str, words: Mapping[str, str]) -> str:
    for option in (name for name in words if "_" in name):
        # Not where it is a part of another word, or the name of a file.
        text = re.sub(rf"(?<![\w./]){option}\b(?!\.\w)", words[option], text)
    return text
