# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The outcome of a run of a fleet as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from .._errors import FaxError
from .members import Member
from .roster import Roster


@dataclass
class FleetReport:
    """The outcome of a fleet.

    :param roster: who takes part.
    :param platform: the address of what is written to.
    :param error: why the run as a whole was refused or ended early, if it was.
    :param deactivated: how many subscribers' services go off.
    :param emptied: how many lists become empty.
    :param wrote: whether the run got as far as its first write.
    """

    roster: Roster
    platform: str = ""
    error: FaxError | None = None
    deactivated: int = 0
    emptied: int = 0
    wrote: bool = False
    warnings: list[str] = field(default_factory=list)

    @property
    def members(self) -> list[Member]:
        """All subscribers, in the order of the input."""
        return self.roster.members

    @property
    def notable(self) -> list[Member]:
        """The subscribers of which there is more to say than that they are unchanged, and perhaps others."""
        return self.roster.notable
