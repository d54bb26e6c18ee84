# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bans after failed log-ins."""

from __future__ import annotations

from collections.abc import Callable

from .switches import Switches

FIRST = 300.0
INCREMENT = 300.0
LONGEST = 3600.0
WINDOW = 3600.0

TOKENS = "\0tokens"
"""The one name under which all bad renewals and tokens of a client address are counted."""


class Bans:
    """Failures and bans by realm, host name, user and client address."""

    def __init__(self, switches: Switches, now: Callable[[], float]) -> None:
        self._switches = switches
        self._now = now
        self._failures: dict[tuple[str, ...], list[float]] = {}
        self._rounds: dict[tuple[str, ...], int] = {}
        self._until: dict[tuple[str, ...], float] = {}

    def banned(self, key: tuple[str, ...]) -> bool:
        """Tell whether a ban is on."""
        return self._switches.login_ban and self._until.get(key, 0.0) > self._now()

    def failed(self, key: tuple[str, ...]) -> None:
        """Count a failure; the last one that is allowed starts the ban."""
        if not self._switches.login_ban:
            return
        now = self._now()
        failures = [moment for moment in self._failures.get(key, []) if moment > now - WINDOW] + [now]
        self._failures[key] = failures
        if len(failures) < self._switches.max_login_attempts:
            return
        self._failures[key] = []
        earlier = self._rounds.get(key, 0)
        self._rounds[key] = earlier + 1
        shared = TOKENS in key
        self._until[key] = now + (LONGEST if shared else min(FIRST + earlier * INCREMENT, LONGEST))

    def succeeded(self, key: tuple[str, ...]) -> None:
        """Forget the failures of a user who has logged in."""
        for table in (self._failures, self._rounds, self._until):
            table.pop(key, None)

    def clear(self) -> None:
        """Lift all bans."""
        for table in (self._failures, self._rounds, self._until):
            table.clear()
