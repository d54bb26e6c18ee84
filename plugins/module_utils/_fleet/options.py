# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The options of the module ``fleet`` as argument specification, read off the resource tables."""

from __future__ import annotations

from typing import Any

from .._resources import RESOURCES
from .._settings.list_fields import PRESENT
from .._settings.options import mode_spec, update_spec
from .._settings.resources import REPLACED
from .waves import DEFAULT_WAVES

SRC = "src"
SUBSCRIBERS = "subscribers"
HOSTS = "hosts"
PLAN = "plan"
PLAN_OUT = "plan_out"
PLAN_ONLY = "plan_only"
PLAN_MAX_AGE = "plan_max_age"
UNDO = "undo"
UNDO_DIR = "undo_dir"
UNDO_SECRETS = "undo_secrets"
RESULTS_DIR = "results_dir"


def fleet_options() -> dict[str, Any]:
    """Return all options of the module but the connection's."""
    return {
        SRC: {"type": "path"},
        SUBSCRIBERS: {"type": "list", "elements": "dict"},
        HOSTS: {"type": "list", "elements": "str"},
        **meaning_options(),
        "allow_empty": {"type": "bool", "default": False},
        "max_changes": {"type": "str"},
        "max_deactivated": {"type": "str"},
        "max_emptied": {"type": "str"},
        "waves": {"type": "list", "elements": "str", "default": list(DEFAULT_WAVES)},
        "max_failures": {"type": "str"},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
        "on_plan_error": {"type": "str", "choices": ["stop", "continue"], "default": "stop"},
        "return_unchanged": {"type": "bool", "default": False},
        PLAN: {"type": "path"},
        PLAN_OUT: {"type": "path"},
        PLAN_ONLY: {"type": "bool", "default": False},
        PLAN_MAX_AGE: {"type": "int"},
        "on_stale": {"type": "str", "choices": ["stop", "skip"], "default": "stop"},
        UNDO: {"type": "path"},
        UNDO_DIR: {"type": "path"},
        UNDO_SECRETS: {"type": "str", "choices": ["omit", "vault"], "default": "omit", "no_log": False},
        RESULTS_DIR: {"type": "path"},
    }


def meaning_options() -> dict[str, Any]:
    """Return the options that determine how entries are interpreted."""
    return {
        "state": {"type": "str", "choices": [PRESENT, REPLACED], "default": PRESENT},
        **{field.update_option: update_spec() for one in RESOURCES for field in one.managed if field.secret},
        **{field.mode_option: mode_spec() for one in RESOURCES for field in one.lists},
        **{name: option for one in RESOURCES for name, option in one.options.items()},
    }
