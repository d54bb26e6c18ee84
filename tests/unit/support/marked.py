# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as Ansible hands them over: its own types, which are not quite those that they stand for."""

from __future__ import annotations

from collections import UserDict


class Marked(str):
    """A text as Ansible hands it over: not quite a ``str``."""


def marked(value):
    """Return a value that is nowhere of the usual form, so that it takes the long way."""
    if isinstance(value, dict):
        return UserDict({name: marked(part) for name, part in value.items()})
    if isinstance(value, list):
        return [marked(part) for part in value]
    return Marked(value) if isinstance(value, str) else value
