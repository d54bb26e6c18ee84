# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutations of the platform's own answers: what a confused server, cache or proxy could make of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from ngcp_simulator import Answer

Mutation = Callable[[Any], Any]
"""Takes the document of an answer (it may be changed) and returns what is sent in its place."""

ODD: dict[type, Any] = {bool: "perhaps", str: {"a": 1}, int: "x", list: "abc", dict: 7, type(None): []}
_LINKS = "_links"


def mutated(change: Mutation) -> Callable[[Answer], Answer]:
    """Return the function for a fault that changes the JSON document of an answer; others stay as they are."""

    def apply(answer: Answer) -> Answer:
        try:
            document = json.loads(answer.body)
        except ValueError:
            return answer
        return Answer(answer.status, encoded(change(document)), answer.content_type, answer.headers)

    return apply


def encoded(document: Any) -> bytes:
    """Return a document as JSON, with what Python's own encoder would refuse or write in another way."""
    text = json.dumps(document).replace('"@1e400"', "1e400")
    return text.encode("utf-8", "surrogatepass")


def of_items(change: Callable[[dict[str, Any]], Any]) -> Mutation:
    """Change the item, or the first item of a list."""

    def apply(document: Any) -> Any:
        items = _items(document)
        if items is None:
            return change(document) if isinstance(document, dict) else document
        if items:
            items[0] = change(items[0])
        return document

    return apply


def of_one(change: Callable[[dict[str, Any]], Any]) -> Mutation:
    """Change an item that was asked for by its id. In a list nobody can know who was meant."""

    def apply(document: Any) -> Any:
        return document if _items(document) is not None or "total_count" in document else change(document)

    return apply


def of_list(change: Callable[[list[Any]], Any]) -> Mutation:
    """Change the items of a list as a whole; an item alone is wrapped into a list."""

    def apply(document: Any) -> Any:
        embedded = document.get("_embedded") if isinstance(document, dict) else None
        if not isinstance(embedded, dict) or not embedded:
            return [document]
        (name,) = embedded
        embedded[name] = change(embedded[name])
        return document

    return apply


def member(name: str, value: Any) -> Mutation:
    """Set a member at the top of the document."""

    def apply(document: Any) -> Any:
        if isinstance(document, dict):
            document[name] = value
        return document

    return apply


def without_members(keep: int) -> Callable[[dict[str, Any]], Any]:
    """Keep the id, the links and the first few other members."""

    def apply(item: dict[str, Any]) -> Any:
        names = [name for name in sorted(item) if name not in ("id", _LINKS)]
        return {name: item[name] for name in item if name in ("id", _LINKS) or name in names[:keep]}

    return apply


def odd_values(item: dict[str, Any]) -> Any:
    """Give every member but the id a value of another type."""
    return {name: value if name in ("id", _LINKS) else ODD.get(type(value), "abc") for name, value in item.items()}


def odd_elements(value: Any) -> Callable[[dict[str, Any]], Any]:
    """Put an odd element into every list of an item."""

    def apply(item: dict[str, Any]) -> Any:
        return {name: [*value_, value] if isinstance(value_, list) else value_ for name, value_ in item.items()}

    return apply


def identifier(value: Any) -> Callable[[dict[str, Any]], Any]:
    """Give the item another id, in its links as well."""

    def apply(item: dict[str, Any]) -> Any:
        text = json.dumps(item.get(_LINKS, {}))
        item = {**item, _LINKS: json.loads(re.sub(r'(/api/\w+/)\d+"', lambda match: f'{match[1]}{value}"', text))}
        return {**item, "id": value} if "id" in item else item

    return apply


def next_identifier(item: dict[str, Any]) -> Any:
    """Return the item as if it were the next one's: what a mixed-up cache answers."""
    found = re.search(r'/api/\w+/(\d+)"', json.dumps(item.get(_LINKS, {}).get("self", {})))
    return identifier(int(found[1]) + 1 if found else 7)(item)


def without_identifier(item: dict[str, Any]) -> Any:
    """Take the id and the links out."""
    return {name: value for name, value in item.items() if name not in ("id", _LINKS)}


def other_recording(answer: Answer) -> Answer:
    """Name another fax in the header of a recording, as when the answers of two requests are mixed up."""
    headers = {
        name: re.sub(r'filename="(\d+)-', lambda match: f'filename="{int(match[1]) + 1}-', value)
        for name, value in answer.headers.items()
    }
    return Answer(answer.status, answer.body.replace(b"received:", b"mistaken:"), answer.content_type, headers)


def cut_recording(keep: float) -> Callable[[Answer], Answer]:
    """Keep the beginning of a body, with a length that fits."""

    def apply(answer: Answer) -> Answer:
        return Answer(answer.status, answer.body[: int(len(answer.body) * keep)], answer.content_type, answer.headers)

    return apply


def _items(document: Any) -> list[Any] | None:
    embedded = document.get("_embedded") if isinstance(document, dict) else None
    if not isinstance(embedded, dict):
        return None
    return next((items for items in embedded.values() if isinstance(items, list)), None)
