# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock of the simulated platform: real time that tests can advance."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

_DATE = re.compile(
    r"^(?P<year>\d{4})-(?P<month>\d\d)"
    r"(?:-(?P<day>\d\d)(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?)?)?"
    r"(?P<offset>Z|[+-]\d\d:?\d\d)?$"
)


class Clock:
    """Time as the platform sees it, and its text forms."""

    def __init__(self, zone: str = "UTC") -> None:
        self.zone: tzinfo = ZoneInfo(zone)
        self._offset = 0.0

    def now(self) -> float:
        """Return the platform's time in seconds since the epoch."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward, so that nobody has to wait."""
        self._offset += seconds

    def text(self, epoch: float, zone: tzinfo | None = None) -> str:
        """Format a time like the settings and the journal do (no zone, no fraction)."""
        return datetime.fromtimestamp(int(epoch), zone or self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def iso(self, epoch: float) -> str:
        """Format a time like the subscribers do."""
        return datetime.fromtimestamp(int(epoch), UTC).isoformat()

    def parse(self, text: str) -> float:
        """Read a time filter; raise ValueError for what the platform cannot read."""
        match = _DATE.match(text)
        if not match:
            raise ValueError(text)
        part = match.groupdict()
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"] or 1),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            int(part["second"] or 0),
            tzinfo=self.zone,
        )
        if part["offset"]:
            offset = part["offset"].replace("Z", "+00:00")
            moment = datetime.fromisoformat(moment.strftime("%Y-%m-%dT%H:%M:%S") + offset)
        return moment.timestamp()
