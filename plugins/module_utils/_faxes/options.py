# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The options of the modules for faxes as argument specifications."""

from __future__ import annotations

from typing import Any

from .._raw_arguments import QUOTED
from .._subscribers.options import subscriber_options
from .archive_names import FLAT, LAYOUTS
from .download import FORMATS
from .journal import ANY, DIRECTIONS, INCOMING


def send_options() -> dict[str, Any]:
    """Return the options of ``fax_send`` but the connection's."""
    return {
        **subscriber_options(),
        "destination": {"type": "str", "required": True, QUOTED: True},
        "src": {"type": "path"},
        "remote_src": {"type": "bool", "default": False},
        "text": {"type": "str", "no_log": True, QUOTED: True},
        "receipts": {"type": "path"},
        "job_id": {"type": "str", QUOTED: True},
        "unless_sent_within": {"type": "int"},
        "force": {"type": "bool", "default": False},
        "on_uncertain": {"type": "str", "choices": ["fail", "resend"], "default": "fail"},
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": 300},
        "poll_interval": {"type": "int", "default": 5},
    }


def fetch_options() -> dict[str, Any]:
    """Return the options of ``fax_fetch`` but the connection's."""
    return {
        **_selection_options(INCOMING),
        "dest": {"type": "path", "required": True},
        "format": {"type": "str", "choices": list(FORMATS), "default": "tiff"},
        "layout": {"type": "str", "choices": list(LAYOUTS), "default": FLAT},
        "index": {"type": "bool", "default": True},
        "delete_after_fetch": {"type": "bool", "default": False},
        "unavailable_for": {"type": "int", "default": 7},
        "force": {"type": "bool", "default": False},
        "mode": {"type": "raw"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
    }


def fax_info_options() -> dict[str, Any]:
    """Return the options of ``fax_info`` but the connection's."""
    return {
        **_selection_options(ANY),
        "order": {"type": "str", "choices": ["asc", "desc"], "default": "asc"},
    }


def _selection_options(direction: str) -> dict[str, Any]:
    return {
        "fax_id": {"type": "int"},
        **subscriber_options(),
        "direction": {"type": "str", "choices": list(DIRECTIONS), "default": direction},
        "status": {"type": "list", "elements": "str"},
        "since": {"type": "str"},
        "until": {"type": "str"},
        "limit": {"type": "int"},
    }
