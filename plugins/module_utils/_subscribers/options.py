# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The options that select subscribers, as argument specifications."""

from __future__ import annotations

from typing import Any

from .._raw_arguments import QUOTED


def subscriber_options() -> dict[str, Any]:
    """Return the options that name one subscriber; see the doc fragment ``subscriber``."""
    return {
        "subscriber_id": {"type": "int"},
        "subscriber": {"type": "str"},
        "number": {"type": "str", QUOTED: True},
        "subscriber_external_id": {"type": "str", QUOTED: True},
    }


def selection_options() -> dict[str, Any]:
    """Return the option that selects subscribers by what they belong to; see the doc fragment ``selection``."""
    return {
        "select": {
            "type": "dict",
            "options": {
                "customer_id": {"type": "int"},
                "customer_external_id": {"type": "str", QUOTED: True},
                "domain": {"type": "str"},
            },
            "required_one_of": [("customer_id", "customer_external_id", "domain")],
        }
    }
