# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Files with the entries of a fleet, sorted by their outcome, in the form of the input.

They are there before the first write, with everything that is due among the entries that were not attempted: so they
are true, and no entry is lost, whenever the run is killed. At the end each of them is replaced as a whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .._errors import FaxError, InputError, as_fax_error
from .._files import file_error, locked, remove, write_whole
from .._masking import CREDENTIALS, Masker
from .._settings.outcomes import CHANGED, FAILED, NOT_ATTEMPTED, UNCHANGED, UNVERIFIED
from .._settings.resources import REPLACED
from .._wording import quoted
from .folders import checked_folder, create_folder
from .members import STALE, Member
from .options import HOSTS, RESULTS_DIR, SRC
from .recorder import Recorder
from .report import FleetReport
from .result_list import ResultList
from .result_sheet import ResultSheet
from .source import Source
from .verdicts import Verdict, Verdicts

RESULTS = "results"

# Which file holds the entries of which status, in the order in which the files are written.
_FILES: Mapping[str, str] = {
    CHANGED: CHANGED,
    UNCHANGED: UNCHANGED,
    STALE: STALE,
    FAILED: FAILED,
    UNVERIFIED: FAILED,
    NOT_ATTEMPTED: NOT_ATTEMPTED,
}
_ENDINGS = (ResultSheet.ending, ResultList.ending)
_PATIENCE = 10.0  # seconds to wait for another run that writes into the same directory


_CLEARED = (
    "The result files do not contain the secrets of the input. Add them before you use failed or not_attempted with "
    "state replaced, which clears fields that an entry does not declare."
)


class _Input(Protocol):
    """The input in its own form."""

    ending: str

    def content(self, verdicts: Sequence[tuple[int, Verdict]]) -> bytes:
        """Return a file of some entries."""


class ResultFiles(Recorder):
    """Writes the files.

    :param params: the task's options.
    :param source: the input.
    :param check: whether nothing is written to the platform.
    :raises InputError: the directory cannot be used, or the input changed since it was read.
    """

    def __init__(self, params: Mapping[str, Any], source: Source, check: bool) -> None:
        self._folder = checked_folder(params[RESULTS_DIR], RESULTS_DIR)
        self._input = _input_of(params, source)
        self._source = os.path.realpath(params[SRC]) if params.get(SRC) else None
        self._check = check
        self._clears = params.get("state") == REPLACED
        self._masker = Masker([params.get(name) for name in CREDENTIALS])
        self._holds_all = False
        self._paths: dict[str, str] = {}

    def planned(self, report: FleetReport) -> None:
        """Write what is known before the first write.

        :raises FaxError: that is not possible.
        """
        try:
            self._write(report)
        except OSError as error:
            raise self._unwritable(error) from None

    def ended(self, report: FleetReport) -> None:
        """Write the outcome of the run. If that is not possible, the run has failed, but its result is not lost."""
        try:
            self._paths = self._write(report)
            if self._clears and any(map(_is_to_be_repeated_with_secrets, report.members)):
                report.warnings.append(_CLEARED)
        except OSError as error:
            self._note(report, self._unwritable(error))
        except Exception as error:  # pylint: disable=broad-except
            self._note(report, as_fax_error(error))

    def result(self) -> dict[str, Any]:
        """Return the files by status, provided that they show the final state of the run."""
        return {RESULTS: self._paths} if self._paths else {}

    def _unwritable(self, error: OSError) -> FaxError:
        return file_error(f"Cannot write result files to {quoted(self._folder)}", error)

    def _note(self, report: FleetReport, error: FaxError) -> None:
        if report.error is None:
            report.error = error
        else:
            report.warnings.append(error.message)

    def _write(self, report: FleetReport) -> dict[str, str]:
        """Write all files, remove those of an earlier run in another form, and return the new ones by status."""
        found: dict[str, list[tuple[int, Verdict]]] = {name: [] for name in _FILES.values()}
        verdicts = Verdicts(report, self._check, self._masker)
        for member in report.members:
            found[_FILES[member.status]].append((member.entry.position, verdicts.of(member)))
        paths = {name: self._path(name) for name in found}
        create_folder(self._folder)
        with locked(self._folder, _PATIENCE):
            # No entry may be missing if the run is killed meanwhile: first where they come to, then where they were.
            for name in sorted(paths, key=lambda name: self._is_origin(paths[name])):
                write_whole(paths[name], self._input.content(found[name]))
            for path in {self._path(name, ending) for name in found for ending in _ENDINGS} - {*paths.values()}:
                remove(path)
        self._holds_all = True
        return paths

    def _path(self, name: str, ending: str = "") -> str:
        return os.path.join(self._folder, name + (ending or self._input.ending))

    def _is_origin(self, path: str) -> bool:
        """Return whether entries may be in no other file than this one: the first time that is the input, should it lie
        here; then it is the file of those that were not attempted."""
        return path == self._path(NOT_ATTEMPTED) if self._holds_all else os.path.realpath(path) == self._source


def _is_to_be_repeated_with_secrets(member: Member) -> bool:
    return _FILES[member.status] in (FAILED, NOT_ATTEMPTED) and any(
        outcome.declaration.fields.get(name)
        for outcome in member.outcomes.values()
        for name in outcome.resource.secrets
    )


def _input_of(params: Mapping[str, Any], source: Source) -> _Input:
    """Return the input in the form in which it was given.

    :raises InputError: it is not what it was when the run began.
    """
    path = params.get(SRC) or ""
    if not path.lower().endswith(ResultSheet.ending):
        return ResultList(source.raw, params.get(HOSTS))
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise InputError(f"cannot read {source.name!r} again: {error.strerror}", field=SRC) from None
    if hashlib.sha256(content).digest() != source.digest:
        raise InputError(f"{source.name!r} was changed while it was read", field=SRC)
    return ResultSheet(content)
