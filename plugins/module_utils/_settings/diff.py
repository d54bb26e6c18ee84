# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A plan as people read it: the ``changes`` and ``diff`` entries of a result, with secrets masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._masking import mask_value
from .._wording import printable, visible
from .fields import Field
from .plan import Change, Plan
from .resources import Resource

# A text that needs no quotes in YAML: it cannot be taken for a number, a date, a boolean, null or syntax.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@+/-]*(?: [A-Za-z0-9_.@+/-]+)*")
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"))


def shown_changes(resource: Resource, plan: Plan) -> list[dict[str, Any]]:
    """Return the plan's changes with whole values before and after, secrets masked."""
    secrets = resource.secrets
    return [
        {
            "field": change.field,
            "before": mask_value(change.before) if change.field in secrets else change.before,
            "after": mask_value(change.after) if change.field in secrets else change.after,
        }
        for change in plan.changes
    ]


def shown_diff(resource: Resource, plan: Plan, header: str) -> dict[str, str]:
    """Return one entry for Ansible's ``diff``: YAML text of what changes and nothing else.

    Of a list only the elements that differ are shown. The two sides of a secret differ by a comment, so that the
    change is seen although both are masked.

    :param header: the subscriber's name for the head of both sides.
    """
    fields = {field.name: field for field in resource.fields}
    before: list[str] = []
    after: list[str] = []
    for change in plan.changes:
        left, right = _sides(fields[change.field], change)
        before += left
        after += right
    return {
        "before_header": printable(header),
        "after_header": printable(header),
        "before": "\n".join(before) + "\n",
        "after": "\n".join(after) + "\n",
    }


def yaml_scalar(value: Any) -> str:
    """Return a scalar as YAML, quoted only where a reader (or a parser) could take it for something else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return visible(json.dumps(text, ensure_ascii=False))


def _sides(field: Field, change: Change) -> tuple[list[str], list[str]]:
    before, after = field.differing(change.before, change.after)
    if field.secret:
        return _secret_lines(field, before, "old"), _secret_lines(field, after, "new")
    return _lines(field, before), _lines(field, after)


def _lines(field: Field, value: Any) -> list[str]:
    """Return a field as lines of YAML. Lists are the only values that have parts."""
    if not isinstance(value, list):
        return [f"{field.name}: {yaml_scalar(value)}"]
    lines = [f"{field.name}:"] if value else [f"{field.name}: []"]
    for element in value:
        for position, (name, part) in enumerate(element.items()):
            lines.append(f"{'  ' if position else '- '}{name}: {yaml_scalar(part)}")
    return lines


def _secret_lines(field: Field, value: Any, which: str) -> list[str]:
    comment = f"  # {which} value" if value else ""
    return [f"{field.name}: {yaml_scalar(mask_value(value))}{comment}"]


def mask_settings(resource: Resource, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a document of the resource (or of a part of it) with every secret field masked."""
    secrets = resource.secrets
    return {name: mask_value(value) if name in secrets else value for name, value in document.items()}


def mask_patch(resource: Resource, patch: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a copy of JSON Patch operations on whole top-level fields with the secret values masked."""
    secrets = resource.secrets
    masked = []
    for operation in patch:
        copy = dict(operation)
        if copy["path"].lstrip("/") in secrets and "value" in copy:
            copy["value"] = mask_value(copy["value"])
        masked.append(copy)
    return masked
