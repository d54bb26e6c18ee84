# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The plan of a fleet as a file: written when a run that only predicts has ended, and read to be applied."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any

from .._api.transport import Counters
from .._errors import InputError
from .._files import file_error, locked, write_whole
from .._wording import quoted
from .options import PLAN, PLAN_OUT
from .plan_document import FORMAT, FleetPlan, Origin, as_text, create_document, parse_document
from .recorder import Recorder
from .report import FleetReport
from .summary import summary_of

# Bytes; a plan that changes 100,000 subscribers has about 100 MB.
MAX_PLAN_SIZE = 512 * 1024 * 1024

_PRIVATE = 0o600
_SECONDS_FOR_LOCK = 30.0
# Enough to distinguish a plan, even a damaged one, from another file.
_BEGINNING = 200


def read_plan(path: str) -> FleetPlan:
    """Return the plan that a file holds.

    :raises InputError: the file cannot be read, or is not a plan that can be used.
    """
    name = os.path.basename(path)
    try:
        with open(path, "rb") as stream:
            content = stream.read(MAX_PLAN_SIZE + 1)
    except OSError as error:
        raise InputError(f"cannot read {quoted(path)}: {error.strerror}", field=PLAN) from None
    if len(content) > MAX_PLAN_SIZE:
        raise InputError(f"{quoted(name)} has more than {MAX_PLAN_SIZE} bytes", field=PLAN)
    return parse_document(content, name)


def check_plan_out(path: str) -> None:
    """Refuse a path to which no plan can be written, or at which something else is: a fleet file, for example.

    :raises InputError: says what stands in the way.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise InputError(f"there is no directory {quoted(folder)}", field=PLAN_OUT)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"cannot write to the directory {quoted(folder)}", field=PLAN_OUT)
    if os.path.lexists(path) and not _holds_plan(path):
        raise InputError(
            f"{quoted(path)} exists and is not a plan; it is not overwritten",
            field=PLAN_OUT,
            hint="Use another file, or remove this one.",
        )


def _holds_plan(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as stream:
            return FORMAT.encode("ascii") in stream.read(_BEGINNING)
    except OSError:
        return False


class PlanWriter(Recorder):
    """Writes the plan when the run has ended, unless it was refused, in which case an earlier plan is left unchanged.

    :param path: of the file, which is replaced as a whole.
    :param origin: what the plan is made from.
    :param counters: of the run's requests.
    """

    def __init__(self, path: str, origin: Origin, counters: Counters) -> None:
        self._path = os.path.abspath(path)
        self._origin = origin
        self._counters = counters
        self._is_written = False

    def ended(self, report: FleetReport) -> None:
        """Write the plan.

        :raises FileError: that is not possible.
        """
        if report.error is not None:
            return
        summary = summary_of(report, self._counters)
        document = create_document(report, self._origin, summary, datetime.now(timezone.utc))
        self._write(as_text(document).encode("ascii"))

    def _write(self, content: bytes) -> None:
        try:
            with locked(os.path.dirname(self._path), _SECONDS_FOR_LOCK):
                write_whole(self._path, content, _PRIVATE)
        except OSError as error:
            raise file_error(f"cannot write the plan {quoted(self._path)}", error) from None
        self._is_written = True

    def result(self) -> dict[str, Any]:
        """Return the path of the plan."""
        return {PLAN: self._path} if self._is_written else {}
