# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the platform's forms check before anything is written, in their words."""

from __future__ import annotations

import random
import re
from typing import Any

from .answers import refuse
from .columns import Column, Resource, perl_text
from .email_check import is_valid
from .password_rules import complaints

Problem = tuple[str, str, list[str]]

_TIME = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?$")
SINGLE = "Field must contain a single value"
BAD_EMAIL = "Email should be of the format someuser@example.com"
BAD_TIME = "Could not parse DateTime input. Should be one of (Y-m-d H:M:S, Y-m-d H:M, Y-m-d)."


def has_value(value: Any) -> bool:
    """Tell whether a form sees any input: blanks, empty lists and empty objects are none."""
    if value is None:
        return False
    if isinstance(value, dict):
        return any(has_value(one) for one in value.values())
    if isinstance(value, list):
        return any(has_value(one) for one in value)
    return bool(perl_text(value).strip())


def check(resource: Resource, document: dict[str, Any], password_rules: bool) -> None:
    """Refuse a document with a 422 that tells all problems, in random order."""
    problems = _check_members(resource.columns, document, "", password_rules)
    for field in resource.lists:
        for index, element in enumerate(document[field.name]):
            if isinstance(element, dict) and has_value(element):
                problems += _check_members(field.columns, element, f"{index}_", password_rules)
    refuse_problems(problems)


def refuse_problems(problems: list[Problem]) -> None:
    """Raise the 422 for problems, if there are any."""
    if problems:
        random.shuffle(problems)
        texts = [f"field='{name}', input='{given}', errors='{','.join(errors)}'" for name, given, errors in problems]
        raise refuse(422, "Validation failed. " + "; ".join(texts))


def _check_members(
    columns: tuple[Column, ...], document: dict[str, Any], prefix: str, password_rules: bool
) -> list[Problem]:
    problems: list[Problem] = []
    for column in columns:
        value = document.get(column.name)
        errors = _errors(column, value, password_rules)
        if errors:
            given = "*****" if column.name == "password" else perl_text(value)
            problems.append((prefix + column.name, given, errors))
    return problems


def _errors(column: Column, value: Any, password_rules: bool) -> list[str]:
    if not has_value(value):
        return [f"{column.label} field is required"] if column.required else []
    if isinstance(value, (list, dict)):
        return [SINGLE]
    text = perl_text(value)
    if column.kind == "email" and not is_valid(text):
        return [BAD_EMAIL]
    if column.kind == "choice" and text.strip() not in column.choices:
        return [f"'{text}' is not a valid value"]
    if column.kind == "time" and not _TIME.match(text.strip()):
        return [BAD_TIME]
    if column.name == "password" and password_rules:
        return complaints(text)
    return []
