# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""YAML in which every value is the text that is written: ``0123`` stays ``0123``, and ``12:30`` and ``yes`` do.

YAML libraries turn such texts into numbers, times and booleans; what a text means is known to the field that it is for.
"""

from __future__ import annotations

from typing import Any, Callable

from .._names import looks_like_name
from .fleet_text import FormatError

# What stands for "nothing" where it is written without quotes.
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))

_MERGE = "<<"

# Tags that change nothing: those of YAML's own types, and Ansible's for a text that is not a template.
_CORE = "tag:yaml.org,2002:"
_NULL_TAG = f"{_CORE}null"
_SCALAR_TAGS = frozenset(("!", "!unsafe", *(f"{_CORE}{name}" for name in ("str", "bool", "int", "float", "timestamp"))))
_COLLECTION_TAGS = frozenset(("!", f"{_CORE}map", f"{_CORE}seq"))
_VAULT_TAGS = frozenset(("!vault", "!vault-encrypted"))

# A fleet file needs six levels.
_MAX_LEVELS = 20

# Aliases multiply what a file holds; a fleet of 100,000 with a shared part for each needs far less.
MAX_VALUES = 10_000_000
_SIGNS_OF_A_VALUE = 16


def read_yaml(text: str) -> Any:
    """Return what the text holds: lists, dictionaries, texts, and None for ``~``, ``null`` and nothing.

    :raises FormatError: the text is not YAML, or holds what a fleet file does not need: tags, several documents, a key
        twice, deep nesting.
    :raises ImportError: the library PyYAML is missing.
    """
    # Imported here, because few tasks need it, and all would wait for it.
    import yaml

    parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _Reader(parser, yaml).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        location = f": line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise FormatError(f"is not YAML{location}", syntax=True) from None
    finally:
        parser.dispose()


class _Reader:
    """Builds the values of one document out of the parser's events."""

    def __init__(self, parser: Any, yaml: Any) -> None:
        self._next: Callable[[], Any] = parser.get_event
        self._events = yaml
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def document(self) -> Any:
        """Return the only document, or None where there is none."""
        self._next()  # the stream's start
        if not isinstance(self._next(), self._events.DocumentStartEvent):
            return None
        value = self._value(self._next(), 0)
        self._next()  # the document's end
        event = self._next()
        if isinstance(event, self._events.DocumentStartEvent):
            raise _error("begins a second document, but a fleet file has only one; remove the line with ---", event)
        return value

    def _value(self, event: Any, level: int) -> Any:
        kind = event.__class__
        if kind is self._events.ScalarEvent:
            return self._scalar(event)
        if kind is self._events.AliasEvent:
            return self._alias(event)
        if level >= _MAX_LEVELS:
            raise _error("is nested too deeply", event)
        if event.tag is not None and event.tag not in _COLLECTION_TAGS:
            raise _tag_error(event)
        before = self._count
        value: Any = self._mapping(level) if kind is self._events.MappingStartEvent else self._sequence(level)
        self._count += 1
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._count - before)
        return value

    def _scalar(self, event: Any) -> str | None:
        value: str | None = event.value
        size = 1 + len(event.value) // _SIGNS_OF_A_VALUE
        self._count += size
        if event.tag is not None:
            if event.tag == _NULL_TAG:
                value = None
            elif event.tag not in _SCALAR_TAGS:
                raise _tag_error(event)
        elif event.implicit[0] and value in _NULLS:
            value = None
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, size)
        return value

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise _error("a value that begins with * refers to an earlier one marked with &; quote strings", event)
        value, size = self._anchors[event.anchor]
        self._count += size
        if self._count > MAX_VALUES:
            raise _error("aliases expand to too many values", event)
        return value

    def _sequence(self, level: int) -> list[Any]:
        values = []
        event = self._next()
        while event.__class__ is not self._events.SequenceEndEvent:
            values.append(self._value(event, level + 1))
            event = self._next()
        return values

    def _mapping(self, level: int) -> dict[str, Any]:
        scalar, end = self._events.ScalarEvent, self._events.MappingEndEvent
        mapping: dict[str, Any] = {}
        merged: Any = None
        while True:
            event = self._next()
            if event.__class__ is end:
                break
            if event.__class__ is not scalar:
                raise _error("a key must be a string", event)
            key = event.value
            if key in mapping or (key == _MERGE and merged is not None):
                raise _error(f"{f'the key {key!r}' if looks_like_name(key) else 'a key'} is duplicated", event)
            content = self._next()
            value = self._scalar(content) if content.__class__ is scalar else self._value(content, level + 1)
            if key == _MERGE and event.implicit[0]:
                merged = _merged(value, content)
            else:
                mapping[key] = value
        return {**merged, **mapping} if merged else mapping


def _merged(value: Any, event: Any) -> dict[str, Any]:
    """Return what a merge key brings in: the members of one dictionary, or of several, the first of which wins."""
    merged: dict[str, Any] = {}
    for part in reversed(value if isinstance(value, list) else [value]):
        if not isinstance(part, dict):
            raise _error("<< must stand for dictionaries", event)
        merged.update(part)
    return merged


def _error(problem: str, event: Any) -> FormatError:
    return FormatError(problem, event.start_mark.line + 1)


def _tag_error(event: Any) -> FormatError:
    """Return the error for a tag; others than well-known ones may be values, and are not shown."""
    if event.tag in _VAULT_TAGS:
        return _error(
            f"the tag {event.tag} cannot be used in fleet files; encrypt the whole file with ansible-vault",
            event,
        )
    return _error("a tag (a word that begins with !) cannot be used in fleet files; quote strings", event)
