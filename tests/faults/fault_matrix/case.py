# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a case is, and what holds for every result, whatever the task."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .budget import Budget
from .secrets import CANARY
from .world import World

BUG = "This is a bug"
_TRAPS = frozenset("\x00\x07\x1b\r\x7f\x9b")
"""Characters that move a terminal's cursor or colour its text."""


@dataclass
class Observation:
    """What one run came to.

    :param before: what the platform had before it; each case has its own form.
    :param seconds: how long the run took.
    """

    result: dict[str, Any]
    before: Any
    seconds: float
    more: dict[str, Any] = field(default_factory=dict)


class Case:
    """A task with everything around it: the data before it, its options, and how its report is judged."""

    name = ""

    def prepare(self, world: World) -> Any:
        """Put the platform into the state before the run and return what has to be remembered of it."""
        raise NotImplementedError

    def run(self, world: World) -> dict[str, Any]:
        """Run the task once, with the faults."""
        raise NotImplementedError

    def judge(self, world: World, seen: Observation) -> Iterator[str]:
        """Yield everything in which the report is not the truth."""
        raise NotImplementedError

    def succeeded(self, result: dict[str, Any]) -> bool:
        """Return whether all was done."""
        return not result.get("failed")

    def budget(self) -> Budget:
        """Return how long the run may take."""
        raise NotImplementedError

    def clean(self) -> None:
        """Remove what the run has left behind."""

    def observe(self, world: World) -> Observation:
        """Run the task with the faults that are in place."""
        began = time.monotonic()
        result = self.run(world)
        seconds = time.monotonic() - began
        world.settle()
        return Observation(result, None, seconds)


def always_wrong(result: dict[str, Any]) -> Iterator[str]:
    """Yield what no result may hold."""
    text = json.dumps(result, default=str)
    if CANARY in text:
        place = text.index(CANARY)
        yield f"a secret is shown: …{text[max(0, place - 60) : place + 30]}…"
    if BUG in text or any(code == "unexpected" for code in _codes(result)):
        place = text.find("Unexpected error")
        yield f"this is a bug: {text[max(0, place) : place + 160]}"
    traps = sorted({character for part in _texts(result) for character in part if character in _TRAPS})
    if traps:
        yield f"control characters of the server are shown: {traps}"
    if any("\nTASK [" in part for part in _texts(result)):
        yield "a line that the server forged is shown"
    if not isinstance(result.get("changed"), bool):
        yield f"`changed` is {result.get('changed')!r}"
    if result.get("failed") and not result.get("msg"):
        yield "a failure without `msg`"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _codes(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield value.get("code")
        for part in value.values():
            yield from _codes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _codes(part)
