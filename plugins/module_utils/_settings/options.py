# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The options of the modules as argument specifications, read off the resource tables."""

from __future__ import annotations

from typing import Any

from .._subscribers.options import selection_options, subscriber_options
from .fields import MERGE, REPLACE
from .list_fields import PRESENT
from .plan import ALWAYS, ON_CREATE
from .resources import Resource


def settings_options(resource: Resource) -> dict[str, Any]:
    """Return all options of the settings module of a resource but the connection's."""
    fields = {field.name: field.option() for field in resource.managed}
    ignored = {field.name: {"type": "str", "no_log": field.secret} for field in resource.server_owned}
    return {
        **subscriber_options(),
        **selection_options(),
        "subscribers": _subscribers_option({**subscriber_options(), **fields, **ignored}),
        "subscribers_file": {"type": "path"},
        "state": {"type": "str", "choices": list(resource.states), "default": PRESENT},
        **fields,
        **resource.options,
        **{field.update_option: update_spec() for field in resource.managed if field.secret},
        **{field.mode_option: mode_spec() for field in resource.lists},
        "allow_empty": {"type": "bool", "default": False},
        "max_changes": {"type": "str"},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
        "return_unchanged": {"type": "bool", "default": False},
    }


def info_options(resource: Resource) -> dict[str, Any]:
    """Return all options of the info module of a resource but the connection's."""
    options: dict[str, Any] = {
        **subscriber_options(),
        **selection_options(),
        "subscribers": _subscribers_option(subscriber_options()),
        "allow_empty": {"type": "bool", "default": False},
    }
    if any(field.name == "active" for field in resource.managed):
        options["active"] = {"type": "bool"}
    options.update(resource.info_options)
    if resource.secrets:
        options["include_secrets"] = {"type": "bool", "default": False, "no_log": False}
    return options


def _subscribers_option(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "options": fields}


def update_spec() -> dict[str, Any]:
    """Return the option that says when a secret is written."""
    return {"type": "str", "choices": [ALWAYS, ON_CREATE], "default": ALWAYS, "no_log": False}


def mode_spec() -> dict[str, Any]:
    """Return the option that determines how a list is interpreted."""
    return {"type": "str", "choices": [REPLACE, MERGE], "default": REPLACE, "no_log": False}
