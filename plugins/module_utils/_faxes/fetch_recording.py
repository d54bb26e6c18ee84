# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""One recording, downloaded into a temporary file beside its place, verified, noted, and then given its name."""

from __future__ import annotations

from .._errors import FaxError, NotFoundError
from .._files import sync
from .archive_names import temporary_name
from .download import Stored, UnavailableError, download
from .fetch_files import check_path, discard, on_disk
from .fetch_outcomes import FETCHED, PRESENT, UNAVAILABLE, FetchOutcome
from .fetch_run import FetchRun, NotAttemptedError
from .journal import Fax


def fetch_recording(run: FetchRun, outcome: FetchOutcome, path: str) -> None:
    """Download the recording of a fax and store it; where there is none, that is noted.

    :param path: where it belongs, below the folder.
    :raises NotAttemptedError: the run has ended for downloads.
    :raises FaxError: it could not be downloaded or stored.
    :raises OSError: it could not be stored.
    """
    if run.full or run.outage.certain:
        raise NotAttemptedError
    check_path(run, path)
    try_attributes(run)
    temporary = temporary_name(path)
    try:
        stored = _downloaded(run, outcome, temporary)
        run.attributes.set(run.disk.full_path(temporary))
        unchanged = _may_be_same(run, path) and on_disk(run, path) == stored
        run.archive.add_file(outcome.fax.id, run.form, path, stored)
        run.disk.replace(temporary, path)
    except (UnavailableError, NotFoundError) as error:
        discard(run, temporary)
        _note_unavailable(run, outcome, error)
        return
    except BaseException:
        discard(run, temporary)
        raise
    if run.params["index"]:
        run.archive.restamp(outcome.fax.id, run.form)
    outcome.status, outcome.stored = PRESENT if unchanged else FETCHED, stored
    outcome.path = run.disk.full_path(path)
    outcome.changed = not unchanged


def try_attributes(run: FetchRun) -> None:
    """Try the attributes with an empty file before the first download: where they cannot be set, downloads would be in
    vain.

    :raises NotAttemptedError: another thread found out that they cannot be set.
    :raises FaxError: they cannot be set.
    """
    with run.attributes.trying() as is_needed:
        if not is_needed:
            return
        if run.outage.certain:
            raise NotAttemptedError
        trial = temporary_name("attributes")
        run.disk.check(trial)
        try:
            with run.disk.open_new(trial):
                run.attributes.set(run.disk.full_path(trial))
        except FaxError as error:
            run.outage.note(FaxError(error.message, code=error.code, halts=True))
            raise
        finally:
            discard(run, trial)


def no_recording(outcome: FetchOutcome, error: FaxError) -> None:
    """Note that there is no recording of a fax."""
    outcome.status, outcome.error = UNAVAILABLE, error


def _downloaded(run: FetchRun, outcome: FetchOutcome, temporary: str) -> Stored:
    """Download one recording into a new file, which is on disk when this returns."""
    known = run.archive.unavailable_for(outcome.fax.id) is not None and not run.params["force"]
    retries = 0 if run.outage.suspected else run.client.retries
    with run.asking(), run.disk.open_new(temporary) as stream:
        fax = _refreshed(run, outcome)
        stored = download(run.client, fax.id, run.form, stream, retries, known)
        sync(stream)
        return stored


def _refreshed(run: FetchRun, outcome: FetchOutcome) -> Fax:
    """Return the fax as the journal has it now, if it was still under way when the archive learned of it."""
    if not outcome.fax.is_final and run.params.get("fax_id") is None:
        outcome.fax = run.journal.get(outcome.fax.id)
        run.archive.add([outcome.fax])
    return outcome.fax


def _note_unavailable(run: FetchRun, outcome: FetchOutcome, error: FaxError) -> None:
    outcome.is_news = run.archive.unavailable_for(outcome.fax.id) is None
    no_recording(outcome, error)
    run.archive.add_unavailable(outcome.fax.id)


def _may_be_same(run: FetchRun, path: str) -> bool:
    """Return whether a file whose fax is not known may turn out to hold just what was downloaded."""
    return run.target.name == path and not run.params["index"] and not run.params["force"]
