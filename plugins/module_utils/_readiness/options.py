# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The options of the task ``fax_readiness_info`` as argument specification."""

from __future__ import annotations

from typing import Any

from .._subscribers.options import selection_options, subscriber_options
from .verdicts import ABILITIES

HOSTS = "hosts"
CHECKS = "checks"
JOURNAL = "journal"


def readiness_options() -> dict[str, Any]:
    """Return all options but the connection's."""
    return {
        **subscriber_options(),
        **selection_options(),
        "subscribers": {"type": "list", "elements": "dict", "options": subscriber_options()},
        "subscribers_file": {"type": "path"},
        HOSTS: {"type": "list", "elements": "str"},
        "allow_empty": {"type": "bool", "default": False},
        CHECKS: {"type": "list", "elements": "str", "choices": list(ABILITIES), "default": list(ABILITIES)},
        JOURNAL: {"type": "bool", "default": False},
    }
