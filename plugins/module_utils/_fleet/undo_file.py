# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The undo file of a run: on disk before the first write, and right at every moment, also after the run was killed.

All subscribers that are due stand in it as ``planned`` before anything is written, with their values before and after:
that is enough to undo the run. What became of them is noted now and then.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any, Callable

from .._errors import InputError
from .._files import file_error, remove, write_whole
from .._settings.outcomes import Outcome, identified, planned
from .._task import Host
from .._wording import quoted
from .folders import checked_folder, create_folder
from .members import Member
from .options import UNDO_DIR, UNDO_SECRETS
from .recorder import Recorder
from .report import FleetReport
from .undo_format import PLANNED, Head, Record, document
from .version import VERSION

VAULT = "vault"

# Seconds between two times that the file is written because of what became of subscribers; longer where writing it
# takes long, so that it takes no more than this share of the time.
_PAUSE = 1.0
_SHARE = 0.05

Seal = Callable[[bytes], bytes]


def undo_recorders(params: Mapping[str, Any], host: Host) -> list[Recorder]:
    """Return what writes the undo file of a task, if it shall have one.

    :raises InputError: it cannot be written.
    :raises FaxError: it cannot be encrypted.
    """
    folder, with_secrets = params.get(UNDO_DIR), params.get(UNDO_SECRETS) == VAULT
    if folder is None:
        if with_secrets:
            raise InputError(f"is {VAULT}, but without {UNDO_DIR} there is no undo file", field=UNDO_SECRETS)
        return []
    if with_secrets and host.encrypt is None:
        raise InputError(
            f"{VAULT} is possible only if the task runs in Ansible's own process on the control node",
            field=UNDO_SECRETS,
            hint="Run the task on localhost, without become, async and environment.",
        )
    seal = host.encrypt if with_secrets else None
    if seal is not None:
        seal(b"Is there a password?")
    return [UndoFile(checked_folder(folder, UNDO_DIR), seal)]


class UndoFile(Recorder):
    """Keeps the undo file of a run.

    :param folder: absolute path of its folder.
    :param seal: encrypts the file; None leaves all secrets out of it.
    """

    def __init__(self, folder: str, seal: Seal | None = None) -> None:
        self._folder = folder
        self._seal = seal
        self._path: str | None = None
        self._wrote = False
        self._head = Head("", VERSION, "")
        self._records: dict[int, Record] = {}
        self._lines: dict[int, str] = {}
        self._number, self._number_on_disk = 0, 0
        self._memory, self._disk = threading.Lock(), threading.Lock()
        self._due = 0.0

    def planned(self, report: FleetReport) -> None:
        """Write the file with all subscribers that are due."""
        create_folder(self._folder)
        self._head = Head(report.platform, VERSION, _moment())
        for member in report.notable:
            if member.is_due:
                self._note(member, member.due, PLANNED)
        path = os.path.join(self._folder, f"undo-{_compact(self._head.began)}-{secrets.token_hex(4)}.json")
        self._write(path)
        self._path = path

    def replanned(self, member: Member, outcome: Outcome) -> None:
        """Bring the new plan to disk. Others that are waiting for the disk at the same time are written with it."""
        with self._memory:
            number = self._note(member, [outcome], PLANNED)
        with self._disk:
            if self._path is not None and self._number_on_disk < number:
                self._write(self._path)

    def settled(self, member: Member, outcome: Outcome) -> None:
        """Note the final status of an outcome; that it was planned is already on disk."""
        with self._memory:
            self._settle(member, outcome)
        if self._path is None or time.monotonic() < self._due or not self._disk.acquire(blocking=False):
            return
        try:
            self._write(self._path)
        finally:
            self._disk.release()

    def ended(self, report: FleetReport) -> None:
        """Write all final statuses; a run that wrote nothing has no undo file."""
        if self._path is None:
            return
        if not report.wrote:
            self._forget()
            return
        self._wrote = True
        self._head = self._head._replace(ended=_moment())
        for member in report.notable:
            if member.entry.position in self._records:
                for outcome in member.outcomes.values():
                    self._settle(member, outcome)
        self._write(self._path)

    def result(self) -> dict[str, Any]:
        """Return the path of the file, if there is one."""
        return {"undo": self._path} if self._wrote else {}

    def _note(self, member: Member, outcomes: list[Outcome], status: str) -> int:
        """Take over the plans of outcomes and return the number of this change."""
        position = member.entry.position
        record = self._records.get(position)
        if record is None:
            record = self._records[position] = Record(identified(outcomes[0]).id, member.name, {}, {})
        for outcome in outcomes:
            record.plans[outcome.resource.module] = planned(outcome)
            record.statuses[outcome.resource.module] = status
        return self._render(position)

    def _settle(self, member: Member, outcome: Outcome) -> None:
        record = self._records[member.entry.position]
        module = outcome.resource.module
        if module in record.statuses and record.statuses[module] != outcome.status:
            record.statuses[module] = outcome.status
            self._render(member.entry.position)

    def _render(self, position: int) -> int:
        self._lines[position] = self._records[position].line(self._seal is not None)
        self._number += 1
        return self._number

    def _write(self, path: str) -> None:
        """Replace the file.

        :raises FileError: the old one is still there.
        """
        began = time.monotonic()
        with self._memory:
            number, content = self._number, document(self._head, self._lines.values())
        if self._seal is not None:
            content = self._seal(content)
        try:
            write_whole(path, content)
        except OSError as error:
            raise file_error(f"Cannot write the undo file {quoted(path)}", error) from None
        self._number_on_disk = number
        now = time.monotonic()
        self._due = now + max(_PAUSE, (now - began) / _SHARE)

    def _forget(self) -> None:
        if self._path is not None:
            with contextlib.suppress(OSError):
                remove(self._path)
            self._path = None


def _moment() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _compact(moment: str) -> str:
    return moment.replace("-", "").replace(":", "")
