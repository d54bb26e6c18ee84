# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The options of the module ``fleet`` as argument specification, read off the resource tables."""

from __future__ import annotations

from typing import Any

from .._settings.options import mode_option, mode_spec, update_option, update_spec
from .._settings.plan import REPLACED
from .._settings.values import PRESENT
from .schema import PARTS
from .waves import DEFAULT_WAVES

SRC = "src"
SUBSCRIBERS = "subscribers"
HOSTS = "hosts"
RESULTS_DIR = "results_dir"


def fleet_options() -> dict[str, Any]:
    """Return all options of the module but the connection's."""
    resources = [part.resource for part in PARTS]
    return {
        SRC: {"type": "path"},
        SUBSCRIBERS: {"type": "list", "elements": "dict"},
        HOSTS: {"type": "list", "elements": "str"},
        "state": {"type": "str", "choices": [PRESENT, REPLACED], "default": PRESENT},
        **{update_option(field): update_spec() for one in resources for field in one.managed if field.secret},
        **{mode_option(field): mode_spec() for one in resources for field in one.lists},
        "allow_empty": {"type": "bool", "default": False},
        "max_changes": {"type": "str"},
        "max_deactivated": {"type": "str"},
        "max_emptied": {"type": "str"},
        "waves": {"type": "list", "elements": "str", "default": list(DEFAULT_WAVES)},
        "max_failures": {"type": "str"},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
        "on_plan_error": {"type": "str", "choices": ["stop", "continue"], "default": "stop"},
        "return_unchanged": {"type": "bool", "default": False},
        "plan": {"type": "path"},
        "plan_out": {"type": "path"},
        "plan_only": {"type": "bool", "default": False},
        "plan_max_age": {"type": "int"},
        "on_stale": {"type": "str", "choices": ["stop", "skip"], "default": "stop"},
        "undo": {"type": "path"},
        "undo_dir": {"type": "path"},
        "undo_secrets": {"type": "str", "choices": ["omit", "vault"], "default": "omit", "no_log": False},
        RESULTS_DIR: {"type": "path"},
    }
