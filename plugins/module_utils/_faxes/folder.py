# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A folder below which there are only regular files and real folders: nothing else is read, written or followed.

Others may be able to write there too. A symbolic link that they leave must not lead out of it, and a device or FIFO
must neither be written to nor waited for. The folder is held open, and every step down from it is taken without
following links, so that nothing can be exchanged between a check and its use.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from .._files import BLOCK, FileError, sync

_CLOSED = -1
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# Without waiting: whoever opens a FIFO waits for its other end.
_EXISTING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
# What the system answers where a link or a file stands in the place of a folder, or a link in that of a file.
_NOT_REAL = (errno.ELOOP, errno.ENOTDIR)

_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a directory",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
}


class UnsafePathError(FileError):
    """Something that is not a regular file or a real folder stands in the way."""

    code = "unsafe_path"


def kind_of(mode: int) -> str | None:
    """Return what a file is, in words, by its mode; None for a regular file."""
    if stat.S_ISREG(mode):
        return None
    return _KINDS.get(stat.S_IFMT(mode), "a special file")


class Folder:
    """An open folder. All paths are relative to it, without ``.`` and ``..``. Safe to use from several threads.

    :param path: a real folder, as :func:`os.path.realpath` returns it.
    :raises UnsafePathError: it is something else now.
    :raises OSError: it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor = _CLOSED
        try:
            self._descriptor = os.open(path, _FOLDER)
        except OSError as error:
            if error.errno in _NOT_REAL:
                raise UnsafePathError(f"{path!r} is not a real directory") from None
            raise

    def close(self) -> None:
        """Let go of the folder."""
        descriptor, self._descriptor = self._descriptor, _CLOSED
        if descriptor != _CLOSED:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()

    def full_path(self, relative: str) -> str:
        """Return the whole path of a file."""
        return os.path.join(self.path, relative)

    def check(self, relative: str) -> None:
        """Refuse a path under which something else is than a regular file or nothing, or that leads through something
        else than real folders. Folders may be missing.

        :raises UnsafePathError: it is so.
        :raises OSError: it cannot be examined.
        """
        with contextlib.suppress(FileNotFoundError), self._parent(relative) as (parent, name):
            kind = kind_of(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
            if kind is not None:
                raise UnsafePathError(f"{self.full_path(relative)!r} is {kind}, not a regular file")

    def exists(self, relative: str) -> bool:
        """Return whether there is a regular file.

        :raises OSError: it cannot be examined.
        """
        try:
            return self.stamp(relative) is not None
        except (FileNotFoundError, UnsafePathError):
            return False

    def stamp(self, relative: str) -> list[int]:
        """Return what changes when a file changes: its size and times.

        :raises UnsafePathError: it is not a regular file.
        :raises OSError: it is not there, or cannot be examined.
        """
        with self._parent(relative) as (parent, name):
            status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            raise UnsafePathError(f"{self.full_path(relative)!r} is {kind_of(status.st_mode)}")
        return [status.st_size, status.st_mtime_ns, status.st_ctime_ns]

    def open(self, relative: str) -> BinaryIO:
        """Open a file for reading.

        :raises UnsafePathError: it is not a regular file.
        :raises OSError: it is not there, or cannot be read.
        """
        with self._parent(relative) as (parent, name):
            try:
                descriptor = os.open(name, _EXISTING, dir_fd=parent)
            except OSError as error:
                if error.errno in (*_NOT_REAL, errno.ENXIO):
                    raise UnsafePathError(f"{self.full_path(relative)!r} is not a regular file") from None
                raise
        kind = kind_of(os.fstat(descriptor).st_mode)
        if kind is not None:
            os.close(descriptor)
            raise UnsafePathError(f"{self.full_path(relative)!r} is {kind}, not a regular file")
        return os.fdopen(descriptor, "rb")

    def open_new(self, relative: str) -> BinaryIO:
        """Open a new file for reading and writing, for its owner only; missing folders are created. A regular file of
        that name, which an interrupted run may have left, is removed.

        :raises UnsafePathError: something else has the name, or stands in the place of a folder.
        :raises OSError: it cannot be written.
        """
        with self._parent(relative, create=True) as (parent, name):
            self.check(relative)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=parent)
            return os.fdopen(os.open(name, _NEW, 0o600, dir_fd=parent), "w+b")

    def open_to_append(self, relative: str) -> BinaryIO:
        """Open a file for writing at its end, without a buffer; it is created if it does not exist.

        :raises UnsafePathError: it is not a regular file.
        :raises OSError: it cannot be written.
        """
        self.check(relative)
        with self._parent(relative) as (parent, name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
            return os.fdopen(os.open(name, flags, 0o600, dir_fd=parent), "ab", buffering=0)

    def replace(self, relative: str, other: str) -> None:
        """Give a file another name in the same folder, in one step.

        :raises UnsafePathError: something else than a regular file has that name.
        :raises OSError: it still has its old name.
        """
        self.check(other)
        with self._parent(relative) as (parent, name):
            os.replace(name, os.path.basename(other), src_dir_fd=parent, dst_dir_fd=parent)

    def remove(self, relative: str) -> None:
        """Remove a file, or a link itself, if it is there.

        :raises OSError: it is still there.
        """
        with contextlib.suppress(FileNotFoundError), self._parent(relative) as (parent, name):
            os.unlink(name, dir_fd=parent)

    def write_whole(self, relative: str, content: bytes) -> None:
        """Replace a file, or make it, in one step; it is on disk when this returns.

        If the process is killed in the meantime, the old file stays. The temporary one has a fixed name, so that the
        next run replaces it. Only the holder of a lock may write.

        :raises OSError: the old file is still there.
        """
        temporary = part_name(relative)
        stream = self.open_new(temporary)
        try:
            with stream:
                stream.write(content)
                sync(stream)
            self.replace(temporary, relative)
        except (OSError, UnsafePathError):
            self.remove(temporary)
            raise
        self.sync(relative)

    def sync(self, relative: str) -> None:
        """Bring the name of a file to disk.

        :raises OSError: that failed.
        """
        with self._parent(relative) as (parent, _name):
            os.fsync(parent)

    def hash(self, relative: str) -> str:
        """Return the SHA-256 of a file as hexadecimal digits.

        :raises UnsafePathError: it is not a regular file.
        :raises OSError: it cannot be read.
        """
        with self.open(relative) as stream:
            return hash_of_stream(stream)

    @contextlib.contextmanager
    def _parent(self, relative: str, create: bool = False) -> Iterator[tuple[int, str]]:
        """Hold the folder of a file open and yield it with the file's name."""
        *folders, name = relative.split(os.sep)
        descriptor = self._descriptor
        try:
            for depth, folder in enumerate(folders):
                outer, descriptor = descriptor, self._step(descriptor, folders[: depth + 1], folder, create)
                if outer != self._descriptor:
                    os.close(outer)
            yield descriptor, name
        finally:
            if descriptor != self._descriptor:
                os.close(descriptor)

    def _step(self, parent: int, parts: list[str], name: str, create: bool) -> int:
        """Return the open folder of a name, created on request."""
        try:
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, dir_fd=parent)
                    os.fsync(parent)
            return os.open(name, _FOLDER, dir_fd=parent)
        except OSError as error:
            if error.errno not in _NOT_REAL:
                raise
            path = self.full_path(os.path.join(*parts))
            raise UnsafePathError(f"{path!r} is not a real directory, and links are not followed") from None


def part_name(relative: str) -> str:
    """Return the name under which a file is written before it is renamed in one step."""
    return os.path.join(os.path.dirname(relative), f".{os.path.basename(relative)}.part")


def hash_of_stream(stream: BinaryIO) -> str:
    """Return the SHA-256 of an open file, from its beginning, as hexadecimal digits.

    :raises OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    stream.seek(0)
    for block in iter(lambda: stream.read(BLOCK), b""):
        digest.update(block)
    return digest.hexdigest()
