# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task that sends a fax."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.send_task import send_task

from .budget import Budget
from .case import Case, Observation
from .secrets import FAX_TEXT
from .settings_cases import FAX, FAX_KIND
from .world import PATIENT, SCALE, World

SUBSCRIBER = 7
DESTINATION = "4312345"
HANDED_OVER = ("queued", "sending", "success")
SETTLING = 3 * SCALE
"""Seconds: the pauses before looks into the journal after a lost answer."""
WAIT = 1


class SendCase(Case):
    """One fax, and the same task once more when the faults are gone.

    :param wait: wait for the fax's end.
    :param by_name: name the subscriber by user name and domain, so that it has to be looked up.
    """

    def __init__(self, name: str, *, wait: bool = False, by_name: bool = False) -> None:
        self.name = name
        self._wait = wait
        self._by_name = by_name
        self._task = send_task()
        self._receipts = ""

    def prepare(self, world: World) -> None:
        """Begin with an empty journal and no receipt."""
        clear_journal(world)
        world.sim.put_settings(FAX, SUBSCRIBER, FAX_KIND.declared(SUBSCRIBER))
        self._receipts = tempfile.mkdtemp(prefix="ngcp-faults-")

    def run(self, world: World) -> dict[str, Any]:
        """Send the fax."""
        return self._send(world)

    def _send(self, world: World, **more: Any) -> dict[str, Any]:
        keys: dict[str, Any] = {"subscriber_id": SUBSCRIBER}
        if self._by_name:
            keys = {"subscriber": name_of(world, SUBSCRIBER)}
        given = {
            **keys,
            "destination": DESTINATION,
            "text": FAX_TEXT,
            "receipts": self._receipts,
            "wait": self._wait,
            "wait_timeout": WAIT,
            "poll_interval": 1,
        }
        return world.run(self._task, given, **more)

    def budget(self) -> Budget:
        """Return the budget: the journal's newest entry, platforminfo, the fax, looks into the journal, and the end."""
        phases = ((1, 1), (1, 1), (1, 1), (1, 3), (1, 1)) + (((1, 1),) if self._by_name else ())
        return Budget(phases, SETTLING + (WAIT if self._wait else 0))

    def judge(self, world: World, seen: Observation) -> Iterator[str]:
        """Compare the status with what was handed over, and run the task again."""
        handed = len(world.sim.sent_faxes())
        yield from self._told(seen.result, handed)
        again = self._send(world, timeout=PATIENT)
        handed_again = len(world.sim.sent_faxes())
        status = (again.get("fax") or {}).get("status")
        if handed_again > 1:
            yield f"doubled: the second run has handed the fax over again (status {status!r})"
        if status in (*HANDED_OVER, "already_sent") and handed_again != 1:
            yield f"the second run says {status!r}, but {handed_again} faxes were handed over"
        if handed == 1 and status != "already_sent":
            yield f"the second run says {status!r} of a fax that is in the journal"
        if status == "failed" and handed_again:
            yield "the second run says 'failed' of a fax that was handed over"

    def _told(self, result: dict[str, Any], handed: int) -> Iterator[str]:
        fax = result.get("fax")
        if not isinstance(fax, dict):
            yield "the result lacks `fax`"
            fax = {}
        status = fax.get("status")
        if handed > 1:
            yield f"doubled: {handed} faxes were handed over"
        if status in HANDED_OVER and handed != 1:
            yield f"status {status!r}, but {handed} faxes were handed over"
        if status == "failed" and handed:
            yield f"status 'failed', but {handed} faxes were handed over"
        if status not in (*HANDED_OVER, "failed", "unknown") and fax:
            yield f"status {status!r} of a first run"
        if status == "unknown" and not result.get("failed"):
            yield "status 'unknown', but the task is not failed"
        if status in HANDED_OVER and not result.get("changed"):
            yield "`changed` is false, but a fax was handed over"
        if status != "unknown" and result.get("changed") and not handed:
            yield "`changed` is true, but no fax was handed over"

    def clean(self) -> None:
        """Remove the receipts."""
        shutil.rmtree(self._receipts, ignore_errors=True)


def clear_journal(world: World) -> None:
    """Remove all faxes, their recordings and jobs."""
    for table in ("fax_journal", "fax_images", "fax_jobs"):
        world.sim.platform.database.execute(f"DELETE FROM {table}")


def name_of(world: World, identifier: int) -> str:
    """Return user name and domain of a subscriber."""
    row = world.sim.platform.database.row(
        "SELECT s.username, d.domain FROM subscribers s JOIN domains d ON d.id = s.domain_id WHERE s.id = ?",
        (identifier,),
    )
    if row is None:
        raise KeyError(identifier)
    return f"{row['username']}@{row['domain']}"
