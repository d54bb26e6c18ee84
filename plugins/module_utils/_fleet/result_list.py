# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Entries of a list, a JSON or YAML file or an inventory as result files in YAML.

Each value is written as JSON, which is YAML too, below its name: that takes no library, which a managed host may not
have, and a hundredth of its time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._names import is_remark
from .._settings.declarations import Entry
from .._subscribers.keys import KEY_NAMES
from .._wording import visible
from .schema import NESTED, SLOTS
from .verdicts import VERDICT_COLUMNS, Verdict

_HOST = "_host"
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What remarks may be, so that every reader of YAML takes them.
_LONGEST_NAME = 100
_MAX_LEVELS = 10

# Undo files, which are fleet files too, have remarks with all fields in them.
_SECRET_NAMES = frozenset(name for name, slot in SLOTS.items() if slot.field.secret)

_json_of = json.JSONEncoder(ensure_ascii=False, default=str).encode


class ResultList:
    """Entries that are written again in parts.

    :param entries: as they were given.
    :param hosts: the inventory hosts that they come from, which are noted beside them.
    """

    ending = ".yml"

    def __init__(self, entries: Sequence[Entry], hosts: Sequence[str] | None = None) -> None:
        self._entries = entries
        self._hosts = hosts

    def content(self, verdicts: Sequence[tuple[int, Verdict]]) -> bytes:
        """Return a file of some entries.

        :param verdicts: positions of entries, counted from 0, and their outcomes.
        """
        text = "".join(f"- {line}\n" for n, verdict in verdicts for line in [self._lines(n, verdict)])
        return (text or "[]\n").encode("utf-8", "replace")

    def _lines(self, position: int, verdict: Verdict) -> str:
        entry = {
            **without_secrets(self._entries[position].values),
            **({_HOST: self._hosts[position]} if self._hosts is not None else {}),
            **{name: text for name, text in zip(VERDICT_COLUMNS, verdict) if text},
        }
        return "\n  ".join(f"{_name(name)}: {visible(_json_of(value))}" for name, value in entry.items())


def without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with None in place of each secret, and of remarks that hold one or cannot be written. Left out is
    what earlier result files said, and what only undo files have."""
    secrets: set[str] = set()
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in NESTED and isinstance(value, Mapping):
            kept[name] = {inner: _withheld(NESTED[name][inner], part, secrets) for inner, part in value.items()}
        elif name in SLOTS:
            kept[name] = _withheld(SLOTS[name], value, secrets)
        elif name in KEY_NAMES or (is_remark(name) and name not in VERDICT_COLUMNS and len(name) <= _LONGEST_NAME):
            kept[name] = value
    for name in [name for name in kept if is_remark(name)]:
        if not _is_plain(kept[name]) or any(secret in _texts(kept[name]) for secret in secrets):
            kept[name] = None
    return kept


def _withheld(slot: Any, value: Any, secrets: set[str]) -> Any:
    if not slot.field.secret:
        return value
    if value not in (None, ""):
        secrets.add(str(value))
    return None


def _is_plain(value: Any, level: int = 0) -> bool:
    """Return whether a remark can be written: any reader of YAML takes it, and none of its fields is a secret."""
    if isinstance(value, dict):
        names = all(
            isinstance(name, str) and len(name) <= _LONGEST_NAME and name not in _SECRET_NAMES for name in value
        )
        return names and level < _MAX_LEVELS and all(_is_plain(part, level + 1) for part in value.values())
    if isinstance(value, (list, tuple)):
        return level < _MAX_LEVELS and all(_is_plain(part, level + 1) for part in value)
    return True


def _texts(value: Any) -> str:
    """Return all texts in a value as one."""
    if isinstance(value, dict):
        return "\n".join(f"{name}\n{_texts(part)}" for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return "\n".join(map(_texts, value))
    return str(value)


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else visible(_json_of(name))
