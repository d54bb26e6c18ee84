# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The archive: which faxes a folder holds, where, and how to tell that they are intact.

``index.json`` is replaced as a whole now and then; between two of these, what happens is appended to ``.index.log``
first, so that a run that is killed at any moment loses nothing. The log is gone after a run that came to its end.

What the files say is not believed: they may be damaged, of another platform, or of a later version of the collection.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import stat
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, timezone
from typing import Any, BinaryIO

from .._errors import InputError, ProtocolError
from .._files import FileError, file_error, remove, sync
from .download import Format, Stored
from .folder import Folder, UnsafePathError, part_name
from .journal import Fax

INDEX = "index.json"
FLAT, BY_SUBSCRIBER, BY_DATE = "flat", "by_subscriber", "by_date"
LAYOUTS = (FLAT, BY_SUBSCRIBER, BY_DATE)

_LOG = ".index.log"
_ENDING = ".ngcp-fax-part"
_COLLECTION = "ngcp.fax"
_VERSION = 1
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d) ", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_LARGEST = 2**63 - 1
_MEMBERS = frozenset(member.name for member in fields(Fax))

# What reading a file that anybody may have written can end in. RecursionError: very deep JSON.
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, ProtocolError)

# The index is written anew after so many lines of the log, or after this share of what it holds: its cost then stays
# in proportion to the archive.
_LEAST_LINES = 50
_SHARE = 20


@dataclass
class ArchivedFile:
    """A recording in the archive.

    :param path: relative to the archive's folder.
    :param stamp: size and times of the file when it was last found intact; while they stay, it is taken to be.
    """

    path: str
    size: int
    sha256: str
    stamp: list[int] | None = None

    @property
    def stored(self) -> Stored:
        """Size and hash."""
        return Stored(self.size, self.sha256)


def file_name(fax: Fax, form: Format, layout: str) -> str:
    """Return the path of a fax below the archive's folder. It comes from the id, never from texts of the server."""
    name = f"{fax.id}.{form.extension}"
    if layout == BY_SUBSCRIBER:
        return os.path.join(str(fax.subscriber_id), name)
    if layout == BY_DATE:
        day = _DAY.match(fax.time)
        return os.path.join(*day.groups(), name) if day else os.path.join("undated", name)
    return name


def temporary_name(path: str) -> str:
    """Return where a file is put together before it gets its name: beside it, under a name that the next run finds."""
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)}{_ENDING}")


def is_reserved(name: str) -> bool:
    """Return whether a file of this name in the archive's folder belongs to the archive itself."""
    return name in (INDEX, _LOG, part_name(INDEX)) or name.endswith(_ENDING)


class Archive:
    """The index of a folder. Safe to use from several threads.

    :param folder: None where there is none, as in check mode; nothing is in it then.
    :param server: the platform's address: ids mean nothing elsewhere.
    :param kept: whether there is an index at all.
    :param read_only: for check mode: nothing is written.
    :raises InputError: there is an index of something else, or a damaged one.
    :raises FileError: the index cannot be read, or is not a regular file.
    """

    def __init__(self, folder: Folder | None, server: str, kept: bool = True, read_only: bool = False) -> None:
        self._folder = folder
        self._server = server
        self._writes = kept and not read_only
        self._lock = threading.RLock()
        self._faxes: dict[int, Fax] = {}
        self._files: dict[tuple[int, str], ArchivedFile] = {}
        self._paths: dict[str, tuple[int, str]] = {}
        self._unavailable: dict[int, datetime] = {}
        self._deleted: set[int] = set()
        self._known_up_to: dict[str, int] = {}
        self._log: BinaryIO | None = None
        self._lines = 0
        self._begun = False
        self._changed = False
        self.was_interrupted = False
        if kept and folder is not None:
            self._load(folder)

    # What it knows

    def known_up_to(self, scope: str) -> int:
        """Return the id up to which all entries of the journal that a filter admits are known."""
        return self._known_up_to.get(scope, 0)

    def faxes(self) -> list[Fax]:
        """Return all faxes that it knows, newest first."""
        return [self._faxes[fax_id] for fax_id in sorted(self._faxes, reverse=True)]

    def file_of(self, fax_id: int, form: Format) -> ArchivedFile | None:
        """Return the recording of a fax in a format, as far as the index knows."""
        return self._files.get((fax_id, form.name))

    def unavailable_for(self, fax_id: int) -> timedelta | None:
        """Return how long ago the first run was that found no recording of a fax; None where none has."""
        since = self._unavailable.get(fax_id)
        return max(timedelta(0), _now() - since) if since is not None else None

    def is_deleted(self, fax_id: int) -> bool:
        """Return whether an earlier run deleted the fax on the server."""
        return fax_id in self._deleted

    def path_for(self, fax: Fax, form: Format, layout: str) -> str:
        """Return where a fax is or will be, relative to the folder. PDF and PDF 1.4 do not get in each other's way."""
        found = self.file_of(fax.id, form)
        if found is not None:
            return found.path
        path = file_name(fax, form, layout)
        if self._paths.get(path, (fax.id, form.name)) == (fax.id, form.name):
            return path
        root, ending = os.path.splitext(path)
        return f"{root}.{form.name}{ending}"

    def is_intact(self, found: ArchivedFile, thorough: bool = False) -> bool:
        """Return whether a file is there and holds what it held when it was stored.

        :param thorough: hash it even if size and times have not changed since it was last found intact.
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
            self._changed = True
        return True

    # What it learns

    def learn(self, faxes: Iterable[Fax], scope: str | None = None, up_to: int = 0) -> None:
        """Take in entries of the journal; once this is saved, they need not be read again.

        :param scope: a filter whose entries are now all known ``up_to`` an id.
        """
        with self._lock:
            for fax in faxes:
                if self._faxes.get(fax.id) != fax:
                    self._faxes[fax.id] = fax
                    self._changed = True
            if scope is not None and up_to > self._known_up_to.get(scope, 0):
                self._known_up_to[scope] = up_to
                self._changed = True

    def add_file(self, fax_id: int, form: Format, path: str, stored: Stored) -> None:
        """Note a recording, before it gets its final name.

        :raises OSError: it could not be noted; it must not get its name then.
        """
        line = {"fax_id": fax_id, "format": form.name, "path": path, "size": stored.size, "sha256": stored.sha256}
        with self._lock:
            self._write(line)
            self._apply(line)
            self._shorten_log()

    def add_unavailable(self, fax_id: int) -> None:
        """Note that there is no recording of a fax. When that was found first stays.

        :raises OSError: it is known now, but could not be written down yet.
        """
        self._note({"unavailable": fax_id, "since": (self._unavailable.get(fax_id) or _now()).strftime(_MOMENT)})

    def add_deleted(self, fax_id: int) -> None:
        """Note that a fax was deleted on the server.

        :raises OSError: it is known now, but could not be written down yet.
        """
        self._note({"deleted": fax_id})

    def restamp(self, fax_id: int, form: Format) -> None:
        """Note size and times of a recording that has just got its final name."""
        found = self._files[fax_id, form.name]
        if self._folder is not None:
            found.stamp = self._folder.stamp(found.path)

    def save(self) -> None:
        """Write the index anew if anything changed, and end the log.

        :raises FileError: the old index and the log are still there.
        """
        with self._lock:
            if not self._writes or self._folder is None:
                return
            try:
                if self._changed:
                    self._folder.write_whole(INDEX, self._document())
                    self._changed = False
                self._end_log(self._folder)
            except OSError as error:
                raise file_error(f"Cannot write the index in {self._folder.path!r}", error) from None

    def begin(self) -> None:
        """Save, and begin the log: from here on an interrupted run can be told.

        :raises FileError: nothing can be written.
        """
        self.save()
        if not self._writes or self._folder is None:
            return
        self._begun = True
        try:
            self._log = self._folder.open_to_append(_LOG)
        except OSError as error:
            raise file_error(f"Cannot write into {self._folder.path!r}", error) from None

    def _note(self, line: dict[str, Any]) -> None:
        """Take in what has happened, also if it cannot be written down now: the index may still be saved later."""
        with self._lock:
            self._apply(line)
            self._write(line)
            self._shorten_log()

    def _write(self, line: dict[str, Any]) -> None:
        if not self._begun or self._folder is None:
            return
        if self._log is None:
            self._log = self._folder.open_to_append(_LOG)
        # A line that a full disk tore before must not take this one with it.
        text = b"\n" + json.dumps(line).encode("ascii") + b"\n"
        if self._log.write(text) != len(text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(self._log)
        self._lines += 1

    def _shorten_log(self) -> None:
        """Write the index anew once the log is long. Where that fails, the log just goes on."""
        if self._log is not None and self._lines >= max(_LEAST_LINES, len(self._faxes) // _SHARE):
            self._lines = 0
            with contextlib.suppress(FileError):
                self.begin()

    def _apply(self, line: Mapping[str, Any]) -> None:
        """Take in a line of the log.

        :raises ValueError: it is not one.
        """
        if "unavailable" in line:
            self._unavailable[_number(line["unavailable"])] = _moment(line.get("since"))
        elif "deleted" in line:
            self._deleted.add(_number(line["deleted"]))
        else:
            key = (_number(line["fax_id"]), str(line["format"]))
            self._put(key, _file_of(line))
        self._changed = True

    def _put(self, key: tuple[int, str], found: ArchivedFile) -> None:
        """Note where a recording is, in place of where it was and of what was there."""
        former = self._files.pop(key, None)
        if former is not None:
            del self._paths[former.path]
        replaced = self._paths.pop(found.path, None)
        if replaced is not None:
            del self._files[replaced]
        self._files[key] = found
        self._paths[found.path] = key
        self._unavailable.pop(key[0], None)

    # On disk

    def _load(self, folder: Folder) -> None:
        try:
            for name in (INDEX, _LOG, part_name(INDEX)):
                folder.check(name)
            with contextlib.suppress(FileNotFoundError), folder.open(INDEX) as stream:
                self._parse(stream.read())
            with contextlib.suppress(FileNotFoundError), folder.open(_LOG) as stream:
                self._replay(stream.read())
        except OSError as error:
            raise file_error(f"Cannot read the index in {folder.path!r}", error) from None

    def _parse(self, content: bytes) -> None:
        """Take in an index.

        :raises InputError: it is damaged, or an index of something else.
        """
        try:
            document = json.loads(content.decode("utf-8"))
            _check_kind(document, self._server)
            self._take_in(document)
        except _UNREADABLE:
            if content.startswith(_BEGINNING):
                raise _damaged_index() from None
            raise _foreign_index() from None

    def _take_in(self, document: Mapping[str, Any]) -> None:
        self._known_up_to = {str(scope): _number(up_to) for scope, up_to in document["known_up_to"].items()}
        for entry in document["faxes"]:
            fax_id = self._take_in_fax(entry)
            self._put((fax_id, str(entry["format"])), _file_of(entry))
            if entry.get("deleted"):
                self._deleted.add(fax_id)
        for entry in document["without_file"]:
            fax_id = self._take_in_fax(entry)
            if entry.get("unavailable"):
                self._unavailable[fax_id] = _moment(entry.get("unavailable_since"))
                # Indexes of earlier versions do not say since when: it counts from now on.
                self._changed = self._changed or "unavailable_since" not in entry

    def _take_in_fax(self, entry: Mapping[str, Any]) -> int:
        """Take in what an entry of the index says about a fax; return its id.

        It says nothing about a fax that only the log has named, as when the index was restored from a backup.
        """
        fax_id = _number(entry["fax_id"])
        if not _MEMBERS.isdisjoint(entry):
            self._faxes[fax_id] = Fax.of({**entry, "id": fax_id})
        return fax_id

    def _replay(self, log: bytes) -> None:
        """Take in what an interrupted run noted; its last line may be torn."""
        self.was_interrupted = True
        for line in log.split(b"\n"):
            with contextlib.suppress(*_UNREADABLE):
                self._apply(json.loads(line))

    def _document(self) -> bytes:
        with_file = [
            {
                **self._shown(fax_id),
                "format": form,
                "path": found.path,
                "size": found.size,
                "sha256": found.sha256,
                "stamp": found.stamp,
                "deleted": fax_id in self._deleted,
            }
            for (fax_id, form), found in sorted(self._files.items())
        ]
        filed = {fax_id for fax_id, _form in self._files}
        without_file = [
            {**self._shown(fax_id), **self._availability(fax_id)}
            for fax_id in sorted(self._faxes)
            if fax_id not in filed
        ]
        document = {
            "collection": _COLLECTION,
            "version": _VERSION,
            "server": self._server,
            "known_up_to": self._known_up_to,
        }
        # One line for each fax: the file stays readable, and a quarter of the size of indented JSON.
        parts = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in document.items()]
        parts += [f'"faxes": {_lines(with_file)}', f'"without_file": {_lines(without_file)}']
        return ("{\n" + ",\n".join(parts) + "\n}\n").encode("ascii")

    def _shown(self, fax_id: int) -> dict[str, Any]:
        fax = self._faxes.get(fax_id)
        return fax.as_dict() if fax is not None else {"fax_id": fax_id}

    def _availability(self, fax_id: int) -> dict[str, Any]:
        since = self._unavailable.get(fax_id)
        if since is None:
            return {"unavailable": False}
        return {"unavailable": True, "unavailable_since": since.strftime(_MOMENT)}

    def _end_log(self, folder: Folder) -> None:
        if self._log is not None:
            with contextlib.suppress(OSError):  # what it holds is in the index now
                self._log.close()
            self._log = None
        self._lines = 0
        folder.remove(_LOG)


def sweep(folder: str) -> None:
    """Remove the temporary files that an interrupted run left below a folder, as far as that is possible."""
    for root, _folders, names in os.walk(folder):
        for path in (os.path.join(root, name) for name in names if name.endswith(_ENDING)):
            with contextlib.suppress(OSError):
                if stat.S_ISREG(os.lstat(path).st_mode):
                    remove(path)


def _lines(entries: list[dict[str, Any]]) -> str:
    return "[" + ",".join(f"\n {json.dumps(entry)}" for entry in entries) + "]"


# How every index of this collection begins.
_BEGINNING = b'{\n"collection": "ngcp.fax",\n'


def _check_kind(document: Mapping[str, Any], server: str) -> None:
    """Refuse an index that is not one of this collection and platform.

    :raises InputError: it is of another platform, or a later version.
    :raises ValueError: it is of something else.
    """
    if document["collection"] != _COLLECTION:
        raise ValueError
    version = _number(document["version"])
    if version > _VERSION:
        raise InputError(
            f"has an {INDEX} of version {version}, which a later version of the collection has written "
            f"(this one reads versions up to {_VERSION})",
            field="dest",
            hint="Use the later version of the collection, or another folder.",
        )
    if document["server"] != server:
        raise InputError(
            f"is the archive of {str(document['server'])[:200]}, not of {server}",
            field="dest",
            hint="Ids of faxes mean something on one platform only: use another folder.",
        )


def _foreign_index() -> InputError:
    return InputError(
        f"has an {INDEX} that is not one of this collection",
        field="dest",
        hint="Use another folder, or set index to false.",
    )


def _damaged_index() -> InputError:
    return InputError(
        f"has an {INDEX} of this collection that is damaged or cut off",
        field="dest",
        hint="Restore it from a backup. Without it, recordings that the platform still has are fetched again, and "
        "those that it has no more are not overwritten.",
    )


def _file_of(entry: Mapping[str, Any]) -> ArchivedFile:
    """Return the file that an entry of the index or a line of the log is about.

    :raises ValueError: it is not about one, or leads out of the archive.
    """
    sha256, stamp = str(entry["sha256"]), entry.get("stamp")
    if not _SHA256.fullmatch(sha256):
        raise ValueError
    if stamp is not None and not (isinstance(stamp, list) and all(isinstance(part, int) for part in stamp)):
        raise ValueError
    return ArchivedFile(_safe_path(entry["path"]), _number(entry["size"], 0), sha256, stamp)


def _number(value: Any, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST:
        raise ValueError
    return value


def _safe_path(path: Any) -> str:
    """Return a path of the index if it is one of a recording below the archive's folder.

    :raises ValueError: it is not.
    """
    if not isinstance(path, str) or "\0" in path:
        raise ValueError
    os.fsencode(path)
    if any(part in ("", ".", "..") for part in path.split(os.sep)) or is_reserved(path):
        raise ValueError
    return path


def _moment(text: Any) -> datetime:
    """Return when something was noted; now where that is not known."""
    with contextlib.suppress(ValueError, TypeError):
        return datetime.strptime(text, _MOMENT).replace(tzinfo=timezone.utc)
    return _now()


def _now() -> datetime:
    return datetime.fromtimestamp(int(time.time()), timezone.utc)
