# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in for the fax server: faxes that are sent, and faxes that come in."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from . import documents
from .clock import Clock
from .database import Database
from .switches import Switches

FAILING = "999"
"""Destinations that begin so are busy."""
LEAST_FRACTION = 0.002
"""Stored times have milliseconds, so that a time filter excludes what is shown with the same second."""


@dataclass
class Job:
    """A fax as it was handed over."""

    subscriber_id: int
    destination: str
    data: str | None
    filename: str | None


class FaxLayer:
    """Writes the journal and moves the status of faxes that are under way."""

    def __init__(self, database: Database, switches: Switches, clock: Clock) -> None:
        self._database = database
        self._switches = switches
        self._clock = clock

    def send(self, job: Job, caller: str, content: bytes | None) -> int:
        """Queue a fax; return the id of its journal entry."""
        now = self._now()
        sid = _session_id()
        failing = job.destination.startswith(FAILING)
        seconds = self._switches.fax_seconds
        with self._database.transaction():
            identifier = self._database.insert(
                "fax_journal",
                {
                    "subscriber_id": job.subscriber_id,
                    "time": now,
                    "direction": "out",
                    "caller": caller,
                    "callee": job.destination,
                    "pages": 1,
                    "status": "QUEUED",
                    "signal_rate": 14400,
                    "quality": "8031x3850",
                    "filename": f"{sid}.tif",
                    "sid": sid,
                    "outcome": "FAILED" if failing else "SUCCESS",
                    "sending_at": now + seconds / 3,
                    "done_at": now + seconds,
                },
            )
            image = documents.tiff(1, f"{job.data}:{job.filename}:{identifier}")
            self._database.insert("fax_images", {"sid": sid, "image": image})
            self._database.insert("fax_jobs", {"journal_id": identifier, "document": content, **vars(job)})
        return identifier

    def receive(self, subscriber_id: int, **wanted: Any) -> int:
        """Put a received fax into the journal; return its id."""
        sid = str(wanted.get("sid") or _session_id())
        image = wanted.get("image", True)
        pages = int(wanted.get("pages", 1))
        filename = wanted.get("filename", f"{sid}.tif")
        with self._database.transaction():
            identifier = self._database.insert(
                "fax_journal",
                {
                    "subscriber_id": subscriber_id,
                    "time": wanted["time"] if wanted.get("time") is not None else self._now(),
                    "direction": wanted.get("direction", "in"),
                    "caller": wanted.get("caller", "4311234567"),
                    "callee": wanted.get("callee") or self._number(subscriber_id),
                    "duration": int(wanted.get("duration", 35)),
                    "pages": pages,
                    "reason": wanted.get("reason", "Normal Clearing"),
                    "status": wanted.get("status", "SUCCESS"),
                    "signal_rate": 14400,
                    "quality": wanted.get("quality", "8031x3850"),
                    "filename": filename,
                    "sid": sid,
                },
            )
            if image:
                content = image if isinstance(image, bytes) else self._image(identifier, pages, wanted)
                self._database.execute("INSERT OR IGNORE INTO fax_images VALUES (?, ?)", (sid, content))
        return identifier

    def _image(self, identifier: int, pages: int, wanted: dict[str, Any]) -> bytes:
        size = min(int(wanted.get("size", 0)), documents.LARGEST_IMAGE)
        return documents.tiff(pages, f"received:{identifier}", size)

    def _number(self, subscriber_id: int) -> str:
        sql = "SELECT number FROM numbers WHERE subscriber_id = ? AND is_primary"
        return str(self._database.value(sql, (subscriber_id,)) or "")

    def settle(self) -> None:
        """Move the status of all faxes that are under way."""
        now = self._clock.now()
        if not self._database.row("SELECT 1 FROM fax_journal WHERE done_at IS NOT NULL LIMIT 1"):
            return
        with self._database.transaction():
            self._database.execute(
                "UPDATE fax_journal SET status = 'SENDING'"
                " WHERE done_at IS NOT NULL AND sending_at <= ? AND status = 'QUEUED'",
                (now,),
            )
            self._database.execute(
                "UPDATE fax_journal SET status = outcome, done_at = NULL,"
                " reason = CASE outcome WHEN 'SUCCESS' THEN 'Normal Clearing' ELSE 'Remote busy' END,"
                " duration = CASE outcome WHEN 'SUCCESS' THEN 35 ELSE 0 END WHERE done_at <= ?",
                (now,),
            )

    def _now(self) -> float:
        now = self._clock.now()
        return max(now, int(now) + LEAST_FRACTION)


def _session_id() -> str:
    return f"{random.getrandbits(64):016X}"
