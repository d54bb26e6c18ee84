# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Files on disk: written whole or not at all, synced before anything relies on them, and locked between processes."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from typing import BinaryIO

from ._errors import FaxError

BLOCK = 64 * 1024
_LOCK_PAUSE = 0.05
_FULL = (errno.ENOSPC, errno.EDQUOT)


class FileError(FaxError):
    """A file of the host that runs the module cannot be read or written."""

    code = "file_error"


class DiskFullError(FileError):
    """No disk space is left."""

    code = "disk_full"
    retryable = True


def file_error(what: str, error: OSError) -> FileError:
    """Return the error that says what could not be done and why."""
    reason = error.strerror or type(error).__name__
    kind = DiskFullError if error.errno in _FULL else FileError
    return kind(
        f"{what}: {reason}", hint="Free some disk space and run the task again." if kind is DiskFullError else None
    )


def is_path(text: str) -> bool:
    """Return whether the system takes a text as a path, whether or not something is there."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def write_whole(path: str, content: bytes, mode: int = 0o600) -> None:
    """Replace a file (or make it) in one step, on disk when this returns.

    If the process is killed in the meantime, the old file stays; the temporary one has a fixed name, so that the next
    run replaces it. Only the holder of a lock may write.

    :raises OSError: the old file is still there.
    """
    temporary = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.part")
    try:
        with open_private(temporary, mode) as stream:
            stream.write(content)
            sync(stream)
        os.replace(temporary, path)
    except OSError:
        remove(temporary)
        raise
    sync_folder(os.path.dirname(path))


def open_private(path: str, mode: int = 0o600) -> BinaryIO:
    """Create a new file and open it for writing; an existing file or link is never written to."""
    remove(path)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


def sync(stream: BinaryIO) -> None:
    """Bring what was written to disk."""
    stream.flush()
    os.fsync(stream.fileno())


def sync_folder(path: str) -> None:
    """Bring the names in a folder to disk."""
    descriptor = os.open(path or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: str) -> None:
    """Remove a file if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


@contextlib.contextmanager
def locked(path: str, seconds: float) -> Iterator[None]:
    """Hold a lock on a folder, or on a file that is created for it. The system releases it when the process ends.

    :param seconds: how long to wait for somebody else's lock.
    :raises FileError: it was not to be had in that time.
    :raises OSError: the file cannot be opened.
    """
    flags = os.O_RDONLY if os.path.isdir(path) else os.O_RDWR | os.O_CREAT
    descriptor = os.open(path, flags, 0o600)
    try:
        _lock(descriptor, path, time.monotonic() + seconds)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: str, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise FileError(f"Another run is using {path}", code="locked", retryable=True) from None
        time.sleep(_LOCK_PAUSE)
