# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A fax deleted on the server, once its recording is on disk."""

from __future__ import annotations

from .._errors import (
    FaxError,
    NotFoundError,
    UnreachableError,
    UnverifiedError,
)
from .fetch_files import secure
from .fetch_outcomes import FAILED, FetchOutcome
from .fetch_run import FetchRun, NotAttemptedError


def delete_fetched(run: FetchRun, outcome: FetchOutcome, path: str) -> None:
    """Delete a fax on the server whose recording is on disk, name included.

    :param path: of the recording, below the folder.
    :raises FaxError: it was not deleted, or it is not known whether it was.
    :raises OSError: the recording cannot be read or synced; the fax was not deleted.
    """
    if outcome.deleted:
        return
    if not run.check:
        status, outcome.status = outcome.status, FAILED
        secure(run, outcome.fax, path, outcome.stored)
        outcome.status = status
        try:
            with run.asking():
                _delete(run, outcome.fax.id)
        except NotAttemptedError:
            return
    outcome.deleted = outcome.changed = True
    if not run.check:
        run.archive.add_deleted(outcome.fax.id)


def _delete(run: FetchRun, fax_id: int) -> None:
    """Delete a fax on the server. If the response does not settle the outcome, look it up in the journal.

    :raises UnverifiedError: it is not known whether it was deleted.
    :raises FaxError: it was not deleted.
    """
    try:
        run.client.delete_fax(fax_id)
    except FaxError as error:
        if error.from_api or isinstance(error, UnreachableError):
            raise
        if not _is_gone(run, fax_id, error):
            raise FaxError(
                f"Fax {fax_id} was not deleted: {error.message}",
                code=error.code,
                http_status=error.http_status,
                retryable=True,
                hint=error.hint,
            ) from None


def _is_gone(run: FetchRun, fax_id: int, error: FaxError) -> bool:
    """Return whether the journal does not have a fax any more.

    :param error: why it is not known whether the fax was deleted.
    """
    try:
        run.journal.get(fax_id)
    except NotFoundError:
        return True
    except FaxError as problem:
        raise UnverifiedError(
            f"It is not known whether fax {fax_id} was deleted: {error.message}",
            http_status=error.http_status,
            hint="The next run will find out.",
        ) from problem
    return False
