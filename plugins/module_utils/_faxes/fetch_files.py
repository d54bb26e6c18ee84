# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Recordings on disk: which exist, whether they are intact, and whether more can be stored."""

from __future__ import annotations

import contextlib
import os
from typing import BinaryIO

from .._errors import FaxError
from .._files import FileError
from .archive_names import temporary_name
from .download import Stored, is_whole
from .fetch_run import FetchRun
from .folder import UnsafePathError, hash_of_stream
from .journal import Fax


def stored_before(run: FetchRun, fax: Fax, path: str) -> Stored | None:
    """Return the recording that is already on disk, if it is intact. Before a fax is deleted, this is checked
    thoroughly.

    :param path: where it would be, below the folder.
    """
    deletes = run.params["delete_after_fetch"]
    if not run.params["index"]:
        return _stored_without_index(run, path, deletes)
    found = run.archive.file_of(fax.id, run.form)
    if found is None or (run.target.name is not None and found.path != path):
        return None
    if not run.archive.is_intact(found, deletes):
        return None
    if deletes and not run.archive.is_deleted(fax.id) and not _is_whole(run, path):
        return None
    return found.stored


def on_disk(run: FetchRun, path: str) -> Stored | None:
    """Return size and hash of a file, None where there is none."""
    if run.folder is None or not run.folder.exists(path):
        return None
    with run.folder.open(path) as stream:
        return _read(stream)


def check_path(run: FetchRun, path: str) -> None:
    """Refuse a path where a recording cannot be stored, before it is downloaded.

    :raises UnsafePathError: something else than a regular file is there, or stands in the place of a folder.
    """
    if run.folder is not None:
        run.folder.check(path)
        run.folder.check(temporary_name(path))


def secure(run: FetchRun, fax: Fax, path: str, stored: Stored | None) -> None:
    """Read a file again under its final name, and sync it and its name to disk.

    :raises FaxError: it is not the whole recording that was stored.
    :raises OSError: it cannot be read or synced.
    """
    with run.disk.open(path) as stream:
        if _read(stream) != stored or not is_whole(stream, run.form):
            raise FaxError(
                f"The file of fax {fax.id} is not the recording that was stored; the fax was not deleted",
                code="damaged_file",
                retryable=True,
            )
        os.fsync(stream.fileno())
    run.disk.sync(path)


def discard(run: FetchRun, temporary: str) -> None:
    """Remove an unwanted file. If that fails, a later run does it, and the original reason is reported."""
    with contextlib.suppress(OSError, FileError):
        run.disk.remove(temporary)


def _stored_without_index(run: FetchRun, path: str, exact: bool) -> Stored | None:
    """Return what is on disk under a name that comes from the fax's id. A name chosen by the user does not show which
    fax it is."""
    if run.target.name is not None or not _is_whole(run, path, exact):
        return None
    return on_disk(run, path)


def _is_whole(run: FetchRun, path: str, exact: bool = False) -> bool:
    """Return whether there is a file that is whole by its structure."""
    if run.folder is None:
        return False
    try:
        with run.folder.open(path) as stream:
            return is_whole(stream, run.form, exact)
    except (FileNotFoundError, UnsafePathError):
        return False


def _read(stream: BinaryIO) -> Stored:
    """Return size and hash of an open file."""
    digest = hash_of_stream(stream)
    return Stored(stream.tell(), digest)
