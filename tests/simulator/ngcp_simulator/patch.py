# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PATCH as the platform does it: add, replace, remove, copy, and its own extensions with their bug."""

from __future__ import annotations

import copy
import random
import re
from typing import Any

from .answers import internal_error, refuse

OPERATIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "add": (("path", "value"), ("mode",)),
    "replace": (("path", "value"), ()),
    "remove": (("path",), ("value", "index")),
    "copy": (("from", "path"), ()),
}
"""The members of every operation: those that must be there, those that may."""

_INDEX = re.compile(r"^(?:0|[1-9][0-9]*)$")


REPLACING = ("replace", "copy")
"""The operations of resources that take no others."""


class PointerError(Exception):
    """A pointer that leads nowhere."""


def check(patch: Any, allowed: tuple[str, ...] = tuple(OPERATIONS)) -> list[dict[str, Any]]:
    """Check the form of a patch, and that it has allowed operations only; refuse it with a 400."""
    if not isinstance(patch, list):
        raise refuse(400, "Body for PATCH must be an array.")
    for element in patch:
        _check_element(element, allowed)
    return patch


def _check_element(element: Any, operations: tuple[str, ...]) -> None:
    if not isinstance(element, dict):
        raise refuse(400, "Array in body of PATCH must only contain hashes.")
    if "op" not in element:
        raise refuse(400, "PATCH element must have an 'op' field.")
    operation = element["op"]
    if operation is None:
        raise internal_error()
    if not isinstance(operation, str) or operation not in operations:
        raise refuse(400, f"Invalid PATCH op '{operation}', must be one of {_shuffled(operations)}")
    needed, allowed = OPERATIONS[operation]
    for key in element:
        if key != "op" and key not in needed and key not in allowed:
            known = _shuffled(needed + allowed)
            raise refuse(400, f"Invalid PATCH key '{key}' for op '{operation}', must be one of {known}")
    missing = tuple(key for key in needed if key not in element)
    if missing:
        raise refuse(400, f"Missing PATCH keys {_shuffled(missing)} for op '{operation}'")


def _shuffled(words: tuple[str, ...]) -> str:
    """Quote words in the random order of a Perl hash."""
    return ", ".join(f"'{word}'" for word in random.sample(words, len(words)))


def apply(document: Any, patch: list[dict[str, Any]]) -> Any:
    """Return the patched document; refuse the whole patch with a 422 if one operation fails."""
    result = copy.deepcopy(document)
    try:
        for operation in _expand(result, patch):
            result = _apply_one(result, operation)
    except PointerError as problem:
        raise refuse(422, f"The entity could not be processed: {problem}") from problem
    return result


def _apply_one(document: Any, operation: dict[str, Any]) -> Any:
    name = operation["op"]
    if name == "copy":
        value = copy.deepcopy(get(document, _pointer(operation["from"])))
        return _add(document, _pointer(operation["path"]), value)
    path = _pointer(operation["path"])
    if name == "remove":
        return _remove(document, path)
    value = copy.deepcopy(operation["value"])
    return _add(document, path, value) if name == "add" else _replace(document, path, value)


def _pointer(path: Any) -> str:
    return "" if path is None else str(path)


def _tokens(pointer: str) -> list[str]:
    if pointer == "":
        return []
    if not pointer.startswith("/"):
        raise PointerError(f"Invalid pointer syntax (pointer: {pointer})")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def _missing(pointer: str) -> PointerError:
    return PointerError(f"A pointer that references a non-existent value (pointer: {pointer})")


def get(document: Any, pointer: str) -> Any:
    """Return what a pointer leads to."""
    return _walk(document, _tokens(pointer), pointer)


def _walk(document: Any, tokens: list[str], pointer: str) -> Any:
    for token in tokens:
        document = document[_existing(document, token, pointer)]
    return document


def _existing(parent: Any, token: str, pointer: str) -> Any:
    if isinstance(parent, dict) and token in parent:
        return token
    if isinstance(parent, list) and _INDEX.match(token) and int(token) < len(parent):
        return int(token)
    raise _missing(pointer)


def _add(document: Any, pointer: str, value: Any) -> Any:
    tokens = _tokens(pointer)
    if not tokens:
        return value
    parent = _walk(document, tokens[:-1], pointer)
    last = tokens[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list) and last == "-":
        parent.append(value)
    elif isinstance(parent, list) and _INDEX.match(last) and int(last) <= len(parent):
        parent.insert(int(last), value)
    else:
        raise _missing(pointer)
    return document


def _replace(document: Any, pointer: str, value: Any) -> Any:
    tokens = _tokens(pointer)
    if not tokens:
        return value
    parent = _walk(document, tokens[:-1], pointer)
    parent[_existing(parent, tokens[-1], pointer)] = value
    return document


def _remove(document: Any, pointer: str) -> Any:
    tokens = _tokens(pointer)
    if not tokens:
        return None
    parent = _walk(document, tokens[:-1], pointer)
    del parent[_existing(parent, tokens[-1], pointer)]
    return document


def _is_extension(operation: dict[str, Any]) -> bool:
    if operation["op"] == "add":
        return operation.get("mode") == "append"
    return operation["op"] == "remove" and "value" in operation


def _expand(document: Any, patch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn the extensions into plain operations behind all others.

    The platform edits the list that it walks over, so of two extensions side by side the second is overlooked and
    taken for a plain operation. Clients have to live with it, so the simulator has it, too.
    """
    plain = list(patch)
    expanded: list[dict[str, Any]] = []
    index = 0
    while index < len(plain):
        if _is_extension(plain[index]):
            expanded.extend(_expand_one(document, plain.pop(index)))
        index += 1
    return plain + expanded


def _expand_one(document: Any, operation: dict[str, Any]) -> list[dict[str, Any]]:
    path = _pointer(operation["path"])
    path = path[:-2] if path.endswith("/-") else path
    try:
        current = get(document, path)
    except PointerError:
        current = None
    value = operation["value"]
    if operation["op"] == "add":
        if current is None:
            return [{"op": "add", "path": path, "value": value}]
        values = value if isinstance(value, list) else [value]
        return [{"op": "add", "path": f"{path}/-", "value": one} for one in values]
    return _removals(path, current, value, operation.get("index"))


def _removals(path: str, current: Any, value: Any, index: Any) -> list[dict[str, Any]]:
    if not isinstance(current, list):
        return [{"op": "remove", "path": path}] if current == value and current is not None else []
    wanted = value if isinstance(value, list) else [value]
    found = [
        position
        for position in range(len(current) - 1, -1, -1)
        if any(_matches(current[position], one) for one in wanted)
    ]
    if index is not None:
        try:
            found = [found[int(index)]]
        except (IndexError, TypeError, ValueError) as problem:
            raise _missing(f"{path}/{index}") from problem
    return [{"op": "remove", "path": f"{path}/{position}"} for position in found]


def _matches(element: Any, wanted: Any) -> bool:
    """Compare like the platform: the keys that are given, as text, so that 1 is not true."""
    if isinstance(wanted, dict):
        return isinstance(element, dict) and all(
            key in element and type(element[key]) is type(value) and element[key] == value
            for key, value in wanted.items()
        )
    return type(element) is type(wanted) and bool(element == wanted)
