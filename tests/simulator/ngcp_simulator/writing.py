# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items that are written in two steps, between which time passes: so parallel writes can be lost."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Protocol

from .answers import Answer
from .call import Call


class Writer(Protocol):
    """A resource whose items can be written with PUT and PATCH."""

    name: str
    writes_under_way: int

    def begin_put(self, call: Call, identifier: int) -> Any:
        """Check a PUT and return what it wants to store."""

    def begin_patch(self, call: Call, identifier: int) -> Any:
        """Check a PATCH and return what it wants to store, made of what is stored now."""

    def finish(self, call: Call, identifier: int, wanted: Any, repeated: bool = False) -> Answer:
        """Validate and store what is wanted, and answer as preferred."""

    def repeats(self, call: Call) -> bool:
        """Tell whether the platform deadlocks at this write and repeats it by itself."""

    def failure(self, call: Call) -> Answer:
        """Return the answer to a write that the database has rolled back, as the call's fault has it."""

    def turn(self, identifier: int) -> AbstractAsyncContextManager[None]:
        """Wait until no other write is in the way; hold it up until this one is done."""


class Writing:
    """What most writers have in common: no write waits for another one."""

    name = ""

    def __init__(self) -> None:
        self.writes_under_way = 0

    def turn(self, _identifier: int) -> AbstractAsyncContextManager[None]:
        """Return at once."""
        return nullcontext()
