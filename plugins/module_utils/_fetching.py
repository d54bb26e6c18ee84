# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The task ``fax_fetch``: recordings from the server into a folder, each once, verified, whatever interrupts a run."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._archive import (
    INDEX,
    Archive,
    stamp_of,
    sweep,
    temporary_name,
)
from ansible_collections.ngcp.fax.plugins.module_utils._client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._connection import connect
from ansible_collections.ngcp.fax.plugins.module_utils._errors import AccessError, FaxError, InputError, NotFoundError
from ansible_collections.ngcp.fax.plugins.module_utils._fax_options import fetch_options
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import INCOMING, Fax, Filter, Journal
from ansible_collections.ngcp.fax.plugins.module_utils._files import (
    DiskFullError,
    FileError,
    file_error,
    hash_of,
    locked,
    remove,
    sync_folder,
)
from ansible_collections.ngcp.fax.plugins.module_utils._parallel import run_parallel
from ansible_collections.ngcp.fax.plugins.module_utils._recordings import (
    FORMATS,
    Stored,
    UnavailableError,
    download,
    looks_whole,
)
from ansible_collections.ngcp.fax.plugins.module_utils._selection import (
    check_selection,
    check_subscriber,
    parse_filter,
    resolve_filter,
)
from ansible_collections.ngcp.fax.plugins.module_utils._task import SetAttributes, Task
from ansible_collections.ngcp.fax.plugins.module_utils._times import parse_server_time
from ansible_collections.ngcp.fax.plugins.module_utils._transport import Address

FETCHED, PRESENT, FAILED, UNAVAILABLE = "fetched", "present", "failed", "unavailable"

# Seconds to wait for another run in the same folder.
_PATIENCE = 60
# A fax that has been under way for so long will not come to an end any more.
_STALE = timedelta(days=1)
_SHOWN_FAILURES = 3


@dataclass
class Outcome:
    """What has become of one fax.

    :param changed: whether something was (in check mode: would be) done for it.
    """

    fax: Fax
    status: str = FAILED
    path: str | None = None
    stored: Stored | None = None
    error: FaxError | None = None
    deleted: bool = False
    changed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape that results carry."""
        return {
            "fax_id": self.fax.id,
            "subscriber_id": self.fax.subscriber_id or None,
            "path": self.path,
            "size": self.stored.size if self.stored is not None else None,
            "sha256": self.stored.sha256 if self.stored is not None else None,
            "status": self.status,
            "deleted": self.deleted,
            "error": self.error.as_dict() if self.error is not None else None,
        }


def fetch_task() -> Task:
    """Return the task that fetches faxes."""
    return Task(fetch_options(), fetch_faxes, makes_files=True)


def fetch_faxes(params: Mapping[str, Any], _entries: Any, check: bool, set_attributes: SetAttributes) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`_argument_spec.fetch_options` describes them.
    :param check: predict only.
    :raises FaxError: nothing was fetched, or the run had to stop; what was fetched before is kept and not lost.
    """
    check_selection(params, INCOMING)
    wanted, keys = parse_filter(params)
    target = _target(params)
    client = connect(params)
    try:
        with contextlib.ExitStack() as stack:
            if not check:
                stack.enter_context(_locked(target.folder, params))
            # Only now is the index the one that another run may just have written.
            fetching = _Fetching(client, params, target, check, set_attributes)
            outcomes = fetching.run(resolve_filter(client, wanted, keys))
        return _result(client, outcomes, single=params.get("fax_id") is not None)
    finally:
        client.close()


@dataclass(frozen=True)
class Target:
    """Where recordings go.

    :param folder: an existing folder.
    :param name: name of the one file, where the task names a file.
    """

    folder: str
    name: str | None = None


def _target(params: Mapping[str, Any]) -> Target:
    """Return where to put the recordings.

    :raises InputError: there is no such folder.
    """
    dest = params["dest"]
    if os.path.isdir(dest):
        return Target(os.path.realpath(dest))
    if params.get("fax_id") is None:
        problem = "is no folder" if os.path.exists(dest) else "does not exist"
        raise InputError(f"{dest!r} {problem}: name an existing folder", field="dest", hint=_HINT_FOLDER)
    folder, name = os.path.split(os.path.abspath(dest))
    if not os.path.isdir(folder) or dest.endswith(os.sep):
        raise InputError(f"the folder of {dest!r} does not exist", field="dest", hint=_HINT_FOLDER)
    if name == INDEX:
        raise InputError(f"must not be called {INDEX}", field="dest")
    return Target(os.path.realpath(folder), name)


_HINT_FOLDER = "Make it with ansible.builtin.file and state: directory."


@contextlib.contextmanager
def _locked(folder: str, params: Mapping[str, Any]) -> Iterator[None]:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileError(f"The folder {folder!r} is not writable")
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(folder, params["timeout"] * (params["retries"] + 2) + _PATIENCE))
        except OSError as error:
            raise file_error(f"Cannot use {folder!r}", error) from None
        yield


class _Fetching:
    """One run of the task."""

    def __init__(
        self, client: Client, params: Mapping[str, Any], target: Target, check: bool, set_attributes: SetAttributes
    ) -> None:
        self._client = client
        self._params = params
        self._target = target
        self._check = check
        self._attributes = set_attributes
        self._attributes_lock = threading.Lock()
        self._journal = Journal(client)
        self._form = FORMATS[params["format"]]
        self._full: FaxError | None = None
        server = Address.parse(params["api_url"]).url.lower()
        self._archive = Archive(target.folder, server, kept=params["index"], read_only=check)

    def run(self, wanted: Filter) -> list[Outcome]:
        """Fetch what is meant and not there yet."""
        if self._archive.was_interrupted and not self._check and self._target.name is None:
            sweep(self._target.folder)
        faxes = self._faxes(wanted)
        self._archive.begin()
        try:
            return run_parallel(self._fetch, faxes, self._client.concurrency)
        finally:
            self._archive.save()
            self._dress_index()

    # Which faxes

    def _faxes(self, wanted: Filter) -> list[Fax]:
        """Return the faxes that are meant, newest first, and let the archive know them."""
        if self._params.get("fax_id") is not None:
            faxes = [self._one(self._params["fax_id"])]
        elif self._params.get("limit") is not None or wanted.since or wanted.until or not self._params["index"]:
            faxes = self._journal.read(wanted, self._params.get("limit"))
            if not faxes:
                check_subscriber(self._client, wanted)
        else:
            return self._new_and_known(wanted)
        self._archive.learn(faxes)
        return faxes

    def _one(self, fax_id: int) -> Fax:
        try:
            return self._journal.get(fax_id)
        except NotFoundError:
            known = [fax for fax in self._archive.faxes() if fax.id == fax_id and self._archive.is_deleted(fax_id)]
            if not known:
                raise
            return known[0]

    def _new_and_known(self, wanted: Filter) -> list[Fax]:
        """Read the journal from its newest entry down to what the archive knows; return everything that is meant."""
        scope = json.dumps([wanted.subscriber_id, wanted.direction, sorted(wanted.statuses)])
        newer = self._journal.read_down_to(wanted, self._archive.known_up_to(scope))
        if not newer:
            check_subscriber(self._client, wanted)
        known_up_to = max((fax.id for fax in newer), default=0)
        unsettled = _unsettled(newer) if wanted.statuses else []
        if unsettled:
            known_up_to = min(unsettled) - 1
        self._archive.learn((fax for fax in newer if wanted.admits(fax)), scope, known_up_to)
        return [fax for fax in self._archive.faxes() if wanted.admits(fax)]

    # One fax

    def _fetch(self, fax: Fax) -> Outcome:
        outcome = Outcome(fax)
        try:
            self._fetch_or_find(outcome)
            if self._params["delete_after_fetch"] and outcome.status in (FETCHED, PRESENT):
                self._delete(outcome)
        except AccessError:
            raise
        except FaxError as error:
            outcome.error = error
            if isinstance(error, DiskFullError):
                self._full = error
        except OSError as error:
            outcome.error = file_error(f"Cannot store fax {fax.id}", error)
            if isinstance(outcome.error, DiskFullError):
                self._full = outcome.error
        return outcome

    def _fetch_or_find(self, outcome: Outcome) -> None:
        fax, archive = outcome.fax, self._archive
        relative = self._target.name or archive.path_for(fax, self._form, self._params["layout"])
        path = os.path.join(self._target.folder, relative)
        stored = None if self._params["force"] else self._present(fax, relative)
        if stored is not None:
            outcome.status, outcome.path, outcome.stored = PRESENT, path, stored
            outcome.deleted = archive.is_deleted(fax.id)
            outcome.changed = self._dress(path)
        elif archive.is_unavailable(fax.id) and not self._params["force"]:
            self._unavailable(outcome, UnavailableError(f"The platform has no recording of fax {fax.id}"))
        elif archive.is_deleted(fax.id):
            raise FaxError(
                f"The file of fax {fax.id} is missing or damaged, and the fax was deleted on the server", code="lost"
            )
        elif self._check:
            outcome.status, outcome.path, outcome.changed = FETCHED, path, True
        else:
            self._download(outcome, relative, path)

    def _present(self, fax: Fax, relative: str) -> Stored | None:
        """Return what is on disk already, if it is intact."""
        if not self._params["index"]:
            return self._present_without_index(relative)
        found = self._archive.file_of(fax.id, self._form)
        if found is None or (self._target.name is not None and found.path != relative):
            return None
        return found.stored if self._archive.is_intact(found, self._params["delete_after_fetch"]) else None

    def _present_without_index(self, relative: str) -> Stored | None:
        """Return what is on disk under a name that comes from the fax's id. A name that the user chose tells nothing
        about which fax it is."""
        path = os.path.join(self._target.folder, relative)
        if self._target.name is not None or not os.path.isfile(path) or not looks_whole(path, self._form):
            return None
        return Stored(stamp_of(path)[0], hash_of(path))

    def _download(self, outcome: Outcome, relative: str, path: str) -> None:
        """Download one recording: into a temporary file beside its place, verified, noted, and then given its name."""
        if self._full is not None:
            raise self._full
        fax = self._refreshed(outcome)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        temporary = temporary_name(path)
        try:
            outcome.stored = download(self._client, fax.id, self._form, temporary)
        except (UnavailableError, NotFoundError) as error:
            if fax.is_final or isinstance(error, NotFoundError):
                self._archive.add_unavailable(fax.id)
            self._unavailable(outcome, error)
            return
        try:
            self._dress(temporary)
            unchanged = self._is_same(path, outcome.stored)
            self._archive.add_file(fax.id, self._form, relative, outcome.stored)
            os.replace(temporary, path)
        except BaseException:
            remove(temporary)
            raise
        if self._params["index"]:
            self._archive.restamp(fax.id, self._form)
        outcome.status, outcome.path = PRESENT if unchanged else FETCHED, path
        outcome.changed = not unchanged

    def _is_same(self, path: str, stored: Stored) -> bool:
        """Return whether a file whose fax was not known turned out to hold just what was downloaded."""
        if self._params["index"] or self._params["force"] or self._target.name is None:
            return False
        return os.path.isfile(path) and stamp_of(path)[0] == stored.size and hash_of(path) == stored.sha256

    def _refreshed(self, outcome: Outcome) -> Fax:
        """Return the fax as the journal has it now, if it was still under way when the archive learned of it."""
        if not outcome.fax.is_final and self._params.get("fax_id") is None:
            outcome.fax = self._journal.get(outcome.fax.id)
            self._archive.learn([outcome.fax])
        return outcome.fax

    def _unavailable(self, outcome: Outcome, error: FaxError) -> None:
        outcome.status, outcome.error = UNAVAILABLE, error

    def _delete(self, outcome: Outcome) -> None:
        """Delete a fax on the server whose recording is on disk, name included."""
        if outcome.deleted:
            return
        if not self._check:
            sync_folder(os.path.dirname(str(outcome.path)))
            self._client.delete_fax(outcome.fax.id)
            self._archive.add_deleted(outcome.fax.id)
        outcome.deleted = outcome.changed = True

    # Mode, owner and group

    def _dress(self, path: str) -> bool:
        with self._attributes_lock:
            return self._attributes(path)

    def _dress_index(self) -> None:
        path = os.path.join(self._target.folder, INDEX)
        if self._params["index"] and not self._check and os.path.exists(path):
            # What is wrong with the attributes has been said about each file.
            with contextlib.suppress(FaxError):
                self._dress(path)


def _unsettled(faxes: list[Fax]) -> list[int]:
    """Return the ids of entries whose status will still change."""
    times = [time for time in (parse_server_time(fax.time) for fax in faxes) if time is not None]
    newest = max(times, default=None)
    found = []
    for fax in faxes:
        time = parse_server_time(fax.time)
        if not fax.is_final and (time is None or newest is None or newest - time <= _STALE):
            found.append(fax.id)
    return found


def _result(client: Client, outcomes: list[Outcome], single: bool) -> dict[str, Any]:
    counts = dict.fromkeys((FETCHED, PRESENT, FAILED, UNAVAILABLE), 0)
    for outcome in outcomes:
        counts[outcome.status] += 1
    result: dict[str, Any] = {
        "changed": any(outcome.changed for outcome in outcomes),
        "faxes": [outcome.as_dict() for outcome in outcomes],
        "summary": {
            "total": len(outcomes),
            **counts,
            "deleted": sum(outcome.deleted and outcome.changed for outcome in outcomes),
            "requests": client.counters.requests,
            "retries": client.counters.retries,
        },
    }
    failures = [outcome for outcome in outcomes if outcome.error is not None and (single or _is_failure(outcome))]
    if failures:
        shown = "; ".join(f"{outcome.fax.id}: {outcome.error}" for outcome in failures[:_SHOWN_FAILURES])
        more = f"; and {len(failures) - _SHOWN_FAILURES} more" if len(failures) > _SHOWN_FAILURES else ""
        first = failures[0].error
        result.update(
            failed=True,
            msg=f"{len(failures)} of {len(outcomes)} faxes failed: {shown}{more}",
            error=first.as_dict() if first is not None else None,
        )
    return result


def _is_failure(outcome: Outcome) -> bool:
    """Return whether a fax makes the task fail: one without a recording does not, when it is one of many."""
    return outcome.status != UNAVAILABLE
