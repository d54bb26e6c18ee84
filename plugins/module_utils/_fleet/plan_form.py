# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The form of the plan of a fleet, read off the resource tables: what ``docs/fleet-plan.schema.json`` says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._resources import RESOURCES
from .._settings.fields import Number
from .._settings.outcomes import FAILED, NOT_ATTEMPTED
from .._settings.resources import Resource
from .plan_input import check_digest
from .shapes import (
    Check,
    ShapeError,
    anything,
    boolean,
    closed,
    count,
    list_of,
    one_of,
    optional,
    record,
    scalar,
    text,
    text_like,
)

_MODULES = {resource.module: resource for resource in RESOURCES}
_COUNTS = dict.fromkeys(("total", "changed", "unchanged", FAILED, NOT_ATTEMPTED), count)
_IDENTITY = {"subscriber": optional(text), "entry": text, "row": optional(count)}
_ERROR = record(
    {
        "code": text,
        "http_status": optional(count),
        "message": text,
        "retryable": boolean,
        "hint": optional(text),
    }
)
_FAILURE = record({"status": one_of(FAILED, NOT_ATTEMPTED), "error": optional(_ERROR)})


def check_plan_form(document: Mapping[str, Any]) -> None:
    """Refuse what cannot be used as a plan without further looks at its types.

    :raises ShapeError: names the place and what is wrong there.
    """
    _PLAN(document, "")
    seen: set[int] = set()
    for position, subscriber in enumerate(document["subscribers"]):
        if subscriber["subscriber_id"] in seen:
            raise ShapeError(f"subscribers[{position}].subscriber_id", "is duplicated")
        seen.add(subscriber["subscriber_id"])


def _of_modules(checks: Mapping[str, Check]) -> Check:
    """Return a check of an object with members for some of the settings modules."""
    return closed(record(checks, may_lack=checks), checks)


def _planned(resource: Resource) -> Check:
    """Return a check of what is planned for one resource: fields of the resource, each once, with its former value."""
    if not resource.has_whole_values:
        return _planned_requests(resource)
    values: dict[str, Check] = {field.name: scalar for field in resource.managed}
    values.update({field.name: list_of(_element(field)) for field in resource.lists})
    paths = {f"/{name}": name for name in values}
    form = record(
        {
            "patch": list_of(record({"op": one_of("add", "replace"), "path": one_of(*paths), "value": anything})),
            "before": closed(record(values, may_lack=values), values),
        }
    )

    def check(value: Any, place: str) -> None:
        form(value, place)
        names = [paths[operation["path"]] for operation in value["patch"]]
        for position, (name, operation) in enumerate(zip(names, value["patch"])):
            values[name](operation["value"], f"{place}.patch[{position}].value")
        if not names or sorted(names) != sorted(value["before"]):
            raise ShapeError(f"{place}.before", "must have the same fields as the patch")

    return check


def _planned_requests(resource: Resource) -> Check:
    """Return a check of what is planned for a resource whose operations are not about its fields: the fields stand
    beside them, with their values before and after."""
    values = {field.name: optional(count) if isinstance(field, Number) else scalar for field in resource.fields}
    operation = {"op": one_of("add", "replace", "remove"), "path": text_like("/api/[!-~]+"), "value": anything}
    fields = closed(record(values, may_lack=values), values)
    form = record(
        {"patch": list_of(record(operation, may_lack=["value"])), "before": fields, "after": fields},
    )

    def check(value: Any, place: str) -> None:
        form(value, place)
        if value["before"].keys() != value["after"].keys():
            raise ShapeError(f"{place}.after", "must have the same fields as before")

    return check


def _element(field: Any) -> Check:
    parts = {part.name: scalar for part in field.elements}
    return closed(record(parts), parts)


_PLAN = record(
    {
        "format_version": text,
        "collection_version": text,
        "platform": text,
        "created": text_like(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z"),
        "input": record({"name": text, "entries": count, "digest": check_digest}),
        "options": record({}),
        "summary": record(
            {
                **_COUNTS,
                **dict.fromkeys(("deactivated", "emptied", "requests"), count),
                **dict.fromkeys(_MODULES, record(_COUNTS)),
            }
        ),
        "not_planned": list_of(
            record(
                {
                    "subscriber_id": optional(count),
                    **_IDENTITY,
                    "settings": _of_modules(dict.fromkeys(_MODULES, _FAILURE)),
                }
            )
        ),
        "subscribers": list_of(
            record(
                {
                    "subscriber_id": count,
                    **_IDENTITY,
                    "settings": _of_modules({name: _planned(resource) for name, resource in _MODULES.items()}),
                }
            )
        ),
    }
)
