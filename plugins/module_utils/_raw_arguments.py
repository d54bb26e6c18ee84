# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A task's arguments as they were written, before Ansible converts them: it makes ``83`` of ``0123`` and a text such as
``['a', 'b']`` of a list, without a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from ._errors import FaxError, InputError, InputErrors
from ._files import is_path
from ._texts import parse_text

# Members of an option beside those that Ansible knows: the name of a variable of the environment, whether the option
# takes texts only, because its value may begin with a zero, and whether the case of its choices does not matter.
ENVIRONMENT = "environment"
QUOTED = "quoted"
ANY_CASE = "any_case"
OWN_MEMBERS = frozenset((ENVIRONMENT, QUOTED, ANY_CASE))

_PATH = "path"
_TEXTS = ("str", _PATH)


def check_arguments(options: Mapping[str, Any], arguments: MutableMapping[str, Any]) -> FaxError | None:
    """Return what is wrong with the way in which arguments are written, or None. Words that are choices in another case
    are replaced by these.

    :param options: the argument specification with our own members.
    :param arguments: as they are handed to the task.
    """
    errors = list(_problems(options, arguments, ""))
    if not errors:
        return None
    return errors[0] if len(errors) == 1 else InputErrors(errors)


def _problems(options: Mapping[str, Any], arguments: MutableMapping[str, Any], path: str) -> Iterator[InputError]:
    for name, option in options.items():
        value = arguments.get(name)
        if value is None:
            continue
        kind = option.get("type", "str")
        where = f"{path}{name}"
        if kind in _TEXTS or option.get(QUOTED):
            yield from _wrong_text(value, where, bool(option.get(QUOTED)))
            if kind == _PATH and isinstance(value, str) and not is_path(value):
                yield InputError("has characters that a path cannot have", field=where)
            if option.get(ANY_CASE):
                arguments[name] = _choice(value, option["choices"])
        elif kind == "dict" and isinstance(value, MutableMapping):
            yield from _problems(option.get("options", {}), value, f"{where}.")
        elif kind == "list" and isinstance(value, list):
            yield from _wrong_elements(option, value, where)


def _wrong_elements(option: Mapping[str, Any], values: list[Any], path: str) -> Iterator[InputError]:
    for position, value in enumerate(values):
        where = f"{path}[{position}]"
        if option.get("elements") in _TEXTS:
            yield from _wrong_text(value, where, bool(option.get(QUOTED)))
        elif isinstance(value, MutableMapping):
            yield from _problems(option.get("options", {}), value, f"{where}.")


def _wrong_text(value: Any, path: str, is_quoted: bool) -> Iterator[InputError]:
    if not (is_quoted or isinstance(value, (list, tuple, Mapping))):
        return
    try:
        parse_text(value)
    except InputError as error:
        error.field = path
        yield error


def _choice(value: Any, choices: list[str]) -> Any:
    word = value.strip().lower() if isinstance(value, str) else value
    return next((choice for choice in choices if choice.lower() == word), value)
