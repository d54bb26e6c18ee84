# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The plan of a fleet as the result that a task in check mode would have registered, for a report about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.plan_document import FleetPlan

from .document import FLEET, MODULES


def result_of_plan(plan: FleetPlan) -> dict[str, Any]:
    """Return a result of the module ``fleet`` with what a plan holds.

    :param plan: as :func:`_fleet.plan_document.parse_document` returns it, so that its form is right.
    """
    document = plan.document
    return {
        "run": {"module": FLEET, "platform": document["platform"], "check_mode": True, "plan": True},
        "summary": document["summary"],
        "subscribers": [_entry(subscriber) for subscriber in (*document["subscribers"], *document["not_planned"])],
    }


def _entry(subscriber: Mapping[str, Any]) -> dict[str, Any]:
    settings = subscriber["settings"]
    return {
        "subscriber_id": subscriber["subscriber_id"],
        "subscriber": subscriber["subscriber"],
        "entry": subscriber["entry"],
        "modules": {module: _status(part) for module, part in settings.items()},
        "changes": [
            change for module in MODULES if module in settings for change in _changes(module, settings[module])
        ],
    }


def _status(part: Mapping[str, Any]) -> dict[str, Any]:
    if "patch" in part:
        return {"status": "changed"}
    return {"status": part["status"], "error": part["error"]}


def _changes(module: str, part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, before in part.get("before", {}).items():
        yield {"module": module, "field": name, "before": before, "after": _after(part)[name]}


def _after(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the planned values of fields: they stand beside operations that are not about fields."""
    if "after" in part:
        return dict(part["after"])
    return {operation["path"].lstrip("/"): operation["value"] for operation in part["patch"]}
