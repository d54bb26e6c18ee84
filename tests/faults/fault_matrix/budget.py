# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a run may take, from its options and the number of its items."""

from __future__ import annotations

from dataclasses import dataclass

from .catalogue import TIMEOUT
from .world import CONCURRENCY, RETRIES, SCALE

BACKOFF = (0.5, 8.0)
"""Seconds: the longest first pause between two tries, and the longest of all; each is twice the one before."""
RETRY_AFTER = 60.0
"""Seconds: the longest pause that a server can ask for."""
OUTAGE = 3
"""How many items in a row have to fail before a run ends, all but the first with a single try."""
SLACK = 1.5
"""Seconds: what a slow machine may need for the work itself."""


@dataclass(frozen=True)
class Budget:
    """The formula.

    One try takes at most the time-out. A request is tried `retries + 1` times, with a pause between two tries. An item
    of a phase is one request to read, and twice that to write, because a write whose outcome is open is followed by a
    read. The items of a phase share the connections.

    When the server does not answer at all, the first items of a phase use all their tries, and after `OUTAGE` items in
    a row the run ends: the time does not depend on the number of items.

    :param phases: for each phase, one after the other, the number of its items and of the requests for each.
    :param waits: seconds that the task was asked to wait, beside its requests.
    """

    phases: tuple[tuple[int, int], ...]
    waits: float = 0.0

    def seconds(self, silent: bool, asked_to_wait: bool) -> float:
        """Return the most seconds.

        :param silent: the fault makes the client wait for an answer, so that the rule about outages counts.
        :param asked_to_wait: the fault's answers carry a `Retry-After`.
        """
        pause = RETRY_AFTER if asked_to_wait else None
        request = _tries(RETRIES + 1, pause)
        single = _tries(1, pause)
        total = request  # the log-in
        for items, requests in self.phases:
            waves = -(-items // CONCURRENCY)
            if silent:
                total += requests * (request + min(waves - 1, OUTAGE) * single)
            else:
                total += requests * waves * request
        return total + self.waits + SLACK


def _tries(count: int, asked: float | None) -> float:
    pauses = sum(min(BACKOFF[1], BACKOFF[0] * 2**number) if asked is None else asked for number in range(count - 1))
    return count * TIMEOUT + pauses * SCALE
