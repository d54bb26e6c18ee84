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
from datetime import timedelta
from typing import Any, BinaryIO

from .._api.client import Client
from .._api.transport import Address
from .._concurrency import Outage, run_parallel
from .._errors import (
    FaxError,
    InputError,
    NotFoundError,
    UnreachableError,
    UnverifiedError,
    as_fax_error,
)
from .._files import (
    DiskFullError,
    FileError,
    file_error,
    locked,
    sync,
)
from .._task import ATTRIBUTES, Host, Task
from .archive import Archive, sweep
from .archive_names import INDEX, temporary_name
from .download import (
    FORMATS,
    Stored,
    UnavailableError,
    download,
    is_whole,
)
from .fetch_outcomes import (
    FAILED,
    FETCHED,
    NOT_ATTEMPTED,
    PRESENT,
    UNAVAILABLE,
    Outcome,
    fetch_result,
)
from .fetch_target import Target, find_target
from .file_attributes import check_attributes
from .folder import Folder, UnsafePathError, hash_of_stream
from .journal import INCOMING, Fax, Filter, Journal
from .journal_filter import (
    check_selection,
    check_subscriber,
    parse_filter,
    reject_empty_options,
    resolve_filter,
)
from .options import fetch_options
from .timestamps import parse_server_time

# Seconds to wait for another run in the same folder.
_PATIENCE = 60
# A fax that has been under way for so long will not come to an end any more.
_STALE = timedelta(days=1)
_MOST_DAYS = 36_500


def fetch_task() -> Task:
    """Return the task that fetches faxes."""
    return Task(fetch_options(), fetch_faxes)


def fetch_faxes(params: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`options.fetch_options` describes them.
    :raises InputError: the options, or the folder that they name, are wrong. What happens later is part of the result.
    """
    _check_options(params)
    wanted, keys = parse_filter(params)
    target = find_target(params, host.check_mode)
    with host.connect(params) as client:
        try:
            with contextlib.ExitStack() as stack:
                folder = stack.enter_context(_opened(target, params, host.check_mode)) if target.exists else None
                # Only now is the index the one that another run may just have written.
                fetching = _Fetching(client, params, target, folder, host)
                outcomes = fetching.run(resolve_filter(client, wanted, keys))
            return fetch_result(outcomes, client.counters, fetching.problem, params.get("fax_id") is not None)
        except InputError:
            raise
        except FaxError as error:
            return {**fetch_result([], client.counters, None, single=False), **error.as_result()}


def _check_options(params: Mapping[str, Any]) -> None:
    """Refuse wrong options before anything is sent.

    :raises InputError: an option is wrong or empty.
    """
    check_selection(params, INCOMING)
    reject_empty_options(params, ("dest", "format", "layout", *ATTRIBUTES))
    check_attributes(params)
    days = params["unavailable_for"]
    if not 0 <= days <= _MOST_DAYS:
        raise InputError(f"must be from 0 to {_MOST_DAYS} days, not {days}", field="unavailable_for")


@contextlib.contextmanager
def _opened(target: Target, params: Mapping[str, Any], check: bool) -> Iterator[Folder]:
    """Hold the folder open, and against other runs.

    :raises FileError: it cannot be used, or another run does not let go of it.
    """
    if not check and not os.access(target.folder, os.W_OK | os.X_OK):
        raise FileError(f"The folder {target.folder!r} is not writable")
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(contextlib.closing(Folder(target.folder)))
            if not check:
                seconds = params["timeout"] * (params["retries"] + 2) + _PATIENCE
                stack.enter_context(locked(target.folder, seconds))
        except OSError as error:
            raise file_error(f"Cannot use {target.folder!r}", error) from None
        yield folder


class _NotAttemptedError(Exception):
    """The run has ended for whatever needs the server, or space on the disk."""


class _Fetching:
    """One run of the task.

    :ivar problem: what went wrong beside the single faxes.
    """

    def __init__(
        self,
        client: Client,
        params: Mapping[str, Any],
        target: Target,
        folder: Folder | None,
        host: Host,
    ) -> None:
        self._client = client
        self._params = params
        self._target = target
        self._folder = folder
        self._check = host.check_mode
        self._attributes = host.set_attributes
        self._attributes_lock = threading.Lock()
        self._attributes_work = not any(params.get(name) is not None for name in ATTRIBUTES)
        self._journal = Journal(client)
        self._form = FORMATS[params["format"]]
        self._outage = Outage()
        self._full = False
        self.problem: FaxError | None = None
        server = Address.parse(params["api_url"]).url.lower()
        self._archive = Archive(folder, server, kept=params["index"], read_only=host.check_mode)

    @property
    def _disk(self) -> Folder:
        """The folder, where it has to exist.

        :raises FileError: it does not, which check mode alone accepts.
        """
        if self._folder is None:
            raise FileError(f"The folder {self._target.folder!r} does not exist")
        return self._folder

    def run(self, wanted: Filter) -> list[Outcome]:
        """Fetch what is meant and not there yet. What goes wrong from here on loses nothing that was done.

        :raises FaxError: the journal cannot be read.
        """
        if self._archive.was_interrupted and not self._check and self._target.name is None:
            sweep(self._target.folder)
        faxes = self._faxes(wanted)
        try:
            self._archive.begin()
        except FaxError as error:
            self.problem = error
            return [Outcome(fax, NOT_ATTEMPTED) for fax in faxes]
        try:
            return run_parallel(self._fetch, faxes, self._client.concurrency)
        finally:
            self._end()

    def _end(self) -> None:
        """Write the index. Where that fails, the log keeps what was done for the next run."""
        try:
            self._archive.save()
        except Exception as error:  # pylint: disable=broad-except
            self.problem = as_fax_error(error)
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
        """Return a fax by its id; one that is gone on the server as the archive knows it, if it has its recording."""
        try:
            return self._journal.get(fax_id)
        except NotFoundError:
            archive = self._archive
            is_kept = archive.is_deleted(fax_id) or archive.file_of(fax_id, self._form) is not None
            known = [fax for fax in archive.faxes() if fax.id == fax_id and is_kept]
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
        """Fetch one fax, and delete it if that is wanted. Nothing that goes wrong here gets in the way of others."""
        outcome = Outcome(fax)
        try:
            relative = self._fetch_or_find(outcome)
            if self._params["delete_after_fetch"] and outcome.status in (FETCHED, PRESENT):
                self._delete(outcome, relative)
        except _NotAttemptedError:
            outcome.status = NOT_ATTEMPTED
        except OSError as error:
            outcome.error = file_error(f"Cannot store fax {fax.id}", error)
        except Exception as error:  # pylint: disable=broad-except
            outcome.error = as_fax_error(error)
        self._full = self._full or isinstance(outcome.error, DiskFullError)
        return outcome

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Note how a request for one fax ends, and send none any more once the server is known to be down."""
        if self._outage.certain:
            raise _NotAttemptedError
        try:
            yield
        except FaxError as error:
            self._outage.note(error.__cause__ if isinstance(error.__cause__, FaxError) else error)
            raise
        self._outage.note(None)

    def _fetch_or_find(self, outcome: Outcome) -> str:
        """Have one recording on disk. Return its path below the folder."""
        fax, archive = outcome.fax, self._archive
        relative = self._target.name or archive.path_for(fax, self._form, self._params["layout"])
        path = os.path.join(self._target.folder, relative)
        stored = None if self._params["force"] else self._present(fax, relative)
        if stored is not None:
            outcome.status, outcome.path, outcome.stored = PRESENT, path, stored
            outcome.deleted = archive.is_deleted(fax.id)
            outcome.changed = self._dress(relative)
        elif self._is_given_up(fax):
            _no_recording(outcome, UnavailableError(f"The platform has no recording of fax {fax.id}"))
        elif archive.is_deleted(fax.id):
            raise FaxError(
                f"The file of fax {fax.id} is missing or damaged, and the fax was deleted on the server", code="lost"
            )
        elif self._check:
            self._check_place(relative)
            outcome.status, outcome.path, outcome.changed = FETCHED, path, True
        else:
            self._download(outcome, relative)
        return relative

    def _is_given_up(self, fax: Fax) -> bool:
        """Return whether a fax is not asked for (any more), because it has no recording: earlier runs found that out,
        the first one long enough ago. Check mode asks for none, and expects what was found."""
        age = self._archive.unavailable_for(fax.id)
        if age is None or self._params["force"]:
            return False
        return self._check or (fax.is_final and age >= timedelta(days=self._params["unavailable_for"]))

    def _present(self, fax: Fax, relative: str) -> Stored | None:
        """Return what is on disk already, if it is intact. Before a fax is deleted, that is looked at thoroughly."""
        deletes = self._params["delete_after_fetch"]
        if not self._params["index"]:
            return self._present_without_index(relative, deletes)
        found = self._archive.file_of(fax.id, self._form)
        if found is None or (self._target.name is not None and found.path != relative):
            return None
        if not self._archive.is_intact(found, deletes):
            return None
        if deletes and not self._archive.is_deleted(fax.id) and not self._is_whole(relative):
            return None
        return found.stored

    def _present_without_index(self, relative: str, exact: bool) -> Stored | None:
        """Return what is on disk under a name that comes from the fax's id. A name that the user chose tells nothing
        about which fax it is."""
        if self._target.name is not None or not self._is_whole(relative, exact):
            return None
        return self._on_disk(relative)

    def _is_whole(self, relative: str, exact: bool = False) -> bool:
        """Return whether there is a file that is whole by its structure."""
        if self._folder is None:
            return False
        try:
            with self._folder.open(relative) as stream:
                return is_whole(stream, self._form, exact)
        except (FileNotFoundError, UnsafePathError):
            return False

    def _on_disk(self, relative: str) -> Stored | None:
        """Return size and hash of a file, None where there is none."""
        if self._folder is None or not self._folder.exists(relative):
            return None
        with self._folder.open(relative) as stream:
            return _stored(stream)

    # Downloading

    def _download(self, outcome: Outcome, relative: str) -> None:
        """Download one recording: into a temporary file beside its place, verified, noted, and then given its name."""
        if self._full or self._outage.certain:
            raise _NotAttemptedError
        self._check_place(relative)
        self._check_attributes()
        temporary = temporary_name(relative)
        try:
            stored = self._stored(outcome, temporary)
            self._dress(temporary)
            unchanged = self._may_be_same(relative) and self._on_disk(relative) == stored
            self._archive.add_file(outcome.fax.id, self._form, relative, stored)
            self._disk.replace(temporary, relative)
        except (UnavailableError, NotFoundError) as error:
            self._discard(temporary)
            self._note_unavailable(outcome, error)
            return
        except BaseException:
            self._discard(temporary)
            raise
        if self._params["index"]:
            self._archive.restamp(outcome.fax.id, self._form)
        outcome.status, outcome.stored = PRESENT if unchanged else FETCHED, stored
        outcome.path = self._disk.full_path(relative)
        outcome.changed = not unchanged

    def _discard(self, temporary: str) -> None:
        """Remove what is not wanted. If that fails, a later run does it, and the reason for it is what counts."""
        with contextlib.suppress(OSError, FileError):
            self._disk.remove(temporary)

    def _stored(self, outcome: Outcome, temporary: str) -> Stored:
        """Download one recording into a new file, which is on disk when this returns."""
        known = self._archive.unavailable_for(outcome.fax.id) is not None and not self._params["force"]
        retries = 0 if self._outage.suspected else self._client.retries
        with self._asking(), self._disk.open_new(temporary) as stream:
            fax = self._refreshed(outcome)
            stored = download(self._client, fax.id, self._form, stream, retries, known)
            sync(stream)
            return stored

    def _refreshed(self, outcome: Outcome) -> Fax:
        """Return the fax as the journal has it now, if it was still under way when the archive learned of it."""
        if not outcome.fax.is_final and self._params.get("fax_id") is None:
            outcome.fax = self._journal.get(outcome.fax.id)
            self._archive.learn([outcome.fax])
        return outcome.fax

    def _note_unavailable(self, outcome: Outcome, error: FaxError) -> None:
        outcome.is_news = self._archive.unavailable_for(outcome.fax.id) is None
        _no_recording(outcome, error)
        self._archive.add_unavailable(outcome.fax.id)

    def _may_be_same(self, relative: str) -> bool:
        """Return whether a file whose fax is not known may turn out to hold just what was downloaded."""
        return self._target.name == relative and not self._params["index"] and not self._params["force"]

    # Deleting

    def _delete(self, outcome: Outcome, relative: str) -> None:
        """Delete a fax on the server whose recording is on disk, name included."""
        if outcome.deleted:
            return
        if not self._check:
            self._secure(outcome, relative)
            try:
                with self._asking():
                    self._delete_on_server(outcome.fax.id)
            except _NotAttemptedError:
                return
        outcome.deleted = outcome.changed = True
        if not self._check:
            self._archive.add_deleted(outcome.fax.id)

    def _secure(self, outcome: Outcome, relative: str) -> None:
        """Read a file once more as it is on disk under its name, and bring it and its name to disk.

        :raises FaxError: it is not the whole recording that was stored.
        :raises OSError: it cannot be read or synced.
        """
        status, outcome.status = outcome.status, FAILED
        with self._disk.open(relative) as stream:
            if _stored(stream) != outcome.stored or not is_whole(stream, self._form):
                raise FaxError(
                    f"The file of fax {outcome.fax.id} is not the recording that was stored. The fax was not deleted",
                    code="damaged_file",
                    retryable=True,
                )
            os.fsync(stream.fileno())
        self._disk.sync(relative)
        outcome.status = status

    def _delete_on_server(self, fax_id: int) -> None:
        """Delete a fax on the server. An answer that does not settle what became of it is followed by a look.

        :raises UnverifiedError: it is not known whether it was deleted.
        :raises FaxError: it was not deleted.
        """
        try:
            self._client.delete_fax(fax_id)
        except FaxError as error:
            if error.from_api or isinstance(error, UnreachableError):
                raise
            if not self._is_gone(fax_id, error):
                raise FaxError(
                    f"Fax {fax_id} was not deleted: {error.message}",
                    code=error.code,
                    http_status=error.http_status,
                    retryable=True,
                    hint=error.hint,
                ) from None

    def _is_gone(self, fax_id: int, error: FaxError) -> bool:
        """Return whether the journal does not have a fax any more.

        :param error: why it is not known whether the fax was deleted.
        """
        try:
            self._journal.get(fax_id)
        except NotFoundError:
            return True
        except FaxError as problem:
            raise UnverifiedError(
                f"It is not known whether fax {fax_id} was deleted: {error.message}",
                http_status=error.http_status,
                hint="The next run finds out.",
            ) from problem
        return False

    # Mode, owner and group

    def _dress(self, relative: str) -> bool:
        with self._attributes_lock:
            return self._attributes(os.path.join(self._target.folder, relative))

    def _check_place(self, relative: str) -> None:
        """Refuse a path where a recording cannot be stored, before it is downloaded.

        :raises UnsafePathError: something else than a regular file is there, or stands in the place of a folder.
        """
        if self._folder is not None:
            self._folder.check(relative)
            self._folder.check(temporary_name(relative))

    def _check_attributes(self) -> None:
        """Try the attributes with an empty file before the first download: where they cannot be set, downloads would
        be in vain.

        :raises FaxError: they cannot be set.
        """
        with self._attributes_lock:
            if self._attributes_work:
                return
            if self._outage.certain:  # another thread found out that they cannot be set
                raise _NotAttemptedError
            trial = temporary_name("attributes")
            self._disk.check(trial)
            try:
                with self._disk.open_new(trial):
                    self._attributes(self._disk.full_path(trial))
            except FaxError as error:
                self._outage.note(FaxError(error.message, code=error.code, halts=True))
                raise
            finally:
                self._discard(trial)
            self._attributes_work = True

    def _dress_index(self) -> None:
        if not self._params["index"] or self._check:
            return
        # What is wrong with the attributes has been said about each file.
        with contextlib.suppress(FaxError, OSError):
            if self._disk.exists(INDEX):
                self._dress(INDEX)


def _no_recording(outcome: Outcome, error: FaxError) -> None:
    outcome.status, outcome.error = UNAVAILABLE, error


def _stored(stream: BinaryIO) -> Stored:
    """Return size and hash of an open file."""
    digest = hash_of_stream(stream)
    return Stored(stream.tell(), digest)


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
