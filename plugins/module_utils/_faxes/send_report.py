# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The outcome of a task that sends a fax, and its result, which always has the same form."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .._api.transport import Counters
from .._errors import FaxError
from .journal import FAILED, Fax

# What became of a fax, beside how far the journal says it is.
ALREADY_SENT, UNKNOWN = "already_sent", "unknown"

_HINT_UNCERTAIN = (
    "The fax is not sent again automatically. Check the journal (ngcp.fax.fax_info) and ask at the destination. "
    "Then set on_uncertain to resend, or give up the fax."
)


class FaxFailedError(FaxError):
    """The platform took the fax, but could not get it through.

    :param destination: as the user wrote it.
    :param reason: the platform's word for it, where it has one.
    """

    code = "fax_failed"

    def __init__(self, destination: str, reason: str | None) -> None:
        super().__init__(
            f"The fax to {destination} failed: {reason or 'no reason given by the platform'}",
            hint="The fax is not sent again automatically. Set force to send it again.",
        )


class UncertainError(FaxError):
    """Whether the fax was sent is not known."""

    code = "outcome_unknown"
    retryable = True

    def __init__(self, message: str, http_status: int | None = None) -> None:
        super().__init__(message, http_status=http_status, hint=_HINT_UNCERTAIN)


class Earlier(NamedTuple):
    """A fax that was, or may have been, sent before.

    :param entry: what the journal shows of it, where that was looked at.
    :param error: why the task fails.
    """

    status: str
    fax_id: int | None = None
    entry: Fax | None = None
    error: FaxError | None = None


@dataclass
class SendReport:
    """What the task has come to so far.

    :param destination: as sent, or (if the task is wrong) as written in the task.
    :param status: what has become of the fax; nothing was sent unless something else is noted.
    :param changed: whether the fax may have been sent by this run.
    :param receipt: file of its receipt, once it is known which one that is.
    :param progress: each status that the fax was seen with, and after how many seconds.
    """

    destination: str | None = None
    subscriber_id: int | None = None
    subscriber: str | None = None
    receipt: str | None = None
    sha256: str | None = None
    status: str = FAILED
    changed: bool = False
    fax_id: int | None = None
    entry: Fax | None = None
    error: FaxError | None = None
    counters: Counters = field(default_factory=Counters)
    warnings: list[str] = field(default_factory=list)
    progress: list[dict[str, Any]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> SendReport:
        """Return the report of a task about which nothing is known but its options."""
        name = params.get("subscriber")
        return cls(params.get("destination"), params.get("subscriber_id"), name.strip() if name else None)

    def warn(self, warning: str) -> None:
        """Add a warning, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def note(self, entry: Fax | None) -> None:
        """Take over what the journal shows."""
        if entry is None:
            return
        if not self.progress or self.progress[-1]["status"] != entry.status:
            self.progress.append({"seconds": round(time.monotonic() - self.began, 1), "status": entry.status})
        self.entry, self.fax_id = entry, entry.id
        if self.status != ALREADY_SENT:
            self.status = entry.progress

    def take(self, earlier: Earlier) -> None:
        """Take over what became of the fax before."""
        self.status, self.fax_id, self.entry, self.error = earlier

    def result(self) -> dict[str, Any]:
        """Return the result of the task."""
        result: dict[str, Any] = {
            "changed": self.changed,
            "fax": self._shown_fax(),
            "receipt": self.receipt,
            "sha256": self.sha256,
            "progress": self.progress,
            "summary": self.counters.as_dict(),
            "warnings": self.warnings,
        }
        if self.error is not None:
            result.update(failed=True, msg=self.error.full_message(), error=self.error.as_dict())
        return result

    def _shown_fax(self) -> dict[str, Any]:
        entry = self.entry
        return {
            "fax_id": self.fax_id,
            "status": self.status,
            "subscriber_id": self.subscriber_id,
            "subscriber": self.subscriber,
            "destination": self.destination,
            "server_status": entry.status if entry is not None else None,
            "reason": entry.reason if entry is not None else None,
            "pages": entry.pages if entry is not None else None,
            "duration": entry.duration if entry is not None else None,
            "time": entry.time if entry is not None else None,
        }
