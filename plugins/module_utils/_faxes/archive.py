# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The archive: which faxes a folder contains, where they are, and whether they are intact.

``index.json`` is replaced as a whole from time to time. In between, every event is first appended to ``.index.log``, so
that nothing is lost if a run is killed. The log is removed at the end of a complete run.

What the archive knows is in :mod:`archive_index`, and the form of its files in :mod:`archive_document`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import threading
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, BinaryIO

from .._files import FileError, file_error, remove, sync
from .archive_document import (
    apply_line,
    deleted_line,
    file_line,
    index_content,
    parse_index,
    replay,
    unavailable_line,
)
from .archive_index import ArchivedFile, Index
from .archive_names import INDEX, LOG, is_temporary
from .download import Format, Stored
from .folder import Folder, UnsafePathError, part_name
from .journal import Fax

# The index is written anew after so many lines of the log, or after this share of what it holds: its cost then stays
# in proportion to the archive.
_LEAST_LINES = 50
_SHARE = 20


class Archive:
    """The index of a folder. Safe to use from several threads.

    :param folder: None if there is none, as in check mode; it then counts as empty.
    :param server: the platform's address; ids have no meaning on another platform.
    :param kept: whether an index is kept at all.
    :param read_only: for check mode: nothing is written.
    :raises InputError: the index belongs to something else, or is damaged.
    :raises FileError: the index cannot be read, or is not a regular file.
    """

    def __init__(self, folder: Folder | None, server: str, kept: bool = True, read_only: bool = False) -> None:
        self._folder = folder
        self._server = server
        self._lock = threading.RLock()
        self._index = Index()
        # None where nothing is written.
        self._log = _Log(folder) if folder is not None and kept and not read_only else None
        self.was_interrupted = False
        if kept and folder is not None:
            self._load(folder)

    # What is known

    def known_up_to(self, scope: str) -> int:
        """Return the id up to which all entries of the journal that match a filter are known."""
        return self._index.known.get(scope, 0)

    def faxes(self) -> list[Fax]:
        """Return all known faxes, newest first."""
        return self._index.faxes()

    def file_of(self, fax_id: int, form: Format) -> ArchivedFile | None:
        """Return the recording of a fax in a format, as far as the index knows."""
        return self._index.files.get((fax_id, form.name))

    def unavailable_for(self, fax_id: int) -> timedelta | None:
        """Return how long ago a run first found no recording of a fax, or None if none has."""
        return self._index.unavailable_for(fax_id)

    def is_deleted(self, fax_id: int) -> bool:
        """Return whether an earlier run deleted the fax on the server."""
        return fax_id in self._index.deleted

    def path_for(self, fax: Fax, form: Format, layout: str) -> str:
        """Return where a fax is or will be stored, relative to the folder."""
        return self._index.path_for(fax, form, layout)

    def is_intact(self, found: ArchivedFile, thorough: bool = False) -> bool:
        """Return whether a file exists with the same content as when it was stored.

        :param thorough: hash the file even if its size and times have not changed since it was last found intact.
        """
        if self._folder is None:
            return False
        try:
            stamp = self._folder.stamp(found.path)
            if stamp == found.stamp and not thorough:
                return True
            if stamp[0] != found.size or self._folder.hash(found.path) != found.sha256:
                return False
        except (OSError, UnsafePathError):
            return False
        if stamp != found.stamp:
            found.stamp = stamp
            self._index.changed = True
        return True

    # What is new

    def add(self, faxes: Iterable[Fax], scope: str | None = None, up_to: int = 0) -> None:
        """Take in entries of the journal; once they are saved, they need not be read again.

        :param scope: a filter whose entries are now all known ``up_to`` an id.
        """
        with self._lock:
            self._index.add(faxes, scope, up_to)

    def add_file(self, fax_id: int, form: Format, path: str, stored: Stored) -> None:
        """Note a recording, before it gets its final name.

        :raises OSError: it could not be noted; it must not get its name then.
        """
        line = file_line(fax_id, form, path, stored)
        with self._lock:
            self._write(line)
            apply_line(self._index, line)
            self._shorten_log()

    def add_unavailable(self, fax_id: int) -> None:
        """Note that there is no recording of a fax. The time when that was first found is kept.

        :raises OSError: it is known now, but could not be written down yet.
        """
        self._note(unavailable_line(self._index, fax_id))

    def add_deleted(self, fax_id: int) -> None:
        """Note that a fax was deleted on the server.

        :raises OSError: it is known now, but could not be written down yet.
        """
        self._note(deleted_line(fax_id))

    def restamp(self, fax_id: int, form: Format) -> None:
        """Note the size and times of a recording that has just been given its final name."""
        found = self._index.files[fax_id, form.name]
        if self._folder is not None:
            found.stamp = self._folder.stamp(found.path)

    # On disk

    def save(self) -> None:
        """Write the index again if anything has changed, and end the log.

        :raises FileError: the old index and the log are still there.
        """
        with self._lock:
            if self._log is None or self._folder is None:
                return
            try:
                if self._index.changed:
                    self._folder.write_whole(INDEX, index_content(self._index, self._server))
                    self._index.changed = False
                self._log.end()
            except OSError as error:
                raise file_error(f"Cannot write the index in {self._folder.path!r}", error) from None

    def begin(self) -> None:
        """Save, and begin the log; from now on an interrupted run can be recognised.

        :raises FileError: nothing can be written.
        """
        self.save()
        if self._log is not None:
            self._log.begin()

    def _note(self, line: dict[str, Any]) -> None:
        """Take in what has happened even if it cannot be written now; the index may still be saved later."""
        with self._lock:
            apply_line(self._index, line)
            self._write(line)
            self._shorten_log()

    def _write(self, line: dict[str, Any]) -> None:
        if self._log is not None:
            self._log.append(line)

    def _shorten_log(self) -> None:
        """Write the index again once the log is long. If that fails, the log simply continues."""
        if self._log is not None and self._log.lines >= max(_LEAST_LINES, len(self._index.all_faxes) // _SHARE):
            self._log.lines = 0
            with contextlib.suppress(FileError):
                self.begin()

    def _load(self, folder: Folder) -> None:
        try:
            for name in (INDEX, LOG, part_name(INDEX)):
                folder.check(name)
            with contextlib.suppress(FileNotFoundError), folder.open(INDEX) as stream:
                self._index = parse_index(stream.read(), self._server)
            with contextlib.suppress(FileNotFoundError), folder.open(LOG) as stream:
                self.was_interrupted = True
                replay(self._index, stream.read())
        except OSError as error:
            raise file_error(f"Cannot read the index in {folder.path!r}", error) from None


class _Log:
    """The log of a folder. Nothing is written before it has begun.

    :ivar lines: how many it has.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._stream: BinaryIO | None = None
        self._begun = False
        self.lines = 0

    def begin(self) -> None:
        """Begin the log; lines are written from now on.

        :raises FileError: it cannot be written at present.
        """
        self._begun = True
        try:
            self._stream = self._folder.open_to_append(LOG)
        except OSError as error:
            raise file_error(f"Cannot write into {self._folder.path!r}", error) from None

    def append(self, line: Mapping[str, Any]) -> None:
        """Write a line; on disk when this returns.

        :raises OSError: it could not be written.
        """
        if not self._begun:
            return
        if self._stream is None:
            self._stream = self._folder.open_to_append(LOG)
        # A line that a full disk tore before must not take this one with it.
        text = b"\n" + json.dumps(line).encode("ascii") + b"\n"
        if self._stream.write(text) != len(text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(self._stream)
        self.lines += 1

    def end(self) -> None:
        """Remove the log; its content is now in the index.

        :raises OSError: it is still there.
        """
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._stream = None
        self.lines = 0
        self._folder.remove(LOG)


def remove_leftovers(folder: str) -> None:
    """Remove the temporary files that an interrupted run left below a folder, as far as possible."""
    for root, _folders, names in os.walk(folder):
        for path in (os.path.join(root, name) for name in names if is_temporary(name)):
            with contextlib.suppress(OSError):
                if stat.S_ISREG(os.lstat(path).st_mode):
                    remove(path)
