# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The task ``fax_fetch``: recordings from the server into a folder, each once, verified, whatever interrupts a run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from .._api.client import Client
from .._api.transport import Address
from .._concurrency import run_parallel
from .._errors import FaxError, InputError, as_fax_error
from .._files import (
    DiskFullError,
    FileError,
    file_error,
    locked,
)
from .._subscribers.keys import reject_empty
from .._task import ATTRIBUTES, Host, Task
from .archive import Archive, remove_leftovers
from .archive_names import INDEX
from .download import FORMATS, UnavailableError
from .fetch_deletion import delete_fetched
from .fetch_files import check_path, stored_before
from .fetch_outcomes import (
    FETCHED,
    NOT_ATTEMPTED,
    PRESENT,
    FetchOutcome,
    fetch_result,
)
from .fetch_recording import fetch_recording, no_recording
from .fetch_run import FetchRun, NotAttemptedError
from .fetch_selection import meant_faxes
from .fetch_target import Target, find_target
from .file_attributes import FileAttributes, check_attributes
from .folder import Folder
from .journal import INCOMING, Fax, Filter, Journal
from .journal_filter import (
    HINT_EMPTY,
    parse_filter,
    resolve_filter,
)
from .options import fetch_options

# Seconds to wait for another run in the same folder.
_PATIENCE = 60
_MAX_DAYS = 36_500


def fetch_task() -> Task:
    """Return the task that fetches faxes."""
    return Task(fetch_options(), fetch_faxes)


def fetch_faxes(params: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`options.fetch_options` describes them.
    :raises InputError: the options, or the folder that they name, are wrong. What happens later is part of the result.
    """
    wanted, keys = parse_filter(params, INCOMING)
    _check_options(params)
    target = find_target(params, host.check_mode)
    with host.connect(params) as client:
        try:
            with contextlib.ExitStack() as stack:
                folder = stack.enter_context(_opened(target, params, host.check_mode)) if target.exists else None
                run = _run_of(client, params, target, folder, host)
                outcomes, problem = _fetch_all(run, resolve_filter(client, wanted, keys))
            return fetch_result(outcomes, client.counters, problem, params.get("fax_id") is not None)
        except InputError:
            raise
        except FaxError as error:
            return {**fetch_result([], client.counters, None, single=False), **error.as_result()}


def _check_options(params: Mapping[str, Any]) -> None:
    """Refuse wrong options that are not about the journal, before anything is sent.

    :raises InputError: an option is wrong or empty.
    """
    reject_empty({name: params.get(name) for name in ("dest", "format", "layout", *ATTRIBUTES)}, hint=HINT_EMPTY)
    check_attributes(params)
    days = params["unavailable_for"]
    if not 0 <= days <= _MAX_DAYS:
        raise InputError(f"must be from 0 to {_MAX_DAYS} days, not {days}", field="unavailable_for")


@contextlib.contextmanager
def _opened(target: Target, params: Mapping[str, Any], check: bool) -> Iterator[Folder]:
    """Hold the folder open, and against other runs.

    :raises FileError: it cannot be used, or another run does not let go of it.
    """
    if not check and not os.access(target.folder, os.W_OK | os.X_OK):
        raise FileError(f"The directory {target.folder!r} is not writable")
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(contextlib.closing(Folder(target.folder)))
            if not check:
                seconds = params["timeout"] * (params["retries"] + 2) + _PATIENCE
                stack.enter_context(locked(target.folder, seconds))
        except OSError as error:
            raise file_error(f"Cannot use {target.folder!r}", error) from None
        yield folder


def _run_of(client: Client, params: Mapping[str, Any], target: Target, folder: Folder | None, host: Host) -> FetchRun:
    """Return what the run works with. Only now is the index the one that another run may just have written.

    :raises InputError: there is an index of something else in the folder.
    :raises FileError: the index cannot be read.
    """
    server = Address.parse(params["api_url"]).url.lower()
    archive = Archive(folder, server, kept=params["index"], read_only=host.check_mode)
    attributes = FileAttributes(params, host.set_attributes)
    return FetchRun(
        client,
        params,
        target,
        folder,
        archive,
        Journal(client),
        FORMATS[params["format"]],
        attributes,
        host.check_mode,
    )


def _fetch_all(run: FetchRun, wanted: Filter) -> tuple[Sequence[FetchOutcome], FaxError | None]:
    """Fetch what is meant and not there yet; return what became of each fax, and what went wrong beside them. From here
    on that loses nothing that was done.

    :raises FaxError: the journal cannot be read.
    """
    if run.archive.was_interrupted and not run.check and run.target.name is None:
        remove_leftovers(run.target.folder)
    faxes = meant_faxes(run, wanted)
    try:
        run.archive.begin()
    except FaxError as error:
        return [FetchOutcome(fax, NOT_ATTEMPTED) for fax in faxes], error
    problem: FaxError | None = None
    try:
        outcomes = run_parallel(lambda fax: _fetch(run, fax), faxes, run.client.concurrency)
    finally:
        problem = _end(run)
    return outcomes, problem


def _end(run: FetchRun) -> FaxError | None:
    """Write the index; return why that failed. The log then keeps what was done for the next run."""
    problem: FaxError | None = None
    try:
        run.archive.save()
    except Exception as error:  # pylint: disable=broad-except
        problem = as_fax_error(error)
    if run.params["index"] and not run.check:
        # What is wrong with the attributes has been said about each file.
        with contextlib.suppress(FaxError, OSError):
            if run.disk.exists(INDEX):
                run.attributes.set(run.disk.full_path(INDEX))
    return problem


def _fetch(run: FetchRun, fax: Fax) -> FetchOutcome:
    """Fetch one fax, and delete it if that is wanted. Nothing that goes wrong here gets in the way of others."""
    outcome = FetchOutcome(fax)
    try:
        path = run.target.name or run.archive.path_for(fax, run.form, run.params["layout"])
        _find_or_fetch(run, outcome, path)
        if run.params["delete_after_fetch"] and outcome.status in (FETCHED, PRESENT):
            delete_fetched(run, outcome, path)
    except NotAttemptedError:
        outcome.status = NOT_ATTEMPTED
    except OSError as error:
        outcome.error = file_error(f"Cannot store fax {fax.id}", error)
    except Exception as error:  # pylint: disable=broad-except
        outcome.error = as_fax_error(error)
    run.full = run.full or isinstance(outcome.error, DiskFullError)
    return outcome


def _find_or_fetch(run: FetchRun, outcome: FetchOutcome, path: str) -> None:
    """Have one recording on disk.

    :param path: where it belongs, below the folder.
    """
    fax, archive = outcome.fax, run.archive
    whole_path = os.path.join(run.target.folder, path)
    stored = None if run.params["force"] else stored_before(run, fax, path)
    if stored is not None:
        outcome.status, outcome.path, outcome.stored = PRESENT, whole_path, stored
        outcome.deleted = archive.is_deleted(fax.id)
        outcome.changed = run.attributes.set(whole_path)
    elif _is_given_up(run, fax):
        no_recording(outcome, UnavailableError(f"The platform has no recording of fax {fax.id}"))
    elif archive.is_deleted(fax.id):
        raise FaxError(
            f"The file of fax {fax.id} is missing or damaged, and the fax was deleted on the server", code="lost"
        )
    elif run.check:
        check_path(run, path)
        outcome.status, outcome.path, outcome.changed = FETCHED, whole_path, True
    else:
        fetch_recording(run, outcome, path)


def _is_given_up(run: FetchRun, fax: Fax) -> bool:
    """Return whether a fax is not asked for (any more), because it has no recording: earlier runs found that out, the
    first one long enough ago. Check mode asks for none, and expects what was found."""
    age = run.archive.unavailable_for(fax.id)
    if age is None or run.params["force"]:
        return False
    return run.check or (fax.is_final and age >= timedelta(days=run.params["unavailable_for"]))
